"""Which language a text is clearly in, where there is enough of it to tell."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

ENOUGH_LETTERS = 60
_ENOUGH_SIGNS = 12
_SURE, _SURE_OF_KIN = 0.98, 0.9999
_KIN = (
    {"nb", "da", "sv"}, {"hr", "bs", "sr", "sl", "mk", "bg"}, {"id", "ms"}, {"cs", "sk"}, {"nl", "af"},
    {"es", "gl", "ca", "pt"}, {"ru", "uk", "be", "bg"}, {"hi", "mr", "ne"}, {"fa", "ar", "ur"},
)  # fmt: skip
_SCRIPTS = {
    re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"): ("zh", "ja"),
    re.compile(r"[\uac00-\ud7af]"): ("ko",),
    re.compile(r"[\u0400-\u052f]"): ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "bs", "uz", "az", "tg"),
    re.compile(r"[\u0600-\u06ff]"): ("ar", "fa", "ur", "ps", "ug", "ku", "sd", "pa", "kk", "az"),
    re.compile(r"[\u0590-\u05ff]"): ("he", "yi"),
    re.compile(r"[\u0370-\u03ff]"): ("el",),
    re.compile(r"[\u0e00-\u0e7f]"): ("th",),
    re.compile(r"[\u0900-\u097f]"): ("hi", "mr", "ne", "kok", "sa"),
}  # fmt: skip
"""Scripts, and the languages that are written in them."""
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_NEVER_LATIN = frozenset(
    ("zh", "ja", "ko", "ru", "uk", "be", "bg", "mk", "ar", "fa", "ur", "he", "el", "th", "hi", "mr", "ne")
)
_WRITTEN_IN_LATIN = (
    "af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr", "hu", "id", "is", "it",
    "lt", "lv", "ms", "mt", "nl", "no", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "sw", "tl", "tr", "vi",
)  # fmt: skip
_OTHERS = (
    "ru",
    "uk",
    "be",
    "bg",
    "sr",
    "mk",
    "kk",
    "ar",
    "fa",
    "ur",
    "he",
    "el",
    "th",
    "hi",
    "mr",
    "ne",
    "zh",
    "ja",
    "ko",
)
_RENAMED = {"no": "nb", "nn": "nb", "cmn": "zh", "yue": "zh", "iw": "he", "in": "id"}


def primary(language: str) -> str:
    """The primary subtag of a BCP 47 tag, under one name for one language: `en-GB` → `en`, `nn` → `nb`."""
    code = language.lower().replace("_", "-").split("-")[0]
    return _RENAMED.get(code, code)


def other_language(text: str, language: str) -> str | None:
    """The language that a text is clearly in, where that is not `language`; None where it may well be.

    Short texts, names and close kin (Danish for Norwegian) are given the benefit of the doubt.
    """
    asked = primary(language)
    letters = sum(1 for character in text if character.isalpha())
    if not asked or not letters:
        return None
    for script, codes in _SCRIPTS.items():
        signs = len(script.findall(text))
        if signs * 2 > letters:
            foreign = signs >= _ENOUGH_SIGNS and asked not in codes
            return _recognised(text)[0] if foreign else _clearly_other(text, asked, letters)
    if asked in _NEVER_LATIN:
        mostly_latin = letters >= ENOUGH_LETTERS and len(_LATIN.findall(text)) > 0.9 * letters
        return _recognised(text)[0] if mostly_latin else None
    return _clearly_other(text, asked, letters)


def _clearly_other(text: str, asked: str, letters: int) -> str | None:
    if letters < ENOUGH_LETTERS or asked not in _known():
        return None
    found, sure = _recognised(text)
    kin = any(asked in group and found in group for group in _KIN)
    return found if found != asked and sure >= (_SURE_OF_KIN if kin else _SURE) else None


def _recognised(text: str) -> tuple[str, float]:
    best, probability = _classifier().classify(text)
    return primary(best), float(probability)


@cache
def _known() -> frozenset[str]:
    return frozenset(primary(label) for label in _WRITTEN_IN_LATIN + _OTHERS)


@cache
def _classifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted({*_WRITTEN_IN_LATIN, *_OTHERS} & set(identifier.labels)))
    return identifier
