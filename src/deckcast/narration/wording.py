"""Small steps on text shared by notes and outlines: cleaning a line, ending a sentence, joining a list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from deckcast.narration.phrases import Phrases

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)([^\s/?#<>\"')\]]+)[^\s<>\"')\]]*|https?://([^\s/?#<>\"')\]]+)[^\s<>\"')\]]*",
    re.I,
)
_MARKS = re.compile(r"\*\*|__|~~|`+|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_BULLET = re.compile(r"^\s*(?:[•‣▪▫●○◦■□◆◇►▶➔➜➢✓✔✗✘·∙\uf0b7\uf0a7\uf0d8]+\s*|[-–—*+>]\s+|#{1,6}\s+)+")
_ARROW = re.compile(r"\s*(?:->|=>|→|⇒|➔|➜)\s*")
_PLAIN_START = re.compile(r"[^\W\d_A-Z][^\W\d_A-Z'’-]*(?![\w@./])")  # not iPhone, e-mail or web addresses
_TERMINAL = re.compile(r"[.!?…。！？।॥؟۔።։။:：;；]['\"”’»›)\]」』）]*$")


def cleaned(line: str, table: Phrases) -> str:
    """One line as a person would say it: no markup, bare domains, abbreviations in full, single spaces."""
    text = _LINK.sub(r"\1", unicodedata.normalize("NFC", line))
    text = _TAG.sub(" ", text)
    text = _ADDRESS.sub(_domain, text).replace("mailto:", "")
    text = _BULLET.sub("", text)
    text = _MARKS.sub("", text)
    text = "".join(c for c in text if c == "\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))
    text = _ARROW.sub(table.comma, text)
    text = re.sub(r"(?<=\s)--+(?=\s)", "–", text)
    if table.about:
        text = re.sub(r"(?<!\w)[~≈]\s?(?=\d)", f"{table.about} ", text)
    text = re.sub(r"\s&\s", lambda _: table.last.format(head="", last=""), text)
    return re.sub(r"\s+", " ", table.abbreviations.in_full(text)).strip(" \t|_=~")


def sentence(text: str, table: Phrases) -> str:
    """With a capital in front and a stop behind, unless it has an end already."""
    text = text.strip().rstrip(",،、， –—").strip()
    if not text:
        return ""
    if _PLAIN_START.match(text) and len(text[0].upper()) == 1:
        text = text[0].upper() + text[1:]
    if text.endswith((":", ";", "：", "；")):
        text = text[:-1].rstrip()
    return text if _TERMINAL.search(text) else text + table.stop


def listed(items: Sequence[str], table: Phrases) -> str:
    """`A, B and C` in the table's language."""
    if len(items) < 2:
        return "".join(items)
    return table.last.format(head=table.comma.join(items[:-1]), last=items[-1])


def joined(sentences: Sequence[str], table: Phrases) -> str:
    """Sentences one behind the other."""
    return table.space.join(part for part in sentences if part)


def has_words(text: str) -> bool:
    """Whether there is a letter or digit to speak."""
    return any(character.isalnum() for character in text)


def _domain(match: re.Match[str]) -> str:
    whole = match[0]
    host = (match[1] or match[2]).rstrip(".,;:!?")
    return host + (whole[-1] if whole[-1] in ".,;:!?" else "")
