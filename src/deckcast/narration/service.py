"""Narratives without a language model: the speaker's notes, else an honest account of the slide."""

from __future__ import annotations

import re

from deckcast.kit.slides import SlideContent
from deckcast.narration.models import Narrative
from deckcast.narration.notes import spoken_notes
from deckcast.narration.outline import outline
from deckcast.narration.phrases import phrases

NARRATION_VERSION = "outline/2"
"""Part of a narrative's fingerprint: changes when the same slide would be narrated in other words."""

LONG_CHARS = 1500
LONG_S = 120.0

_SENTENCE_PAUSE_S = 0.36
_CHARS_PER_S = {"zh": 4.0, "yue": 4.0, "ja": 4.5, "ko": 5.0, "th": 8.0, "ar": 9.0, "he": 10.0, "hi": 11.0}
_USUAL_CHARS_PER_S = 13.8


def narrate(slide: SlideContent) -> Narrative:
    """What is said on a slide. Notes win; else title, points, tables, charts and pictures as sentences.

    Warnings: `no_narration` (text is empty, source "none"), `text_too_long`.
    """
    table = phrases(slide.language)
    text = spoken_notes(slide.notes, table)
    if text:
        return Narrative(text, slide.language, "notes", _length_warnings(text, slide.language))
    text = outline(slide, table)
    if text:
        return Narrative(text, slide.language, "outline", _length_warnings(text, slide.language))
    message = "The slide has no notes and no text to speak; it is shown silently."
    return Narrative("", slide.language, "none", (("no_narration", message),))


def estimate_s(text: str, language: str) -> float:
    """About how long a text takes to speak at the usual speed, in seconds (± 25 %)."""
    heard = [character for character in text if not character.isspace()]
    if not heard:
        return 0.0
    code = language.lower().replace("_", "-").split("-")[0]
    dense = sum(1 for character in heard if _is_dense(character))
    plain = len(text) - dense
    rate = _CHARS_PER_S.get(code, _USUAL_CHARS_PER_S)
    ends = len(re.findall(r"[.!?…]+(?=\s+\S)|[。！？।]+(?=.)", text))
    return round(dense / min(rate, 5.0) + plain / max(rate, 8.0) + ends * _SENTENCE_PAUSE_S, 1)


def _is_dense(character: str) -> bool:
    """Han, kana and Hangul: each sign is a syllable or more."""
    code = ord(character)
    return 0x3040 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0x20000 <= code <= 0x3FFFF


def _length_warnings(text: str, language: str) -> tuple[tuple[str, str], ...]:
    seconds = estimate_s(text, language)
    if len(text) <= LONG_CHARS and seconds <= LONG_S:
        return ()
    minutes = max(1.0, seconds / 60)
    message = (
        f"The narrative is long ({len(text)} characters, about {minutes:.1f} minutes); "
        "shorter notes or more slides hold attention better."
    )
    return (("text_too_long", message),)
