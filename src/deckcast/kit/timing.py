"""Word and mouth timings: what speech engines give and the presenter, captions and tests take.

All times are seconds from the start of the audio file, as floats.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Viseme(StrEnum):
    """The fifteen mouth shapes (the set of the Oculus lip-sync SDK, widely used in the field)."""

    SIL = "sil"  # rest, mouth closed
    PP = "PP"  # p b m: lips pressed
    FF = "FF"  # f v: lower lip under upper teeth
    TH = "TH"  # th: tongue between the teeth
    DD = "DD"  # t d
    KK = "kk"  # k g
    CH = "CH"  # ch j sh
    SS = "SS"  # s z
    NN = "nn"  # n l
    RR = "RR"  # r
    AA = "aa"  # f*a*ther
    E = "E"  # b*e*d
    IH = "ih"  # s*i*t, s*ee*
    OH = "oh"  # g*o*
    OU = "ou"  # t*oo*


@dataclass(frozen=True, slots=True)
class WordTiming:
    """One spoken word. `offset` and `length` are characters in the narrative's text."""

    text: str
    start_s: float
    end_s: float
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class VisemeTiming:
    """One mouth shape held from start to end; `stressed` marks the vowel of a stressed syllable."""

    viseme: Viseme
    start_s: float
    end_s: float
    stressed: bool = False


@dataclass(frozen=True, slots=True)
class SpeechTimings:
    """Everything known about when what is said. Visemes cover the audio without gaps or overlaps."""

    duration_s: float
    words: tuple[WordTiming, ...] = ()
    visemes: tuple[VisemeTiming, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a JSON column or file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SpeechTimings:
        """The inverse of `to_json`."""
        return cls(
            duration_s=float(data["duration_s"]),
            words=tuple(WordTiming(**word) for word in data["words"]),
            visemes=tuple(
                VisemeTiming(Viseme(item["viseme"]), item["start_s"], item["end_s"], item["stressed"])
                for item in data["visemes"]
            ),
        )
