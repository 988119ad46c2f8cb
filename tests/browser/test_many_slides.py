"""A deck of 500 slides: only what is in sight is drawn, and every slide is come by, also with the keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from api_client import Server, server_of
from api_rows import EMPTY
from browsing import Visits
from command import Machine
from conftest import long
from databases import put_newest
from deckcast.db.database import Database
from deckcast.db.models import SlideRow
from keyboard import Keyboard
from live_world import BATCH, DECK, add_batch, add_deck

SLIDES = 500
MOST_ROWS = 60


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose database holds a deck of many slides, and a batch that is under way."""
    machine = Machine(tmp_path_factory.mktemp("server"))
    asyncio.run(filled(machine.data_dir))
    with server_of(machine, "--no-worker") as server:
        yield server


async def filled(folder: Path) -> None:
    folder.mkdir()
    put_newest(folder / "deckcast.db")
    db = Database(f"sqlite+aiosqlite:///{folder / 'deckcast.db'}")
    await add_deck(db, SLIDES)
    await add_batch(db, SLIDES)
    async with db.write() as session:
        await session.execute(update(SlideRow).values(content=EMPTY))
    await db.close()


def drawn(rows: Locator) -> int:
    """How many rows there are in the page, whether they are in sight or not."""
    return len(rows.all())


def test_the_slides_are_drawn_as_they_come_into_sight(server: Server, visits: Visits) -> None:
    page = visits.open(f"{server.url}/presentations/{DECK}/slides")
    rows = page.get_by_role("list", name="Slides").get_by_role("listitem")
    expect(rows.get_by_text("Slide 1", exact=True)).to_be_visible()
    assert drawn(rows) < MOST_ROWS
    rows.first.hover()
    scroll_down(page, rows.get_by_text(f"Slide {SLIDES}", exact=True))
    assert drawn(rows) < MOST_ROWS
    rows.get_by_role("link", name=f"Slide {SLIDES}").click()
    expect(page.get_by_label(f"Narrative of “Slide {SLIDES}”")).to_be_visible()


def test_the_rows_of_a_batch_are_drawn_as_they_come_into_sight(server: Server, visits: Visits) -> None:
    page = visits.open(f"{server.url}/presentations/{DECK}/batches/{BATCH}")
    rows = page.get_by_role("dialog").get_by_role("group", name="Slides").get_by_role("listitem")
    expect(rows.get_by_text("1. Slide 1", exact=True)).to_be_visible()
    assert drawn(rows) < MOST_ROWS
    rows.first.hover()
    scroll_down(page, rows.get_by_text(f"{SLIDES}. Slide {SLIDES}", exact=True))
    assert drawn(rows) < MOST_ROWS
    assert page.locator("li").count() < 2 * MOST_ROWS  # nor are they behind the dialog


def scroll_down(page: Page, to: Locator) -> None:
    """Turn the wheel until something is in sight."""
    for _ in range(200):
        if to.count():
            break
        page.mouse.wheel(0, 5000)
        page.evaluate("new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)))")
    expect(to).to_be_visible()


def test_the_last_slide_is_come_by_with_the_keyboard(server: Server, visits: Visits) -> None:
    page = visits.open(f"{server.url}/presentations/{DECK}/slides")
    keys = Keyboard(page)
    last = page.get_by_role("link", name=f"Slide {SLIDES}")
    keys.until(page.get_by_role("list", name="Slides").get_by_role("link", name="Slide 1"), "the first slide")
    keys.press("End")
    keys.until(last, "the last slide")
    keys.press("Enter")
    expect(page.get_by_label(f"Narrative of “Slide {SLIDES}”")).to_be_visible()


@long
def test_the_end_of_a_batch_is_come_by_with_the_keyboard(server: Server, visits: Visits) -> None:
    page = visits.open(f"{server.url}/presentations/{DECK}/batches/{BATCH}")
    keys = Keyboard(page)
    dialog = page.get_by_role("dialog")
    keys.until(dialog.get_by_role("group", name="Slides"), "the rows")
    keys.press("End")
    expect(dialog.get_by_text(f"{SLIDES}. Slide {SLIDES}", exact=True)).to_be_visible()
