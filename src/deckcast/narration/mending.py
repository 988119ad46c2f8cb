"""A model's narrative brought into the form that can be spoken, without a word of its own being changed."""

from __future__ import annotations

import re

from deckcast.kit.marks import parse, pause_mark
from deckcast.narration.checks import ASSISTANT, EMOJI, LONGEST_MODEL_PAUSE_S, MOST_PAUSES, STAGE
from deckcast.narration.phrases import Phrases
from deckcast.narration.wording import cleaned, has_words, sentence

_HEADING_LINE = re.compile(r"^\s{0,3}(?:#{1,6}\s+.*|\*\*[^*\n]{1,60}\*\*:?|={3,}|-{3,}|\*{3,})\s*$")
_LABEL = re.compile(
    r"^\s*(?:\*\*)?(?:slide|folie|diapositive|diapositiva|title|titel|narrative|narration|script|speaker(?: notes)?"
    r"|presenter|host)\s*\d*\s*:(?:\*\*)?\s+",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"(?<![\w*])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])")
_PAUSE = re.compile(r"\[pause[^\]\n]*\]", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\]\n]*\](?!\()")


def tidied(text: str) -> str:
    """White space, quotes around the whole and empty lines put right: what nobody would complain of."""
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.strip().splitlines()]
    whole = "\n".join(line for line in lines if line)
    quoted = re.fullmatch(r"[\"“„«](.*)[\"”“»]", whole, re.DOTALL)
    return quoted[1].strip() if quoted and not re.search(r"[\"“”„«»]", quoted[1]) else whole


def without_markup(text: str, table: Phrases) -> str:
    """Headings, labels, list signs, Markdown, emoji, stage directions and a model's remarks taken out; pauses and
    stressed words stay as far as marks allow them."""
    lines = [line for line in text.splitlines() if not _HEADING_LINE.match(line)]
    said = [_line(_LABEL.sub("", line), table) for line in lines]
    whole = "\n".join(line for line in said if has_words(parse(line).text))
    return _fewer_pauses(_without_remarks(whole))


def _line(line: str, table: Phrases) -> str:
    text = STAGE.sub(" ", EMOJI.sub("", line))
    text = re.sub(r"^\s*(?:[-*+•‣▪●>]|\d{1,2}[.)])\s+", "", text)
    pauses = [mark for mark in _PAUSE.findall(text) if parse(mark).pauses]
    parts = [_stretch(part, table) for part in _PAUSE.split(text)]
    marks = iter(pauses if len(pauses) == len(parts) - 1 else [pause_mark()] * (len(parts) - 1))
    joined = parts[0]
    for part in parts[1:]:
        joined = f"{joined} {next(marks)} {part}".strip()
    return sentence(joined, table) if joined[:1].isalpha() else joined


def _stretch(part: str, table: Phrases) -> str:
    """Cleaned like any line; `*stress*` that is one or two words is kept over the cleaning."""
    stressed: list[str] = []

    def kept(match: re.Match[str]) -> str:
        if len(match[1].split()) > 2:
            return match[1]
        stressed.append(match[1])
        return match[1]

    plain = cleaned(_BRACKETS.sub(" ", _EMPHASIS.sub(kept, part)), table)
    for word in stressed:
        plain = re.sub(rf"(?<![\w*]){re.escape(word)}(?![\w*])", lambda m: f"*{m[0]}*", plain, count=1)
    return plain


def _without_remarks(text: str) -> str:
    sentences = re.split(r"(?<=[.!?:。！？])(\s+)", text)
    kept = [piece for piece in sentences if not ASSISTANT.search(piece)]
    return re.sub(r"[ \t]*\n\s*", "\n", "".join(kept)).strip()


def _fewer_pauses(text: str) -> str:
    """The first few pauses, none of them long."""
    count = 0

    def bounded(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        found = parse(match[0]).pauses
        if count > MOST_PAUSES or not found:
            return " "
        return match[0] if found[0].seconds <= LONGEST_MODEL_PAUSE_S else pause_mark(LONGEST_MODEL_PAUSE_S)

    return re.sub(r" {2,}", " ", _PAUSE.sub(bounded, text)).strip()
