"""What `analyze`, `narrate` and `speak` show: a table that fits, and a sentence on what was done."""

from __future__ import annotations

import io
from collections import Counter
from types import SimpleNamespace

import pytest
from rich.console import Console

from deckcast.batches.models import BatchKind, Status
from deckcast.cli.words import _summary, _table

LONG = "Hello, and welcome to all of you. " * 20


def made(number: int, **more: object) -> SimpleNamespace:
    item = SimpleNamespace(number=number, error_code=None, error_message=None, estimated_s=20.0, warnings=[])
    values = {"analysis": None, "narrative": None, "speech": None, "audio": None, **more}
    return SimpleNamespace(item=item, slide=SimpleNamespace(title="A title"), **values)


def shown(kind: BatchKind, rows: list[SimpleNamespace], width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(_table(kind, rows, width))
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [50, 80, 200])
def test_a_long_narrative_is_cut_and_squeezes_nothing(width: int) -> None:
    narrative = SimpleNamespace(text=LONG, source="translated")
    head, row, silent = shown(BatchKind.ALL_NARRATIVES, [made(10, narrative=narrative), made(11)], width)
    assert head.split() == ["slide", "length", "from", "narrative"]
    assert row.startswith("   10    20 s  translated  Hello, and welcome")
    assert (len(row), row[-1]) == (width, "…")
    assert silent.split() == ["11", "(silent)"]


def test_a_file_is_named_in_full() -> None:
    speech = SimpleNamespace(duration_s=4.25, voice="espeak:en-us")
    path = "/a/folder/with/quite/a/long/name/that/does/not/fit/into/one/line/speech/01.wav"
    lines = shown(BatchKind.ALL_AUDIO, [made(1, speech=speech, audio=path)], 60)
    assert "".join(line[32:].strip() for line in lines[1:]).endswith("speech/01.wav")
    assert "…" not in "".join(lines)


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ({"completed": 8}, "8 slides analysed"),
        ({"completed": 1, "skipped": 7}, "1 slide analysed, 7 as they were"),
        ({"completed": 7, "skipped": 1}, "7 slides analysed, 1 as it was"),
        ({"skipped": 8}, "8 slides as before"),
        ({"completed": 6, "failed": 2}, "6 slides analysed, 2 failed"),
        ({"failed": 2}, "0 slides analysed, 2 failed"),
    ],
)
def test_what_was_done_in_a_sentence(statuses: dict[str, int], said: str) -> None:
    counts = Counter({Status(name): number for name, number in statuses.items()})
    progress = SimpleNamespace(kind=BatchKind.ALL_ANALYSES, cost_usd=0.0, count=lambda status: counts[status])
    assert _summary(progress, [made(1)]) == said
