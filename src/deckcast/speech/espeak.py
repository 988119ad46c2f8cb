"""The built-in engine: espeak-ng, offline, 120 languages, with exact phoneme times for the lips."""

from __future__ import annotations

from pathlib import Path

from deckcast.kit.children import run_in_child
from deckcast.kit.marks import parse
from deckcast.speech import espeak_voices
from deckcast.speech.espeak_library import SAMPLE_RATE
from deckcast.speech.espeak_reading import read_aloud
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource, Voice
from deckcast.speech.script import lines
from deckcast.speech.track import Track

VERSION = "espeak-ng-1.52/2"
CAPABILITIES = SpeechCapabilities(offline=True, timing=TimingSource.PHONEMES, emphasis=True)


class EspeakEngine:
    """espeak-ng behind the speech port. Its state is global, so every speech is made in a child of its own."""

    name = espeak_voices.PREFIX
    version = VERSION
    capabilities = CAPABILITIES

    async def voices(self) -> tuple[Voice, ...]:
        """A man's and a woman's voice per language."""
        return espeak_voices.voices()

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The voice for a BCP 47 tag and, if wished, "female" or "male"; CallError `language_not_spoken`."""
        return espeak_voices.default_voice(language, gender)

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a 48 kHz WAV file; raises as `speak`."""
        return await run_in_child(speak, request, out)

    async def close(self) -> None:
        """There is nothing to close."""


def speak(request: SpeechRequest, out: Path) -> Speech:
    """Speak to a 48 kHz WAV file; blocks.

    Raises CallError `unknown_voice`, WorkError `nothing_to_say` (no letter or number in the text) or
    `speech_failed`.
    """
    espeak_voices.parts(request.voice)
    track = Track(SAMPLE_RATE)
    pause_s = 0.0
    for line in lines(request, CAPABILITIES):
        pace = request.words_per_minute
        read_aloud(track, line.said, line.source, request.voice, pace, pause_s, line.emphases)
        pause_s = line.pause_s
    return track.finished(parse(request.text).text, out)
