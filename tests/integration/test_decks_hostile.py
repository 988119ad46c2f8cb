"""Decks that try to reach the network or this machine's files: nothing arrives, and nothing is shown."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pptx.util import Inches

from deckcast.decks import office
from deckcast.decks.formats import Kind
from deckcast.decks.models import Deck
from deckcast.decks.sandbox import Job, Limits, run_locked_in
from deckcast.decks.service import read_deck
from deckcast.kit.errors import DeckError
from deckcast.kit.settings import LimitSettings
from decks_for_tests import changed, convert, new_deck, picture, plain_deck, require_deck_tools

SECRET = (255, 0, 255)
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PLACE = "<a:off x='1000000' y='2000000'/><a:ext cx='4000000' cy='3000000'/>"
LINKED_PICTURE = (
    '<p:pic><p:nvPicPr><p:cNvPr id="{id}" name="p"/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>'
    '<p:blipFill><a:blip r:link="{rel}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
    f'<p:spPr><a:xfrm>{PLACE}</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
)
LINKED_OBJECT = (
    '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="{id}" name="o"/><p:cNvGraphicFramePr/><p:nvPr/>'
    f"</p:nvGraphicFramePr><p:xfrm>{PLACE}</p:xfrm><a:graphic>"
    '<a:graphicData uri="http://schemas.openxmlformats.org/presentationml/2006/ole">'
    '<p:oleObj name="Sheet" r:id="{rel}" imgW="100" imgH="100" progId="{program}">'
    '<p:link updateAutomatic="1"/></p:oleObj></a:graphicData></a:graphic></p:graphicFrame>'
)


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_deck_tools()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def requests() -> Iterator[tuple[str, list[str]]]:
    """A server that notes every request, and its address."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(picture("magenta").read())

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def targets(folder: Path, requests: tuple[str, list[str]]) -> list[str]:
    """Addresses that must not be reached: pictures on the network and in files."""
    (folder / "secret.png").write_bytes(picture("magenta").read())
    secret = folder / "secret.png"
    return [
        f"{requests[0]}/linked.png",
        f"file://{secret}",
        f"file:///proc/self/root{secret}",
        str(secret),
        "secret.png",
    ]


def hostile_pptx(folder: Path, targets: list[str]) -> Path:
    """One slide per target, as a linked picture; then each target as a linked object of two programs."""
    kinds = [(LINKED_PICTURE, "image", "")] * len(targets)
    kinds += [(LINKED_OBJECT, "oleObject", "Excel.Sheet.12")] * len(targets)
    kinds += [(LINKED_OBJECT, "oleObject", "PowerPoint.Show.12")] * len(targets)
    source = plain_deck(folder / "plain.pptx", [f"Slide {number}" for number in range(len(kinds))])
    aims = targets * 3

    def add(name: str, content: bytes) -> bytes:
        for number, ((shape, kind, program), aim) in enumerate(zip(kinds, aims, strict=True), start=1):
            if name == f"ppt/slides/slide{number}.xml":
                text = shape.format(id=90 + number, rel="rIdEvil", program=program)
                text = text.replace("<p:pic>", f'<p:pic xmlns:r="{RELATIONSHIPS}">')
                text = text.replace("<p:graphicFrame>", f'<p:graphicFrame xmlns:r="{RELATIONSHIPS}">')
                return content.replace(b"</p:spTree>", text.encode() + b"</p:spTree>")
            if name == f"ppt/slides/_rels/slide{number}.xml.rels":
                link = f'<Relationship Id="rIdEvil" Type="{RELATIONSHIPS}/{kind}" Target="{aim}"'
                link += ' TargetMode="External"/>'
                return content.replace(b"</Relationships>", link.encode() + b"</Relationships>")
        return content

    return changed(source, folder / "hostile.pptx", add)


def flat_odp(targets: list[str]) -> str:
    pages = "".join(
        f'<draw:page draw:name="p{n}" draw:master-page-name="m"><draw:frame svg:x="2cm" svg:y="2cm" svg:width="9cm"'
        f' svg:height="9cm"><draw:image xlink:href="{aim}" xlink:type="simple" xlink:actuate="onLoad"/></draw:frame>'
        "</draw:page>"
        for n, aim in enumerate(targets)
    )
    spaces = " ".join(
        f'xmlns:{name}="{space}"'
        for name, space in {
            "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
            "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
            "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
            "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
            "xlink": "http://www.w3.org/1999/xlink",
        }.items()
    )
    kind = "application/vnd.oasis.opendocument.presentation"
    return (
        f'<?xml version="1.0"?><office:document {spaces} office:version="1.2"'
        f' office:mimetype="{kind}"><office:automatic-styles><style:page-layout style:name="l"/>'
        '</office:automatic-styles><office:master-styles><style:master-page style:name="m"'
        ' style:page-layout-name="l"/></office:master-styles><office:body><office:presentation>'
        f"{pages}</office:presentation></office:body></office:document>"
    )


