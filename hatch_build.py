"""A wheel holds the page: where it was not built, neither is the wheel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("src", "deckcast", "web_page", "index.html")


class PageIsThere(BuildHookInterface[Any]):
    """Looks for the page before a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by the build; `version` is "editable" for an install that runs from the sources."""
        check_page(Path(self.root), version)


def check_page(root: Path, version: str) -> None:
    """Raises RuntimeError where a wheel would lack the page. An editable install may: it is built later."""
    if version != "editable" and not (root / PAGE).is_file():
        raise RuntimeError(f"{PAGE} is not there. Build the page first: scripts/web.sh")
