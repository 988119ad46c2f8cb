"""What the engine cannot write down halts this process: it is nothing that a slide failed with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from dbos import DBOS
from sqlalchemy.exc import OperationalError

from deckcast.batches import context, engine
from deckcast.batches.stopping import Stopping
from deckcast.kit.errors import MachineError


async def work() -> str:
    return "done"


def test_a_step_that_cannot_be_written_down_halts(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def on_a_full_disk(_options: Any, body: Callable[[], Awaitable[str]]) -> str:
        done.append(await body())
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    async def story() -> MachineError:
        halted: asyncio.Future[MachineError] = asyncio.get_running_loop().create_future()
        context.use(SimpleNamespace(halt=halted.set_result, stopping=Stopping()))  # type: ignore[arg-type]
        running = asyncio.create_task(engine.step(work))
        await asyncio.wait((halted, running), return_when=asyncio.FIRST_COMPLETED)
        assert not running.done(), running.result()
        error = await halted
        running.cancel()
        return error

    monkeypatch.setattr(DBOS, "run_step_async", on_a_full_disk)
    try:
        assert asyncio.run(story()).code == "disk_full"
    finally:
        context.use(None)
    assert done == ["done"]
