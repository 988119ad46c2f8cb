"""The browser that the stories are told in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from conftest import missing
from deckcast.api.page import FOLDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from browsing import Visits


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium of its own for each file: what drives it holds this thread's event loop until it is closed."""
    try:
        from browsing import CHROMIUM, chromium
    except ImportError:
        missing("Playwright is not installed: run the set-up with --tests")
        return
    if CHROMIUM is None:
        missing("Chromium is not installed: apt-get install chromium")
    if not (FOLDER / "index.html").is_file():
        missing("the page is not built: scripts/web.sh")
    with chromium() as browser:
        yield browser


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Pages that may not complain of anything."""
    from browsing import Visits

    visits = Visits(browser)
    yield visits
    visits.end()
