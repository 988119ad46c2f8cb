"""Which of many voices suits a language and a presenter."""

from __future__ import annotations

from collections.abc import Sequence

from deckcast.speech.ports import Voice

_SAME = {"nb": "no", "nn": "no", "cmn": "zh", "yue": "zh", "iw": "he", "in": "id", "fil": "tl"}
_UNKNOWN = frozenset(("", "und", "mul", "zxx"))


def fits(voice: Voice, language: str) -> bool:
    """Whether the voice speaks the language of a BCP 47 tag; a voice without a language speaks every one."""
    return not voice.language or _primary(voice.language) == _primary(language)


def suited(
    voices: Sequence[Voice], language: str, gender: str | None = None, before: Sequence[str] = ()
) -> Voice | None:
    """The best voice for a BCP 47 tag: of its region, of the gender ("female", "male"), not a poor one; the first
    in the list among equals. The first of those `before` (ids) that is still listed, of the gender and no poorer
    goes before all others. None where no voice speaks the language."""
    able = [voice for voice in voices if fits(voice, language)]
    best = max(able, key=lambda voice: _merit(voice, language, gender), default=None)
    if best is None:
        return None
    needed = _merit(best, language, gender)[:2]
    known = {voice.id: voice for voice in able if _merit(voice, language, gender)[:2] == needed}
    return next((known[voice_id] for voice_id in before if voice_id in known), best)


def _merit(voice: Voice, language: str, gender: str | None) -> tuple[bool, ...]:
    region = _region(_tag(voice.language)) == _region(_tag(language))
    return (not voice.quality_limited, gender in (None, voice.gender), bool(voice.language), region)


def _tag(language: str) -> str:
    tag = language.strip().lower().replace("_", "-").split(".")[0]
    return "en" if tag in _UNKNOWN else tag


def _primary(language: str) -> str:
    first = _tag(language).split("-")[0]
    return _SAME.get(first, first)


def _region(tag: str) -> str:
    """The region of a tag; a bare language is taken in its home: `en` in the US, `de` in DE."""
    first, *rest = tag.split("-")
    home = {"en": "us", "zh": "cn", "ja": "jp", "ko": "kr", "pt": "br", "sv": "se", "da": "dk", "cs": "cz"}
    return next((part for part in rest if len(part) == 2), home.get(first, first))
