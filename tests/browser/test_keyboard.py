"""The whole story by the keyboard alone, from a deck that is chosen to a film that plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from api_client import Server, is_open, server_of
from browsing import Visits, plays, presentation_of, rows_of
from command import Machine
from conftest import long
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import heygen
from keyboard import Keyboard
from line import Line, line_to

SLIDES = 3


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Line]]:
    """A server, and its line to the provider."""
    machine = Machine(tmp_path_factory.mktemp("server"))
    with ExitStack() as stack:
        account = stack.enter_context(heygen(machine, render_from_s=30.0, render_to_s=30.0))
        line = stack.enter_context(line_to(urlsplit(account).port or 0))
        machine.settings["DECKCAST_HEYGEN__BASE_URL"] = line.url
        server = stack.enter_context(server_of(machine))
        server.wait_for(server.is_ready, "it was ready")
        yield server, line


@long
def test_from_a_deck_to_a_film_without_a_mouse(
    place: tuple[Server, Line], visits: Visits, tmp_path: Path
) -> None:
    server, line = place
    deck = raw_pdf(tmp_path / "talk.pdf", [pdf_text(f"Slide {n}", 60, 60) for n in range(1, SLIDES + 1)])
    page = visits.open(server.url)
    keys = Keyboard(page)
    keys.to("button", "Try the sample deck")
    keys.until(page.locator("input[type=file]"), "the choice of a file")
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files(deck)
    expect(page.get_by_role("link", name="Slide 2")).to_be_visible()
    slides_mended(server, page, keys)
    line.hold(b"slide ")
    batch = batch_ordered(server, page, keys)
    line.go_on()
    assert server.ended(batch)["completed"] == 2
    film_made(page, keys)
    preferences_chosen(page, keys)


def slides_mended(server: Server, page: Page, keys: Keyboard) -> None:
    """A slide is opened, its words are written, it is moved up, and another is left out."""
    keys.until(page.get_by_role("link", name="Slide 2"), "the second slide")
    keys.press("Enter")
    keys.to("textbox", "Narrative of “Slide 2”")
    keys.write("Two.")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    keys.until(page.get_by_role("link", name="Slide 2"), "the second slide")
    keys.press("Alt+ArrowUp")
    expect(page.get_by_text("Slide 2: now 1 of 3")).to_be_attached()
    keys.to("button", "Leave out")
    keys.press("Space")
    expect(page.get_by_role("button", name="Take in again")).to_be_visible()
    keys.press("Space")
    expect(page.get_by_role("button", name="Leave out")).to_be_visible()
    slides = server.get(f"/api/presentations/{presentation_of(page)}")["slides"]
    assert [slide["title"] for slide in slides] == ["Slide 2", "Slide 1", "Slide 3"]
    assert slides[0]["narrative"]["text"] == "Two."


def batch_ordered(server: Server, page: Page, keys: Keyboard) -> str:
    """The batch is ordered in one dialog and watched in another; Escape closes that and stops nothing. Its id."""
    keys.to("link", "AI Actions")
    keys.press("Enter")
    opener = keys.to("button", "Generate All Avatar Videos")
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Generate All Avatar Videos")
    expect(dialog).to_be_visible()
    keys.stays_in(dialog)
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()  # where it was opened
    keys.press("Enter")
    keys.choose("HeyGen")
    keys.to("button", "Choose")
    keys.press("Enter")
    keys.to("checkbox", re.compile("Slide 3"))
    keys.press("Space")
    keys.to("button", re.compile("^Make 2 slides"))
    keys.press("Enter")
    page.wait_for_url("**/batches/*")
    watched = page.get_by_role("dialog", name="All Avatar Videos Generation")
    keys.stays_in(watched)
    keys.to("button", "Stop the batch")
    keys.press("Enter")
    asked = page.get_by_role("dialog", name="Stop this batch?")
    expect(asked).to_be_visible()
    keys.press("Escape")
    expect(asked).to_have_count(0)
    expect(watched).to_be_visible()
    batch = page.url.rsplit("/", 1)[1]
    keys.press("Escape")
    expect(watched).to_have_count(0)
    assert is_open(server.get(f"/api/batches/{batch}"))
    return batch


def film_made(page: Page, keys: Keyboard) -> None:
    """The rest is made, and the film is begun with a key."""
    keys.to("button", "Do it all")
    keys.press("Enter")
    keys.to("button", re.compile("^Make 1 slide"))
    keys.press("Enter")
    keys.to("link", "See the film")
    assert rows_of(page).count() == SLIDES
    keys.press("Enter")
    film = page.get_by_label("Film: talk")
    keys.until(film, "the film")
    keys.press("Space")
    plays(film)
    keys.to("button", "Make link")
    keys.press("Enter")
    keys.to("textbox", "Address of the share")


def preferences_chosen(page: Page, keys: Keyboard) -> None:
    """The theme and the language are chosen from menus, which Escape closes where they were opened."""
    keys.to("button", "Theme")
    keys.press("Enter")
    expect(page.get_by_role("menuitemradio", name="Dark")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("button", name="Theme")).to_be_focused()
    chosen(page, keys, "Dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    keys.to("button", "Language of this page")
    chosen(page, keys, "Deutsch")
    expect(page.locator("html")).to_have_attribute("lang", "de")


def chosen(page: Page, keys: Keyboard, name: str) -> None:
    """Open the menu of the button that has the focus, and choose an item by the arrows."""
    keys.press("Enter")
    menu = page.get_by_role("menu")
    expect(menu.and_(page.locator(":focus-within"))).to_be_visible()
    wanted = page.get_by_role("menuitemradio", name=name, exact=True)
    for _ in range(page.get_by_role("menuitemradio").count()):
        if wanted.and_(page.locator(":focus")).count():
            break
        before = page.locator(":focus").element_handle()
        keys.press("ArrowDown")
        page.wait_for_function("before => document.activeElement !== before", arg=before)
    expect(wanted).to_be_focused()
    keys.press("Enter")
