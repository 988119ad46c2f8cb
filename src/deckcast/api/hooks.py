"""Where a user wants to be told when a batch has ended, and what became of telling."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.inputs import ID, Body
from deckcast.api.paging import Cursor, Limit, Page
from deckcast.api.parts import Parts
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.batches import hooks_repository, hooks_setup, owned_repository
from deckcast.db.people import HookDeliveryRow, HookRow

router = APIRouter(prefix="/api/hooks", route_class=BoundedRoute, tags=["hooks"])

HookId = Annotated[str, Path(pattern=ID, description="A hook's id.")]


class HookWish(Body):
    """Where a new hook's messages are to be sent."""

    url: str = Field(
        max_length=2000, pattern=r"^https?://[\x21-\x7e]+$", examples=["https://example.com/deckcast"]
    )


class Hook(Shape):
    """Where messages are sent. `disabledAt`: since then nothing is, because the receiver said that it is gone."""

    id: str
    url: str
    created_at: datetime
    disabled_at: datetime | None


class MadeHook(Hook):
    """A new hook. `secret` is what its messages are signed with; it is shown this once."""

    secret: str


class Delivery(Shape):
    """A message to a hook; `id` is its header `webhook-id`. `lastStatus` is what the receiver answered to the newest
    try, `lastError` why that did not do; `nextTryAt` is there while it is waiting."""

    id: str
    type: str
    state: Literal["waiting", "delivered", "given_up"]
    created_at: datetime
    tries: int
    next_try_at: datetime | None
    delivered_at: datetime | None
    last_status: int | None
    last_error: str | None


def _hook(row: HookRow) -> Hook:
    return Hook(id=row.id, url=row.url, created_at=row.created_at, disabled_at=row.disabled_at)


def _delivery(row: HookDeliveryRow) -> Delivery:
    waiting: Literal["waiting", "given_up"] = "waiting" if row.next_at is not None else "given_up"
    return Delivery(
        id=row.id,
        type=row.kind,
        state="delivered" if row.delivered_at is not None else waiting,
        created_at=row.created_at,
        tries=row.tries,
        next_try_at=row.next_at,
        delivered_at=row.delivered_at,
        last_status=row.last_status,
        last_error=row.last_error,
    )


@router.get("", operation_id="listHooks", responses=problems(401))
async def list_hooks(caller: Caller, parts: Parts) -> Page[Hook]:
    """Your hooks, oldest first; there are 20 at most, so all of them."""
    async with parts.db.read() as session:
        rows = await hooks_repository.hooks_of(session, caller.owner)
    return Page(items=tuple(map(_hook, rows)))


@router.post("", operation_id="createHook", status_code=201, responses=problems(401, 409, 422))
async def create_hook(body: HookWish, caller: Caller, parts: Parts) -> MadeHook:
    """Be told at an address of yours when a batch of yours has ended. The answer holds the secret that messages are
    signed with, this once."""
    row, secret = await hooks_setup.add_hook(parts, caller.owner, body.url)
    return MadeHook(**_hook(row).model_dump(), secret=secret)


@router.delete("/{hook_id}", operation_id="deleteHook", status_code=204, responses=problems(401, 404, 422))
async def delete_hook(hook_id: HookId, caller: Caller, parts: Parts) -> None:
    """Be told nothing more there; its messages are forgotten."""
    await hooks_setup.remove_hook(parts, caller.owner, hook_id)


@router.get("/{hook_id}/deliveries", operation_id="listHookDeliveries", responses=problems(401, 404, 422))
async def list_deliveries(
    hook_id: HookId, caller: Caller, parts: Parts, cursor: Cursor = None, limit: Limit = 50
) -> Page[Delivery]:
    """The messages of the last 30 days to a hook, newest first."""
    async with parts.db.read() as session:
        await owned_repository.hook(session, caller.owner, hook_id)
        rows = await hooks_repository.deliveries_of(session, hook_id, cursor, limit + 1)
    page = rows[:limit]
    return Page(items=tuple(map(_delivery, page)), next_cursor=page[-1].id if len(rows) > limit else None)


@router.post(
    "/{hook_id}/test", operation_id="testHook", status_code=202, responses=problems(401, 404, 409, 422)
)
async def test_hook(hook_id: HookId, caller: Caller, parts: Parts) -> Delivery:
    """Have a message of the type `hook.test` sent, once. While one is on its way, that one is the answer."""
    return _delivery(await hooks_setup.send_test(parts, caller.owner, hook_id))
