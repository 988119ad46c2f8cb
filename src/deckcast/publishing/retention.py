"""What may go: files of old attempts that nothing uses any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import datetime, timedelta

from deckcast.kit.clock import now
from deckcast.publishing.ports import AssetStore, StoredAsset

LEAST_KEEP_DAYS = 1.0


def expired(
    assets: Iterable[StoredAsset], in_use: Collection[str], keep_days: float, at: datetime | None = None
) -> list[str]:
    """The keys that may be removed: not in use, and published more than `keep_days` before `at` (now).

    A file is published before the row that uses it is written, so the youngest are never among them.
    Raises ValueError for less than a day.
    """
    if keep_days < LEAST_KEEP_DAYS:
        raise ValueError(f"assets are kept for at least {LEAST_KEEP_DAYS:g} day")
    before = (at or now()) - timedelta(days=keep_days)
    return [asset.key for asset in assets if asset.key not in in_use and asset.modified_at < before]


async def remove_expired(
    store: AssetStore, prefix: str, keys_in_use: Callable[[], Awaitable[Collection[str]]], keep_days: float
) -> list[str]:
    """Remove what is expired below a prefix; returns the removed keys.

    The assets are listed before `keys_in_use` is asked, so that nothing published in between is at risk.
    """
    assets = await store.list(prefix)
    removed = expired(assets, await keys_in_use(), keep_days)
    for key in removed:
        await store.remove(key)
    return removed
