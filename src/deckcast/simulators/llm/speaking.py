"""The simulated model's narratives: the slide's own words in the asked language, and what can be wrong with them."""

from __future__ import annotations

from deckcast.simulators.llm.matter import Matter, texts_in
from deckcast.simulators.llm.words import Words, other_than, words_of

_LONGEST_POINT = 160
_TOO_LONG = 6  # times
_USUAL_WORDS = 60.0


def narrative(matter: Matter, fault: str, turn: int) -> str:
    """Words for the slide that the matter is about; `turn` varies how they begin. "" for the fault `empty`."""
    if fault == "empty":
        return ""
    asked = matter.text("narrative_language", "target_language", "language")
    spoken = other_than(asked) if fault == "wrong_language" else words_of(asked)
    echoed = [] if fault == "wrong_language" else points(matter)
    title = "" if fault == "wrong_language" else _plain(matter.inner("slide").text("title"))
    length = _wanted(matter, spoken) * (_TOO_LONG if fault == "too_long" else 1)
    sentences = _sentences(spoken, title, echoed, length, turn, fault == "too_long")
    if fault == "repeats_opening":
        sentences = [spoken.repeated, *sentences[1:]]
    if fault == "invented_number":
        sentences.insert(1, f"{_plain(title) or '…'}: 7319 %{spoken.stop}")
    if fault == "markdown":
        return f"## {title}\n\n" + "\n".join(f"- **{sentence}**" for sentence in sentences)
    return spoken.joint.join(sentences)


def points(matter: Matter) -> list[str]:
    """The slide's own lines, without what ends a sentence."""
    slide = matter.inner("slide")
    lines = texts_in(slide.find("paragraphs", "points", "lines", "text", "body", "key_points"))
    lines = lines or texts_in(slide.find("notes")) or texts_in(slide.find("title"))
    return [plain for line in lines if (plain := _plain(line))]


def _sentences(
    spoken: Words, title: str, echoed: list[str], length: float, turn: int, fill: bool
) -> list[str]:
    opening = spoken.openings[turn % len(spoken.openings)].format(title=title)
    said = [opening] if title else [spoken.more[turn % len(spoken.more)]]
    for index, point in enumerate(echoed):
        if _length(said, spoken) >= length:
            break
        said.append(spoken.points[min(index, len(spoken.points) - 1)].format(point=point))
        said.append(spoken.more[(turn + index) % len(spoken.more)])
    more = 0
    while _length(said, spoken) < length and (fill or more < len(spoken.more)):
        said.append(spoken.more[(turn + more) % len(spoken.more)])
        more += 1
    return said


def _wanted(matter: Matter, spoken: Words) -> float:
    """Words (characters, where words have no spaces) that are asked for."""
    lowest, most = matter.number("min_words", "words_min"), matter.number("max_words", "words_max")
    if lowest is not None and most is not None:
        return (lowest + most) / 2
    named = matter.number("target_words", "words", "length_words")
    return named or _USUAL_WORDS


def _length(said: list[str], spoken: Words) -> float:
    return sum(len(item.split()) if spoken.joint else len(item) / 1.7 for item in said)


def _plain(text: str) -> str:
    one_line = " ".join(text.split()).strip(" .;:!?。")
    return one_line if len(one_line) <= _LONGEST_POINT else one_line[:_LONGEST_POINT].rsplit(" ", 1)[0]
