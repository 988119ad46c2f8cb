"""The whole story with a paid provider: a slide fails and is tried again, the page is loaded anew in the middle, a
second tab watches, the live connection is cut, a batch is cancelled; and nothing is paid twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from api_client import Server, server_of
from browsing import Visits, presentation_of, rows_of
from command import Machine
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import assert_paid_once, heygen, ledger, set_faults
from line import Line, line_to

SLIDES, AT_ONCE = 4, 2
SECOND_FAILS = {"rules": [{"call": "job", "fault": "fail", "title": "slide 2 "}]}
WAY = [
    "Waiting",
    "Submitting",
    "Being made",
    "Publishing",
    "Completed",
]  # what a slide's row says, in this order


@dataclass
class Place:
    """A server, the line that pages reach it by, its paid account, and the line to that."""

    server: Server
    page_line: Line
    account: str
    account_line: Line


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    settings = {"DECKCAST_AVATAR__PROVIDER": "heygen", "DECKCAST_AVATAR__BATCH__MAX_CONCURRENT": str(AT_ONCE)}
    machine = Machine(tmp_path_factory.mktemp("server"), settings)
    with ExitStack() as stack:
        account = stack.enter_context(heygen(machine, render_from_s=60.0, render_to_s=60.0))
        account_line = stack.enter_context(line_to(urlsplit(account).port or 0))
        machine.settings["DECKCAST_HEYGEN__BASE_URL"] = account_line.url
        server = stack.enter_context(server_of(machine))
        page_line = stack.enter_context(line_to(server.port))
        server.wait_for(server.is_ready, "it was ready")
        yield Place(server, page_line, account, account_line)


def test_a_paid_batch_from_its_start_to_its_end(place: Place, visits: Visits, tmp_path: Path) -> None:
    visits.expect("WebSocket connection to .* failed")  # the line is cut
    deck = raw_pdf(
        tmp_path / "talk.pdf", [pdf_text(f"Slide {n} of all", 60, 60) for n in range(1, SLIDES + 1)]
    )
    set_faults(place.account, SECOND_FAILS)
    page = visits.open(place.page_line.url)
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose a file").click()
    chooser.value.set_files(deck)
    page.get_by_role("link", name="AI Actions").click()
    place.account_line.hold(b"slide 3 ")
    started(page)
    in_the_middle(page)
    page.reload()
    in_the_middle(page)
    second = page.context.new_page()
    second.goto(page.url)
    in_the_middle(second)
    line_cut(place, page)
    for each in (page, second):
        expect(each.get_by_role("dialog").get_by_text("Partly completed")).to_be_visible()
        expect(each.get_by_role("dialog").get_by_text("3 of 4 done, 1 failed").first).to_be_visible()
    tried_again(place, page)
    assert_paid_once(place.account, SLIDES)
    cancelled(place, page)
    assert ledger(place.account)["paid"] == SLIDES + AT_ONCE


def started(page: Page) -> None:
    """The price is shown, and a cap that is too low starts nothing."""
    page.get_by_role("button", name="Generate All Avatar Videos").click()
    dialog = page.get_by_role("dialog")
    start = dialog.get_by_role("button", name="Make 4 slides for $")
    expect(start).to_be_enabled()
    cap = dialog.get_by_label("Spend at most (USD)")
    cap.fill("0.01")
    expect(dialog.get_by_text("Over your limit").first).to_be_visible()
    expect(start).to_be_disabled()
    cap.fill("")
    start.click()
    page.wait_for_url("**/batches/*")


def in_the_middle(page: Page) -> None:
    """One slide is being asked for, and the others have ended, one of them badly; the way back is never lost."""
    rows = rows_of(page)
    for place, status in enumerate(("Completed", "Failed", "Submitting", "Completed")):
        expect(rows.nth(place)).to_contain_text(status)
    expect(page.get_by_role("dialog").get_by_text("Running", exact=True)).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("2 of 4 done, 1 failed").first).to_be_visible()
    expect(page.get_by_role("button", name="Retry slide 2")).to_be_disabled()
    expect(page.get_by_role("dialog").get_by_text("Live", exact=True)).to_be_visible()


def line_cut(place: Place, page: Page) -> None:
    """Without the socket the page asks now and then, says so, and misses nothing; then it is live again."""
    dialog = page.get_by_role("dialog")
    place.page_line.cut()
    expect(dialog.get_by_text("Polling", exact=True)).to_be_visible()
    place.account_line.go_on()
    expect(rows_of(page).nth(2)).to_contain_text("Completed")
    expect(dialog.get_by_text("Polling", exact=True)).to_be_visible()
    place.page_line.mend()
    expect(dialog.get_by_text("Live", exact=True)).to_be_visible()


def tried_again(place: Place, page: Page) -> None:
    """What failed says why, and is made when it is asked for again: it alone."""
    expect(rows_of(page).nth(1)).to_contain_text("could not make this video")
    set_faults(place.account, {})
    before = page.url
    page.get_by_role("button", name="Retry failed (1)").click()
    page.wait_for_url(lambda url: url != before)
    expect(page.get_by_role("dialog").get_by_text("1 of 1 done").first).to_be_visible()
    slides = place.server.get(f"/api/presentations/{presentation_of(page)}")["slides"]
    assert [slide["avatarVideo"]["status"] for slide in slides] == ["completed"] * SLIDES


def cancelled(place: Place, page: Page) -> None:
    """What waits is not begun; what is being bought is brought to an end, and it is said what that may cost."""
    page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    page.get_by_role("button", name="Generate All Avatar Videos").click()
    page.get_by_label("Make existing ones anew, too").check()
    place.account_line.hold(b"slide ")
    page.get_by_role("button", name="Make 4 slides").click()
    expect(rows_of(page).filter(has_text="Submitting")).to_have_count(AT_ONCE)
    page.get_by_role("button", name="Stop the batch").click()
    asked = page.get_by_role("dialog", name="Stop this batch?")
    expect(asked).to_contain_text("may be charged")
    asked.get_by_role("button", name="Stop the batch").click()
    expect(page.get_by_text("2 slides are brought to their end, because they are paid for.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"Up to .* may still be charged"))).to_be_visible()
    expect(page.get_by_role("button", name="Stop the batch")).to_have_count(0)
    place.account_line.go_on()
    expect(page.get_by_role("dialog").get_by_text("Cancelled", exact=True).first).to_be_visible()
    expect(page.get_by_role("dialog").get_by_text("2 cancelled").first).to_be_visible()
    expect(rows_of(page).filter(has_text="Completed")).to_have_count(AT_ONCE)
