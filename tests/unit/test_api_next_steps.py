"""A client of the API is never told to use a flag or a command of the command line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from deckcast.api.next_steps import NEXT_STEPS, next_step_of
from deckcast.kit.errors import CallError

SOURCES = Path(__file__).parents[2] / "src" / "deckcast"
REACHED = ("batches", "speech", "avatars", "narration", "analysis", "publishing", "people", "kit", "api")
AT_START = {"worker_running", "address_unusable"}  # nobody calls a server that does not start
OF_COMMANDS = re.compile(r"(^|[\s(`])--[a-z]|`deckcast (?!doctor|converter|db)|: deckcast pronounce")


def steps() -> Iterator[tuple[str, str]]:
    """Code and next step of every error that is raised where the API may answer with it."""
    for package in REACHED:
        for path in sorted((SOURCES / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not node.args:
                    continue
                code = getattr(node.args[0], "value", None)
                said = [ast.unparse(each.value) for each in node.keywords if each.arg == "next_step"]
                if isinstance(code, str) and said:
                    yield code, said[0].strip("f'\"")


def test_whatever_names_a_flag_has_words_for_clients() -> None:
    of_commands = {code for code, said in steps() if OF_COMMANDS.search(said)}
    assert len(of_commands) > 10
    assert of_commands - NEXT_STEPS.keys() == AT_START


def test_the_words_for_clients_name_none() -> None:
    assert [said for said in NEXT_STEPS.values() if OF_COMMANDS.search(said)] == []
    assert NEXT_STEPS.keys() <= {code for code, _ in steps()}


def test_other_errors_say_what_they_say() -> None:
    assert next_step_of(CallError("over_cap", "Too much.", next_step="--max-cost")) == NEXT_STEPS["over_cap"]
    assert next_step_of(CallError("x", "X.", next_step="Wait.")) == "Wait."
    assert next_step_of(CallError("x", "X.")) is None
