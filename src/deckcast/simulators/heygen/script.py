"""When each word of a script is heard in a simulated video, and the captions that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WORDS_PER_CUE = 8
_EDGE_S = 0.2  # before the first word and after the last one
_PAUSES = {".": 9.0, "!": 9.0, "?": 9.0, ",": 3.0, ";": 3.0, ":": 3.0}  # in letters


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word as it is written, and when it is heard, in seconds."""

    text: str
    start_s: float
    end_s: float


def spoken_words(script: str, duration_s: float) -> tuple[SpokenWord, ...]:
    """The script's words over the whole video: longer words last longer, and pauses follow sentences."""
    words = script.split()
    pauses = [_PAUSES.get(word[-1], 0.5) for word in words[:-1]] + [0.0] * bool(words)
    lasting = [len(word) + 2.0 for word in words]
    edge_s = min(_EDGE_S, duration_s / 10)
    letter_s = (duration_s - 2 * edge_s) / max(1.0, sum(lasting) + sum(pauses))
    spoken, at = [], edge_s
    for word, letters, pause in zip(words, lasting, pauses, strict=True):
        spoken.append(SpokenWord(word, at, at + letters * letter_s))
        at += (letters + pause) * letter_s
    return tuple(spoken)


def srt_of(words: Sequence[SpokenWord]) -> str:
    """The words as SRT: cues of at most eight words that end with their sentence."""
    cues: list[list[SpokenWord]] = [[]]
    for word in words:
        if len(cues[-1]) == WORDS_PER_CUE or (cues[-1] and cues[-1][-1].text[-1] in ".!?"):
            cues.append([])
        cues[-1].append(word)
    return "\n".join(
        f"{number}\n{_clock(cue[0].start_s)} --> {_clock(cue[-1].end_s)}\n"
        f"{' '.join(word.text for word in cue)}\n"
        for number, cue in enumerate(cues, 1)
        if cue
    )


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02}:{whole // 60000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"
