"""Whether what a speech service sent is the whole speech: a file of sound, about as long as the text takes."""

from __future__ import annotations

from pathlib import Path

import av

_FASTEST_CHARS_PER_S = 25.0  # letters and spaces; people and engines say 14 to 19 of them in a second
_NATURAL_WPM = 165
_SYLLABLE_LETTERS = 3  # a Han, kana or Hangul letter takes as long as about three Latin ones
_SHORTEST_JUDGED = 40.0
_OPTIONS = {"protocol_whitelist": "file"}


def heard_s(audio: Path) -> float:
    """How many seconds of sound a file really holds, 0 where it holds none. Blocks, run it in a child process."""
    samples, rate = 0, 0
    try:
        with av.open(f"file:{audio.resolve()}", options=dict(_OPTIONS)) as container:
            for frame in container.decode(audio=0):
                samples, rate = samples + frame.samples, frame.sample_rate
    except (av.FFmpegError, OSError, ValueError, IndexError):
        return 0.0
    return samples / rate if rate else 0.0


def is_whole(duration_s: float, said: str, words_per_minute: int) -> bool:
    """Whether a sound of this length can be the whole text: nobody speaks faster."""
    if duration_s <= 0:
        return False
    weight = sum(_weight(letter) for letter in said)
    pace = max(1.0, words_per_minute / _NATURAL_WPM)
    return weight < _SHORTEST_JUDGED or weight / duration_s <= _FASTEST_CHARS_PER_S * pace


def _weight(letter: str) -> float:
    if not (letter.isalnum() or letter == " "):
        return 0.0
    return _SYLLABLE_LETTERS if "\u2e80" <= letter <= "\ud7a3" or letter >= "\U00020000" else 1.0
