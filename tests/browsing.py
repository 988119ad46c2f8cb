"""A real Chromium for tests, and pages in it that complain where something goes wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",  # Chromium's own cannot be had by root; what is opened is the page under test alone
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--mute-audio",
]
HANGS_MS = 120_000  # nothing that is waited for takes so long


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, with nothing of an earlier run in it and no way to any other machine."""
    expect.set_options(timeout=HANGS_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visits:
    """Opens pages, each as a person of its own, and keeps what they complain of: errors in the console, exceptions,
    what the Content-Security-Policy refused, and requests that leave the machine."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._expected: list[str] = []
        self.complaints: list[str] = []

    def open(self, address: str, *, size: tuple[int, int] = (1440, 900), **person: object) -> Page:
        """A page at an address; `person` is what Playwright calls the options of a context."""
        context = self._browser.new_context(
            **{"viewport": {"width": size[0], "height": size[1]}, "locale": "en-GB", **person}  # type: ignore[arg-type]
        )
        context.set_default_timeout(HANGS_MS)
        context.on("page", self._listen)
        page = context.new_page()
        page.goto(address)
        return page

    def expect(self, complaint: str) -> None:
        """From now on, complaints that this pattern is found in are part of the story."""
        self._expected.append(complaint)

    def end(self) -> None:
        """Close all pages, and fail where one had something to complain of."""
        for context in self._browser.contexts:
            context.close()
        complaints = [
            each for each in self.complaints if not any(re.search(known, each) for known in self._expected)
        ]
        assert not complaints, complaints

    def _listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))
        page.on("request", self._request)
        page.on("filechooser", lambda _: None)  # else one that opens at once may not be noticed

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.complaints.append(f"leaves the machine: {request.url}")


def drop(page: Page, file: Path) -> None:
    """Drag a file over the page and let it go there."""
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data})
    session.detach()


def presentation_of(page: Page) -> str:
    """The id of the presentation that a page shows."""
    found = re.search(r"/presentations/(pre_\w+)", page.url)
    assert found, page.url
    return found[1]


def rows_of(page: Page) -> Locator:
    """The rows of the batch dialog that is open, one for each slide."""
    return page.get_by_role("dialog").get_by_role("list", name="Slides").get_by_role("listitem")


def plays(player: Locator) -> None:
    """A sound or a film that was begun gets on."""
    handle = player.element_handle()
    player.page.wait_for_function("player => player.currentTime > 0.2 && !player.error", arg=handle)
