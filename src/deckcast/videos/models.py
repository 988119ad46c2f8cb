"""Values of composing: where the presenter stands, what a clip and a film are made from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

FRAME_RATE = 25
SAMPLE_RATE = 48_000
WIDTH, HEIGHT = 1920, 1080


class Layout(StrEnum):
    """How slide and presenter share the picture. AUTO: the slide's emptiest corner, else BESIDE."""

    AUTO = "auto"
    CORNER = "corner"
    BESIDE = "beside"
    FULL = "full"
    NONE = "none"


class Shape(StrEnum):
    """The outline of the presenter's box; CUT_OUT is the presenter's own, from a transparent avatar video."""

    CIRCLE = "circle"
    ROUNDED = "rounded"
    SQUARE = "square"
    CUT_OUT = "cut_out"


class Size(StrEnum):
    """How large the presenter is asked to be; measures.py says it in px."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Corner(StrEnum):
    """A corner of the slide."""

    BOTTOM_RIGHT = "bottom_right"
    BOTTOM_LEFT = "bottom_left"
    TOP_RIGHT = "top_right"
    TOP_LEFT = "top_left"


class PixelBox(NamedTuple):
    """A rectangle in pixels of the 1920×1080 picture; all even numbers."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where slide and presenter stand. `presenter` is None where none is shown, `slide` None where the
    presenter fills the picture. `layout` is the resolved one (never AUTO)."""

    layout: Layout
    slide: PixelBox | None
    presenter: PixelBox | None
    shape: Shape = Shape.CIRCLE
    corner: Corner | None = None


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One slide clip: `pause_before_s` + speech + `pause_after_s`, rounded up to whole frames.

    `avatar_video` (None: no presenter) starts `avatar_lead_s` before the speech does; frames outside of
    the video are its first or last one held. `speech` None: silence of `silence_s`. `mark`: the language in which
    a mark in a corner says that a machine made it; None: no mark.
    """

    slide_image: Path | None
    placement: Placement
    avatar_video: Path | None
    speech: Path | None
    avatar_lead_s: float = 0.0
    silence_s: float = 0.0
    pause_before_s: float = 0.4
    pause_after_s: float = 0.6
    background: str = "#FFFFFF"
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """A composed slide clip: its file, exact length in frames, and length of the speech in it."""

    path: Path
    frames: int
    speech_duration_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds: frames / 25."""
        return self.frames / FRAME_RATE


@dataclass(frozen=True, slots=True)
class FilmPart:
    """What the film takes of one slide: the clip's picture, and the speech (not the clip's sound)."""

    clip: Path
    frames: int
    speech: Path | None
    pause_before_s: float
    title: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption: one or two lines shown from start to end, in seconds of the film."""

    start_s: float
    end_s: float
    text: str
