"""The WebSocket that tells what happens to a presentation, as it happens; docs/live.md says how."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections import Counter
from collections.abc import Awaitable
from typing import Literal, cast

import structlog
from fastapi import APIRouter, FastAPI, WebSocket, WebSocketDisconnect

from deckcast.api import problems
from deckcast.api.caller import CallerIdentity, identify
from deckcast.api.inputs import ID
from deckcast.api.status import BatchStatus, Part, PresentationState, SlideStatus, StatusSnapshot
from deckcast.batches import owned_repository
from deckcast.batches.context import Context
from deckcast.batches.events import End, Ended, Feed, News, Refresh, Watcher
from deckcast.batches.status import Change
from deckcast.kit.errors import CallError, DeckcastError

log = structlog.get_logger(__name__)

ACCESS_ENDED, TOO_SLOW, TOO_MANY, WENT_WRONG = 4401, 4408, 4429, 1011
ASK_AGAIN_S = 15.0  # at the latest: whether the caller may still watch
PER_OWNER = 250  # sockets of one owner at a time

_CODES = {End.GONE: ACCESS_ENDED, End.TOO_SLOW: TOO_SLOW}
_SEQ = re.compile(r"[0-9]{1,15}")

router = APIRouter()


class SnapshotMessage(StatusSnapshot):
    """The first message, and the one for who is too far behind: everything."""

    type: Literal["snapshot"] = "snapshot"


class EventMessage(Part):
    """An event."""

    seq: int
    kind: str
    batch_id: str | None
    slide_id: str | None


class ChangeMessage(Part):
    """The events `since` to `seq`, and what they touched as it is now. `whole`: these are all slides and batches."""

    type: Literal["change"] = "change"
    since: int
    seq: int
    events: tuple[EventMessage, ...]
    whole: bool
    presentation: PresentationState | None
    batches: tuple[BatchStatus, ...]
    slides: tuple[SlideStatus, ...]


class ProgressMessage(Part):
    """The open batches as they are now, where nothing happened for a while."""

    type: Literal["progress"] = "progress"
    seq: int
    batches: tuple[BatchStatus, ...]


def open_feed(app: FastAPI) -> None:
    """Have the app ready for sockets; nothing runs before somebody watches."""
    app.state.feed = Feed(_message)
    app.state.watching = Counter[str]()  # sockets by owner


def _message(news: News) -> str:
    shape: type[Part] = SnapshotMessage
    if isinstance(news, Change):
        shape = ChangeMessage
    elif isinstance(news, Refresh):
        shape = ProgressMessage
    return shape.model_validate(news).model_dump_json(by_alias=True)


@router.websocket("/api/presentations/{presentation_id}/events")
async def presentation_events(socket: WebSocket, presentation_id: str) -> None:
    """The snapshot, or with `since` what happened after that event; then what happens. Refused with 401, 404 or 422."""
    try:
        caller = await _allowed(socket, presentation_id)
        since = _since(socket)
    except DeckcastError as error:
        await socket.send_denial_response(problems.answer(error))
        return
    await socket.accept()
    code: int | None = WENT_WRONG
    try:
        code = await _serve(socket, caller, presentation_id, since)
    except CallError:
        code = ACCESS_ENDED
    except Exception as error:
        log.error("socket.failed", exc_info=error)
    if code is not None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code)


async def _allowed(socket: WebSocket, presentation_id: str) -> CallerIdentity:
    """Who watches, where they may. Raises CallError not_found, and as `identify` does."""
    caller = await identify(socket)
    if not re.fullmatch(ID, presentation_id):
        raise CallError("not_found", "There is no such presentation.")
    async with cast(Context, socket.app.state.parts).db.read() as session:
        await owned_repository.presentation(session, caller.owner, presentation_id)
    return caller


def _since(socket: WebSocket) -> int | None:
    given = socket.query_params.get("since")
    if given is not None and not _SEQ.fullmatch(given):
        raise CallError("request_invalid", "`since` is the number of the last event that was received.")
    return int(given) if given is not None else None


async def _serve(
    socket: WebSocket, caller: CallerIdentity, presentation_id: str, since: int | None
) -> int | None:
    """Tell until it ends; returns the code to close with, None where the client has left."""
    watching = cast("Counter[str]", socket.app.state.watching)
    if watching[caller.owner] >= PER_OWNER:
        return TOO_MANY
    watching[caller.owner] += 1
    try:
        async with cast(Feed, socket.app.state.feed).watch(presentation_id, since) as watcher:
            return await _first_of(
                _send(socket, watcher),
                _until_left(socket),
                _until_access_ends(socket, caller),
                _until_over(watcher),
            )
    finally:
        watching[caller.owner] -= 1
        if not watching[caller.owner]:
            del watching[caller.owner]


async def _first_of(*endings: Awaitable[int | None]) -> int | None:
    """What the first of these says; the others are cancelled."""
    tasks = [asyncio.ensure_future(each) for each in endings]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return done.pop().result()


async def _send(socket: WebSocket, watcher: Watcher) -> int | None:
    try:
        while True:
            await socket.send_text(await watcher.next())
    except Ended as ended:
        return _CODES[ended.why]
    except WebSocketDisconnect:
        return None


async def _until_left(socket: WebSocket) -> None:
    """What a client says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_over(watcher: Watcher) -> int:
    return _CODES[await watcher.over()]


async def _until_access_ends(socket: WebSocket, caller: CallerIdentity) -> int:
    """Sockets that came together do not ask together. What becomes of the presentation, the feed says."""
    while True:
        await asyncio.sleep(random.uniform(0.5, 1.0) * ASK_AGAIN_S)
        try:
            if (await identify(socket)).owner != caller.owner:
                return ACCESS_ENDED
        except CallError:
            return ACCESS_ENDED
        except DeckcastError as error:  # the database is away: nothing can be said now
            log.warning("socket.unchecked", code=error.code)
