"""Captions as a track of the film that a player can switch on (mov_text)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import av
from av.container import OutputContainer

from deckcast.videos.direction import directed
from deckcast.videos.models import Cue

_MILLISECOND = Fraction(1, 1000)
_THREE_LETTERS = {
    "ar": "ara", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "da": "dan", "de": "deu", "el": "ell",
    "en": "eng", "es": "spa", "et": "est", "fa": "fas", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin",
    "hr": "hrv", "hu": "hun", "id": "ind", "it": "ita", "ja": "jpn", "ko": "kor", "lt": "lit", "lv": "lav",
    "ms": "msa", "nb": "nob", "nl": "nld", "no": "nor", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus",
    "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe", "sw": "swa", "ta": "tam", "th": "tha", "tr": "tur",
    "uk": "ukr", "ur": "urd", "vi": "vie", "zh": "zho",
}  # fmt: skip


def track_language(language: str) -> str:
    """What an MP4 track calls a BCP 47 language: `de-CH` → `deu`; `und` where it is not known."""
    return _THREE_LETTERS.get(language.split("-")[0].lower(), "und")


class SoftCaptions:
    """Writes cues as their time comes, with an empty sample for every gap, as the format asks."""

    def __init__(self, container: OutputContainer, cues: Sequence[Cue], language: str) -> None:
        self._container = container
        self._cues = sorted(cues, key=lambda cue: cue.start_s)
        self._stream = container.add_mux_stream("mov_text")
        self._stream.metadata["language"] = track_language(language)
        self._next = 0
        self._written_ms = 0

    def write_until(self, time_s: float) -> None:
        """Write every cue that starts before a time of the film."""
        while self._next < len(self._cues) and self._cues[self._next].start_s < time_s:
            cue = self._cues[self._next]
            self._next += 1
            self._gap(round(cue.start_s * 1000))
            text = directed(cue.text).encode()
            self._sample(len(text).to_bytes(2, "big") + text, round(cue.end_s * 1000))

    def close(self, end_s: float) -> None:
        """Fill the rest of the film."""
        self._gap(round(end_s * 1000))

    def _gap(self, until_ms: int) -> None:
        self._sample(b"\0\0", until_ms)

    def _sample(self, data: bytes, until_ms: int) -> None:
        if until_ms <= self._written_ms:
            return
        packet = av.Packet(data)
        packet.stream = self._stream
        packet.time_base = _MILLISECOND
        packet.pts = packet.dts = self._written_ms
        packet.duration = until_ms - self._written_ms
        self._written_ms = until_ms
        self._container.mux(packet)
