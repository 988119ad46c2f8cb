"""Decks in German, Chinese and Arabic: slides with notes and slides without."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from decks_for_tests import add_bullets, new_deck


@dataclass(frozen=True)
class Words:
    """What a deck says: title and notes of the first slide, points without notes, thanks and notes."""

    title: str
    welcome: str
    points_title: str
    points: tuple[str, ...]
    thanks: str
    farewell: str


TEXTS = {
    "de": Words(
        "Jahresbericht des Hafens",
        "Herzlich willkommen zum Jahresbericht. Die Zahl der Schiffe stieg um 12 Prozent, und trotz des Sturms im "
        "Oktober fuhren fast alle Fähren pünktlich.",
        "Was sich geändert hat",
        (
            "Der neue Kai nimmt seit März auch große Schiffe auf", "Die Kosten sind leicht gesunken",
            "Mehr Fahrgäste am Abend",
        ),
        "Vielen Dank", "Vielen Dank für Ihre Aufmerksamkeit. Haben Sie noch Fragen?",
    ),
    "zh": Words(
        "港口年度报告",
        "欢迎大家参加今天的报告会。今年到港的船只数量增长了百分之十二，虽然十月份遇到了强台风，但是绝大多数渡轮仍然准时到达了目的地。",
        "今年的主要变化",
        ("新码头从三月开始可以停靠大型船只", "运营成本略有下降", "晚间乘客人数明显增加"),
        "谢谢大家", "感谢各位的聆听，现在欢迎大家提问。",
    ),
    "ar": Words(
        "التقرير السنوي للميناء",
        "أهلاً وسهلاً بكم في عرض التقرير السنوي. ارتفع عدد السفن هذا العام بنسبة 12 في المئة، ورغم العاصفة القوية في "
        "أكتوبر وصلت معظم العبّارات في موعدها. نظام Harbour Plus يعمل الآن في جميع الأرصفة.",
        "أهم التغييرات",
        ("يستقبل الرصيف الجديد السفن الكبيرة منذ شهر مارس", "انخفضت التكاليف قليلاً", "ازداد عدد الركاب في المساء"),
        "شكراً لكم", "شكراً لكم على حسن الاستماع، وهل لديكم أسئلة؟",
    ),
}  # fmt: skip


def write_deck_in(path: Path, language: str) -> Path:
    """Three slides in the language: a title with notes, points without, thanks with notes."""
    words = TEXTS[language]
    deck = new_deck()
    first = deck.slides.add_slide(deck.slide_layouts[0])
    first.shapes.title.text = words.title
    first.notes_slide.notes_text_frame.text = words.welcome
    points = deck.slides.add_slide(deck.slide_layouts[1])
    add_bullets(points, words.points_title, [(0, point) for point in words.points])
    last = deck.slides.add_slide(deck.slide_layouts[0])
    last.shapes.title.text = words.thanks
    last.notes_slide.notes_text_frame.text = words.farewell
    deck.save(path)
    return path
