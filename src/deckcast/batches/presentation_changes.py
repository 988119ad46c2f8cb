"""What a person changes about a presentation: its title, the order of its slides, which belong to the film, and how
its speech and its presenter are to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import owned_repository, repository
from deckcast.batches.context import current
from deckcast.batches.models import BatchKind
from deckcast.batches.requests import PICTURES, Asked, Choices, background_invalid, request_for
from deckcast.batches.slide_order import arranged
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError

_AS_ASKED = (
    "provider",
    "voice",
    "language",
    "approach",
    "style",
    "background",
    "layout",
    "corner",
    "shape",
    "size",
    "ai_mark",
)

Choice = str | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is to change. `choices` are values by their names in `Choices` (and `avatar`); None takes one back. `order`
    are slide ids: those that it does not name stay behind those that they follow."""

    title: str | None = None
    order: Sequence[str] | None = None
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    choices: Mapping[str, Choice] = field(default_factory=dict)


async def change_presentation(owner: str, presentation_id: str, changes: Changes) -> None:
    """Change an owner's presentation. Raises CallError not_found, slides_invalid; for choices as `request_for`."""
    async with current().db.read() as session:
        row = await owned_repository.presentation(session, owner, presentation_id)
    checked = await _checked(Choices.from_json(row.choices), changes.choices) if changes.choices else {}
    async with current().db.write() as session:
        await repository.lock_slides(session, presentation_id)
        row = await owned_repository.locked_presentation(session, owner, presentation_id)
        if changes.title is not None:
            row.title, row.titled = changes.title, True
        if checked:
            row.choices = _chosen(Choices.from_json(row.choices), checked).to_json()
        await _change_slides(session, row, changes)
        await repository.tell(session, presentation_id, "presentation.changed", {})


async def _checked(before: Choices, given: Mapping[str, Choice]) -> dict[str, Choice]:
    """The choices as they are to be kept: each was found usable together with the others."""
    background = str(given.get("background") or "")
    if background.startswith(PICTURES) and background != before.background:
        raise background_invalid(background)  # only a command takes a picture in
    asked: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    left = _chosen(before, {name: None for name, value in given.items() if value is None})
    request = await request_for(BatchKind.PRESENTATION_VIDEO, Asked(**asked), current().providers, left)
    checked: dict[str, Choice] = {**given}
    for name in asked:
        checked[name] = getattr(request, name)
    if "avatar" in given:
        checked["of"] = request.provider
    return checked


def _chosen(before: Choices, given: Mapping[str, Any]) -> Choices:
    changed: dict[str, Any] = {name: given[name] for name in _AS_ASKED if name in given}
    after = replace(before, **changed)
    if "avatar" not in given:
        return after
    provider = given.get("of") or after.provider or current().settings.avatar.provider
    avatars = {name: avatar for name, avatar in after.avatars.items() if name != provider}
    if given["avatar"] is not None:
        avatars[provider] = given["avatar"]
    return replace(after, avatars=avatars)


async def _change_slides(session: AsyncSession, row: PresentationRow, changes: Changes) -> None:
    slides = {slide.id: slide for slide in await repository.slides_of(session, row.id)}
    order = changes.order or ()
    named = [*order, *changes.include, *changes.exclude]
    twice = len(set(order)) != len(order) or set(changes.include) & set(changes.exclude)
    if twice or not slides.keys() >= set(named):
        raise CallError(
            "slides_invalid",
            "A slide is named twice." if twice else "The deck has no such slide.",
            next_step="Name each slide once, by its id.",
        )
    if changes.order is not None:
        for place, slide_id in enumerate(arranged(list(slides), order), start=1):
            slides[slide_id].position = place
    for slide_id in changes.include:
        slides[slide_id].included = True
    for slide_id in changes.exclude:
        slides[slide_id].included = False
