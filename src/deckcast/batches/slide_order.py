"""The order of the slides in the film: the deck's, until a person has moved some."""

from __future__ import annotations

from collections.abc import Sequence


def arranged(everything: Sequence[str], first: Sequence[str]) -> list[str]:
    """All of `everything`, those of `first` in that order; each other one follows what stands before it in
    `everything`. What `first` names and is not there any more is left out."""
    there = set(everything)
    order = [each for each in first if each in there]
    placed = set(order)
    before: str | None = None
    for each in everything:
        if each not in placed:
            order.insert(order.index(before) + 1 if before is not None else 0, each)
        before = each
    return order
