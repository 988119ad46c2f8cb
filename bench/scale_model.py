"""The model of what so many decks an hour need: everything is a slide's cost times slides a second, and what the
workers cost besides. What these costs are, bench/scale.py measures."""

from __future__ import annotations

import math
from dataclasses import dataclass

BUSY_SHARE = 0.7  # of a core: what is planned for, so that a queue stays short when orders come at once
DAY_S = 86400


@dataclass(frozen=True)
class Running:
    """What a worker costs a second, besides what it makes: it looks for work."""

    worker_cpu: float
    database_cpu: float
    commits: float


@dataclass(frozen=True)
class Costs:
    """What a slide of `spoken_s` costs, as measured: CPU-seconds, transactions, bytes of log, rows and files; and a
    worker a second, while there is work."""

    spoken_s: float
    worker_cpu_s: float
    database_cpu_s: float
    commits: float
    log_bytes: float
    database_bytes: float
    stored_bytes: float
    at_work: Running


@dataclass(frozen=True)
class Load:
    """What is wanted: films of `slides` slides each. A slide's job takes `render_s` at the provider (0: drawn on the
    workers), an account has `places` for jobs."""

    decks_per_hour: float
    slides: int
    render_s: float = 0.0
    places: int = 5
    cores: int = 4  # of a worker's machine
    keep_days: float = 365.0

    @property
    def slides_per_s(self) -> float:
        """On average."""
        return self.decks_per_hour * self.slides / 3600


@dataclass(frozen=True)
class Needed:
    """What that takes. `workers` without the one more that may be missing; `deck_s` is how long a deck takes that is
    alone, by the accounts' places or the workers' cores, whichever is slower."""

    slides_per_hour: float
    worker_cores: float
    workers: int
    accounts: int
    database_cores: float
    commits_per_s: float
    log_bytes_per_s: float
    database_bytes_per_day: float
    stored_bytes_kept: float
    deck_s: float


def needed(load: Load, costs: Costs) -> Needed:
    """The model: everything is a slide's cost times slides a second."""
    making = load.slides_per_s * costs.worker_cpu_s / BUSY_SHARE
    workers = max(1, math.ceil(making / (load.cores - costs.at_work.worker_cpu)))
    accounts = math.ceil(load.slides_per_s * load.render_s / load.places) if load.render_s else 0
    at_the_provider = math.ceil(load.slides / (load.places * max(accounts, 1))) * load.render_s
    return Needed(
        slides_per_hour=load.slides_per_s * 3600,
        worker_cores=making + workers * costs.at_work.worker_cpu,
        workers=workers,
        accounts=accounts,
        database_cores=load.slides_per_s * costs.database_cpu_s + workers * costs.at_work.database_cpu,
        commits_per_s=load.slides_per_s * costs.commits + workers * costs.at_work.commits,
        log_bytes_per_s=load.slides_per_s * costs.log_bytes,
        database_bytes_per_day=load.slides_per_s * costs.database_bytes * DAY_S,
        stored_bytes_kept=load.slides_per_s * costs.stored_bytes * DAY_S * load.keep_days,
        deck_s=max(at_the_provider, load.slides * costs.worker_cpu_s / (workers * load.cores)),
    )
