"""What is said while work goes on: names of voices and decks are words, never markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from deckcast.cli.display import LiveDisplay, PlainDisplay, _eta_words


@pytest.mark.parametrize("kind", [LiveDisplay, PlainDisplay])
def test_a_voice_may_have_any_name(kind: type[LiveDisplay] | type[PlainDisplay]) -> None:
    console = Console(file=io.StringIO(), width=80)
    display = kind(console)
    display.close()
    display.say("Voice: Rachel [calm] [/].")
    assert isinstance(console.file, io.StringIO)
    assert "Voice: Rachel [calm] [/]." in console.file.getvalue()


@pytest.mark.parametrize(
    ("eta", "words"),
    [
        (None, "60 s gone"),
        ((1.0, 4.0), "60 s gone, almost there"),
        ((30.4, 80.0), "60 s gone, 30 s to 80 s left"),
        ((100.0, 600.0), "60 s gone, 2 min to 10 min left"),
    ],
)
def test_the_time_left_is_a_range_and_hidden_until_it_can_be_trusted(
    eta: tuple[float, float] | None, words: str
) -> None:
    assert _eta_words(eta, 60.0) == words
