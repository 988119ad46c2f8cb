"""Every code that a person can meet stands in docs/errors.md, and no other does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "errors.md").read_text(encoding="utf-8")
RAISED = {
    "DeckcastError", "InputError", "CallError", "DeckError", "MachineError", "WorkError", "SubmissionRefused",
    "AnswerLost", "Failed",
}  # fmt: skip
WARNED = {"Warning"}
ASSIGNED = {"CODE"}
CODE = re.compile(r"[a-z]+(_[a-z]+)*")


def codes_in(path: Path, kinds: set[str]) -> set[str]:
    """Constant first arguments of calls of these names, and constants named CODE."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        value: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
            value = node.args[0] if node.args else None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value if node.targets[0].id in ASSIGNED else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and CODE.fullmatch(value.value):
            found.add(value.value)
    return found


def codes_of_source(kinds: set[str]) -> set[str]:
    return set().union(*(codes_in(path, kinds) for path in sorted((HOUSE / "src").rglob("*.py"))))


def codes_of_page(page: str) -> set[str]:
    """The codes in the first column of a page's tables."""
    rows = re.findall(r"^\| (`[^|]*) \|", page, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_error_of_the_source_is_explained() -> None:
    raised = codes_of_source(RAISED)
    assert len(raised) > 50
    assert raised - codes_of_page(PAGE) == set()


def test_no_error_is_explained_that_does_not_exist() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((HOUSE / "src").rglob("*.py")))
    assert {code for code in codes_of_page(PAGE) if f'"{code}"' not in source} == set()


def test_every_warning_is_explained() -> None:
    decks = (HOUSE / "docs" / "decks.md").read_text(encoding="utf-8")
    assert codes_of_source(WARNED) - codes_of_page(decks) - codes_of_page(PAGE) == set()
