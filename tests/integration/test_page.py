"""The web page beside the API: which addresses are its own, how it is kept, and what it may load."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from deckcast.api.page import add_page, content_policy
from deckcast.kit.settings import Settings, StorageSettings

SETTINGS = Settings()
Ask = Callable[..., httpx2.Response]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """A page of three files beside one route."""
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Deckcast</title>")
    (folder / "theme.js").write_text("// theme")
    (folder / "assets" / "index-abc.js").write_text("// page")
    (tmp_path / "secret.txt").write_text("secret")
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)

    @app.get("/api/me")
    async def me() -> dict[str, str]:
        return {"name": "local"}

    add_page(app, SETTINGS, folder)

    def ask(path: str, method: str = "GET", **headers: str) -> httpx2.Response:
        async def asked() -> httpx2.Response:
            transport = httpx2.ASGITransport(app)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(asked())

    return ask


@pytest.mark.parametrize("path", ["/", "/presentations/pre_1/batches/bat_2", "/settings", "/index.html"])
def test_its_own_addresses_get_the_page(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert answer.status_code == 200
    assert "<title>Deckcast</title>" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_files_are_kept_as_long_as_their_names_hold(ask: Ask) -> None:
    assert "immutable" in ask("/assets/index-abc.js").headers["cache-control"]
    assert ask("/theme.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/api", "/api/nothing", "/api/presentations/x/y", "/assets/gone-1.js", "/metrics"]
)
def test_unknown_addresses_of_others_never_get_the_page(ask: Ask, path: str) -> None:
    answer = ask(path, Accept="text/html")
    assert answer.status_code == 404


def test_other_methods_and_routes_are_as_they_were(ask: Ask) -> None:
    assert ask("/api/me").json() == {"name": "local"}
    assert ask("/api/me", "POST").status_code == 405
    assert ask("/presentations", "POST").status_code == 404


@pytest.mark.parametrize(
    "path", ["/..%2Fsecret.txt", "/assets/..%2F..%2Fsecret.txt", "/%00", "/" + "a" * 3000]
)
def test_nothing_outside_of_its_folder_is_given(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert "secret" not in answer.text
    assert answer.status_code in (200, 404)


def test_a_storage_without_https_may_be_loaded_from() -> None:
    settings = Settings(storage=StorageSettings(endpoint="http://storage.local:9000"))
    assert "media-src 'self' blob: https: http://storage.local:9000;" in content_policy(settings)
