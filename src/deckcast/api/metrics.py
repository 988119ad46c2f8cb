"""GET /metrics, for Prometheus. What concerns the work comes from rows when it is asked for, so that no restart and no
second process makes it lie; what concerns this process is counted here."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import Iterator
from typing import cast

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from deckcast.api.caller import FORWARDED
from deckcast.api.guard import OWN_HOSTS, is_loopback, name_called
from deckcast.api.metric_families import (
    of_accounts,
    of_machine,
    of_money,
    of_waiting,
    of_work,
    of_workers,
)
from deckcast.api.parts import Parts
from deckcast.api.traffic import Traffic
from deckcast.batches.context import Context
from deckcast.batches.figures import Figures, measure
from deckcast.kit.errors import CallError

KEPT_S = 5.0  # figures are looked up at most this often, however many ask

router = APIRouter()


class Metrics:
    """The newest figures, and the counters of this process."""

    def __init__(self, parts: Context, traffic: Traffic) -> None:
        self._parts = parts
        self._traffic = traffic
        self._measured: tuple[float, Figures] | None = None
        self._measuring = asyncio.Lock()

    async def text(self) -> bytes:
        """All metrics in Prometheus' text form. Raises MachineError database_unreachable."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Given([*_families(await self._figures()), *of_machine(self._parts.db.pool_use())]))
        return generate_latest(registry) + generate_latest(self._traffic.registry)

    async def _figures(self) -> Figures:
        async with self._measuring:
            if self._measured is None or time.monotonic() - self._measured[0] > KEPT_S:
                self._measured = time.monotonic(), await measure(self._parts)
            return self._measured[1]


def _families(figures: Figures) -> Iterator[Metric]:
    for part in (of_work, of_workers, of_accounts, of_waiting, of_money):
        yield from part(figures)


class _Given(Collector):
    """Families that were made before."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        """See prometheus_client."""
        return self._families


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request, parts: Parts) -> Response:
    """The metrics, for who may read them (docs/metrics.md). Raises CallError metrics_refused."""
    _check_reader(request, parts)
    found = cast(Metrics, request.app.state.metrics)
    return Response(await found.text(), media_type=CONTENT_TYPE_LATEST)


def _check_reader(request: Request, parts: Context) -> None:
    """Who shows the token; without one, who calls this machine by its own name, through no proxy."""
    token = parts.settings.metrics.token
    if token is not None:
        given = request.headers.get("Authorization", "").encode()
        allowed = hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode())
    else:
        near = request.client is not None and is_loopback(request.client.host)
        passed_on = any(name in request.headers for name in FORWARDED)
        allowed = near and name_called(request.scope) in OWN_HOSTS and not passed_on
    if not allowed:
        raise CallError(
            "metrics_refused",
            "These figures are not for everybody.",
            next_step="Send `Authorization: Bearer` with the token of DECKCAST_METRICS__TOKEN.",
        )
