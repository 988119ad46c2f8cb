"""What some processes and a PostgreSQL database have used, part by part, for each slide."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.processes import used_by


@dataclass(frozen=True)
class Part:
    """A part of a run: `count` slides in `wall_s`. All else is for each slide of it: CPU-seconds of the workers with
    all their processes, of the database's server and of the simulated account; growth of the database, of the engine's
    tables in it, and of its log; transactions (reading ones too) and rows written."""

    count: int
    wall_s: float
    worker_cpu_s: float
    database_cpu_s: float
    account_cpu_s: float
    database_bytes: float
    engine_bytes: float
    log_bytes: float
    commits: float
    rows_written: float

    @property
    def per_s(self) -> float:
        """Slides a second."""
        return self.count / self.wall_s


class Meter:
    """What was used so far, by whom: each `part` is what was used since the last one."""

    def __init__(self, rows: psycopg.Connection[Any], **processes: Sequence[int]) -> None:
        self._rows = rows
        self._processes = defaultdict(list, {name: list(pids) for name, pids in processes.items()})
        self._last = self._now()

    def add(self, name: str, pid: int) -> None:
        """Another process, from its beginning."""
        self._processes[name].append(pid)
        self._last.setdefault(name, 0.0)

    def part(self, count: int) -> Part:
        """What was used since the last part, for each of so many slides."""
        now, last = self._now(), self._last
        self._last = now
        each = {name: (now[name] - last.get(name, 0.0)) / max(count, 1) for name in now}
        return Part(
            count=count,
            wall_s=round(now["clock"] - last["clock"], 1),
            worker_cpu_s=round(each.get("worker", 0.0), 4),
            database_cpu_s=round(each["database"], 4),
            account_cpu_s=round(each.get("account", 0.0), 4),
            database_bytes=round(each["size"]),
            engine_bytes=round(each["engine"]),
            log_bytes=round(each["log"]),
            commits=round(each["commits"], 1),
            rows_written=round(each["rows"], 1),
        )

    def _now(self) -> dict[str, float]:
        used = {name: sum(map(used_by, pids)) for name, pids in self._processes.items()}
        return {**used, **_figures(self._rows), "clock": time.monotonic()}


def _figures(rows: psycopg.Connection[Any]) -> dict[str, float]:
    """Sizes in bytes and counts of a database, as it is now."""
    rows.execute("SELECT pg_stat_force_next_flush()")
    query = """
        SELECT pg_database_size(current_database()), pg_current_wal_lsn() - '0/0'::pg_lsn, xact_commit,
               tup_inserted + tup_updated + tup_deleted,
               (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c
                WHERE c.relnamespace = to_regnamespace('dbos') AND c.relkind = 'r')
        FROM pg_stat_database WHERE datname = current_database()"""
    found = rows.execute(query).fetchone()
    assert found is not None
    return dict(zip(("size", "log", "commits", "rows", "engine"), map(float, found), strict=True))
