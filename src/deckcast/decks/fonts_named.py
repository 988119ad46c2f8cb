"""Which fonts a slide asks for."""

from __future__ import annotations

import unicodedata
from typing import Any

from pptx.oxml.ns import qn

from deckcast.decks.shapes import safe_xml

_THEME_PART = "/theme"
_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH")
_COMPLEX = ("ARABIC", "HEBREW", "DEVANAGARI", "THAI", "BENGALI", "TAMIL")


def fonts_of(slide: Any) -> set[str]:
    """The font families that the slide's text names, or inherits from its master and theme."""
    theme = _theme_fonts(slide)
    master = slide.slide_layout.slide_master._element
    found: set[str] = set()
    for run in (*slide._element.iter(qn("a:r")), *slide._element.iter(qn("a:fld"))):
        text = run.findtext(qn("a:t")) or ""
        if text.strip():
            slot = _slot(text)
            found.add(_named(run.find(qn("a:rPr")), slot) or _inherited(run, master, slot))
    resolved = {theme.get(name, "") if name.startswith("+") else name for name in found}
    return {name.strip() for name in resolved if name.strip()}


def _slot(text: str) -> str:
    """Which of a run's three fonts draws this text: Latin, East Asian or complex script."""
    for character in text:
        if character.isalpha():
            name = unicodedata.name(character, "")
            if name.startswith(_EAST_ASIAN):
                return "ea"
            if name.startswith(_COMPLEX):
                return "cs"
    return "latin"


def _named(properties: Any, slot: str) -> str:
    font = properties.find(qn(f"a:{slot}")) if properties is not None else None
    return str(font.get("typeface") or "") if font is not None else ""


def _inherited(run: Any, master: Any, slot: str) -> str:
    title = _is_title(run)
    style = master.find(f"{qn('p:txStyles')}/{qn('p:titleStyle' if title else 'p:bodyStyle')}")
    properties = style.find(f"{qn('a:lvl1pPr')}/{qn('a:defRPr')}") if style is not None else None
    short = {"latin": "lt", "ea": "ea", "cs": "cs"}[slot]
    return _named(properties, slot) or f"+{'mj' if title else 'mn'}-{short}"


def _is_title(run: Any) -> bool:
    for parent in run.iterancestors(qn("p:sp")):
        return bool(parent.xpath("./p:nvSpPr/p:nvPr/p:ph[@type='title' or @type='ctrTitle']"))
    return False


def _theme_fonts(slide: Any) -> dict[str, str]:
    """The theme's fonts by the names that runs use for them: `+mj-lt`, `+mn-ea`, …"""
    master = slide.slide_layout.slide_master.part
    parts = [
        rel.target_part
        for rel in master.rels.values()
        if not rel.is_external and rel.reltype.endswith(_THEME_PART)
    ]
    if not parts:
        return {}
    theme = safe_xml(parts[0].blob)
    fonts = {}
    for long, short in (("majorFont", "mj"), ("minorFont", "mn")):
        for tag, slot in (("latin", "lt"), ("ea", "ea"), ("cs", "cs")):
            font = theme.find(f".//{qn(f'a:{long}')}/{qn(f'a:{tag}')}")
            if font is not None:
                fonts[f"+{short}-{slot}"] = font.get("typeface") or ""
    return fonts
