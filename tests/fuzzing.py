"""Schemathesis against the real server, which holds things of every kind: requests that fit the description of the API
and requests that do not, made of ids that are there and of ids that are not."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from api_rows import filmed
from api_world import ready
from deckcast.batches import hooks_setup, shares
from deckcast.db.models import AvatarVideoRow, BatchRow, ItemRow
from deckcast.people import service
from deckcast.worker import work
from decks import write_deck
from serving import Server

FILMS = 16
TO_DELETE = 4  # of them
HOOKS = Path(__file__).with_name("fuzzing_hooks.py")
SEED = "5"
SETTINGS: dict[str, Any] = {
    "allow_unsandboxed": True,
    "rates": {"batches_per_minute": 1_000_000, "uploads_per_hour": 1_000_000, "looks_per_minute": 1_000_000},
}
WORDS = {
    "providers": ["local", "heygen"],
    "avatars": ["maya", "daniel", "sim_ada_office"],
    "voices": ["espeak:en", "espeak:de", "auto"],
    "ranges": ["bytes=0-1", "bytes=-1", "bytes=0-", "bytes=1-0", "bytes=0-0,1-1"],
}
"""Values that mean something beside those of `Things`."""
TAKEN = {
    **{f"{where}.provider": "providers" for where in ("query", "body")},
    **{f"{where}.avatarId": "avatars" for where in ("query", "body")},
    **{f"{where}.voiceId": "voices" for where in ("query", "body")},
    **{"body.avatar": "avatars", "body.voice": "voices", "header.Range": "ranges"},
    **{f"body.{field}[*]": "slide_id" for field in ("selectedSlideIds", "order", "include", "exclude")},
}
"""By parameter or field, which of them it is half of the time."""

Things = dict[str, list[str]]
"""Values by the name of the parameter in paths that they are of; `to_delete` are presentations nobody else needs."""


async def things(server: Server, owner: str) -> Things:
    """Presentations, batches, videos, shares and hooks of an owner: their ids, as paths name them."""
    parts = server.parts
    found: Things = {"provider": ["heygen"], "avatar_id": ["maya", "daniel"]}
    for number in range(FILMS):
        of = await filmed(parts, owner=owner, name=str(number))
        row, secret = await shares.share(owner, of, 3600)
        if number >= FILMS - TO_DELETE:
            found.setdefault("to_delete", []).append(of)
            continue
        found.setdefault("presentation_id", []).append(of)
        found.setdefault("slide_id", []).extend([f"sli_{number}1", f"sli_{number}2"])
        found.setdefault("batch_id", []).append(f"bat_{number}")
        found.setdefault("avatar_video_id", []).append(f"avv_{number}1")
        found.setdefault("share_id", []).append(row.id)
        found.setdefault("secret", []).append(secret)
    for number in range(6):
        hook, _ = await hooks_setup.add_hook(parts, owner, f"https://example.com/{number}")
        found.setdefault("hook_id", []).append(hook.id)
    await _leave_undone(server)
    return found


async def known(server: Server) -> tuple[str, str, list[str]]:
    """A user's id and token, and the ids of other tokens of theirs."""
    user = await service.add_user(server.parts.db, "ann")
    made = [await service.make_token(server.parts.db, user.id, f"token {number}") for number in range(6)]
    return user.id, made[0].secret, [each.token.id for each in made[1:]]


async def _leave_undone(server: Server) -> None:
    """Some batches failed, and of some videos nobody knows what became."""
    async with server.parts.db.write() as session:
        for number in range(0, FILMS - TO_DELETE, 3):
            video = await session.get_one(AvatarVideoRow, f"avv_{number}1")
            video.status, video.provider = "unresolved", "heygen"
            (await session.get_one(BatchRow, f"bat_{number}")).state = "partial"
            item = await session.get_one(ItemRow, f"itm_{number}1")
            item.status, item.error_code, item.error_message = "failed", "lips_missing", "No."


async def imported(server: Server, folder: Path) -> dict[str, Any]:
    """A presentation made of a real deck, by a worker that ends with it."""
    stop = asyncio.Event()
    server.parts.scope = "server"
    worker = asyncio.create_task(work(server.parts, stop, stop))
    try:
        return await ready(server, write_deck(folder / "deck.pptx", ["Hello there.", "And good bye."]))
    finally:
        stop.set()
        await worker


def _config(found: Things, token: str | None) -> str:
    """Schemathesis' settings. As the local user nothing is signed in to, so ignored logins cannot be looked for."""
    lines = [f"hooks = {json.dumps(str(HOOKS))}"]
    for name, values in {**found, **WORDS}.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    lines += ["[parameters]"]
    lines += [_drawn(f"path.{name}", name, 0.75) for name in found if name != "to_delete"]
    lines += [_drawn(where, name, 0.5) for where, name in TAKEN.items()]
    if token is None:
        lines += ["[generation]", "with-security-parameters = false"]
        lines += ["[checks.ignored_auth]", "enabled = false"]
    else:
        lines += ["[auth.openapi.token]", f'bearer = "{token}"']
    lines += ["[[operations]]", 'include-operation-id = "deletePresentation"', "[operations.parameters]"]
    lines += [_drawn("path.presentation_id", "to_delete", 0.75)]
    return "\n".join(lines) + "\n"


def _drawn(where: str, dictionary: str, probability: float) -> str:
    return f'"{where}" = {{ dictionary = "{dictionary}", probability = {probability} }}'


async def fuzz(
    server: Server, folder: Path, found: Things, token: str | None, *options: str
) -> tuple[int, str]:
    """Run Schemathesis as its command; returns its exit status and what it said."""
    config, deck = folder / "schemathesis.toml", write_deck(folder / "uploaded.pptx", ["Hello there."])
    config.write_text(_config(found, token))
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(config), "run", f"http://127.0.0.1:{server.port}/api/openapi.json"),
        *("--seed", SEED, "--generation-database", "none", "--request-timeout", "30"),
        *("--continue-on-failure", "--no-color", *options),
        env={**os.environ, "DECKCAST_FUZZ_DECK": str(deck)},
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()
