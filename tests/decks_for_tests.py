"""Small decks, made as the tests need them: ordinary ones, odd ones and hostile ones."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from conftest import missing
from deckcast.decks.service import sandbox_state, soffice_path

FULL_HD_INCHES = (13.333, 7.5)


def require_deck_tools() -> None:
    """Skip (or in CI fail) the test where LibreOffice or the sandbox is missing."""
    if soffice_path() is None:
        missing("LibreOffice is not installed: apt-get install libreoffice-impress")
    if not sandbox_state().works:
        missing(sandbox_state().sentence)


def new_deck(inches: tuple[float, float] = FULL_HD_INCHES) -> Any:
    """An empty presentation of the given size."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(inches[0]), Inches(inches[1])
    return deck


def add_text(slide: Any, text: str, left: float, top: float, width: float = 4.0, size_pt: float = 24) -> Any:
    """A free text box; places in inches."""
    box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(0.8))
    box.text_frame.text = text
    for paragraph in box.text_frame.paragraphs:
        paragraph.runs[0].font.size = Pt(size_pt)
    return box


def add_bullets(slide: Any, title: str, lines: list[tuple[int, str]]) -> None:
    """Fill the layout's title and body."""
    slide.shapes.title.text = title
    frame = slide.placeholders[1].text_frame
    for number, (level, text) in enumerate(lines):
        paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
        paragraph.text, paragraph.level = text, level


def picture(colour: str = "orange", size: tuple[int, int] = (320, 200)) -> io.BytesIO:
    """A PNG with a cross on it."""
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).line((0, 0, *size), fill="black", width=8)
    file = io.BytesIO()
    image.save(file, "PNG")
    file.seek(0)
    return file


def rich_deck(path: Path) -> Path:
    """Eight slides: bullets with notes, chart, table, hidden, group, Chinese, Arabic, emoji with a picture."""
    deck = new_deck()
    deck.core_properties.title = "PowerPoint Presentation"
    layout, title_only, blank = deck.slide_layouts[1], deck.slide_layouts[5], deck.slide_layouts[6]
    first = deck.slides.add_slide(layout)
    add_bullets(
        first, "Harbour report", [(0, "Ships arrived on time"), (1, "even in the storm"), (0, "Costs fell")]
    )
    first.notes_slide.notes_text_frame.text = "Welcome, everyone.\nThis was a good year for the harbour."
    _add_chart(deck.slides.add_slide(title_only))
    _add_table(deck.slides.add_slide(title_only))
    hidden = deck.slides.add_slide(layout)
    add_bullets(hidden, "Only for us", [(0, "Hidden words")])
    hidden._element.set("show", "0")
    _add_group(deck.slides.add_slide(title_only))
    chinese = deck.slides.add_slide(layout)
    add_bullets(chinese, "港口报告", [(0, "今年船只准时到达港口"), (0, "成本有所下降")])
    arabic = deck.slides.add_slide(layout)
    add_bullets(arabic, "تقرير الميناء", [(0, "وصلت السفن في الوقت المحدد هذا العام")])
    last = deck.slides.add_slide(blank)
    add_text(last, "Thank you 🚢🎉", 1, 1, 8, 48)
    shape = last.shapes.add_picture(picture(), Inches(8), Inches(4), Inches(4), Inches(2.5))
    shape._element.nvPicPr.cNvPr.set("descr", "An orange flag with a black line")
    deck.save(path)
    return path


def _add_chart(slide: Any) -> None:
    slide.shapes.title.text = "Ships by quarter"
    data = CategoryChartData()
    data.categories = ["Q1", "Q2", "Q3"]
    data.add_series("North pier", (12, 15.5, None))
    data.add_series("South pier", (8, 9, 11))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(7), Inches(4.5), data)


def _add_table(slide: Any) -> None:
    slide.shapes.title.text = "Fees"
    table = slide.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for row, cells in enumerate([("Pier", "Fee"), ("North", "120"), ("South", "95")]):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text


