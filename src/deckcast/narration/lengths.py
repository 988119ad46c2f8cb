"""How long a narrative takes, and how long it should: in seconds, and in words at the speed asked for."""

from __future__ import annotations

import re

from deckcast.kit.marks import parse
from deckcast.kit.slides import SlideAnalysis, SlideContent, SlideKind
from deckcast.narration.languages import primary
from deckcast.narration.models import Approach, Wish

LONG_CHARS = 1500
LONG_S = 120.0
LONG_WORDS = 300

USUAL_WORDS_PER_MINUTE = 165
_SENTENCE_PAUSE_S = 0.36
_CHARS_PER_S = {"zh": 4.0, "ja": 4.5, "ko": 5.0, "th": 8.0, "ar": 9.0, "he": 10.0, "hi": 11.0}
_USUAL_CHARS_PER_S = 13.8
_SIGNS_PER_WORD = {"zh": 1.6, "ja": 2.0, "ko": 2.2, "th": 3.0, "lo": 3.0, "km": 3.0, "my": 3.0}
"""Of languages without spaces between words, how many signs are heard in the time of an English word; Korean has
spaces, but its words are longer."""

_KIND_S = {
    SlideKind.TITLE: 12.0,
    SlideKind.AGENDA: 20.0,
    SlideKind.SECTION: 8.0,
    SlideKind.CONTENT: 32.0,
    SlideKind.CHART: 36.0,
    SlideKind.TABLE: 38.0,
    SlideKind.PICTURE: 24.0,
    SlideKind.QUOTE: 18.0,
    SlideKind.CLOSING: 11.0,
}
_SHORTEST_S, _LONGEST_S = 5.0, 75.0
_USUAL_SLIDE_WORDS = 40


def estimate_s(text: str, language: str, words_per_minute: int = USUAL_WORDS_PER_MINUTE) -> float:
    """About how long a narrative takes to speak, in seconds (± 25 %); marks count as what they are."""
    marked = parse(text)
    plain = marked.text
    if not any(not character.isspace() for character in plain):
        return 0.0
    dense = sum(1 for character in plain if _is_dense(character))
    rate = _CHARS_PER_S.get(primary(language), _USUAL_CHARS_PER_S)
    ends = len(re.findall(r"[.!?…]+(?=\s+\S)|[。！？।]+(?=.)", plain))
    words_s = dense / min(rate, 5.0) + (len(plain) - dense) / max(rate, 8.0)
    pauses_s = sum(pause.seconds for pause in marked.pauses)
    speed = words_per_minute / USUAL_WORDS_PER_MINUTE
    return round(words_s / speed + ends * _SENTENCE_PAUSE_S + pauses_s, 1)


def word_count(text: str, language: str) -> int:
    """How many words are heard; in languages without spaces, as many as English would need the time for."""
    plain = parse(text).text
    signs = _SIGNS_PER_WORD.get(primary(language))
    if signs is None:
        dense = sum(1 for character in plain if _is_dense(character))
        spaced = "".join(" " if _is_dense(character) else character for character in plain)
        return round(dense / 1.6) + sum(1 for word in spaced.split() if any(c.isalnum() for c in word))
    return round(sum(1 for character in plain if character.isalnum()) / signs)


def signs_per_word(language: str) -> float | None:
    """How many signs stand for a word where a language's length is better counted in signs."""
    return _SIGNS_PER_WORD.get(primary(language))


def target_s(slide: SlideContent, analysis: SlideAnalysis | None, wish: Wish) -> float:
    """How long a slide's narrative should be, in seconds: by what the slide is for, its weight, how much stands
    on it and, where notes are spoken, polished or translated, the length of the notes."""
    from_notes = slide.notes.strip() and wish.approach is not Approach.ANEW
    if from_notes:
        return max(_SHORTEST_S / 2, estimate_s(slide.notes, slide.language, wish.words_per_minute))
    kind = analysis.kind if analysis else _likely_kind(slide)
    weight = analysis.weight if analysis else 1.0
    density = min(1.5, max(0.6, 0.6 + 0.4 * _slide_words(slide) / _USUAL_SLIDE_WORDS))
    if kind in (SlideKind.SECTION, SlideKind.TITLE, SlideKind.CLOSING, SlideKind.PICTURE):
        density = min(1.0, density + 0.4)
    return round(min(_LONGEST_S, max(_SHORTEST_S, _KIND_S[kind] * weight * density)), 1)


def target_words(seconds: float, words_per_minute: int) -> int:
    """The words that fill these seconds."""
    return max(8, round(seconds * words_per_minute / 60))


def is_long(text: str, language: str) -> bool:
    """Whether a narrative is longer than anybody listens to on one slide."""
    return (
        len(text) > LONG_CHARS
        or estimate_s(text, language) > LONG_S
        or word_count(text, language) >= LONG_WORDS
    )


def _likely_kind(slide: SlideContent) -> SlideKind:
    if slide.is_first:
        return SlideKind.TITLE
    if slide.charts:
        return SlideKind.CHART
    if slide.tables:
        return SlideKind.TABLE
    if not slide.paragraphs:
        return SlideKind.PICTURE if slide.picture_descriptions else SlideKind.SECTION
    return SlideKind.CONTENT


def _slide_words(slide: SlideContent) -> int:
    texts = [slide.title, *(text for _, text in slide.paragraphs)]
    texts += [cell for rows in slide.tables for row in rows for cell in row]
    figures = sum(len(series.values) for chart in slide.charts for series in chart.series)
    return sum(word_count(text, slide.language) for text in texts) + min(30, figures)


def _is_dense(character: str) -> bool:
    """Han, kana and Hangul: each sign is a syllable or more."""
    code = ord(character)
    return 0x3040 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0x20000 <= code <= 0x3FFFF
