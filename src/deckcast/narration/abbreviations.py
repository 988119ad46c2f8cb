"""Abbreviations and signs as they are said, one TOML file per language beside this module.

`words` are whole words; `signs` are patterns for what only counts in its place (`No.` before a figure), whose
named groups may be used in `say`; the group `nth` is said as one of `ordinals`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

_NAMES = frozenset(("max.", "vb.", "env."))  # with a capital they are likely somebody's name, or another word
_AT_THE_END = frozenset(("etc.", "usw.", "ecc.", "enz."))


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """A language's table, made ready: patterns, and what to say for them."""

    words: tuple[tuple[re.Pattern[str], str], ...] = ()
    signs: tuple[tuple[re.Pattern[str], str], ...] = ()
    ordinals: tuple[str, ...] = ()

    def in_full(self, text: str) -> str:
        """The text with everything that the table knows written out."""
        for pattern, say in self.signs:
            text = pattern.sub(lambda match, say=say: self._filled(match, say), text)  # type: ignore[misc]
        for pattern, full in self.words:
            text = pattern.sub(lambda match, full=full: _kept_stop(match, full), text)  # type: ignore[misc]
        return text

    def _filled(self, match: re.Match[str], say: str) -> str:
        groups = match.groupdict()
        if "nth" in groups:
            groups["nth"] = self.ordinals[int(groups["nth"]) - 1]
        return say.format_map(groups)


@cache
def abbreviations(code: str) -> Abbreviations:
    """The table of a primary language subtag; empty where there is none."""
    file = resources.files("deckcast.narration").joinpath("abbreviations", f"{code}.toml")
    if not code.isalpha() or not file.is_file():
        return Abbreviations()
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    return Abbreviations(
        words=tuple((_word(short), full) for short, full in data.get("words", {}).items()),
        signs=tuple((re.compile(item["find"]), item["say"]) for item in data.get("signs", ())),
        ordinals=tuple(data.get("ordinals", ())),
    )


def _word(short: str) -> re.Pattern[str]:
    """`z.B.` also as `z. B.` and, where a sentence begins, `Z. B.`; never within a word."""
    parts = re.findall(r"[^.\s]+\.?|\.", short)
    spaced = r"\s?".join(re.escape(part) for part in parts)
    if short[0].islower() and short not in _NAMES:
        spaced = f"(?P<first>[{short[0]}{short[0].upper()}]){spaced.removeprefix(short[0])}"
    return re.compile(rf"(?<![\w.])(?<!\w-){spaced}(?![\w-])")


def _kept_stop(match: re.Match[str], full: str) -> str:
    """An abbreviation at the end of a line or before a new sentence lends its point to the sentence."""
    if match.re.groups and match["first"].isupper():
        full = full[0].upper() + full[1:]
    rest = match.string[match.end() :]
    ends_line = not rest.strip()
    ends_sentence = match[0].lower() in _AT_THE_END and rest[:1] == " " and rest[1:2].isupper()
    return full + ("." if match[0].endswith(".") and (ends_line or ends_sentence) else "")
