"""What is measured of the work, from rows: the same whoever asks, after any restart, with any number of processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deckcast.batches import figures_repository
from deckcast.batches.context import Context
from deckcast.batches.money import usd
from deckcast.batches.scopes import workers_seen
from deckcast.db.switches import paid_work_off_since
from deckcast.kit.clock import now

RECENT = timedelta(minutes=15)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in seconds, money in USD. `recent` is the last quarter of an hour."""

    videos_now: Mapping[tuple[str, str], int]
    videos_recent: Mapping[tuple[str, str], int]
    renders_recent: Sequence[tuple[str, float]]
    jobs: Mapping[str, int]
    places: Mapping[str, int]
    oldest_job_s: Mapping[str, float]
    pending_s: Mapping[str, float]
    untouched_s: float
    batches_now: Mapping[str, int]
    batches_recent: Mapping[tuple[str, str], int]
    refusals_recent: Mapping[tuple[str, str], int]
    paused_s: Mapping[str, float]
    failures_in_a_row: Mapping[str, int]
    reserved_today_usd: float
    spent_today_usd: float
    highest_today_usd: float
    day_cap_usd: float | None
    spent_day_usd: Mapping[str, float]
    webhooks_recent: Mapping[str, int]
    paid_work_off: bool
    workers: Mapping[str, int]
    silent_s: float


async def measure(parts: Context) -> Figures:
    """Look at the rows, in a constant number of queries over bounded windows."""
    moment = now()
    since, settings = moment - RECENT, parts.settings
    async with parts.db.read() as session:
        jobs = await figures_repository.jobs_in_flight(session)
        pending = await figures_repository.oldest_pending_video(session)
        untouched = await figures_repository.oldest_untouched_batch(session)
        accounts = await figures_repository.accounts(session)
        reserved, spent, highest = await figures_repository.spend_of_day(session, moment.date().isoformat())
        costs = await figures_repository.cost_by_payee(session, moment - DAY)
        workers = await workers_seen(parts)
        return Figures(
            videos_now=await figures_repository.videos_now(session),
            videos_recent=await figures_repository.videos_ended(session, since),
            renders_recent=await figures_repository.renders(session, since),
            jobs={name: jobs[name][0] if name in jobs else 0 for name in {*parts.providers, *jobs}},
            places=_places(parts),
            oldest_job_s={name: _age_s(oldest, moment) for name, (_, oldest) in jobs.items()},
            pending_s={name: _age_s(oldest, moment) for name, oldest in pending.items()},
            untouched_s=_age_s(untouched, moment),
            batches_now=await figures_repository.batches_open(session),
            batches_recent=await figures_repository.batches_ended(session, since),
            refusals_recent=await figures_repository.refusals(session, since),
            paused_s={row.provider: _age_s(moment, row.paused_until or moment) for row in accounts},
            failures_in_a_row={row.provider: row.failures for row in accounts},
            reserved_today_usd=usd(reserved),
            spent_today_usd=usd(spent),
            highest_today_usd=usd(highest),
            day_cap_usd=float(cap) if (cap := settings.money.max_per_day_usd) is not None else None,
            spent_day_usd={payee: usd(cost) for payee, cost in costs.items()},
            webhooks_recent=await figures_repository.webhooks(session, since),
            paid_work_off=await paid_work_off_since(session) is not None,
            workers=Counter(each.state for each in workers),
            silent_s=max((each.silent_s for each in workers), default=0.0),
        )


def _places(parts: Context) -> dict[str, int]:
    """How many jobs each account may have at once."""
    most = parts.settings.avatar.batch.max_concurrent
    places = {}
    for name, provider in parts.providers.items():
        can = provider.capabilities
        places[name] = min(can.max_concurrent, most) if can.paid else can.max_concurrent
    return places


def _age_s(since: datetime | None, moment: datetime) -> float:
    return max(0.0, (moment - since).total_seconds()) if since is not None else 0.0
