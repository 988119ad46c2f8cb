"""Whether the server lives, and whether it can work."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import ConfigDict
from starlette.responses import JSONResponse, PlainTextResponse

from deckcast.api.parts import Parts
from deckcast.api.shapes import Shape
from deckcast.batches.context import Context
from deckcast.batches.scopes import server_works
from deckcast.kit.errors import DeckcastError, MachineError
from deckcast.kit.secrets import sign_of_life

ANSWER_WITHIN_S = 5.0
FREE_BYTES = 500_000_000  # a batch of a few slides needs as much

router = APIRouter(tags=["health"])


class Health(Shape):
    """Alive."""

    status: str


class Check(Shape):
    """One thing that the server needs; `code` and `detail` say what is wrong with it."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    ok: bool
    code: str | None = None
    detail: str | None = None


class Readiness(Shape):
    """Whether the server can work: `checks` are database, storage, disk and machine, and worker where it is the
    server's own. `working` says whether any process takes up what is ordered. `code` is that of the first check that
    failed."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)
    status: str
    code: str | None = None
    working: bool
    checks: dict[str, Check]


@router.get("/healthz", operation_id="getHealth")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="alive")


@router.get("/healthz/{nonce}", include_in_schema=False)
async def sign(parts: Parts, nonce: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> PlainTextResponse:
    """Tells `deckcast doctor` that it has reached a server with its own key."""
    return PlainTextResponse(await asyncio.to_thread(sign_of_life, parts.settings, nonce))


def _needs_worker(request: Request) -> bool:
    return bool(getattr(request.app.state, "with_worker", False))


@router.get(
    "/readyz",
    operation_id="getReadiness",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something that the server needs is missing."}},
)
async def readyz(parts: Parts, needs_worker: Annotated[bool, Depends(_needs_worker)]) -> JSONResponse:
    """Everything that the server needs is there; else 503, with what is missing."""
    # All at once: whoever asks waits for the slowest, not for each in turn.
    database, storage, disk, working = await asyncio.gather(
        _failure(_database_answers(parts)),
        _failure(_storage_answers(parts)),
        _failure(_disk_has_room(parts)),
        _anybody_works(parts),
    )
    failed = {"machine": parts.halted, "database": database, "storage": storage, "disk": disk}
    if needs_worker:
        failed["worker"] = None if working else _nobody_works()
    wrong = [error for error in failed.values() if error is not None]
    body = Readiness(
        status="not_ready" if wrong else "ready",
        code=wrong[0].code if wrong else None,
        working=working,
        checks={name: _check(error) for name, error in failed.items()},
    )
    return JSONResponse(body.model_dump(mode="json", by_alias=True, exclude_none=True), 503 if wrong else 200)


async def _anybody_works(parts: Context) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await server_works(parts)
    except (DeckcastError, TimeoutError):  # the database says so itself
        return False


def _check(error: DeckcastError | None) -> Check:
    return Check(ok=True) if error is None else Check(ok=False, code=error.code, detail=str(error))


async def _failure(check: Awaitable[None]) -> DeckcastError | None:
    try:
        await check
    except DeckcastError as error:
        return error
    return None


async def _database_answers(parts: Context) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S), parts.db.read() as session:
            await session.connection()
    except DeckcastError:
        raise
    except Exception as error:  # whatever the driver says, it is not there
        raise MachineError(
            "database_unreachable",
            "The database does not answer.",
            next_step="See that it runs; its address is DECKCAST_DATABASE_URL.",
            retryable=True,
        ) from error


async def _storage_answers(parts: Context) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await parts.store.check()
    except DeckcastError:
        raise
    except Exception as error:
        raise MachineError(
            "storage_unreachable", "The storage of finished files does not answer.", retryable=True
        ) from error


async def _disk_has_room(parts: Context) -> None:
    folder = parts.settings.data_dir
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
        writable = await asyncio.to_thread(os.access, folder, os.W_OK | os.X_OK)
    except OSError:
        free, writable = 0, False
    if not writable:
        raise MachineError(
            "not_writable",
            "Deckcast may not write into its data folder.",
            next_step="Check the rights of the data folder (DECKCAST_DATA_DIR).",
            retryable=True,
        )
    if free < FREE_BYTES:
        raise MachineError(
            "disk_low",
            f"The disk of the data folder has only {free / 1_000_000:.0f} MB left.",
            next_step="Free some space.",
            retryable=True,
        )


def _nobody_works() -> MachineError:
    return MachineError(
        "worker_missing",
        "Nobody works on what is ordered here.",
        next_step="It is started again by itself; see the log if it stays so.",
        retryable=True,
    )
