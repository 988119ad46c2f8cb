"""SmartArt, fonts, warnings and alternative branches: details of a slide's XML."""

from __future__ import annotations

from pathlib import Path

import pytest
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from deckcast.decks import fonts
from deckcast.decks.findings import DrawnPage, ReadDeck, ReadSlide
from deckcast.decks.finish import finished_deck, keyed
from deckcast.decks.fonts import font_warning
from deckcast.decks.models import Box, Slide
from deckcast.decks.powerpoint import read_powerpoint
from decks_for_tests import add_text, changed, new_deck, picture, plain_deck

DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SMARTART = f"""<dgm:dataModel xmlns:dgm="{DIAGRAM}" xmlns:a="{DRAWING}"><dgm:ptLst>
<dgm:pt modelId="0" type="doc"/>
<dgm:pt modelId="2"><dgm:t><a:p><a:r><a:t>Sail</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="3"><dgm:t><a:p><a:r><a:t>Check </a:t></a:r><a:r><a:t>ropes</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Load</a:t></a:r></a:p></dgm:t></dgm:pt>
<dgm:pt modelId="9" type="pres"><dgm:t><a:p><a:r><a:t>drawing only</a:t></a:r></a:p></dgm:t></dgm:pt>
</dgm:ptLst><dgm:cxnLst>
<dgm:cxn modelId="a" srcId="0" destId="2" srcOrd="1"/><dgm:cxn modelId="b" srcId="0" destId="1" srcOrd="0"/>
<dgm:cxn modelId="c" srcId="2" destId="3" srcOrd="0"/>
<dgm:cxn modelId="d" type="presOf" srcId="0" destId="9" srcOrd="5"/></dgm:cxnLst></dgm:dataModel>"""


def first(path: Path) -> ReadSlide:
    return read_powerpoint(path, path, 10).slides[0]


def with_xml(folder: Path, old: str, new: str) -> ReadSlide:
    """The first slide of a plain deck after a replacement in its XML."""
    source = plain_deck(folder / "plain.pptx")
    path = changed(
        source,
        folder / "changed.pptx",
        lambda name, data: (
            data.replace(old.encode(), new.encode()) if name == "ppt/slides/slide1.xml" else data
        ),
    )
    return first(path)


def test_smartart_is_read_as_its_outline(tmp_path: Path) -> None:
    deck = new_deck()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slide.part.package, SMARTART.encode())
    rel = slide.part.relate_to(part, f"{RT.OFFICE_DOCUMENT.rsplit('/', 1)[0]}/diagramData")
    frame = slide.shapes.add_table(1, 1, Inches(1), Inches(1), Inches(4), Inches(4))._element
    data = frame.graphic.graphicData
    data.set("uri", DIAGRAM)
    data.remove(data[0])
    ids = data.makeelement(f"{{{DIAGRAM}}}relIds", {})
    ids.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm", rel)
    data.append(ids)
    deck.save(tmp_path / "smart.pptx")
    read = first(tmp_path / "smart.pptx")
    assert read.slide.paragraphs == ((0, "Load"), (0, "Sail"), (1, "Check ropes"))
    assert len(read.slide.boxes) == 1


def test_animations_media_and_morphs_are_named(tmp_path: Path) -> None:
    step = '<p:par><p:cTn id="{}" presetClass="{}"/></p:par>'
    steps = step.format(1, "entr") + step.format(2, "exit") + step.format(3, "mediacall")
    timing = (
        '<p:transition><p159:morph xmlns:p159="http://schemas.microsoft.com/office/powerpoint/2015/09/main"'
        ' option="byObject"/></p:transition>'
        f'<p:timing><p:tnLst><p:par><p:cTn id="9"><p:childTnLst>{steps}</p:childTnLst></p:cTn></p:par></p:tnLst>'
        "</p:timing>"
    )
    read = with_xml(tmp_path, "</p:sld>", f"{timing}</p:sld>").slide
    assert [warning.code for warning in read.warnings] == ["animations", "transition"]
    assert "2 animations are" in read.warnings[0].message
    video = '<p:nvPr><a:videoFile r:link="rId1"/></p:nvPr>'
    video = video.replace(
        "r:link", 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:link'
    )
    shape = (
        '<p:pic><p:nvPicPr><p:cNvPr id="7" name="v"/><p:cNvPicPr/>'
        + video
        + "</p:nvPicPr><p:blipFill/><p:spPr/></p:pic>"
    )
    read = with_xml(tmp_path, "</p:spTree>", f"{shape}</p:spTree>").slide
    assert [warning.code for warning in read.warnings] == ["embedded_media"]


