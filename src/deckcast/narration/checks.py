"""What a narrative that a model wrote must be before anybody hears it; each complaint is a sentence that can be
sent back to the model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from deckcast.kit.marks import parse
from deckcast.narration.languages import other_language
from deckcast.narration.lengths import LONG_WORDS, word_count
from deckcast.narration.stated import Stated, unstated

MOST_PAUSES = 4
LONGEST_MODEL_PAUSE_S = 3.0
_SLACK_WORDS = 10

_MARKDOWN = re.compile(
    r"^\s{0,3}#{1,6}\s|^\s*(?:[-*+•‣▪●]|\d{1,2}[.)])\s+\S|\*\*|__|~~|```|`[^`]+`|^\s*>\s|\[[^\]]*\]\([^)]*\)|^\s*\|.*\|"
    r"|^\s*([-*_=])\1{2,}\s*$",
    re.MULTILINE,
)
_HEADING = re.compile(
    r"^\s*(?:slide|folie|diapositive|diapositiva|title|titel|narrative|narration|script|speaker(?: notes)?"
    r"|presenter|host)\s*\d*\s*:\s",
    re.IGNORECASE | re.MULTILINE,
)
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u20e3\U000e0020-\U000e007f]")
STAGE = re.compile(
    r"[(\[<](?:smil\w*|laugh\w*|clap\w*|applause|click\w*|next slide|gestur\w*|point\w* (?:to|at)\w*|look\w*|sigh\w*"
    r"|music|beat|sound|lächel\w*|lacht|klick\w*|nächste folie|zeigt\w*|applaus|musik|sourire|rires|sonríe|sorride)"
    r"[^)\]>\n]{0,60}[)\]>]",
    re.IGNORECASE,
)
ASSISTANT = re.compile(
    r"\b(?:as an ai\b|as a language model|i(?:'|’)?m an ai\b|i cannot (?:see|view|access)|here(?:'|’)?s (?:the|your|a) "
    r"(?:narrat|script|polished|revised)|here is (?:the|your|a) (?:narrat|script|polished|revised)|als ki\b"
    r"|als sprachmodell|hier ist (?:die|der|ihre?) (?:erzähl|sprecher|überarbeitete|narrat|text)"
    r"|en tant qu(?:'|’)ia\b|como (?:una )?ia\b|come ia\b|word count)",
    re.IGNORECASE,
)


class Fault(StrEnum):
    """What can be wrong with a narrative."""

    EMPTY = "empty"
    LANGUAGE = "language"
    LENGTH = "length"
    FIGURES = "figures"
    MARKUP = "markup"
    ASSISTANT = "assistant"
    MARKS = "marks"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A fault, said so that the writer can mend it; `items` are the words concerned."""

    fault: Fault
    sentence: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many words a narrative may have."""

    least: int
    most: int


def bounds(words: int, *, tight: bool = True) -> Bounds:
    """Around a target. Not tight: polished or translated notes, whose own length counts."""
    low, high = (0.5, 1.5) if tight else (0.4, 1.7)
    most = round(words * high) + _SLACK_WORDS
    return Bounds(
        max(1, round(words * low) - _SLACK_WORDS // 2), min(most, LONG_WORDS - 1) if tight else most
    )


def complaints(text: str, language: str, facts: Stated, allowed: Bounds) -> tuple[Complaint, ...]:
    """All that is wrong with a narrative; empty where it may be spoken."""
    plain = parse(text).text.strip()
    if not any(character.isalnum() for character in plain):
        return (Complaint(Fault.EMPTY, "The narrative is empty."),)
    found: list[Complaint | None] = [
        _language(plain, language),
        _length(text, language, allowed),
        _markup(text, plain),
        _assistant(plain),
        _marks(text, plain),
        _figures(plain, language, facts),
    ]
    return tuple(complaint for complaint in found if complaint)


def _language(plain: str, language: str) -> Complaint | None:
    other = other_language(plain, language)
    if other is None:
        return None
    return Complaint(
        Fault.LANGUAGE, f"It is in the language {other!r}; it must be in {language!r}.", (other,)
    )


def _length(text: str, language: str, allowed: Bounds) -> Complaint | None:
    words = word_count(text, language)
    if allowed.least <= words <= allowed.most:
        return None
    side = "long" if words > allowed.most else "short"
    sentence = f"It is too {side}: about {words} words; it must have {allowed.least} to {allowed.most}."
    return Complaint(Fault.LENGTH, sentence, (str(words),))


def _markup(text: str, plain: str) -> Complaint | None:
    found = [match[0].strip() for match in _MARKDOWN.finditer(plain)]
    found += [match[0].strip() for match in _HEADING.finditer(plain)]
    found += [match[0] for match in STAGE.finditer(text)] + EMOJI.findall(plain)
    if not found:
        return None
    items = tuple(dict.fromkeys(item[:40] for item in found if item))
    return Complaint(
        Fault.MARKUP,
        "It must be plain sentences to be spoken: no headings, lists, labels, Markdown, links, emoji or stage "
        f"directions. Found: {', '.join(items) or 'markup'}.",
        items,
    )


def _assistant(plain: str) -> Complaint | None:
    found = ASSISTANT.search(plain)
    if not found:
        return None
    return Complaint(
        Fault.ASSISTANT, f"Only the presenter speaks; leave out remarks such as “{found[0]}”.", (found[0],)
    )


def _marks(text: str, plain: str) -> Complaint | None:
    marked = parse(text)
    wrong = re.findall(r"\[[^\]\n]*\]?|(?<![\w*])\*(?!\*)[^\s*]", plain)
    too_many = len(marked.pauses) > MOST_PAUSES or any(
        p.seconds > LONGEST_MODEL_PAUSE_S for p in marked.pauses
    )
    stressed = sum(mark.end - mark.start for mark in marked.emphases)
    if not wrong and not too_many and stressed * 4 <= len(plain):
        return None
    return Complaint(
        Fault.MARKS,
        f"The only marks are [pause], [pause 1.5s] (at most {MOST_PAUSES}, none over {LONGEST_MODEL_PAUSE_S:g} s) and "
        "*word* for a few stressed words.",
        tuple(wrong),
    )


def _figures(plain: str, language: str, facts: Stated) -> Complaint | None:
    wrong = unstated(plain, language, facts)
    if not wrong:
        return None
    named = ", ".join(wrong)
    sentence = f"These figures do not stand on the slide: {named}. Leave them out or say the slide's own."
    return Complaint(Fault.FIGURES, sentence, wrong)
