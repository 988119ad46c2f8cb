"""What a narrative is, what is asked of it, and what stands around it, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Source = Literal["notes", "polished", "translated", "written", "outline", "edited", "none"]
"""Where a narrative's words come from: the notes as they are, the notes polished or translated by a model, written by
a model, our outline of the slide, a person's edit; "none" is a slide with nothing to say."""


class Approach(StrEnum):
    """What becomes of speaker notes. Where a slide has none, a model writes, or else the outline speaks."""

    NOTES = "notes"  # they are spoken as they are
    POLISH = "polish"  # a model makes them read well and keeps what they say
    ANEW = "anew"  # a model writes from the slide; notes are only what it may know


class Style(StrEnum):
    """How a model writes."""

    BUSINESS = "business"
    LIVELY = "lively"
    WRY = "wry"
    TEACHING = "teaching"


@dataclass(frozen=True, slots=True)
class Wish:
    """How narratives are to be. `language` is a BCP 47 tag: another one than the slide's means a translation."""

    approach: Approach = Approach.NOTES
    style: Style = Style.BUSINESS
    language: str = ""
    words_per_minute: int = 165


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands before and after a slide: titles, and the narrative before it where it is known."""

    previous_title: str = ""
    previous_text: str = ""
    next_title: str = ""


@dataclass(frozen=True, slots=True)
class Narrative:
    """The words to be spoken for a slide, with their marks (kit.marks); `warnings` are (stable code, sentence)."""

    text: str
    language: str
    source: Source
    warnings: tuple[tuple[str, str], ...] = ()
