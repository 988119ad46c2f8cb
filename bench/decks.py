"""Decks of any length with about eight seconds to say on each slide."""

from __future__ import annotations

from pathlib import Path

SENTENCES = (
    "Revenue grew by twenty three percent over last year, and most of it came from the new plans.",
    "Customers stay longer: nine in ten renew after their first twelve months with us.",
    "Costs were flat, because the platform now serves twice the traffic on the same machines.",
    "Next quarter we open two northern markets and finish the move to the new data centre.",
)


def write_deck(path: Path, slides: int) -> None:
    """A deck of titles, lists, charts and notes; no two slides say or show the same."""
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    for number in range(1, slides + 1):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"{number}. Results at a glance"
        box = slide.shapes.add_textbox(Inches(0.8), Inches(2), Inches(6), Inches(4))
        box.text_frame.text = "\n".join(
            f"Point {line} of slide {number}, long enough to be read" for line in range(1, 7)
        )
        chart = CategoryChartData()
        chart.categories = ["2022", "2023", "2024", "2025"]
        chart.add_series("Revenue", tuple(10 + (number * 7 + k * 5) % 23 for k in range(4)))
        area = Inches(7.2), Inches(1.8), Inches(5.4), Inches(3.2)
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *area, chart)
        spoken = f"This is part {number} of {slides}. {SENTENCES[number % len(SENTENCES)]}"
        slide.notes_slide.notes_text_frame.text = spoken
    deck.save(str(path))