def test_only_one_branch_of_an_alternative_is_read(tmp_path: Path) -> None:
    def shape(number: int, text: str) -> str:
        return (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="s"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm>'
            '<a:off x="0" y="4000000"/><a:ext cx="900000" cy="900000"/></a:xfrm></p:spPr><p:txBody><a:bodyPr/><a:p>'
            f"<a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    space = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    xml = (
        f'<mc:AlternateContent {space}><mc:Choice Requires="zz">{shape(50, "new")}</mc:Choice>'
        f"<mc:Fallback>{shape(51, 'old')}</mc:Fallback></mc:AlternateContent>"
    )
    read = with_xml(tmp_path, "</p:spTree>", f"{xml}</p:spTree>").slide
    assert read.paragraphs == ((0, "old"),)


def test_named_and_inherited_fonts(tmp_path: Path) -> None:
    deck = new_deck()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    add_text(slide, "Text in a rare font", 1, 1).text_frame.paragraphs[0].runs[0].font.name = "Rare Sans"
    add_text(slide, "Text in the theme's font", 1, 3)
    deck.save(tmp_path / "fonts.pptx")
    assert first(tmp_path / "fonts.pptx").fonts == ("Calibri", "Rare Sans")


def test_missing_fonts_are_named_but_twins_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    here = {":": frozenset({"carlito", "liberation sans"})}
    monkeypatch.setattr(fonts, "_families", lambda pattern: here.get(pattern, frozenset()))
    warning = font_warning(["Arial", "Calibri", "Rare Sans"], "en")
    assert warning is not None
    assert warning.code == "fonts_missing"
    assert "Rare Sans" in warning.message
    assert "Calibri" not in warning.message
    assert font_warning(["Calibri"], "en") is None
    japanese = font_warning([], "ja")
    assert japanese is not None
    assert "Japanese" in japanese.message


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A crane lifts a red container", True),
        ("A boat\n\nDescription automatically generated", True),
        ("IMG_2041.JPG", False),
        ("C:\\photos\\boat.png", False),
        ("Picture 4", False),
        ("https://example.org/boat", False),
    ],
)
def test_descriptions_that_a_program_left_are_skipped(tmp_path: Path, text: str, kept: bool) -> None:
    deck = new_deck()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_picture(picture(), 0, 0)._element.nvPicPr.cNvPr.set("descr", text)
    deck.save(tmp_path / "described.pptx")
    found = first(tmp_path / "described.pptx").slide.picture_descriptions
    assert found == ((text.split("\n")[0],) if kept else ())


def test_a_picture_behind_everything_is_no_content_but_one_alone_is(tmp_path: Path) -> None:
    for words, count in ((True, 0), (False, 1)):
        deck = new_deck()
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(picture(), 0, 0, deck.slide_width, deck.slide_height)
        if words:
            add_text(slide, "On top of the picture", 1, 1)
        deck.save(tmp_path / "whole.pptx")
        assert len(first(tmp_path / "whole.pptx").slide.boxes) == count


def test_a_slide_without_picture_stays_and_says_so() -> None:
    read = ReadDeck(
        "", (ReadSlide(Slide(1, "1", "A")), ReadSlide(Slide(2, "1", "B"), (Box(0.1, 0.1, 0.5, 0.5),)))
    )
    read = keyed(read, [None, None], own=True)
    pages = [DrawnPage("0001.png"), DrawnPage(None, "its page is damaged")]
    one, two = finished_deck(read, pages, [Path("1.png"), None], Path("deck.pptx")).slides
    assert (one.warnings, two.image) == ((), None)
    assert [warning.code for warning in two.warnings] == ["picture_failed"]
    assert two.boxes == (Box(0.1, 0.1, 0.5, 0.5),)
    assert (one.key, two.key) == ("1", "1-2")
