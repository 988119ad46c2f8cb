"""The sample deck's look: sizes, colours, fonts, and the few shapes that its slides are made of."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

WIDTH, HEIGHT = 13.333, 7.5
MARGIN = 0.9
INK, MUTED, ACCENT = "1B2430", "66707C", "D9482B"
PAPER, CARD, LINE, TINT = "FBF9F5", "FFFFFF", "DDD7CC", "FBE6DF"
FONT = "Carlito"
TITLE_ONLY = 5

CENTER = PP_ALIGN.CENTER
MIDDLE = MSO_ANCHOR.MIDDLE


def color(value: str) -> RGBColor:
    """A colour from its six hex digits."""
    return RGBColor.from_string(value)


def new_presentation() -> Any:
    """An empty 16:9 presentation with this look in its theme, master and the one layout it keeps."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    _set_theme(presentation.slide_master)
    fill_background(presentation.slide_master, PAPER)
    layouts = presentation.slide_layouts
    for layout in [layout for index, layout in enumerate(layouts) if index != TITLE_ONLY]:
        layouts.remove(layout)
    for owner in (presentation.slide_master, layouts[0]):
        for shape in list(owner.placeholders):
            if shape.placeholder_format.type is not None and shape.placeholder_format.idx in (10, 11, 12):
                shape.element.getparent().remove(shape.element)
        for shape in owner.placeholders:
            if shape.placeholder_format.idx == 0:
                place(shape, MARGIN, 0.98, 10.6, 0.8)
                _style_title(shape)
            else:
                place(shape, MARGIN, 2.2, 8.6, 4.2)
    return presentation


def _set_theme(master: Any) -> None:
    """Write our fonts and colours into the theme, so that what a person adds later fits in."""
    part = master.part.part_related_by(RELATIONSHIP_TYPE.THEME)
    xml = part.blob.decode()
    xml = re.sub(r'(<a:(?:major|minor)Font>\s*<a:latin typeface=")[^"]*', rf"\1{FONT}", xml)
    values = {"dk2": INK, "lt2": PAPER, "accent1": ACCENT, "accent2": INK, "accent3": MUTED, "accent4": LINE}
    for name, value in values.items():
        xml = re.sub(rf"(<a:{name}>).*?(</a:{name}>)", rf'\1<a:srgbClr val="{value}"/>\2', xml, flags=re.S)
    part._blob = xml.encode()


def _style_title(shape: Any) -> None:
    frame = shape.text_frame
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    properties = shape.element.find(qn("p:txBody")).find(qn("a:lstStyle"))
    level = etree.SubElement(properties, qn("a:lvl1pPr"), algn="l")
    run = etree.SubElement(level, qn("a:defRPr"), sz="3800", b="1")
    fill = etree.SubElement(etree.SubElement(run, qn("a:solidFill")), qn("a:srgbClr"))
    fill.set("val", INK)


def fill_background(owner: Any, value: str) -> None:
    """Give a slide or a master one plain background colour."""
    fill = owner.background.fill
    fill.solid()
    fill.fore_color.rgb = color(value)


def place(shape: Any, x: float, y: float, width: float, height: float) -> None:
    """Put a shape at a place, all in inches."""
    shape.left, shape.top = Inches(x), Inches(y)
    shape.width, shape.height = Inches(width), Inches(height)


def add_slide(presentation: Any, title: str, eyebrow: str, notes: str) -> Any:
    """A slide with its title, the small line above it, and what is said."""
    slide = presentation.slides.add_slide(presentation.slide_layouts[0])
    slide.shapes.title.text = title
    if eyebrow:
        add_text(slide, eyebrow, MARGIN, 0.6, 8, 0.3, size=14, bold=True, ink=ACCENT)
    slide.notes_slide.notes_text_frame.text = notes
    return slide


def add_text(
    slide: Any,
    text: str,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    size: float = 20,
    bold: bool = False,
    ink: str = INK,
    font: str = FONT,
    align: Any = None,
    anchor: Any = None,
) -> Any:
    """A text box; `text` may hold several lines, each a paragraph."""
    box = slide.shapes.add_textbox(Inches(x), Inches(y), Inches(width), Inches(height))
    set_text(box.text_frame, text, size=size, bold=bold, ink=ink, font=font, align=align, anchor=anchor)
    return box


def set_text(
    frame: Any,
    text: str,
    *,
    size: float,
    bold: bool = False,
    ink: str = INK,
    font: str = FONT,
    align: Any = None,
    anchor: Any = None,
    margin: float = 0,
) -> None:
    """Fill a text frame; one look for all of its lines."""
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = Inches(margin)
    frame.margin_top = frame.margin_bottom = 0
    if anchor is not None:
        frame.vertical_anchor = anchor
    for index, line in enumerate(text.split("\n")):
        paragraph = frame.paragraphs[0] if index == 0 else frame.add_paragraph()
        paragraph.alignment = align
        run = paragraph.add_run()
        run.text = line
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, font
        run.font.color.rgb = color(ink)
        run.font.language_id = MSO_LANGUAGE_ID.ENGLISH_UK


def add_card(
    slide: Any, x: float, y: float, width: float, height: float, *, fill: str = CARD, line: str | None = LINE
) -> Any:
    """A rounded rectangle; its corners keep one radius whatever its size."""
    shape = slide.shapes.add_shape(
        MSO_SHAPE.ROUNDED_RECTANGLE, Inches(x), Inches(y), Inches(width), Inches(height)
    )
    shape.adjustments[0] = min(0.5, 0.12 / min(width, height))
    shape.fill.solid()
    shape.fill.fore_color.rgb = color(fill)
    _flatten(shape)
    if line is None:
        shape.line.fill.background()
    else:
        shape.line.color.rgb = color(line)
        shape.line.width = Pt(1)
    return shape


def add_bar(slide: Any, x: float, y: float, width: float, height: float, fill: str = ACCENT) -> Any:
    """A small plain rectangle, for accents."""
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(x), Inches(y), Inches(width), Inches(height))
    shape.fill.solid()
    shape.fill.fore_color.rgb = color(fill)
    shape.line.fill.background()
    _flatten(shape)
    return shape


def _flatten(shape: Any) -> None:
    """Take the theme's shadow away."""
    shape.element.find(qn("p:style")).find(qn("a:effectRef")).set("idx", "0")


def add_picture(slide: Any, png: bytes, description: str, x: float, y: float, width: float) -> Any:
    """A picture with the words that stand for it where it cannot be seen."""
    picture = slide.shapes.add_picture(BytesIO(png), Inches(x), Inches(y), width=Inches(width))
    picture.element.nvPicPr.cNvPr.set("descr", description)
    return picture


def rule_off(cell: Any, above: str | None, below: str, points: float = 1) -> None:
    """Rule off a table cell above and below; its side borders vanish."""
    properties = cell._tc.get_or_add_tcPr()
    for side in ("a:lnL", "a:lnR", "a:lnT", "a:lnB"):
        line = etree.SubElement(properties, qn(side), w=str(Emu(Pt(points))))
        value = {"a:lnT": above, "a:lnB": below}.get(side)
        if value:
            etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr")).set("val", value)
        else:
            etree.SubElement(line, qn("a:noFill"))
