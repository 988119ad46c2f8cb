"""Makes deckcast.pptx, the deck of `make demo`: eight slides about Deckcast, with speaker notes.

Run by hand after a change:  .venv/bin/python samples/make_sample.py
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import drawings
from look import (
    ACCENT,
    CARD,
    CENTER,
    FONT,
    INK,
    LINE,
    MARGIN,
    MIDDLE,
    MUTED,
    PAPER,
    TINT,
    add_bar,
    add_card,
    add_picture,
    add_slide,
    add_text,
    color,
    fill_background,
    new_presentation,
    place,
    rule_off,
    set_text,
)
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.util import Inches, Pt

TARGET = Path(__file__).with_name("deckcast.pptx")
MONO = "Liberation Mono"


def title(presentation: Any) -> None:
    """The dark opening slide."""
    notes = (
        "Hello, and welcome. This is Deckcast. You give it the slides that you already have, and it "
        "gives you back a video in which somebody presents them. What you are watching now was made "
        "that way, from start to end, with one command."
    )
    slide = add_slide(presentation, "Deckcast", "", notes)
    fill_background(slide, INK)
    place(slide.shapes.title, MARGIN, 2.3, 6.2, 1.3)
    run = slide.shapes.title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.color.rgb = Pt(72), color(CARD)
    add_bar(slide, MARGIN, 2.0, 0.7, 0.09)
    add_text(slide, "Your slides, presented.", MARGIN, 3.65, 6.2, 0.6, size=30, ink=CARD)
    add_text(
        slide, "From a deck to a presenter video in one command", MARGIN, 4.3, 6.2, 0.5, size=20, ink="B4BCC7"
    )
    art = "Slides fanned out, the front one with a play button"
    add_picture(slide, drawings.title_art(), art, 7.0, 0.35, 5.9)


def silence(presentation: Any) -> None:
    """Why: three rows, a picture at the top right."""
    notes = (
        "Most decks are sent around without a voice, so the best part, the explanation, gets lost. "
        "Recording yourself takes an afternoon, and then somebody changes one slide and you sit down "
        "again. Deckcast takes over the recording, so that you can stay with the content."
    )
    slide = add_slide(presentation, "A deck alone is only half a talk", "WHY", notes)
    rows = (
        ("The slides travel, the talk does not", "Whoever gets the file has to guess what was meant."),
        ("Recording eats an afternoon", "Room, microphone, three takes, and cutting it all together."),
        ("One change, and it starts again", "A new number on slide four makes the old film wrong."),
    )
    for index, (head, text) in enumerate(rows):
        y = 2.35 + 1.45 * index
        badge = add_card(slide, MARGIN, y, 0.72, 0.72, fill=TINT, line=None)
        badge.adjustments[0] = 0.5
        set_text(
            badge.text_frame, str(index + 1), size=24, bold=True, ink=ACCENT, align=CENTER, anchor=MIDDLE
        )
        add_text(slide, head, 1.95, y - 0.07, 7.2, 0.45, size=24, bold=True)
        add_text(slide, text, 1.95, y + 0.4, 7.2, 0.45, size=20, ink=MUTED)
    add_picture(slide, drawings.silent_slide(), "A slide beside an empty speech bubble", 9.75, 1.55, 2.7)


def pipeline(presentation: Any) -> None:
    """How: the picture of the five steps, and the command."""
    notes = (
        "Here is the whole way. Deckcast reads the deck, decides what to say on each slide, and speaks "
        "it. Then it draws a presenter whose lips follow the words, puts slide and presenter together, "
        "and joins everything into one film."
    )
    slide = add_slide(presentation, "Five steps from slides to film", "HOW IT WORKS", notes)
    art = "Five steps joined by arrows: slides, a page with a pen, a sound wave, a presenter, a video player"
    add_picture(slide, drawings.pipeline(), art, MARGIN, 2.15, 11.53)
    names = ("Read", "Narrate", "Speak", "Present", "Join")
    texts = ("slides and notes", "what to say", "with exact timing", "lips in sync", "captions, chapters")
    step = 11.53 * drawings.STEP / 2080
    for index, (name, text) in enumerate(zip(names, texts, strict=True)):
        x = MARGIN + 11.53 * 160 / 2080 + step * index - 1.1
        add_text(slide, name, x, 3.62, 2.2, 0.4, size=22, bold=True, align=CENTER)
        add_text(slide, text, x, 3.98, 2.2, 0.32, size=16, ink=MUTED, align=CENTER)
    _command(slide, "deckcast make talk.pptx -o film", MARGIN, 5.15, 7.6)
    add_text(slide, "No key, no account, no network.", MARGIN, 6.1, 7.6, 0.4, size=20, ink=MUTED)


def _command(slide: Any, text: str, x: float, y: float, width: float) -> None:
    card = add_card(slide, x, y, width, 0.72, fill=INK, line=None)
    set_text(card.text_frame, f"$ {text}", size=20, ink=CARD, font=MONO, anchor=MIDDLE, margin=0.3)


def words(presentation: Any) -> None:
    """Where the words come from: two cards."""
    notes = (
        "Where do the words come from? If a slide has speaker notes, those are spoken, exactly as you "
        "wrote them. If it has none, Deckcast reads out what the slide shows: its title, its points, "
        "and the main figures of a table or chart. It never makes up facts."
    )
    slide = add_slide(presentation, "It says what you wrote", "WORDS", notes)
    cards = (
        (
            "With speaker notes",
            "“Sales grew in spring, and here is what I think was behind it.”",
            "Your own words",
        ),
        (
            "Without notes",
            "“Next: Sales by quarter. The value is highest for spring, at 35, and lowest for winter, at 20.”",
            "Read off the slide",
        ),
    )
    for index, (head, quote, foot) in enumerate(cards):
        x = MARGIN + 4.45 * index
        add_card(slide, x, 2.3, 4.15, 3.6)
        add_bar(slide, x + 0.4, 2.7, 0.45, 0.07, ACCENT if index == 0 else INK)
        add_text(slide, head, x + 0.4, 2.9, 3.4, 0.45, size=22, bold=True)
        add_text(slide, quote, x + 0.4, 3.55, 3.4, 1.5, size=20)
        add_text(
            slide, foot, x + 0.4, 5.25, 3.4, 0.4, size=18, bold=True, ink=ACCENT if index == 0 else MUTED
        )


def changes(presentation: Any) -> None:
    """What is made again: a native chart."""
    notes = (
        "A deck is never really finished, so making it again has to be cheap. The first run of this "
        "deck makes eight presenter videos. Run it again, and nothing is made. Edit the notes of one "
        "slide, or insert a new one, and only that one is made."
    )
    slide = add_slide(presentation, "Change one slide, remake one slide", "AGAIN AND AGAIN", notes)
    data = CategoryChartData()
    data.categories = ["First run", "Run again", "One note edited", "One slide inserted"]
    data.add_series("Presenter videos made for this deck of eight slides", (8, 0, 1, 1))
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(MARGIN), Inches(2.45), Inches(8.6), Inches(4.25), data
    )
    add_text(
        slide,
        "Presenter videos made for this deck of eight slides",
        MARGIN,
        1.85,
        8.6,
        0.4,
        size=20,
        ink=MUTED,
    )
    _style_chart(frame.chart)
    add_card(slide, 9.85, 1.85, 2.58, 2.15, fill=TINT, line=None)
    add_text(slide, "1 of 8", 9.85, 2.12, 2.58, 0.8, size=44, bold=True, ink=ACCENT, align=CENTER)
    add_text(slide, "made again after\none edited note", 9.85, 2.98, 2.58, 0.75, size=18, align=CENTER)


def _style_chart(chart: Any) -> None:
    chart.has_legend = chart.has_title = False
    chart.font.name, chart.font.size, chart.font.color.rgb = FONT, Pt(18), color(INK)
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale, chart.value_axis.maximum_scale = 0, 8.8
    chart.category_axis.format.line.color.rgb = color(LINE)
    chart.category_axis.has_major_gridlines = False
    plot = chart.plots[0]
    plot.gap_width = 70
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.show_value, labels.position = True, XL_LABEL_POSITION.OUTSIDE_END
    labels.font.size, labels.font.bold, labels.font.color.rgb = Pt(24), True, color(INK)
    fill = plot.series[0].format.fill
    fill.solid()
    fill.fore_color.rgb = color(INK)
    for index in (2, 3):
        point = plot.series[0].points[index].format.fill
        point.solid()
        point.fore_color.rgb = color(ACCENT)


def recovery(presentation: Any) -> None:
    """What a crash costs: three promises and a row of slides."""
    notes = (
        "Long jobs get interrupted. A laptop goes to sleep, a process gets killed, the power fails. Run "
        "the same command again, and Deckcast goes on with the first slide that is missing. And if a "
        "slide really cannot be made, it says which one, and why."
    )
    slide = add_slide(presentation, "It keeps its place", "RELIABLE", notes)
    cards = (
        ("Nothing lost", "What was finished before a crash is kept."),
        ("Nothing faked", "Done means checked: every slide, and its length."),
        ("Nothing vague", "What failed is named, with what to do next."),
    )
    for index, (head, text) in enumerate(cards):
        x = MARGIN + 3.93 * index
        add_card(slide, x, 2.05, 3.67, 1.75)
        add_text(slide, head, x + 0.35, 2.3, 3.0, 0.4, size=24, bold=True, ink=ACCENT)
        add_text(slide, text, x + 0.35, 2.78, 3.0, 0.8, size=18)
    for index in range(8):
        x = MARGIN + 1.02 * index + (0.5 if index > 4 else 0)
        done = index < 5
        card = add_card(slide, x, 4.75, 0.86, 0.62, fill=INK if done else ACCENT, line=None)
        set_text(card.text_frame, str(index + 1), size=20, bold=True, ink=CARD, align=CENTER, anchor=MIDDLE)
    add_bar(slide, MARGIN + 5.26, 4.55, 0.03, 1.45, MUTED)
    add_text(slide, "before the power cut", MARGIN, 5.52, 5.0, 0.4, size=18, ink=MUTED)
    add_text(slide, "after it came back", MARGIN + 5.6, 5.52, 3.4, 0.4, size=18, bold=True, ink=ACCENT)


def today(presentation: Any) -> None:
    """Where it stands: a native table that fills the slide."""
    notes = (
        "So what is here today, and what is not? Everything in the middle column works now, on your own "
        "machine. The right hand column is planned: providers with photorealistic avatars, better "
        "voices, and a web page with an interface for programs. This slide is full, so I step aside for "
        "it."
    )
    slide = add_slide(presentation, "What works today, and what comes next", "WHERE IT STANDS", notes)
    rows = (
        ("", "Today", "Planned"),
        ("Read", "PowerPoint and PDF, in a sandbox", "Animations as steps"),
        ("Narrate", "Your notes, else an outline of the slide", "Written by a language model"),
        ("Speak", "Offline, many languages, plain voices", "Natural voices"),
        ("Present", "A drawn presenter, lips in sync", "Lifelike avatars, by paid providers"),
        ("Deliver", "One film with captions and chapters", "A web page and an API"),
        ("Go on", "After a crash, and after a change", "Many machines, many users"),
    )
    width, height = 11.53, 4.75
    frame = slide.shapes.add_table(len(rows), 3, Inches(MARGIN), Inches(2.05), Inches(width), Inches(height))
    table = frame.table
    table.horz_banding = False
    for column, share in zip(table.columns, (1.73, 4.9, 4.9), strict=True):
        column.width = Inches(share)
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            cell = table.cell(y, x)
            _style_cell(cell, text, header=y == 0, first=x == 0, planned=x == 2)
            above, below = (None if y == 0 else INK if y == 1 else LINE), (INK if y == 0 else LINE)
            rule_off(cell, above, below, 2 if y == 0 else 1)


def _style_cell(cell: Any, text: str, *, header: bool, first: bool, planned: bool) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = color(PAPER)
    cell.vertical_anchor = MIDDLE
    ink = ACCENT if first or header else MUTED if planned else INK
    set_text(cell.text_frame, text, size=20, bold=first or header, ink=ink)
    cell.margin_left, cell.margin_right = 0, Inches(0.15)


def closing(presentation: Any) -> None:
    """The dark last slide, with what to type."""
    notes = (
        "That is Deckcast. Take a deck of your own, with a few words in the notes, and try it: one "
        "command, and a few minutes later there is a film to send around. Thank you for watching."
    )
    slide = add_slide(presentation, "Now try one of yours", "", notes)
    fill_background(slide, INK)
    place(slide.shapes.title, MARGIN, 2.1, 9, 0.9)
    run = slide.shapes.title.text_frame.paragraphs[0].runs[0]
    run.font.size, run.font.color.rgb = Pt(48), color(CARD)
    add_bar(slide, MARGIN, 1.8, 0.7, 0.09)
    card = add_card(slide, MARGIN, 3.3, 7.9, 0.8, fill="2C3848", line=None)
    set_text(
        card.text_frame,
        "$ deckcast make talk.pptx -o film",
        size=22,
        ink=CARD,
        font=MONO,
        anchor=MIDDLE,
        margin=0.3,
    )
    files = "presentation.mp4\ncaptions.srt, captions.vtt\nslides/01.mp4, 02.mp4, …"
    add_text(slide, files, MARGIN, 4.55, 3.7, 1.3, size=20, ink=CARD)
    uses = "the whole film, with chapters\nto read along\neach slide on its own"
    add_text(slide, uses, MARGIN + 3.8, 4.55, 4.6, 1.3, size=20, ink="B4BCC7")


def main() -> None:
    """Write the deck."""
    presentation = new_presentation()
    for make in (title, silence, pipeline, words, changes, recovery, today, closing):
        make(presentation)
    properties = presentation.core_properties
    properties.title, properties.author = "Deckcast: your slides, presented", "Deckcast developers"
    properties.subject, properties.language = "What Deckcast does today", "en-GB"
    properties.created = properties.modified = datetime(2026, 11, 22)
    presentation.save(str(TARGET))


if __name__ == "__main__":
    main()
