"""Speaker notes, made ready to be spoken."""

from __future__ import annotations

import re

from deckcast.kit.marks import LONGEST_PAUSE_S, PAUSE_S, pause_mark
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
_LONG_PAUSE_S = 1.2
_CUE_WORDS = r"(?:pause|pausa|pauze|pausieren|paus|пауза|停顿|ポーズ|멈춤)"
_CUE_BEFORE = r"(?P<long>long|lange|longue|larga|lunga)|short|brief|kurze|kleine|courte|breve|take a|dramatic"
_CUE_AFTER = r"for (?:an? )?(?:\w+ )?(?:effect|questions?|breath|moment|applause|laughter)|here|hier|ici|aquí"
_PAUSE_CUE = re.compile(
    rf"(?:[(\[（【]|(?<!\w)\*)\s*(?:(?:{_CUE_BEFORE})\s+)?{_CUE_WORDS}"
    r"(?:\s*[:,]?\s*(?P<seconds>\d{1,2}(?:[.,]\d{1,3})?)\s*(?:s|secs?|seconds?|sek\.?|sekunden?|secondes?|segundos?"
    rf"|secondi|秒)?|\s+(?:{_CUE_AFTER}))?\s*[.!…]*\s*(?:[)\]）】]|\*(?!\w))",
    re.IGNORECASE,
)
_PAUSE_LINE = re.compile(rf"^\W*{_CUE_WORDS}\W*$", re.IGNORECASE)
_MARK = re.compile(r"\[pause(?: [\d.]+s)?\]")
_END = re.compile(r"[.!?:;…。！？]\W*(?:\[pause[^\]]*\]\s*)*$")
_BRACKETS = re.compile(r"\[(?!pause(?: [\d.]+s)?\])[^\[\]\n]*\](?!\()|【[^】\n]*】")
_STAGE = re.compile(
    r"[(*]\s*(click|next|next slide|animation|smile|wait|beat|applause|laughter"
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
    text = _PAUSE_CUE.sub(_as_mark, _LABEL.sub("", text))
    text = _STAGE.sub(" ", _BRACKETS.sub(" ", text))
    text = re.sub(r"(?<=\S)[ \t]+(\[pause[^\]]*\])[ \t]*([.,;:!?…])(?=\s|$)", r"\2 \1 ", text)
    text = re.sub(r"(?<=\S)[ \t]+(?=[.,](\s|$))", "", text)
    lines = [line for line in text.split("\n") if not _is_noise(line)]
    lines = _without_numbers(lines)
    lines = [pause_mark() if _PAUSE_LINE.match(line) else line for line in lines]
    return _spoken(_unwrapped(lines), table)


def _as_mark(cue: re.Match[str]) -> str:
    """A cue in any of its forms as our own mark, parted from the words beside it."""
    seconds = _LONG_PAUSE_S if cue["long"] else PAUSE_S
    if cue["seconds"]:
        seconds = min(float(cue["seconds"].replace(",", ".")), LONGEST_PAUSE_S)
    return f" {pause_mark(seconds)} " if seconds > 0 else " "


def _spoken(lines: list[str], table: Phrases) -> str:
    """Every line a sentence or more. Pauses stand only between words: at the start of a line for those that
    ended the line before it."""
    said: list[str] = []
    waiting = ""
    for line in lines:
        words, pauses = _parted(line, table)
        whole = ""
        for text, pause in zip(words, pauses, strict=True):
            if not has_words(text):
                waiting = waiting or pause
                continue
            gap = (
                f"{table.space}{waiting}{table.space}" if whole and waiting else table.space if whole else ""
            )
            lead = waiting + table.space if waiting and not whole and said else ""
            whole, waiting = whole + gap + lead + text, pause
        if whole:
            said.append(_ended(whole, table))
    return "\n".join(said)


def _parted(line: str, table: Phrases) -> tuple[list[str], list[str]]:
    """The stretches between pauses, cleaned, and the pause after each (empty after the last)."""
    words = [cleaned(part, table) for part in _MARK.split(line)]
    return words, [*_MARK.findall(line), ""]


def _ended(line: str, table: Phrases) -> str:
    """A sentence, whose capital is the first letter after a pause in front."""
    mark = _MARK.match(line)
    if mark is None:
        return sentence(line, table)
    return mark[0] + table.space + sentence(line[mark.end() :], table)


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
        if whole and not fresh and goes_on and not _END.search(whole[-1]):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
        fresh = False
    return whole
