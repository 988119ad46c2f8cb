"""Every metric by its name, what it says and where it comes from. docs/metrics.md lists the same names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from deckcast.api.machine import memory_used_ratio, process_memory_bytes
from deckcast.batches.figures import RECENT, Figures

RENDER_SECONDS = (5, 15, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600)
_MINUTES = RECENT.total_seconds() / 60
_LATELY = f"in the last {_MINUTES:.0f} minutes"
Labelled = Mapping[str, float] | Mapping[tuple[str, str], float]


def of_work(figures: Figures) -> Iterator[Metric]:
    """Avatar videos and batches."""
    by_status = ("provider", "status")
    yield _gauge("avatar_videos", "Avatar videos on their way.", by_status, figures.videos_now)
    yield _gauge(
        "avatar_videos_recent", f"Avatar videos that ended {_LATELY}.", by_status, figures.videos_recent
    )
    yield _gauge(
        "avatar_videos_per_minute",
        f"Avatar videos completed a minute, {_LATELY}.",
        ("provider",),
        {name: figures.videos_recent.get((name, "completed"), 0) / _MINUTES for name in figures.places},
    )
    yield _gauge(
        "avatar_videos_failed_ratio",
        f"Share of the avatar videos that ended {_LATELY} without a video: failed, timed out or unresolved.",
        ("provider",),
        _failed_ratios(figures.videos_recent),
    )
    yield _render_seconds(figures.renders_recent)
    yield _gauge(
        "avatar_job_oldest_seconds",
        "Age of the oldest job alive at the provider.",
        ("provider",),
        figures.oldest_job_s,
    )
    yield _gauge("batches", "Open batches.", ("kind",), figures.batches_now)
    yield _gauge(
        "batches_recent",
        f"Batches that ended {_LATELY}; those of kind presentation_video are films.",
        ("kind", "state"),
        figures.batches_recent,
    )


def of_accounts(figures: Figures) -> Iterator[Metric]:
    """Provider accounts: how much of them is used, and how they behave."""
    one = ("provider",)
    yield _gauge("avatar_jobs_in_flight", "Jobs alive at the provider.", one, figures.jobs)
    yield _gauge("avatar_jobs_max", "Jobs that may be alive at the provider at once.", one, figures.places)
    yield _gauge(
        "provider_errors_recent",
        f"Submissions to the provider that met an error {_LATELY}; provider_busy is its rate limit.",
        ("provider", "code"),
        figures.refusals_recent,
    )
    yield _gauge(
        "provider_failures_in_a_row", "Failed calls since the last good one.", one, figures.failures_in_a_row
    )
    yield _gauge(
        "provider_paused_seconds", "How long the account is still left alone; 0: not.", one, figures.paused_s
    )
    yield _gauge("webhooks_recent", f"Webhook events received {_LATELY}.", one, figures.webhooks_recent)


def of_waiting(figures: Figures) -> Iterator[Metric]:
    """How long work waits before somebody begins it."""
    yield _gauge(
        "batch_wait_seconds",
        "Age of the oldest open batch of which nothing has begun.",
        (),
        figures.untouched_s,
    )
    yield _gauge(
        "avatar_video_wait_seconds",
        "Age of the oldest avatar video that waits to be submitted.",
        ("provider",),
        figures.pending_s,
    )


def of_workers(figures: Figures) -> Iterator[Metric]:
    """Who works on what is ordered here."""
    yield _gauge(
        "workers", "Workers of the server, by what they do with new work.", ("state",), figures.workers
    )
    yield _gauge(
        "worker_silent_seconds",
        "Since when the worker that has been silent longest was not heard of; after a lease it is held for dead.",
        (),
        figures.silent_s,
    )


def of_money(figures: Figures) -> Iterator[Metric]:
    """What is spent, in US dollars."""
    today = {"reserved": figures.reserved_today_usd, "spent": figures.spent_today_usd}
    yield _gauge("spend_today_usd", "Money of all users today (UTC), set aside or spent.", ("state",), today)
    yield _gauge(
        "spend_today_highest_usd",
        "Set aside and spent today by the user who takes the most.",
        (),
        figures.highest_today_usd,
    )
    if figures.day_cap_usd is not None:
        yield _gauge("spend_day_cap_usd", "What a user may spend a day.", (), figures.day_cap_usd)
    yield _gauge(
        "spend_last_day_usd",
        "Spent in the last 24 hours, by who was paid.",
        ("payee",),
        figures.spent_day_usd,
    )
    yield _gauge("paid_work_off", "1 while paid work is switched off.", (), float(figures.paid_work_off))


def of_machine(pool: tuple[int, int]) -> Iterator[Metric]:
    """This process and its machine; `pool` are database connections in use, and the most."""
    yield _gauge("database_pool_in_use", "Database connections in use by this process.", (), pool[0])
    yield _gauge("database_pool_max", "Database connections that this process may have.", (), pool[1])
    yield _gauge("process_memory_bytes", "Resident memory of this process.", (), process_memory_bytes())
    yield _gauge(
        "memory_used_ratio",
        "Share of the container's memory in use, else of the machine's; 0 to 1.",
        (),
        memory_used_ratio(),
    )


def _gauge(name: str, says: str, labels: Sequence[str], values: Labelled | float) -> Metric:
    family = GaugeMetricFamily(f"deckcast_{name}", says, labels=labels)
    if not isinstance(values, Mapping):
        family.add_metric([], values)
        return family
    for key, value in values.items():
        family.add_metric([key] if isinstance(key, str) else list(key), value)
    return family


def _failed_ratios(ended: Mapping[tuple[str, str], int]) -> dict[str, float]:
    """By provider; who has ended nothing has no ratio. What was cancelled or skipped tells nothing."""
    good, bad = ("completed",), ("failed", "timed_out", "unresolved")
    ratios = {}
    for provider in {provider for provider, _ in ended}:
        failed = sum(ended.get((provider, status), 0) for status in bad)
        every = failed + sum(ended.get((provider, status), 0) for status in good)
        if every:
            ratios[provider] = failed / every
    return ratios


def _render_seconds(renders: Sequence[tuple[str, float]]) -> Metric:
    family = GaugeHistogramMetricFamily(
        "deckcast_avatar_video_seconds",
        f"From submission to the job's end, of jobs that ended {_LATELY}.",
        labels=("provider",),
    )
    for provider in sorted({provider for provider, _ in renders}):
        took = [seconds for of, seconds in renders if of == provider]
        buckets = [(str(float(most)), float(sum(each <= most for each in took))) for most in RENDER_SECONDS]
        family.add_metric([provider], [*buckets, ("+Inf", float(len(took)))], gsum_value=sum(took))
    return family
