"""espeak's voices as Deckcast names them: `espeak:de` is a man, `espeak:de+f2` a woman."""

from __future__ import annotations

import re
from functools import cache

from deckcast.kit.errors import CallError
from deckcast.speech.espeak_library import ListedVoice, library
from deckcast.speech.ports import Voice

PREFIX = "espeak"
MALE_VARIANT, FEMALE_VARIANT = "", "f2"
VARIANTS = frozenset({"", *(f"f{n}" for n in range(1, 6)), *(f"m{n}" for n in range(1, 9))})

# Invented languages, alphabets of experts, test voices, and voices whose data is not complete (cv, fo, kaa).
_LEFT_OUT = frozenset((
    "chr-us-qaaa-x-west", "cmn-latn-pinyin", "cv", "en-shaw", "fa-latn", "fo", "grc", "ia", "io", "jbo",
    "kaa", "lfn", "nci", "piqd", "py", "qdb", "qya", "sjn", "xex",
))  # fmt: skip
# Known poor: kanji are read out in English, vowels that the script leaves out are missing, tones or
# word borders are guessed, or letters are skipped.
_POOR = frozenset(("ar", "fa", "hak", "he", "ja", "my", "shn", "th"))
_OTHER_CODES = {"fr-fr": "fr", "nb": "nb"}
_FALLBACK = {
    "zh": "cmn", "zh-hk": "yue", "zh-mo": "yue", "zh-yue": "yue", "en": "en-us", "en-gb": "en-gb",
    "en-uk": "en-gb", "en-ie": "en-gb", "en-au": "en-gb", "en-nz": "en-gb", "en-za": "en-gb",
    "en-in": "en-gb", "en-sg": "en-gb", "en-hk": "en-gb", "en-mt": "en-gb", "no": "nb", "nn": "nb",
    "pt-br": "pt-br", "fr-be": "fr-be", "fr-ch": "fr-ch", "iw": "he", "in": "id", "mo": "ro", "sh": "hr",
    "ckb": "ku", "kmr": "ku", "gsw": "de", "cnr": "sr", "arb": "ar", "prs": "fa",
}  # fmt: skip
_LATIN_AMERICA = frozenset((
    "419", "ar", "bo", "cl", "co", "cr", "cu", "do", "ec", "gt", "hn", "mx", "ni", "pa", "pe", "pr", "py",
    "sv", "us", "uy", "ve",
))  # fmt: skip


@cache
def voices() -> tuple[Voice, ...]:
    """A man's and a woman's voice for every language, by language name."""
    found: list[Voice] = []
    for code, listed in sorted(languages().items(), key=lambda item: item[1].name):
        for variant, gender in ((MALE_VARIANT, "male"), (FEMALE_VARIANT, "female")):
            found.append(
                Voice(
                    id=f"{PREFIX}:{code}" + (f"+{variant}" if variant else ""),
                    name=f"{listed.name}, {gender}",
                    language=tag(code),
                    engine=PREFIX,
                    quality_limited=code.split("-")[0] in _POOR,
                    gender=gender,
                )
            )
    return tuple(found)


@cache
def languages() -> dict[str, ListedVoice]:
    """espeak's languages by the code in our voice ids."""
    found: dict[str, ListedVoice] = {}
    for listed in library().voices():
        code = _OTHER_CODES.get(listed.code.lower(), listed.code.lower())
        if code not in _LEFT_OUT:
            found.setdefault(code, listed)
    return found


def tag(code: str) -> str:
    """The BCP 47 tag of a code: `en-us` → `en-US`, `cmn` → `zh`."""
    if code == "cmn":
        return "zh"
    first, *rest = code.split("-")
    private = False
    parts = [first]
    for part in rest:
        private = private or len(part) == 1
        shaped = part if private or not re.fullmatch(r"[a-z]{2}|[a-z]{4}", part) else part.upper()
        parts.append(shaped.title() if len(part) == 4 and not private else shaped)
    return "-".join(parts)


def default_voice(language: str, gender: str | None = None) -> Voice:
    """The voice for a BCP 47 tag (`de-AT` → `espeak:de`); `gender` is "female", "male" or None (either).

    An empty tag or `und` is taken for English. Raises CallError `language_not_spoken`.
    """
    code = _code(language)
    if code is None:
        raise CallError(
            "language_not_spoken",
            f"There is no voice for the language “{language}”.",
            next_step="Choose a language that is spoken with --language; `deckcast voices` lists them.",
        )
    variant = FEMALE_VARIANT if gender is not None and gender.lower().startswith(("f", "w")) else MALE_VARIANT
    return voice(f"{PREFIX}:{code}" + (f"+{variant}" if variant else ""))


def voice(voice_id: str) -> Voice:
    """The voice of an id, other variants than the listed ones included; raises CallError `unknown_voice`."""
    prefix, _, name = voice_id.strip().lower().partition(":")
    code, _, variant = name.partition("+")
    if prefix != PREFIX or code not in languages() or variant not in VARIANTS:
        raise CallError(
            "unknown_voice",
            f"There is no voice “{voice_id}”.",
            next_step="`deckcast voices` lists the voices; write one of its ids, such as espeak:en-us.",
        )
    for listed in voices():
        if listed.id == f"{PREFIX}:{name}":
            return listed
    plain = voice(f"{PREFIX}:{code}")
    return Voice(
        f"{PREFIX}:{name}",
        f"{languages()[code].name}, {variant}",
        plain.language,
        PREFIX,
        plain.quality_limited,
        "female" if variant.startswith("f") else "male",
    )


def parts(voice_id: str) -> tuple[str, str]:
    """The language code and the variant of a known id: (`en-us`, `f2`); raises CallError `unknown_voice`."""
    code, _, variant = voice(voice_id).id.partition(":")[2].partition("+")
    return code, variant


def engine_name(code: str, variant: str) -> str:
    """What espeak calls a voice: its file, and the variant."""
    return languages()[code].file + (f"+{variant}" if variant else "")


def _code(language: str) -> str | None:
    wanted = language.strip().lower().replace("_", "-").split(".")[0]
    if wanted in ("", "und", "mul", "zxx"):
        wanted = "en"
    parts = wanted.split("-")
    if parts[0] == "es" and _LATIN_AMERICA & set(parts[1:]):
        return "es-419"
    if parts[0] == "zh" and {"hk", "mo"} & set(parts[1:]):
        return "yue"
    for length in range(len(parts), 0, -1):
        candidate = "-".join(parts[:length])
        if candidate in _FALLBACK:
            return _FALLBACK[candidate]
        if candidate in languages():
            return candidate
    return None
