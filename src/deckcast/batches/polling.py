"""How often the engine looks into its queues: soon where something is going on, seldom where nothing is.

Each queue has a thread of the engine's that asks for the queue's settings, waits for its polling interval and looks.
Both the question and the look are transactions, and several queues that are asked five times a second cost an idle
worker an eighth of a core. So the question is answered from memory, and the thread of a queue that has nothing to do is
held where it asks: until something is put on the queue here, or IDLE_S for what others put there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deckcast.batches import context

POLL_S = 0.2
IDLE_S = 1.0
WARM_S = 2.0  # after something was put on a queue: more often follows soon


@dataclass
class _Queue:
    places: int
    as_stored: Any = None
    warm_until: float = field(default_factory=lambda: time.monotonic() + WARM_S)
    called: threading.Event = field(default_factory=threading.Event)


class Polling:
    """The queues of this process by their full names, with the places that each has here.

    A queue's limits are one row for all processes, and the last to register it would say how much every machine works
    on at once. So each sees its own number of places there; none once it stops.
    """

    def __init__(self, places: Mapping[str, int]) -> None:
        self._queues = {name: _Queue(count) for name, count in places.items()}
        self._registered = self._ended = False

    def attach(self, engine: Any) -> None:
        """Answer an engine's questions for settings of queues from now on."""
        as_stored, running = engine._sys_db.get_queue, engine._active_workflows_set.count_for_queue

        def as_here(name: str, **more: Any) -> Any:
            queue = self._queues.get(name)
            if queue is None:
                return as_stored(name, **more)
            if threading.current_thread().name == f"queue-worker-{name}":
                self._wait(queue, lambda: running(name) > 0)
            return self._as_here(queue, lambda: as_stored(name, **more))

        engine._sys_db.get_queue = as_here

    def registered(self) -> None:
        """All queues are stored as they are to be: what is read of them now can be kept."""
        self._registered = True

    def wake(self, name: str) -> None:
        """Something was put on a queue."""
        if queue := self._queues.get(name):
            queue.warm_until = time.monotonic() + WARM_S
            queue.called.set()

    def end(self) -> None:
        """Nobody waits any longer: the engine stops."""
        self._ended = True
        for queue in self._queues.values():
            queue.called.set()

    def _wait(self, queue: _Queue, is_running: Callable[[], bool]) -> None:
        if self._ended or time.monotonic() < queue.warm_until or is_running():
            return
        if queue.called.wait(IDLE_S - POLL_S):
            queue.called.clear()

    def _as_here(self, queue: _Queue, read: Callable[[], Any]) -> Any:
        found = queue.as_stored or read()
        if found is not None:
            found._worker_concurrency = 0 if context.current().stopping.has_begun else queue.places
            queue.as_stored = found if self._registered else None
        return found
