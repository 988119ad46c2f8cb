"""The options of the commands: what they are called, what they take."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deckcast.narration import models as narration


class LayoutChoice(StrEnum):
    """How slide and presenter share the picture."""

    AUTO = "auto"
    CORNER = "corner"
    BESIDE = "beside"
    FULL = "full"
    NONE = "none"


class CornerChoice(StrEnum):
    """A corner of the slide."""

    BOTTOM_RIGHT = "bottom-right"
    BOTTOM_LEFT = "bottom-left"
    TOP_RIGHT = "top-right"
    TOP_LEFT = "top-left"


class SizeChoice(StrEnum):
    """How large the presenter is."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class ShapeChoice(StrEnum):
    """The outline of the presenter in a corner."""

    CIRCLE = "circle"
    ROUNDED = "rounded"
    SQUARE = "square"


class EngineChoice(StrEnum):
    """Who speaks."""

    ESPEAK = "espeak"
    PIPER = "piper"
    OPENAI = "openai"
    ELEVENLABS = "elevenlabs"
    AZURE = "azure"


class SimulatedChoice(StrEnum):
    """What can be imitated."""

    HEYGEN = "heygen"
    LLM = "llm"
    OPENAI_SPEECH = "openai-speech"
    ELEVENLABS = "elevenlabs"
    AZURE_SPEECH = "azure-speech"


Deck = Annotated[
    Path, typer.Argument(help="A .pptx .pptm .ppsx .potx .ppt .odp or .pdf file.", metavar="DECK")
]
Provider = Annotated[str | None, typer.Option("--provider", help="Who draws the presenter.", metavar="NAME")]
Slides = Annotated[
    str | None, typer.Option("--slides", help="Only these slides, such as 1,3-5.", metavar="LIST")
]
MaxCost = Annotated[
    float | None,
    typer.Option("--max-cost", help="Start nothing that would cost more than this.", metavar="USD", min=0),
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        help='The language of the narratives; a model translates into it. Default, and "auto": the slides\' own.',
        metavar="TAG",
    ),
]
Approach = Annotated[
    narration.Approach | None,
    typer.Option(
        "--approach",
        help="Speaker notes are spoken as they are (notes), polished by a model (polish), or only known to it "
        "(anew).",
        metavar="APPROACH",
    ),
]
Style = Annotated[
    narration.Style | None,
    typer.Option(
        "--style", help="How a language model writes: business, lively, wry or teaching.", metavar="STYLE"
    ),
]
OverwriteEdits = Annotated[
    bool, typer.Option("--overwrite-edits", help="Write also over narratives that you have edited.")
]
VoiceId = Annotated[
    str | None, typer.Option("--voice", help='The voice; see `deckcast voices`, or "auto".', metavar="ID")
]
Engine = Annotated[
    EngineChoice | None,
    typer.Option(
        "--engine", help="Only those of espeak, piper, openai, elevenlabs or azure.", metavar="NAME"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on the last line of stdout.")]
Simulated = Annotated[
    SimulatedChoice,
    typer.Argument(
        help="What to imitate: heygen, llm, openai-speech, elevenlabs, azure-speech.", metavar="NAME"
    ),
]
