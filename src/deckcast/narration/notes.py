"""Speaker notes, made ready to be spoken."""

from __future__ import annotations

import re

from deckcast.narration.phrases import Phrases
from deckcast.narration.wording import cleaned, has_words, sentence

_PLACEHOLDER = re.compile(
    r"^\W*(click (here )?to (add|edit) (notes|text|speaker notes)|tap to add notes|(add|type) (your )?notes here"
    r"|klicken( sie)?,? um .*notizen.*|notizen (hier )?(hinzufügen|eingeben)"
    r"|cliquez pour (ajouter|modifier) des? (commentaires|notes)|(haga )?clic para agregar notas"
    r"|fare clic per (inserire|aggiungere|modificare) .*note|clique para adicionar (notas|anotações)"
    r"|klik om (een )?notities? .*|单击(此处)?(以)?添加备注|クリックして(ノート|メモ)を(入力|追加)|[‹<]#[›>])\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\s*(speaker'?s? notes?|presenter notes?|notes?|notizen|sprechernotizen|commentaires|notas)\s*:\s*",
    re.I,
)
_BRACKETS = re.compile(r"\[[^\[\]\n]*\](?!\()|【[^】\n]*】")
_STAGE = re.compile(
    r"[(*]\s*(pause|long pause|click|next|next slide|animation|smile|wait|beat|applause|laughter"
    r"|show (slide|demo|video)|klick|weiter|nächste folie|lächeln|clic|siguiente"
    r"|suivant|diapo suivante)\s*[.!]?\s*[)*]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*\(?(\d{1,2}|[a-zA-Z])[.)]\s+(?=\S)")
_BULLETED = re.compile(r"^\s*(?:[•‣▪●○◦■◆►▶➔➢✓·\uf0b7\uf0a7]|[-–—*+]\s)")
_SLIDE_MARK = re.compile(
    r"^\W*((slide|folie|diapositive?|diapositiva|dia)\s*)?\d+(\s*(/|of|von|de)\s*\d+)?\W*$", re.IGNORECASE
)


def spoken_notes(notes: str, table: Phrases) -> str:
    """The notes as paragraphs of whole sentences, parted by line breaks; empty where nothing is to be said."""
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", notes)
    text = _STAGE.sub(" ", _BRACKETS.sub(" ", _LABEL.sub("", text)))
    text = re.sub(r"(?<=\S)[ \t]+(?=[.,](\s|$))", "", text)
    lines = [line for line in text.split("\n") if not _is_noise(line)]
    lines = _without_numbers(lines)
    said = [sentence(cleaned(line, table), table) for line in _unwrapped(lines)]
    return "\n".join(line for line in said if has_words(line))


def _is_noise(line: str) -> bool:
    return bool(_PLACEHOLDER.match(line) or _SLIDE_MARK.match(line)) if line.strip() else False


def _without_numbers(lines: list[str]) -> list[str]:
    """Drop list numbers, where they are a list: at least two, beginning with 1 or a."""
    marks = [match[1].lower() for line in lines if (match := _NUMBERED.match(line))]
    if len(marks) < 2 or marks[0] not in ("1", "a"):
        return lines
    return ["• " + _NUMBERED.sub("", line) if _NUMBERED.match(line) else line for line in lines]


def _unwrapped(lines: list[str]) -> list[str]:
    """Join lines that were only wrapped: the first is long and has no end, the next goes on in lower case."""
    whole: list[str] = []
    fresh = True
    for line in lines:
        if not line.strip():
            fresh = True
            continue
        goes_on = line.lstrip()[:1].islower() and not _BULLETED.match(line)
        if whole and not fresh and goes_on and not re.search(r"[.!?:;…。！？]\W*$", whole[-1]):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
        fresh = False
    return whole
