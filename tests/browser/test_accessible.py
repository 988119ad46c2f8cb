"""axe finds nothing at WCAG 2.2 AA, on every page and in every state of a dialog, in both themes, wide and narrow; and
no page needs much JavaScript to be shown."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from api_client import Server, server_of
from browsing import Visits
from command import Machine
from conftest import long, missing
from deckcast.api.page import FOLDER
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import heygen, set_faults
from line import line_to
from page_states import OF_USERS, STATES, State, routes, users_of_dialogs

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = [("light", 1440), ("dark", 360)]
if os.environ.get("DECKCAST_LONG_TESTS"):
    LOOKS += [("dark", 1440), ("light", 360), ("light", 900)]
MOST_BYTES = 200_000  # of JavaScript, to show an address
SECOND_FAILS = {"rules": [{"call": "job", "fault": "fail", "title": "slide 2 "}]}


ALWAYS = {
    "list",
    "slide",
    "delete",
    "actions",
    "presenter",
    "film",
    "settings",
    "make all_avatar_videos_generation",
    "batch running",
    "batch partly completed",
    "sign-in",
    "tokens",
}  # the others are looked at in the long run


def with_the_rest_long(states: list[State]) -> list[Any]:
    """Each state as a test, all but some of them long."""
    return [
        pytest.param(state, id=state.name, marks=() if state.name in ALWAYS else long) for state in states
    ]


@dataclass
class World:
    """A server with presentations in every state, and the names that addresses have for them."""

    server: Server
    names: dict[str, str]


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.is_file():
        missing("axe-core is not installed: scripts/web.sh")
    return AXE.read_text()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("server")
    machine = Machine(folder, {"DECKCAST_AVATAR__PROVIDER": "heygen"})
    with ExitStack() as stack:
        account = stack.enter_context(heygen(machine, render_from_s=30.0, render_to_s=30.0))
        line = stack.enter_context(line_to(urlsplit(account).port or 0))
        machine.settings["DECKCAST_HEYGEN__BASE_URL"] = line.url
        server = stack.enter_context(server_of(machine))
        names = filmed(server, folder)
        set_faults(account, SECOND_FAILS)
        names |= partly_made(server, folder)
        set_faults(account, {})
        unresolved(server, names["failed"])
        line.hold(b"slide ")
        names |= under_way(server, folder)
        (folder / "broken.pptx").write_bytes(b"PK\x03\x04" + b"nothing that can be read" * 40)
        names["broken"] = server.imported(folder / "broken.pptx")["id"]
        yield World(server, names)


def deck(folder: Path, name: str) -> Path:
    return raw_pdf(folder / f"{name}.pdf", [pdf_text(f"{name.title()} {n}", 60, 60) for n in (1, 2)])


def filmed(server: Server, folder: Path) -> dict[str, str]:
    """One whose film was made, shared, and is out of date since its second slide was written anew."""
    made = server.imported(deck(folder, "filmed"))
    at = f"/api/presentations/{made['id']}"
    videos = server.post(f"{at}/generate-all-avatar-videos")["batchId"]
    assert server.ended(videos)["state"] == "completed"
    assert server.ended(server.post(f"{at}/make-film", layout="none")["batchId"])["state"] == "completed"
    share = server.post(f"{at}/shares", 201, expiresInS=3600)
    slide = made["slides"][1]["id"]
    server.put(f"/api/slides/{slide}/narrative", text="Something else.")
    return {"filmed": made["id"], "videos": videos, "stale": slide, "secret": share["url"].rsplit("/", 1)[1]}


def partly_made(server: Server, folder: Path) -> dict[str, str]:
    made = server.imported(deck(folder, "partly"))
    batch = server.post(f"/api/presentations/{made['id']}/generate-all-avatar-videos")["batchId"]
    assert server.ended(batch)["state"] == "partial"
    return {"partly": made["id"], "partial": batch, "failed": made["slides"][1]["id"]}


def unresolved(server: Server, slide: str) -> None:
    """The answer to what was ordered for a slide was lost, and only a person can find out what became of it."""
    with closing(sqlite3.connect(server.machine.data_dir / "deckcast.db", timeout=60)) as opened, opened:
        opened.execute("UPDATE avatar_videos SET status = 'unresolved' WHERE slide_id = ?", (slide,))


def under_way(server: Server, folder: Path) -> dict[str, str]:
    """One whose batch has begun and does not get on."""
    made = server.imported(deck(folder, "waiting"))
    at = f"/api/presentations/{made['id']}"
    batch = server.post(f"{at}/generate-all-avatar-videos")["batchId"]
    return {"waiting": made["id"], "running": batch}


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    machine = Machine(tmp_path_factory.mktemp("users"))
    token = machine.run("user", "add", "ada", "--json").result["token"]
    with server_of(machine, "--no-worker") as server:
        yield World(server, {"token": token})


@pytest.mark.parametrize("state", with_the_rest_long(STATES))
def test_axe_finds_nothing(state: State, world: World, visits: Visits, axe: str) -> None:
    look_at(state, world, visits, axe)


@pytest.mark.parametrize("state", with_the_rest_long(OF_USERS))
def test_axe_finds_nothing_where_people_sign_in(state: State, users: World, visits: Visits, axe: str) -> None:
    visits.expect(r"status of 401")
    look_at(state, users, visits, axe)


def look_at(state: State, world: World, visits: Visits, axe: str) -> None:
    for complaint in state.complaints:
        visits.expect(complaint)
    page = visits.open("about:blank", reduced_motion="reduce")
    worker = world.server.worker_pid() if state.worker_rests else None
    try:
        if worker:
            os.kill(worker, signal.SIGSTOP)
        state.prepare(page)
        with scripts_of(page) as scripts:
            page.goto(world.server.url + state.address.format(**world.names), wait_until="networkidle")
        assert sum(map(travels_bytes, scripts)) < MOST_BYTES, scripts
        state.do(page, world.names)
        expect(page.get_by_text(state.shows).first).to_be_visible()
        page.evaluate(axe)
        for theme, width in LOOKS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate(SETTLED)
            assert findings(page) == [], (theme, width)
            assert page.evaluate(OVERFLOW) <= 0, f"it is wider than {width}"
    finally:
        if worker:
            os.kill(worker, signal.SIGCONT)


# What inherits a colour that changes begins to change once that has ended: quiet is what has been so for some frames.
SETTLED = """new Promise((settled) => {
    const ends = (each) => each.playState === "running" && each.effect.getComputedTiming().endTime !== Infinity;
    let quiet = 0;
    const look = () => {
        quiet = document.getAnimations().some(ends) ? 0 : quiet + 1;
        quiet > 4 ? settled() : requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def scripts_of(page: Page) -> Iterator[set[str]]:
    """The addresses of the scripts that are loaded in the block."""
    scripts: set[str] = set()

    def loaded(request: Request) -> None:
        if request.resource_type == "script":
            scripts.add(urlsplit(request.url).path)

    page.on("request", loaded)
    yield scripts
    page.remove_listener("request", loaded)


def travels_bytes(path: str) -> int:
    """The size of a script of the page as it travels, with gzip."""
    return len(gzip.compress((FOLDER / path.removeprefix("/")).read_bytes(), 6))


def findings(page: Page) -> list[str]:
    """What axe finds: the rule, and where."""
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run(document, {{runOnly: {json.dumps(TAGS)}, resultTypes: ['violations']}})"
    )["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {re.sub(chr(10), ' ', node.get('failureSummary', ''))[:200]}"
        for each in found
        for node in each["nodes"]
    ]


def test_every_route_and_every_dialog_is_looked_at() -> None:
    addresses = [re.sub(r"\{\w+\}", "x", state.address) for state in (*STATES, *OF_USERS)]
    unseen = [route for route in routes() if not any(re.fullmatch(route, address) for address in addresses)]
    assert unseen == []
    assert sorted(users_of_dialogs() - {state.dialog for state in (*STATES, *OF_USERS)}) == []
