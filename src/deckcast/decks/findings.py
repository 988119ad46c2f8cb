"""What the locked-in reader finds in a deck, before it is finished."""

from __future__ import annotations

from dataclasses import dataclass, field

from deckcast.decks.models import Box, Slide


@dataclass(frozen=True, slots=True)
class ReadSlide:
    """A slide without its picture, with what is needed to finish it: `frames` are the places of plain text,
    to be narrowed to the drawn letters; `furniture` those of dates and
    slide numbers, which the presenter may cover; `fonts` are the fonts its text asks for; `language_tags` the
    languages that the author's program noted, with how many characters each covers."""

    slide: Slide
    frames: tuple[Box, ...] = ()
    furniture: tuple[Box, ...] = ()
    fonts: tuple[str, ...] = ()
    language_tags: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadDeck:
    """The slides of a deck, what its author called it, and who that is (empty where nothing was said)."""

    title: str
    slides: tuple[ReadSlide, ...]
    author: str = ""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One page's picture (a file name, or None and why not), and where its letters stand."""

    image: str | None
    reason: str = ""
    words: tuple[Box, ...] = ()
