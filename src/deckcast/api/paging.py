"""Lists that can grow: given page by page, each with the cursor of the next one."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query

from deckcast.api.shapes import Shape

Cursor = Annotated[
    str | None,
    Query(max_length=200, pattern=r"^[A-Za-z0-9_.:~-]+$", description="`nextCursor` of the page before."),
]
"""A route's parameter `cursor: Cursor = None`."""

Limit = Annotated[int, Query(ge=1, le=100, description="How many items at most.")]
"""A route's parameter `limit: Limit = 50`."""


Item = TypeVar("Item")


class Page(Shape, Generic[Item]):
    """One page of a list. `next_cursor` is null on the last one."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
