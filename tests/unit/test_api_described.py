"""The page of the API names every route that there is, and none that is not."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from deckcast.api import links
from deckcast.api.app import create_app
from deckcast.batches.context import Context
from deckcast.kit.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
EVENTS = ("WS", "/api/presentations/{presentation_id}/events")


def described(tmp_path: Path) -> dict[str, Any]:
    parts = cast(Context, SimpleNamespace(settings=Settings(data_dir=tmp_path)))
    return create_app(parts).openapi()


def on_the_page() -> set[tuple[str, str]]:
    rows = re.findall(r"^\| ((?:`[A-Z]+`, )?`[A-Z]+) (/\S+)` \|", PAGE.read_text(), re.MULTILINE)
    return {(method, path) for methods, path in rows for method in re.findall("[A-Z]+", methods)} - {EVENTS}


def test_the_page_names_every_route(tmp_path: Path) -> None:
    paths = described(tmp_path)["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert on_the_page() == there


def test_what_leads_to_what_is_there(tmp_path: Path) -> None:
    paths = described(tmp_path)["paths"]
    operations = {each["operationId"]: each for methods in paths.values() for each in methods.values()}
    assert set(links.FROM) <= set(operations)
    for name, (parameter, _, targets) in links.FROM.items():
        [status] = [status for status, said in operations[name]["responses"].items() if "links" in said]
        assert status in ("200", "201", "202"), name
        for target in targets:
            assert parameter in [each["name"] for each in operations[target]["parameters"]], target


def test_who_has_to_sign_in_is_said(tmp_path: Path) -> None:
    paths = described(tmp_path)["paths"]
    operations = [each for methods in paths.values() for each in methods.values()]
    open_to_all = {each["operationId"] for each in operations if "security" not in each}
    assert open_to_all == {
        *("getHealth", "getReadiness", "receiveWebhook", "validateWebhook"),
        *("signIn", "signOut", "signInByProvider", "signedInByProvider"),
        *("getShared", "getSharedMedia", "getSharedPoster", "getSharedCaptionsVtt", "getSharedCaptionsSrt"),
    }