def magenta(image: Path) -> int:
    with Image.open(image) as opened:
        pixels = np.asarray(opened.convert("RGB")).astype(int)
    return int((np.abs(pixels - SECRET).sum(axis=2) < 60).sum())


def assert_clean(deck: Deck, requests: tuple[str, list[str]]) -> None:
    assert requests[1] == []
    assert [magenta(slide.image) for slide in deck.slides if slide.image] == [0] * len(deck.slides)


def test_linked_pictures_and_objects_reach_nothing(
    folder: Path, targets: list[str], requests: tuple[str, list[str]]
) -> None:
    deck = read_deck(hostile_pptx(folder, targets), folder / "pptx", LimitSettings(), folder / "scratch")
    assert len(deck.slides) == 3 * len(targets)
    assert_clean(deck, requests)


def test_an_open_document_reaches_nothing(
    folder: Path, targets: list[str], requests: tuple[str, list[str]]
) -> None:
    aims = targets[:-1]  # a relative address stays within the archive
    source = new_deck()
    for number in range(len(aims)):
        slide = source.slides.add_slide(source.slide_layouts[6])
        slide.shapes.add_picture(picture(size=(300 + number, 200)), Inches(1), Inches(1), Inches(6))
    source.save(folder / "pictures.pptx")
    convert(folder / "pictures.pptx", "odp", folder)
    left = iter(aims)

    def link(name: str, content: bytes) -> bytes:
        if name != "content.xml":
            return content
        return re.sub(
            rb'xlink:href="Pictures/[^"]+"', lambda _: f'xlink:href="{next(left)}"'.encode(), content
        )

    path = changed(folder / "pictures.odp", folder / "hostile.odp", link)
    assert next(left, None) is None
    deck = read_deck(path, folder / "odp", LimitSettings(), folder / "scratch")
    assert len(deck.slides) == len(aims)
    assert_clean(deck, requests)


def test_a_flat_document_under_another_name_is_refused(
    folder: Path, targets: list[str], requests: tuple[str, list[str]]
) -> None:
    """By its content; and LibreOffice, told the format, would not open it either."""
    path = folder / "flat.pptx"
    path.write_text(flat_odp(targets))
    with pytest.raises(DeckError) as caught:
        read_deck(path, folder / "flat", LimitSettings(), folder / "scratch")
    assert caught.value.code == "deck_unknown_format"
    with pytest.raises(DeckError) as caught:
        office.to_pdf(path, Kind.PPTX, folder / "flat-work", 60, sandboxed=True)
    assert caught.value.code == "deck_not_rendered"
    assert requests[1] == []


def test_programs_inside_see_no_network_and_no_files_of_ours(
    folder: Path, requests: tuple[str, list[str]]
) -> None:
    secret = folder / "secret.txt"
    secret.write_text("harbour-secret")
    port = requests[0].rsplit(":", 1)[1]
    script = (
        f"cat {secret} /etc/passwd /etc/hostname; ls /home /root /work; id -u; env;"
        f" (exec 3<>/dev/tcp/127.0.0.1/{port}) && echo CONNECTED; touch /usr/x && echo WROTE"
    )
    ended = run_locked_in(Job(["/bin/bash", "-c", script], Limits(20)), sandboxed=True)
    for word in ("harbour-secret", "root:", "CONNECTED", "WROTE", "DECKCAST", "SHELL="):
        assert word not in ended.said
    assert requests[1] == []


def test_programs_inside_are_bounded(folder: Path) -> None:
    limits = Limits(30, memory_bytes=300 * 1024 * 1024, file_bytes=1024 * 1024)
    eat = Job(["/bin/bash", "-c", "x=$(head -c 400000000 /dev/zero | tr '\\0' a); echo ATE ${#x}"], limits)
    assert "ATE 400000000" not in run_locked_in(eat, sandboxed=True).said
    out = folder / "bounded"
    out.mkdir()
    fill = Job(["/bin/bash", "-c", "head -c 9000000 /dev/zero > /out/big"], limits, writes={out: "/out"})
    assert run_locked_in(fill, sandboxed=True).status != 0
    assert (out / "big").stat().st_size <= 1024 * 1024
