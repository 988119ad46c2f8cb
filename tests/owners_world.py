"""Two users of one server, and of the first one everything that somebody can have: made as rows and small files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select
from starlette.routing import BaseRoute

from api_rows import files_in, filmed
from deckcast.avatars.submissions import State
from deckcast.batches import hooks_repository, shares
from deckcast.batches.models import BatchKind, BatchState, MakeRequest, Status
from deckcast.batches.scopes import SERVER
from deckcast.db.models import AvatarVideoRow, Base, BatchRow, ChargeRow, ItemRow, SubmissionRow
from deckcast.db.people import HookRow, IdempotencyRow
from deckcast.people import service
from ordered_rows import add_presentation
from serving import Server

Route = tuple[str, str]
"""A method (or WS) and the template of a path."""

NOBODYS = {
    "presentation_id": "pre_0000", "slide_id": "sli_0000", "batch_id": "bat_0000", "avatar_video_id": "avv_0000",
    "share_id": "shr_0000", "hook_id": "hok_0000", "token_id": "tok_0000",
}  # fmt: skip
"""Ids that nothing has."""


@dataclass
class Owner:
    """A user, and the header that says so."""

    id: str
    token_id: str
    headers: dict[str, str]


@dataclass
class Things:
    """The ids of everything of an owner's; those under other names are of a presentation at which work goes on."""

    ids: dict[str, str]
    at_work: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def owner_named(server: Server, name: str) -> Owner:
    """A new user with a token."""
    user = await service.add_user(server.parts.db, name)
    made = await service.make_token(server.parts.db, user.id, f"token of {name}")
    return Owner(user.id, made.token.id, {"Authorization": f"Bearer {made.secret}"})


async def things_of(server: Server, owner: Owner, name: str) -> Things:
    """A presentation with a film, a share and a batch that failed in part; another one at which work goes on, with an
    unresolved avatar video; a hook that was told something; a token."""
    parts = server.parts
    presentation_id = await filmed(parts, name=name, owner=owner.id, title=f"Secret {name}")
    share, secret = await shares.share(owner.id, presentation_id, 3600)
    at_work = await add_presentation(parts.db, f"{name}w", ["One."], owner.id)
    token = await service.make_token(parts.db, owner.id, f"another {name}")
    hook = HookRow(id=f"hok_{name}", owner=owner.id, url="https://example.com/secret")
    message = hooks_repository.message("batch.ended", {"batchId": f"bat_{name}"})
    async with parts.db.write() as session:
        batches = (
            (f"bat_{name}f", presentation_id, BatchState.PARTIAL, f"sli_{name}1", Status.FAILED),
            (f"bat_{name}w", at_work, BatchState.RUNNING, f"sli_{name}w_1", Status.PROCESSING),
        )
        for batch_id, of, state, slide_id, status in batches:
            batch = BatchRow(id=batch_id, presentation_id=of, kind=BatchKind.ALL_AUDIO, state=state)
            batch.fingerprint, batch.scope, batch.request = batch_id, SERVER, MakeRequest().to_json()
            session.add(batch)
            await session.flush()
            item = ItemRow(id=batch_id.replace("bat", "itm"), batch_id=batch_id, slide_id=slide_id, number=1)
            item.position, item.placement, item.status = 1, {}, status
            session.add(item)
        session.add(ChargeRow(id=f"cha_{name}.speech", batch_id=f"bat_{name}f", cost_microusd=1))
        video = AvatarVideoRow(
            id=f"avv_{name}w", slide_id=f"sli_{name}w_1", fingerprint="u", provider="heygen"
        )
        video.status, video.request, video.provider_video_id = Status.UNRESOLVED, {}, None
        session.add_all([video, hook])
        await session.flush()
        asked = SubmissionRow(id=f"sub_{name}", avatar_video_id=video.id, provider="heygen", attempt=1)
        asked.key, asked.order, asked.state = f"key of {name}", {}, State.UNRESOLVED
        delivery = hooks_repository.delivery(hook.id, message)
        session.add_all([asked, delivery])
    ids = {
        "presentation_id": presentation_id, "slide_id": f"sli_{name}1", "batch_id": f"bat_{name}",
        "avatar_video_id": f"avv_{name}1", "share_id": share.id, "secret": secret, "hook_id": hook.id,
        "token_id": token.token.id, "other_slide_id": f"sli_{name}2",
    }  # fmt: skip
    working = {"presentation_id": at_work, "slide_id": f"sli_{name}w_1", "batch_id": f"bat_{name}w"}
    return Things(
        ids,
        {**ids, **working, "avatar_video_id": f"avv_{name}w"},
        {**ids, "batch_id": f"bat_{name}f"},
    )


async def everything(server: Server, but_of: str) -> set[str]:
    """All rows and all published files, each as a text; without when tokens were used, and without the calls that an
    owner has named by keys."""
    found: set[str] = set()
    async with server.parts.db.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in await session.execute(select(table)):
                values = {name: value for name, value in row._mapping.items() if name != "last_used_at"}
                if table.name != IdempotencyRow.__tablename__ or values["owner"] != but_of:
                    found.add(f"{table.name} {values}")
    folder = server.parts.settings.data_dir / "assets"
    assert folder.is_dir()
    return found | {str(path) for path in files_in(folder)}


def routes_of(app: FastAPI) -> set[Route]:
    """Every method of every route that the app has, hidden ones and sockets too."""
    return {each for route in _each_of(app.routes) for each in _named(route)}


def _named(route: BaseRoute) -> Iterator[Route]:
    methods: Any = getattr(route, "methods", None)
    path = getattr(route, "path", None) or repr(route)
    if methods:
        yield from ((method, path) for method in methods)
    else:
        yield ("WS" if "WebSocket" in type(route).__name__ else type(route).__name__), path


def _each_of(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """The routes, those of included routers too, which FastAPI keeps as routers."""
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is None:
            yield route
        else:
            yield from _each_of(included.routes)
