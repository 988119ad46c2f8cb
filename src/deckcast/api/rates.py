"""How often somebody may ask: per user for batches, uploads, estimates and previews, per address for attempts to sign
in.

Counted in a moving window in the memory of each server process: a bound against clicking and scripts gone wild. What is
paid is bounded by caps and quotas, which all processes share.

A route takes part with `dependencies=[BatchRate]` (or UploadRate, LookRate, SignInRate).
"""

from __future__ import annotations

import ipaddress
import time
from typing import cast

from fastapi import Depends, Request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from deckcast.api.caller import Caller
from deckcast.kit.errors import CallError
from deckcast.kit.settings import RateSettings

SIGN_INS_PER_MINUTE = 20


class Rates:
    """The counters of one server process."""

    def __init__(self, settings: RateSettings) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())
        self.batches = RateLimitItemPerMinute(settings.batches_per_minute, namespace="batches")
        self.uploads = RateLimitItemPerHour(settings.uploads_per_hour, namespace="uploads")
        self.looks = RateLimitItemPerMinute(settings.looks_per_minute, namespace="looks")
        self.sign_ins = RateLimitItemPerMinute(SIGN_INS_PER_MINUTE, namespace="sign-ins")

    def count(self, limit: RateLimitItem, whose: str, what: str) -> None:
        """Count one request; one that is refused does not count. Raises CallError too_many_requests, which says when
        the next one is taken."""
        if self._windows.hit(limit, whose):
            return
        period_s = limit.get_expiry()
        free_at, _ = self._windows.get_window_stats(limit, whose)
        raise CallError(
            "too_many_requests",
            f"{limit.amount} {what} in {'an hour' if period_s == 3600 else 'a minute'} are the most.",
            next_step="Wait a little, then ask again.",
            retryable=True,
            retry_after_s=max(1.0, free_at - time.time()),
            facts={"limit": limit.amount, "period_s": period_s},
        )


def _rates(request: Request) -> Rates:
    return cast(Rates, request.app.state.rates)


async def count_batch(request: Request, caller: Caller) -> None:
    """One more batch of this caller. Raises CallError too_many_requests."""
    rates = _rates(request)
    rates.count(rates.batches, caller.owner, "orders of work")


async def count_upload(request: Request, caller: Caller) -> None:
    """One more upload of this caller. Raises CallError too_many_requests."""
    rates = _rates(request)
    rates.count(rates.uploads, caller.owner, "uploads")


async def count_look(request: Request, caller: Caller) -> None:
    """One more estimate or preview for this caller. Raises CallError too_many_requests."""
    rates = _rates(request)
    rates.count(rates.looks, caller.owner, "estimates and previews")


async def count_sign_in(request: Request) -> None:
    """One more attempt to sign in from this address. Raises CallError too_many_requests."""
    rates = _rates(request)
    rates.count(
        rates.sign_ins, _network(request.client.host if request.client else ""), "attempts to sign in"
    )


def _network(address: str) -> str:
    """The address; of IPv6 its first half, since one machine has all of the rest."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False))


BatchRate = Depends(count_batch)
UploadRate = Depends(count_upload)
LookRate = Depends(count_look)
SignInRate = Depends(count_sign_in)
