"""Small decks for tests, made with python-pptx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pptx import Presentation

TOPICS = ("Apples", "Bridges", "Clocks", "Drums", "Engines", "Forests", "Gardens", "Harbours", "Islands")


def write_deck(path: Path, notes: Sequence[str | None], *, titles: Sequence[str] | None = None) -> Path:
    """A deck with one slide per note (None: no notes, and nothing on the slide either)."""
    deck = Presentation()
    for number, note in enumerate(notes, start=1):
        add_slide(deck, titles[number - 1] if titles else f"Slide {number}", note)
    deck.save(path)
    return path


def add_slide(deck: Presentation, title: str, note: str | None) -> None:
    """Append a slide; without a note it is blank."""
    slide = deck.slides.add_slide(deck.slide_layouts[5 if note is not None else 6])
    if note is not None:
        slide.shapes.title.text = title
        slide.notes_slide.notes_text_frame.text = note


def change_note(path: Path, number: int, note: str) -> None:
    """Rewrite the note of one slide."""
    deck = Presentation(path)
    deck.slides[number - 1].notes_slide.notes_text_frame.text = note
    deck.save(path)


def insert_slide(path: Path, at: int, title: str, note: str) -> None:
    """Put a new slide at position `at` (1 = first)."""
    deck = Presentation(path)
    add_slide(deck, title, note)
    ids = deck.slides._sldIdLst
    new = ids[-1]
    ids.remove(new)
    ids.insert(at - 1, new)
    deck.save(path)


def write_deck_without_notes(path: Path, slides: int, *, more: str = "") -> Path:
    """A deck of slides with a title and two points of their own (and `more` words), and nothing in the notes."""
    deck = Presentation()
    for number in range(1, slides + 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"{TOPICS[number % len(TOPICS)]} plan {number}"
        counted = TOPICS[(number + 3) % len(TOPICS)].lower()
        slide.placeholders[1].text = f"{number} {counted} were counted\nNone of them is sold. {more}".strip()
    deck.save(path)
    return path


def move_slide(path: Path, number: int, to: int) -> None:
    """Move a slide to another position (1 = first)."""
    deck = Presentation(path)
    ids = deck.slides._sldIdLst
    moved = ids[number - 1]
    ids.remove(moved)
    ids.insert(to - 1, moved)
    deck.save(path)
