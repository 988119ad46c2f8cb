"""A slide's words: cleaned, and told apart by language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

_SPACES = re.compile(r"[\s\x00-\x1f\x7f\u200b\ufeff]+")
_ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")
_MIN_LETTERS = 24
_SURE = 0.8
_SCRIPTS = {
    "ARABIC": "ar", "HEBREW": "he", "GREEK": "el", "THAI": "th", "HANGUL": "ko", "DEVANAGARI": "hi", "BENGALI": "bn",
    "TAMIL": "ta", "TELUGU": "te", "GUJARATI": "gu", "GURMUKHI": "pa", "KANNADA": "kn", "MALAYALAM": "ml",
    "SINHALA": "si", "ARMENIAN": "hy", "GEORGIAN": "ka", "KHMER": "km", "LAO": "lo", "MYANMAR": "my",
    "ETHIOPIC": "am", "TIBETAN": "bo", "HIRAGANA": "ja", "KATAKANA": "ja", "BOPOMOFO": "zh", "CJK": "zh",
    "CYRILLIC": "ru", "LATIN": "",
}  # fmt: skip
_SHARED = {
    "LATIN": None,  # many languages: the classifier decides
    "CYRILLIC": {"ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn"},
    "ARABIC": {"ar", "fa", "ur", "ps", "ug", "ku"},
    "DEVANAGARI": {"hi", "mr", "ne"},
    "BENGALI": {"bn", "as"},
    "HEBREW": {"he"},
}  # fmt: skip
_WRITTEN = {
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "eo", "es", "et",
    "eu", "fa", "fi", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka",
    "kk", "km", "kn", "ko", "ku", "ky", "lb", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "mt", "my",
    "nb", "ne", "nl", "pa", "pl", "ps", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta",
    "te", "th", "tl", "tr", "ug", "uk", "ur", "uz", "vi", "zh",
}  # fmt: skip
"""Languages that presentations are written in; the classifier knows many more, and takes names for them."""
_LATIN = _WRITTEN - (set(_SCRIPTS.values()) | {tag for tags in _SHARED.values() for tag in tags or ()})
_CJK = {"CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO"}
_RENAMED = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}


def clean(text: str) -> str:
    """One line: control characters and runs of white space become one space."""
    return _SPACES.sub(" ", _ESCAPED.sub(" ", text)).strip()


def clean_lines(text: str) -> str:
    """Like `clean` for each line; empty lines at the ends go."""
    return "\n".join(clean(line) for line in re.split(r"[\n\v\r]", text)).strip()


def language_of(text: str, tags: Mapping[str, int] | None = None) -> str:
    """The BCP 47 language of a text: `en`, `de`, `zh`, `ar`, …; empty where the text is too short to tell.

    `tags` are the languages that the author's program noted, with how many characters each covers; they decide
    where the letters do not, since programs often note the wrong one.
    """
    scripts = _scripts(text)
    if not scripts:
        return ""
    script, letters = scripts.most_common(1)[0]
    noted = _noted(tags or {})
    if sum(scripts[name] for name in _CJK) * 3 >= scripts.total():
        return _east_asian(scripts, noted)
    if script not in _SHARED:
        return _SCRIPTS[script]
    possible = _SHARED[script] or _LATIN
    noted = [tag for tag in noted if tag in possible]
    distinct = dict.fromkeys(text.casefold().split())  # “Slide 1”, “Slide 2”, … are one word of a language
    words = [word for word in distinct if any(character.isalpha() for character in word)]
    if letters >= _MIN_LETTERS and sum(map(len, words)) >= _MIN_LETTERS:
        best, probability = likeliest_language(text)
        if best in possible and (probability >= _SURE or best in noted):
            return best
    return noted[0] if noted else _SCRIPTS[script]


def likeliest_language(text: str) -> tuple[str, float]:
    """The best guess from the letters alone, however unsure, and its probability."""
    best, probability = _classifier().classify(text)
    return _RENAMED.get(best, best), float(probability)


def is_right_to_left(text: str) -> bool:
    """True where most of the letters are of scripts written from the right."""
    scripts = _scripts(text)
    return (scripts["ARABIC"] + scripts["HEBREW"]) * 2 > scripts.total()


def _scripts(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha():
            name = unicodedata.name(character, "").split(" ", 1)[0]
            if name in _SCRIPTS:
                found[name] += count
    return found


def _noted(tags: Mapping[str, int]) -> list[str]:
    short: Counter[str] = Counter()
    for tag, count in tags.items():
        primary = tag.replace("_", "-").split("-", 1)[0].lower()
        short[_RENAMED.get(primary, primary)] += count
    return [tag for tag, _ in short.most_common()]


def _east_asian(scripts: Counter[str], noted: list[str]) -> str:
    if scripts["HIRAGANA"] + scripts["KATAKANA"] > 0:
        return "ja"
    if scripts["CJK"] < _MIN_LETTERS and noted[:1] == ["ja"]:
        return "ja"
    return "zh"


@cache
def _classifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(_WRITTEN & set(identifier.labels)))
    return identifier
