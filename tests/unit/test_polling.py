"""A queue with nothing to do is left alone until something is put on it; one with work is looked into as ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from deckcast.batches import context, polling
from deckcast.batches.polling import Polling
from deckcast.batches.stopping import Stopping

HANGS_S = 60.0


class Engine:
    """What polling sees of the engine: a queue's settings as they are stored, and what runs."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.running = 0
        self._sys_db = SimpleNamespace(get_queue=self._stored)
        self._active_workflows_set = SimpleNamespace(count_for_queue=lambda _: self.running)

    def _stored(self, name: str) -> Any:
        self.reads.append(name)
        return SimpleNamespace(name=name, _worker_concurrency=99)

    def ask(self, name: str) -> Any:
        """Ask for settings, as whoever puts something on a queue does."""
        return self._sys_db.get_queue(name)

    def ask_as_queue(self, name: str) -> threading.Thread:
        """Ask in the queue's own thread."""
        thread = threading.Thread(target=lambda: self.ask(name), name=f"queue-worker-{name}", daemon=True)
        thread.start()
        return thread


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    stopping = Stopping()
    context.use(SimpleNamespace(stopping=stopping))  # type: ignore[arg-type]
    yield stopping
    context.use(None)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def cold(engine: Engine, stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> Polling:
    """Queues on which nothing was put for long; left alone they would wait for ten minutes."""
    monkeypatch.setattr(polling, "IDLE_S", 600.0)
    monkeypatch.setattr(polling, "WARM_S", 0.0)
    made = Polling({"words": 3, "films": 1})
    made.attach(engine)
    made.registered()
    return made


def ends(thread: threading.Thread) -> bool:
    thread.join(HANGS_S)
    return not thread.is_alive()


def test_each_process_sees_its_own_places_and_none_once_it_stops(
    engine: Engine, cold: Polling, stopping: Stopping
) -> None:
    assert (engine.ask("words")._worker_concurrency, engine.ask("films")._worker_concurrency) == (3, 1)
    assert engine.ask("somebody.elses")._worker_concurrency == 99
    stopping.begin()
    assert engine.ask("words")._worker_concurrency == 0


def test_what_is_stored_is_read_once_all_is_registered_and_then_no_more(
    engine: Engine, stopping: Stopping
) -> None:
    made = Polling({"words": 3})
    made.attach(engine)
    engine.ask("words")
    engine.ask("words")
    made.registered()
    assert len(engine.reads) == 2
    for _ in range(5):
        engine.ask("words")
    assert len(engine.reads) == 3


@pytest.mark.parametrize("call", [lambda made: made.wake("words"), lambda made: made.end()])
def test_it_is_left_alone_until_it_is_called(
    engine: Engine, cold: Polling, call: Callable[[Polling], None]
) -> None:
    waiting = engine.ask_as_queue("words")
    waiting.join(0.2)
    assert waiting.is_alive()
    call(cold)
    assert ends(waiting)


def test_what_is_put_on_another_queue_calls_nobody(engine: Engine, cold: Polling) -> None:
    waiting = engine.ask_as_queue("words")
    cold.wake("films")
    waiting.join(0.2)
    assert waiting.is_alive()
    cold.end()
    assert ends(waiting)


def test_where_something_runs_it_is_looked_into_as_ever(engine: Engine, cold: Polling) -> None:
    engine.running = 1
    assert ends(engine.ask_as_queue("words"))


def test_what_was_put_there_lately_is_followed(
    engine: Engine, cold: Polling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "WARM_S", 600.0)
    cold.wake("words")
    for _ in range(3):
        assert ends(engine.ask_as_queue("words"))
