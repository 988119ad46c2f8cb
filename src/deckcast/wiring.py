"""The only place where parts are put together."""

from __future__ import annotations

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from deckcast.avatars.local.provider import LocalProvider
from deckcast.batches import context, engine
from deckcast.batches.context import Context
from deckcast.batches.local_renders import start_render
from deckcast.db.database import Database
from deckcast.db.migrate import upgrade
from deckcast.kit import children
from deckcast.kit.errors import MachineError
from deckcast.kit.files import disk_errors, sweep_parts, sweep_scratch
from deckcast.kit.settings import Settings
from deckcast.publishing.service import open_store

PRELOAD = [  # what children find imported already; nothing of the engine
    "deckcast.cli",
    "deckcast.avatars.local.render",
    "deckcast.decks.service",
    "deckcast.speech.service",
    "deckcast.videos.compose",
    "deckcast.videos.presentation",
    "deckcast.videos.probe",
]


@asynccontextmanager
async def open_context(settings: Settings, scope: str = "") -> AsyncIterator[Context]:
    """The parts over the data folder, made ready (folders, migrations); the engine is not started.

    Raises CallError storage_url_invalid; MachineError not_writable, disk_full, database_unreachable.
    """
    folder = settings.data_dir
    with disk_errors(folder / "x"):
        folder.mkdir(parents=True, exist_ok=True)
        scratch = folder / "tmp"
        scratch.mkdir(mode=0o700, exist_ok=True)
    sweep_scratch(scratch)
    sweep_parts(folder / "cache")
    children.preload(PRELOAD)
    children.set_limit(settings.workers)
    children.set_log_level(settings.log_level)
    db = Database(settings.app_database_url, settings.database)
    await upgrade(db)
    cache = folder / "cache"
    local = LocalProvider(
        db,
        results=folder / "renders",
        scratch=scratch,
        cache=cache,
        max_concurrent=settings.workers,
        start_render=start_render,
    )
    parts = Context(
        settings=settings,
        db=db,
        store=open_store(settings),
        providers={local.name: local},
        scratch=scratch,
        cache=cache,
        scope=scope,
    )
    context.use(parts)
    try:
        yield parts
    finally:
        context.use(None)
        await db.close()


@asynccontextmanager
async def running_engine(parts: Context) -> AsyncIterator[None]:
    """The durable engine at work for the context's scope."""
    settings = parts.settings
    places = {engine.WORK: settings.workers * 2, engine.RENDER: settings.workers}
    for provider in parts.providers.values():
        limit = provider.capabilities.max_concurrent
        if provider.capabilities.paid:
            limit = min(limit, settings.avatar.batch.max_concurrent)
        places[engine.account_queue(provider.name)] = limit
    await engine.launch(settings.engine_database_url, parts.scope, places)
    try:
        yield
    finally:
        engine.stop()


@contextmanager
def only_worker(folder: Path, scope: str) -> Iterator[bool]:
    """Whether this process may work for the scope: true for one process at a time on this machine."""
    path = folder / "locks" / f"{scope}.lock"
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError as error:
            raise MachineError("lock_failed", "This file system cannot lock files.") from error
        yield True
    finally:
        os.close(handle)
