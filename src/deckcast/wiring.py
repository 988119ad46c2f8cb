"""The only place where parts are put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from deckcast.avatars.accounts import Account
from deckcast.avatars.heygen.provider import REQUESTS_PER_SECOND, HeyGenProvider
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.pacing import Pacing, unpaced
from deckcast.avatars.ports import AvatarProvider
from deckcast.avatars.submissions import Rules
from deckcast.batches import context, engine, repository
from deckcast.batches.context import Context
from deckcast.batches.leases import give_back_orphans
from deckcast.batches.local_renders import start_render
from deckcast.batches.watch import AccountWatch, HintsSince
from deckcast.db.database import Database
from deckcast.db.migrate import make_ready
from deckcast.kit import children, tracing
from deckcast.kit.files import disk_errors, sweep_parts, sweep_scratch
from deckcast.kit.settings import Settings
from deckcast.llm.service import open_model
from deckcast.publishing.ports import AssetStore
from deckcast.publishing.service import open_store
from deckcast.speech.service import open_engines

PRELOAD = [  # what children find imported already; nothing of the engine
    "deckcast.kit.garbage",
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

    Raises CallError storage_url_invalid, settings_invalid, llm_key_missing, telemetry_missing; MachineError
    llm_missing, not_writable, disk_full, database_unreachable.
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
    tracing.start(settings.telemetry.otlp_endpoint)
    db = Database(settings.app_database_url, settings.database)
    await make_ready(db)
    store = open_store(settings)
    paid, not_configured = paid_providers(settings, scratch, db)
    local = _local(settings, db, scratch, store)
    providers: dict[str, AvatarProvider] = {local.name: local, **paid}
    limit = settings.avatar.batch.max_concurrent
    parts = Context(
        settings=settings,
        db=db,
        store=store,
        providers=providers,
        not_configured=not_configured,
        model=open_model(settings.llm),
        engines=open_engines(settings),
        accounts={name: Account(db, each, limit) for name, each in providers.items()},
        watches={name: AccountWatch(each, hints_since=_hints(db, each)) for name, each in providers.items()},
        ledger=Ledger(db, Rules(search_apart_s=settings.avatar.search_apart_s)),
        scratch=scratch,
        cache=folder / "cache",
        scope=scope,
    )
    context.use(parts)
    try:
        yield parts
    finally:
        context.use(None)
        for provider in paid.values():
            await provider.close()
        if parts.model is not None:
            await parts.model.close()
        await parts.engines.close()
        await db.close()
        await asyncio.to_thread(tracing.stop)


class PaidProvider(AvatarProvider, Protocol):
    """A provider behind a network: it has connections to close."""

    async def close(self) -> None:
        """Close the connections."""


def paid_providers(
    settings: Settings, scratch: Path, db: Database | None = None
) -> tuple[dict[str, PaidProvider], dict[str, str]]:
    """The paid avatar providers that can be used, by name, and what the others lack. All who use the database `db` keep
    to one pace together; without it nobody is held up.

    Raises CallError settings_invalid.
    """
    if settings.heygen.api_key is None:
        return {}, {"heygen": "HeyGen needs an API key: set DECKCAST_HEYGEN__API_KEY."}
    per_second = settings.avatar.requests_per_second or REQUESTS_PER_SECOND
    pace = Pacing(db, HeyGenProvider.name, per_second) if db is not None else unpaced
    heygen = HeyGenProvider(settings.heygen, public_url=settings.public_url, scratch=scratch, pace=pace)
    return {heygen.name: heygen}, {}


def _local(settings: Settings, db: Database, scratch: Path, store: AssetStore) -> LocalProvider:
    return LocalProvider(
        db,
        assets=store,
        scratch=scratch,
        cache=settings.data_dir / "cache",
        max_concurrent=settings.workers,
        start_render=start_render,
    )


def _hints(db: Database, provider: AvatarProvider) -> HintsSince | None:
    """Webhooks that any process on this database has received, where the provider sends some."""
    if not provider.capabilities.webhooks:
        return None

    async def since(last_id: int) -> Sequence[tuple[int, str]]:
        async with db.read() as session:
            events = await repository.webhook_events_after(session, provider.name, last_id)
        return [(event.id, event.job_id) for event in events]

    return since


@asynccontextmanager
async def running_engine(parts: Context) -> AsyncIterator[None]:
    """The durable engine at work for the context's scope, with every workflow that it may have to go on with."""
    import deckcast.batches.stages
    import deckcast.batches.uploads  # noqa: F401 - each workflow registers itself

    settings = parts.settings
    speaking = [each.capabilities.max_concurrent for each in parts.engines.configured.values()]
    at_once = [each for each in speaking if each is not None]
    places = {
        engine.WORK: settings.workers * 2,
        engine.RENDER: settings.workers,
        engine.MONITOR: 500,
        engine.TEXT: settings.llm.max_concurrent,
        engine.SPEECH: max(at_once, default=1),  # also for slides that wait for an engine whose key is gone
    }
    for provider in parts.providers.values():
        limit = provider.capabilities.max_concurrent
        if provider.capabilities.paid:
            limit = min(limit, settings.avatar.batch.max_concurrent)
        places[engine.account_queue(provider.name)] = limit
    try:
        await engine.launch(settings.engine_database_url, parts.scope, places, parts.worker_id)
        if parts.worker_id is not None:
            await give_back_orphans(parts.db)
        yield
    finally:
        engine.stop()
