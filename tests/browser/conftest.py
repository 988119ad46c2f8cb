"""The browser that the stories are told in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browsing import CHROMIUM, Visits, chromium
from conftest import missing
from deckcast.api.page import FOLDER


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of its own for each file: what drives it holds this thread's event loop until it is closed."""
    if CHROMIUM is None:
        missing("Chromium is not installed: apt-get install chromium")
    if not (FOLDER / "index.html").is_file():
        missing("the page is not built: scripts/web.sh")
    with chromium() as browser:
        yield browser


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Pages that may not complain of anything."""
    visits = Visits(browser)
    yield visits
    visits.end()
