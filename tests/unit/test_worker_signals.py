"""The signals that stop a worker: the first lets it end what it has begun, a later one does not."""

from __future__ import annotations

import pytest

from deckcast.cli import worker
from deckcast.cli.worker import _Asked


def test_the_same_signal_from_two_sides_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(worker.time, "monotonic", lambda: now_s)
    asked = _Asked()
    assert not asked.stop.is_set()
    asked.to_stop()
    now_s += worker.ONCE_S / 2
    asked.to_stop()
    assert (asked.stop.is_set(), asked.at_once.is_set()) == (True, False)
    now_s += worker.ONCE_S
    asked.to_stop()
    assert asked.at_once.is_set()