def _add_group(slide: Any) -> None:
    """Three cards side by side, drawn in the wrong order: each is read in one go, from the left."""
    slide.shapes.title.text = "Three steps"
    for number in (3, 1, 2):
        group = slide.shapes.add_group_shape()
        left = 0.8 + (number - 1) * 4.0
        for text, top in ((f"Body {number}", 3.4), (f"Head {number}", 2.4)):
            shape = group.shapes.add_shape(
                MSO_SHAPE.RECTANGLE, Inches(left), Inches(top), Inches(3.4), Inches(0.9)
            )
            shape.text_frame.text = text


def four_by_three(path: Path, background: str | None = None) -> Path:
    """One 4:3 slide with a title and a red square that touches its left edge."""
    deck = new_deck((10.0, 7.5))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Four by three"
    if background:
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = RGBColor.from_string(background)
    square = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, Inches(5), Inches(2), Inches(2))
    square.fill.solid()
    square.fill.fore_color.rgb = RGBColor(0xD0, 0x10, 0x10)
    square.line.fill.background()
    deck.save(path)
    return path


def plain_deck(path: Path, texts: list[str] | None = None) -> Path:
    """One slide per text, with the text as title."""
    deck = new_deck()
    for text in texts or ["Hello harbour"]:
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = text
    deck.save(path)
    return path


def changed(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """Copy a deck part by part; `change` gets each part's name and content, None drops it."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = change(entry.filename, old.read(entry))
            if content is not None:
                new.writestr(entry.filename, content, entry.compress_type)
    return target


def retyped(source: Path, target: Path, kind: str) -> Path:
    """The same deck with another main content type, such as `slideshow` or `template`."""

    def change(name: str, content: bytes) -> bytes:
        old, new = b"presentationml.presentation.main", f"presentationml.{kind}.main".encode()
        return content.replace(old, new) if name == "[Content_Types].xml" else content

    return changed(source, target, change)


def compound_file(path: Path, *streams: str) -> Path:
    """The start of an OLE container with the given stream names in its directory."""
    names = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + names)
    return path


def lying_zip(source: Path, target: Path, claimed_bytes: int) -> Path:
    """A deck with one more part, of 40 MB of zeros, whose headers claim `claimed_bytes`."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("ppt/media/zeros.bin", bytes(40 * 1024 * 1024))
    content = target.read_bytes()
    target.write_bytes(content.replace(struct.pack("<L", 40 * 1024 * 1024), struct.pack("<L", claimed_bytes)))
    return target


def small_pdf(path: Path, pages: int = 1, media_box: str = "0 0 960 540", body: str = "Harbour plan") -> Path:
    """A PDF with a large title and a smaller line on each page."""
    bodies = [f"{body} {number + 1}" if pages > 1 else body for number in range(pages)]
    streams = [
        f"BT /F 48 Tf 80 420 Td ({text}) Tj ET BT /F 20 Tf 80 300 Td (Every ship has a berth.) Tj ET"
        for text in bodies
    ]
    return raw_pdf(path, streams, media_box)


def pdf_text(text: str, left: float, top: float, size: float = 20) -> str:
    """Page content: a line in Helvetica, with its baseline `top` points below the page's upper edge."""
    return f"BT /F {size} Tf {left} {540 - top} Td ({text}) Tj ET "


def pdf_rect(left: float, top: float, width: float, height: float, colour: str = "0.8 0.9 1") -> str:
    """Page content: a filled rectangle; places in points from the page's upper left."""
    return f"{colour} rg {left} {540 - top - height} {width} {height} re f 0 0 0 rg "


def raw_pdf(path: Path, streams: list[str], media_box: str = "0 0 960 540") -> Path:
    """A PDF with one page per content stream."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for content in streams:
        stream = content.encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{media_box}] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F 3 0 R >> >> >>".encode()
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(streams)} >>".encode()
    content, offsets = b"%PDF-1.4\n", []
    for number, body_bytes in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body_bytes)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    path.write_bytes(content)
    return path


def convert(source: Path, kind: str, folder: Path) -> None:
    """Let LibreOffice, unguarded, save one of our own decks in another format beside it."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
