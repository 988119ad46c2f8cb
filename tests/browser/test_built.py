"""What was built: how much of it has to come before anything is seen (each page is weighed where it is looked at), and
what it may do."""

from __future__ import annotations

import gzip
import re

from conftest import missing
from deckcast.api.page import FOLDER, content_policy
from deckcast.kit.settings import Settings

MOST_BYTES = 200_000  # of JavaScript, as it travels


def built(name: str) -> str:
    if not (FOLDER / name).is_file():
        missing("the page is not built: scripts/web.sh")
    return (FOLDER / name).read_text()


def needed(script: str) -> set[str]:
    """A script, and all that it imports before it runs."""
    found: set[str] = set()
    todo = [script]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            parts = re.findall(r"""\b(?:from|import)\s*["']\./([\w.-]+\.js)["']""", built(f"assets/{name}"))
            todo += parts
    return found


def travels_bytes(scripts: set[str]) -> int:
    """Their size with gzip."""
    return sum(len(gzip.compress((FOLDER / "assets" / name).read_bytes(), 6)) for name in scripts)


def first_scripts() -> set[str]:
    """What index.html loads from assets/, with all that this imports."""
    loaded = re.findall(r'(?:src|href)="/assets/([\w.-]+\.js)"', built("index.html"))
    assert loaded
    return set().union(*map(needed, loaded))


def languages() -> list[str]:
    """The scripts with the words of a language; one of them is loaded before anything is shown."""
    return [file.name for file in FOLDER.glob("assets/*.js") if re.match("[a-z]{2}-", file.name)]


def test_the_first_page_comes_with_little_javascript() -> None:
    first = first_scripts()
    sizes = {name: travels_bytes(first | {name}) for name in languages()}
    assert len(sizes) > 1
    assert {name: size for name, size in sizes.items() if size >= MOST_BYTES} == {}
    assert min(sizes.values()) > 50_000  # it was the page that was weighed


def test_the_page_runs_no_script_that_stands_in_it() -> None:
    directives = dict(each.split(" ", 1) for each in content_policy(Settings()).split("; "))
    assert directives["script-src"] == "'self'"
    assert directives["object-src"] == "'none'"
    page = built("index.html")
    assert [each for each in re.findall(r"<script\b([^>]*)>", page) if "src=" not in each] == []
    assert re.findall(r"\son\w+=|javascript:", page) == []
