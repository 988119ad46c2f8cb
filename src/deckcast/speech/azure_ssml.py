"""A line in SSML, as Azure reads it."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

from deckcast.speech.script import Line

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def ssml(line: Line, voice: str, locale: str, rate: float) -> str:
    """The whole document: the line in a voice, `rate` times as fast as that speaks by itself."""
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" '
        f"xml:lang={quoteattr(locale)}><voice name={quoteattr(voice)}>{content(line, rate)}</voice></speak>"
    )


def content(line: Line, rate: float) -> str:
    """What stands within the voice element: the text with its pauses and what is stressed."""
    body = "".join(
        opened + escape(_NOT_XML.sub(" ", line.said[start:end])) + closed
        for start, end, opened, closed in _stretches(line)
    )
    percent = round((rate - 1) * 100)
    return f'<prosody rate="{percent:+d}%">{body}</prosody>' if percent else body


def billed_chars(line: Line, rate: float) -> int:
    """What Azure counts: all within the voice element, a Han or kana or Hangul letter for two."""
    text = content(line, rate)
    return len(text) + sum("\u2e80" <= letter <= "\ud7a3" or letter >= "\U00020000" for letter in text)


def _stretches(line: Line) -> list[tuple[int, int, str, str]]:
    """(start, end, markup before, markup after) of the pieces between all marks."""
    waits = dict(line.pauses)
    cuts = {0, len(line.said), *waits, *(at for pair in line.emphases for at in pair)}
    places = sorted(cuts)
    found = []
    for start, end in pairwise(places):
        stressed = any(first <= start and end <= last for first, last in line.emphases)
        pause = f'<break time="{round(waits[start] * 1000)}ms"/>' if start in waits else ""
        opened = pause + ('<emphasis level="moderate">' if stressed else "")
        found.append((start, end, opened, "</emphasis>" if stressed else ""))
    return found
