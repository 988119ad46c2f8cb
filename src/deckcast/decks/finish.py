"""From what was read and what was drawn to the finished deck."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image

from deckcast.decks.findings import DrawnPage, ReadDeck, ReadSlide
from deckcast.decks.fonts import font_warning
from deckcast.decks.models import Box, Deck, Slide, Warning
from deckcast.decks.words import clean, language_of, likeliest_language
from deckcast.kit.fingerprint import fingerprint

_NO_TITLE = re.compile(
    r"^(powerpoint[ -]?(presentation|präsentation)|présentation powerpoint|presentaci[oó]n de powerpoint"
    r"|microsoft (office )?powerpoint.*|presentation\s*\d*|präsentation\s*\d*|slide\s*\d*|folie\s*\d*|untitled.*"
    r"|bild\s*\d*|no slide title|title|powerpoint 演示文稿|演示文稿\s*\d*|.*\.(pptx?|pdf|odp|key))$",
    re.I,
)
_NO_AUTHOR = re.compile(
    r"^(\W*|(microsoft |windows )?(office[ -]?)?(user|users|benutzer|anwender|utilisateur|usuario|utente|gebruiker"
    r"|admin\w*|owner|author|autor|unknown|anonymous|default|windows)|microsoft( office.*| corporation)?"
    r"|python-pptx|steve canny|пользователь|用户|ユーザー)$",
    re.I,
)
_AUTHOR_LENGTH = 120
_THUMBNAIL = (64, 36)
_GREY_STEP = 32
_TITLE_LENGTH = 150
_PAD_X, _PAD_Y = 0.004, 0.004


def keyed(read: ReadDeck, pictures: Sequence[Path | None], *, own: bool) -> ReadDeck:
    """Give each slide its key: the deck's own slide id where it has one (`own`), else one from its content.

    Content keys hash the words, or the picture's coarse greys where there are none; equal slides are told
    apart by a number. So inserting or moving slides changes no key.
    """
    seen: Counter[str] = Counter()
    slides = []
    for item, picture in zip(read.slides, pictures, strict=True):
        key = item.slide.key if own else _content_key(item.slide, picture)
        seen[key] += 1
        slides.append(_with_key(item, key if seen[key] == 1 else f"{key}-{seen[key]}"))
    return replace(read, slides=tuple(slides))


def _with_key(item: ReadSlide, key: str) -> ReadSlide:
    return replace(item, slide=replace(item.slide, key=key))


def _content_key(slide: Slide, picture: Path | None) -> str:
    cells = (cell for table in slide.tables for row in table.rows for cell in row)
    words = [slide.title, *(text for _, text in slide.paragraphs), slide.notes, *cells]
    if any(words) or picture is None:
        return fingerprint("slide-words/1", words=words)[:16]
    with Image.open(picture) as image:
        greys = image.convert("L").resize(_THUMBNAIL, Image.Resampling.BOX).tobytes()
    return fingerprint("slide-picture/1", greys=[value // _GREY_STEP for value in greys])[:16]


def finished_deck(
    read: ReadDeck, drawn: Sequence[DrawnPage], images: Sequence[Path | None], path: Path
) -> Deck:
    """Join words, pictures, boxes and warnings; settle the languages and the title."""
    languages = [language_of(_words(item.slide), item.language_tags) for item in read.slides]
    language = _deck_language(read, languages)
    slides = tuple(
        _finished(item, page, image, own or language)
        for item, page, image, own in zip(read.slides, drawn, images, languages, strict=True)
    )
    return Deck(_title(read, path), language, slides, author=_author(read.author))


def _finished(item: ReadSlide, page: DrawnPage, image: Path | None, language: str) -> Slide:
    slide = item.slide
    warnings = list(slide.warnings)
    fonts = font_warning(item.fonts, language)
    if fonts:
        warnings.append(fonts)
    if image is None:
        reason = f" ({page.reason})" if page.reason else ""
        warnings.append(Warning("picture_failed", f"This slide could not be drawn{reason}."))
    boxes = _boxes(slide.boxes, item.frames, item.furniture, page.words)
    return replace(slide, language=language, boxes=boxes, image=image, warnings=tuple(warnings))


def _boxes(
    solid: Sequence[Box], frames: Sequence[Box], furniture: Sequence[Box], words: Sequence[Box]
) -> tuple[Box, ...]:
    """Text frames shrink to the letters drawn in them; letters outside of any frame get boxes too."""
    left = [word for word in words if not any(_centre_in(word, box) for box in furniture)]
    narrowed = []
    for frame in frames:
        inside = [word for word in left if _centre_in(word, frame)]
        left = [word for word in left if word not in inside]
        narrowed.append(_around(inside) if inside else frame)
    outside = [word for word in left if not any(_centre_in(word, box) for box in solid)]
    return (*solid, *narrowed, *(_around([word]) for word in outside))


def _centre_in(word: Box, box: Box) -> bool:
    x, y = word.x + word.width / 2, word.y + word.height / 2
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def _around(boxes: Sequence[Box]) -> Box:
    """The rectangle around all of them, with a small margin."""
    left = max(min(box.x for box in boxes) - _PAD_X, 0.0)
    top = max(min(box.y for box in boxes) - _PAD_Y, 0.0)
    right = min(max(box.x + box.width for box in boxes) + _PAD_X, 1.0)
    bottom = min(max(box.y + box.height for box in boxes) + _PAD_Y, 1.0)
    return Box(round(left, 5), round(top, 5), round(right - left, 5), round(bottom - top, 5))


def _deck_language(read: ReadDeck, languages: Sequence[str]) -> str:
    """The language of most letters; slides too short to tell count only where all are."""
    votes: Counter[str] = Counter()
    for item, language in zip(read.slides, languages, strict=True):
        if language:
            votes[language] += len(_words(item.slide))
    if votes:
        return votes.most_common(1)[0][0]
    everything = "\n".join(_words(item.slide) for item in read.slides)
    if not any(character.isalpha() for character in everything):
        return "en"
    return language_of(everything) or likeliest_language(everything)[0]


def _words(slide: Slide) -> str:
    cells = (cell for table in slide.tables for row in table.rows for cell in row)
    return " ".join([slide.title, *(text for _, text in slide.paragraphs), slide.notes, *cells])


def _author(noted: str) -> str:
    """Who the file says made it; names that programs put there are nobody's."""
    text = clean(noted)[:_AUTHOR_LENGTH].strip()
    return "" if _NO_AUTHOR.match(text) else text


def _title(read: ReadDeck, path: Path) -> str:
    first = next((item.slide.title for item in read.slides if item.slide.title), "")
    for title in (read.title, first):
        if title and not _NO_TITLE.match(title) and len(title) <= _TITLE_LENGTH:
            return title
    return title_of_file(path)


def title_of_file(path: Path) -> str:
    """What a deck is called that has no title of its own."""
    return clean(path.stem.replace("_", " ")) or "Presentation"
