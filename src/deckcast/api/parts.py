"""How a route gets the parts that it works with."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from deckcast.batches.context import Context


def _parts(request: Request) -> Context:
    return cast(Context, request.app.state.parts)


Parts = Annotated[Context, Depends(_parts)]
