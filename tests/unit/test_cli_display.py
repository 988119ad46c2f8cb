"""What is said while work goes on: names of voices and decks are words, never markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from deckcast.cli.display import LiveDisplay, PlainDisplay


@pytest.mark.parametrize("kind", [LiveDisplay, PlainDisplay])
def test_a_voice_may_have_any_name(kind: type[LiveDisplay] | type[PlainDisplay]) -> None:
    console = Console(file=io.StringIO(), width=80)
    display = kind(console)
    display.close()
    display.say("Voice: Rachel [calm] [/].")
    assert isinstance(console.file, io.StringIO)
    assert "Voice: Rachel [calm] [/]." in console.file.getvalue()
