"""What a review of the API has found, so that it does not come back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from deckcast.api.app import create_app
from deckcast.api.bodies import BoundedRoute
from serving import Server, story

PIECE = b" " * (1 << 20)
PIECES = 64


def _routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _routes(included.routes)
        elif isinstance(route, APIRoute):
            yield route


async def _endless(sent: list[int]) -> AsyncIterator[bytes]:
    for _ in range(PIECES):
        sent.append(len(PIECE))
        yield PIECE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/sessions"),
        ("PATCH", "/api/presentations/pre_1"),
        ("PUT", "/api/presentations/pre_1/pronunciations"),
        ("POST", "/api/hooks"),
    ],
)
def test_no_body_is_read_into_memory_whole(tmp_path: Path, method: str, path: str) -> None:
    async def told(server: Server) -> None:
        answer = await server.client.request(method, path, content=4 * PIECE)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        sent: list[int] = []
        with pytest.raises(httpx2.TransportError):
            await server.client.request(method, path, content=_endless(sent))
        assert len(sent) < PIECES

    story(tmp_path, told)


def test_every_route_with_a_body_bounds_it(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        routes = [each for each in _routes(create_app(server.parts).routes) if each.body_field is not None]
        assert len(routes) > 15
        assert [each.path for each in routes if not isinstance(each, BoundedRoute)] == []

    story(tmp_path, told)
