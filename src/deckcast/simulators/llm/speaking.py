"""The simulated model's narratives: the slide's own words in the asked language, and what can be wrong with them."""

from __future__ import annotations

from dataclasses import dataclass

from deckcast.simulators.llm.matter import Matter, texts_in
from deckcast.simulators.llm.words import Words, other_than, words_of

_LONGEST_POINT = 160
_FOREIGN_WORDS = 6  # of a slide in another language: no more is echoed
_TOO_LONG = 6  # times
_USUAL = 60.0


@dataclass(frozen=True, slots=True)
class Length:
    """How long a narrative shall be and may be: in words, or in signs where words have no spaces."""

    wanted: float
    most: float
    signs: bool

    def of(self, sentences: list[str]) -> int:
        """The length of what is said."""
        return sum(len(item) if self.signs else len(item.split()) for item in sentences)


def narrative(matter: Matter, fault: str, turn: int) -> str:
    """Words for the slide that the matter is about; `turn` varies how they begin. "" for the fault `empty`."""
    if fault == "empty":
        return ""
    asked, slide = language_of(matter), matter.inner("slide")
    spoken = other_than(asked) if fault == "wrong_language" else words_of(asked)
    if slide.text("notes") and matter.text("approach") == "polish" and not fault:
        return " ".join(slide.text("notes").split())
    title, echoed = ("", []) if fault == "wrong_language" else (plain(slide.text("title")), points(matter))
    if echoed and words_of(slide.text("language") or asked) is not words_of(asked):
        echoed = [" ".join(echoed[0].split()[:_FOREIGN_WORDS])]
    length = _length(matter, spoken, fault)
    sentences = _sentences(spoken, title, echoed, length, turn)
    if fault == "repeats_opening":
        sentences = [spoken.repeated, *sentences[1:]]
    if fault == "invented_number":
        sentences.insert(1, f"{title or '…'}: 7319 %{spoken.stop}")
    if fault == "markdown":
        return f"## {title}\n\n" + "\n".join(f"- **{sentence}**" for sentence in sentences)
    return spoken.joint.join(sentences)


def language_of(matter: Matter) -> str:
    """The language that is asked for, as a BCP 47 tag; the slide's own where none is."""
    told = matter.text("narrative_language", "target_language") or matter.inner("target").text("language")
    return told or matter.text("language")


def points(matter: Matter) -> list[str]:
    """The slide's own lines, without what ends a sentence."""
    slide = matter.inner("slide")
    lines = texts_in(slide.find("paragraphs", "points", "lines", "body", "text", "key_points"))
    lines = lines or texts_in(slide.find("notes")) or texts_in(slide.find("title"))
    return [found for line in lines if (found := plain(line))]


def plain(text: str) -> str:
    """One line of words without what ends a sentence."""
    one_line = " ".join(text.split()).strip(" .;:!?。")
    return one_line if len(one_line) <= _LONGEST_POINT else one_line[:_LONGEST_POINT].rsplit(" ", 1)[0]


def opening(spoken: Words, title: str, turn: int) -> str:
    """How a slide begins."""
    return spoken.openings[turn % len(spoken.openings)].format(title=title)


def closing(spoken: Words, title: str, turn: int) -> str:
    """How a slide ends."""
    return spoken.closings[turn % len(spoken.closings)].format(title=title)


def _sentences(spoken: Words, title: str, echoed: list[str], length: Length, turn: int) -> list[str]:
    said = [opening(spoken, title, turn)] if title else []
    for index, point in enumerate(echoed):
        said.append(spoken.points[min(index, len(spoken.points) - 1)].format(point=point))
    more = 0
    while length.of(said) < length.wanted:
        said.append(spoken.more[(turn + more) % len(spoken.more)])
        more += 1
    if title:
        said.append(closing(spoken, title, turn))
    while length.of(said) > length.most and len(said) > 1:
        del said[-2 if title and len(said) > 2 else -1]
    return said or [spoken.more[0]]


def _length(matter: Matter, spoken: Words, fault: str) -> Length:
    target = matter.inner("target")
    named = target.number("signs", "words", "target_words")
    signs = target.number("signs") is not None or not spoken.joint
    wanted = named if named is not None else _USUAL * (2 if signs else 1)
    if fault == "too_long":
        return Length(wanted * _TOO_LONG, float("inf"), signs)
    most = target.number("most", "max_words") or max(wanted * 1.3, wanted + 10)
    return Length(wanted, most, signs)
