"""A whole presentation's work in one call each, for a child process: placing all slides, writing the film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deckcast.kit.errors import WorkError
from deckcast.kit.timing import SpeechTimings
from deckcast.videos.captions import cues, write_srt, write_vtt
from deckcast.videos.film import join_film
from deckcast.videos.layout import place_deck
from deckcast.videos.mark import WORDS
from deckcast.videos.models import FRAME_RATE, Corner, Cue, FilmPart, Layout, Placement, Shape, Size
from deckcast.videos.poster import write_poster
from deckcast.videos.still import load_picture

ContentBoxes = tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class SpokenPart:
    """A film part with its words: the narrative's text and its timings (None: nothing is said)."""

    part: FilmPart
    text: str
    timings: SpeechTimings | None


def place_slides(
    slides: Sequence[tuple[ContentBoxes, Path | None]],
    layout: Layout,
    corner: Corner | None,
    shape: Shape,
    size: Size | None = None,
) -> tuple[Placement, ...]:
    """Where the presenter stands on each slide; pictures are loaded one at a time."""

    def seen() -> Iterator[tuple[ContentBoxes, NDArray[np.uint8] | None]]:
        for boxes, path in slides:
            yield boxes, _small(path) if path is not None and layout in (Layout.AUTO, Layout.CORNER) else None

    return place_deck(seen(), layout, corner, shape, size)


def _small(path: Path) -> NDArray[np.uint8] | None:
    """Half the size is enough to see where a slide is empty; a broken picture fails its own slide later."""
    try:
        return np.asarray(load_picture(path).reduce(2))
    except WorkError:
        return None


def write_film(
    parts: Sequence[SpokenPart], title: str, folder: Path, language: str = "", mark: str | None = None
) -> int:
    """Write film.mp4, film.srt, film.vtt and poster.jpg into `folder`; returns the film's length in frames.

    `language` is the words' BCP 47 tag; `mark` is the language of the clips' mark, which the file then has as its
    comment, too. Raises WorkError as `join_film` does.
    """
    captions = film_cues(parts)
    write_srt(captions, folder / "film.srt")
    write_vtt(captions, folder / "film.vtt")
    comment = WORDS[mark] if mark is not None else ""
    film = join_film([part.part for part in parts], folder / "film.mp4", captions, title, language, comment)
    write_poster(folder / "film.mp4", folder / "poster.jpg")
    return film.frames


def film_cues(parts: Sequence[SpokenPart]) -> list[Cue]:
    """The film's captions: each slide's words, moved to where its clip stands."""
    captions: list[Cue] = []
    frame = 0
    for spoken in parts:
        end = frame + spoken.part.frames
        if spoken.timings is not None:
            start_s = frame / FRAME_RATE + spoken.part.pause_before_s
            captions += cues(spoken.text, spoken.timings.words, start_s, end / FRAME_RATE)
        frame = end
    return captions
