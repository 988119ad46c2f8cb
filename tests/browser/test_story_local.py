"""The whole story with Deckcast's own presenter: a deck is dropped, mended, presented, and its film taken away."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from api_client import Server, server_of
from browsing import Visits, drop, plays, presentation_of, rows_of
from command import Machine
from decks import write_deck

TITLES = ("Boats", "Harbours")
LOOK_MS = 20
OUT_OF_DATE = re.compile("^Out of date until .* speech")
NEW_WORDS = "Boats float, most of them."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_of(Machine(tmp_path_factory.mktemp("server"))) as server:
        server.wait_for(server.is_ready, "it was ready")
        yield server


@contextmanager
def resting(server: Server) -> Iterator[None]:
    """The worker does nothing meanwhile, so that what comes before its work can be looked at."""
    pid = server.worker_pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def answers_kept_back(page: Page, addresses: str) -> Iterator[None]:
    """One call to these addresses is held until the end of the block."""
    held: list[Route] = []
    page.route(addresses, lambda route: held.append(route), times=1)
    yield
    while not held:
        page.wait_for_timeout(LOOK_MS)
    held[0].continue_()


def test_from_a_dropped_deck_to_a_film_that_is_taken_away(
    server: Server, visits: Visits, tmp_path: Path
) -> None:
    deck = write_deck(tmp_path / "talk.pptx", ["Boats swim.", "Ships rest."], titles=TITLES)
    page = visits.open(server.url)
    expect(page.get_by_role("heading", name="Your slides, presented")).to_be_visible()
    with resting(server):
        drop(page, deck)
        expect(page.get_by_role("heading", name="“talk.pptx” is being read")).to_be_visible()
        expect(page.get_by_role("progressbar", name="Reading the deck")).to_be_visible()
    expect(page.get_by_role("link", name="Boats")).to_be_visible()
    spoken_and_mended(server, page)
    presented(page)
    film_made(page)
    film_played(page)
    film_taken_away(page, tmp_path)
    presentation = presentation_of(page)
    page.close()  # it would ask after what is gone
    server.client.delete(f"/api/presentations/{presentation}")


def spoken_and_mended(server: Server, page: Page) -> None:
    """A slide is heard; its words are changed, which is kept by itself, and the speech is out of date at once."""
    page.get_by_role("button", name="Speak").click()
    sound = page.get_by_label("Speech of “Boats”")
    expect(sound).to_be_visible()
    sound.evaluate("sound => sound.play()")
    plays(sound)
    with answers_kept_back(page, "**/narrative"):
        page.get_by_label("Narrative of “Boats”").fill(NEW_WORDS)
        expect(page.get_by_text(OUT_OF_DATE)).to_be_visible()
        expect(page.get_by_text("Saving…")).to_be_visible()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("Narrative of “Boats”")).to_have_value(NEW_WORDS)
    expect(page.get_by_text(OUT_OF_DATE)).to_be_visible()
    first = server.get(f"/api/presentations/{presentation_of(page)}")["slides"][0]
    assert (first["narrative"]["text"], first["narrative"]["source"]) == (NEW_WORDS, "edited")


def presented(page: Page) -> None:
    """All avatar videos are made, through the dialog, and one of them is looked at."""
    page.get_by_role("link", name="AI Actions").click()
    page.get_by_role("button", name="Generate All Avatar Videos").click()
    page.get_by_role("button", name="Make 2 slides").click()
    expect(page.get_by_role("dialog", name="All Avatar Videos Generation")).to_be_visible()
    expect(page.get_by_text("Took")).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("2 of 2 done").first).to_be_visible()
    for row in rows_of(page).all():
        expect(row.get_by_text("Completed")).to_be_visible()
    page.get_by_role("button", name="Play slide 1").click()
    plays(page.get_by_role("dialog").locator("video"))
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    expect(page.get_by_text("All 2 slides are up to date").first).to_be_visible()


def film_made(page: Page) -> None:
    page.get_by_role("button", name="Do it all").click()
    page.get_by_role("dialog").get_by_role("button", name="Make").last.click()
    page.get_by_role("link", name="See the film").click()
    page.wait_for_url("**/film")


def film_played(page: Page) -> None:
    """It plays; the captions are those of what is said; a chapter is jumped to."""
    film = page.get_by_label("Film: Boats")
    film.evaluate("film => film.play()")
    plays(film)
    film.evaluate("film => { film.textTracks[0].mode = 'showing' }")
    page.wait_for_function("film => film.textTracks[0].cues?.length > 0", arg=film.element_handle())
    said = film.evaluate("film => [...film.textTracks[0].cues].map(cue => cue.text).join(' ')")
    assert NEW_WORDS in said
    assert "Ships rest." in said
    chapter = page.get_by_role("navigation", name="Chapters").get_by_role("button", name="Harbours")
    chapter.click()
    expect(chapter).to_have_attribute("aria-current", "true")
    start_s = film.evaluate("film => film.currentTime")
    assert 0 < start_s < film.evaluate("film => film.duration")


def film_taken_away(page: Page, folder: Path) -> None:
    """The film, its captions and a single slide come as files of their own."""
    page.get_by_text("Download single slides (2)").click()
    wanted = {
        "Download film": b"ftyp",
        "Captions (SRT)": b"1\n",
        "Captions (WebVTT)": b"WEBVTT",
        "1. Boats": b"ftyp",
    }
    for name, beginning in wanted.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=name, exact=True).click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        assert beginning in path.read_bytes()[:12], path
    assert {"Boats.mp4", "Boats.srt", "Boats.vtt"} <= {path.name for path in folder.iterdir()}


def test_a_deck_that_cannot_be_read_says_so_in_words(server: Server, visits: Visits, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pptx"
    broken.write_bytes(b"PK\x03\x04" + b"nothing that can be read" * 40)
    page = visits.open(server.url)
    expect(page.get_by_text("Drop a deck anywhere on this page")).to_be_visible()
    drop(page, broken)
    expect(page.get_by_role("alert")).to_contain_text("broken.pptx")
    expect(page.get_by_role("button", name="Choose another file")).to_be_visible()
    page.get_by_role("link", name="Presentations", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="broken")).to_contain_text("Not readable")
