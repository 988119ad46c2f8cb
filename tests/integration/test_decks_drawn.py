"""Decks through LibreOffice in the sandbox: pictures, hidden slides, boxes, other formats, limits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deckcast.decks import locked, sandbox
from deckcast.decks.models import Box, Deck, Slide
from deckcast.decks.pdf import read_pages
from deckcast.decks.powerpoint import read_powerpoint
from deckcast.decks.sandbox import Job, Limits, SandboxState, run_locked_in
from deckcast.decks.service import read_deck
from deckcast.kit.errors import DeckError, MachineError
from deckcast.kit.settings import LimitSettings
from decks_for_tests import (
    changed,
    convert,
    four_by_three,
    plain_deck,
    require_deck_tools,
    rich_deck,
    small_pdf,
)

LIMITS = LimitSettings()


@pytest.fixture(scope="module", autouse=True)
def _tools() -> None:
    require_deck_tools()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.fixture(scope="module")
def rich(folder: Path) -> Deck:
    path = rich_deck(folder / "rich.pptx")
    return read_deck(path, folder / "pictures", LIMITS, folder / "scratch")


def pixels(slide: Slide) -> np.ndarray:
    assert slide.image is not None
    with Image.open(slide.image) as image:
        assert image.size == (1920, 1080)
        return np.asarray(image.convert("RGB")).astype(int)


def ink(slide: Slide, box: Box) -> int:
    """How many pixels in a box differ from the slide's background."""
    area = pixels(slide)
    part = area[
        int(box.y * 1080) : int((box.y + box.height) * 1080),
        int(box.x * 1920) : int((box.x + box.width) * 1920),
    ]
    return int((np.abs(part - area[2, 2]).sum(axis=2) > 60).sum())


def test_every_slide_has_its_picture_and_nothing_is_left(rich: Deck, folder: Path) -> None:
    assert rich.title == "Harbour report"
    assert rich.language == "en"
    assert [slide.image for slide in rich.slides] == [
        folder / "pictures" / f"{key}.png" for key in range(256, 264)
    ]
    assert not list((folder / "scratch").iterdir())
    assert not [
        warning for slide in rich.slides for warning in slide.warnings if warning.code == "picture_failed"
    ]


def test_hidden_slides_do_not_shift_the_pictures(rich: Deck, folder: Path) -> None:
    assert [slide.hidden for slide in rich.slides] == [number == 4 for number in range(1, 9)]
    orange = [
        (np.abs(pixels(slide) - (255, 165, 0)).sum(axis=2) < 30).sum() > 50_000 for slide in rich.slides
    ]
    assert orange == [False] * 7 + [True]


def test_boxes_hold_all_ink(rich: Deck) -> None:
    for slide in rich.slides:
        area = pixels(slide)
        differs = np.abs(area - area[2, 2]).sum(axis=2) > 240  # shadows may lie outside
        for box in slide.boxes:
            left, top = int(box.x * 1920) - 3, int(box.y * 1080) - 3
            right, bottom = int((box.x + box.width) * 1920) + 4, int((box.y + box.height) * 1080) + 4
            differs[max(top, 0) : bottom, max(left, 0) : right] = False
        assert differs.sum() <= 200, (slide.number, differs.sum())


def test_text_boxes_are_as_small_as_their_letters(rich: Deck) -> None:
    hidden = rich.slides[3]
    assert max(box.width * box.height for box in hidden.boxes) < 0.1


def test_chinese_arabic_and_emoji_are_drawn(rich: Deck) -> None:
    for slide in (rich.slides[5], rich.slides[6]):
        assert all(ink(slide, box) > 400 for box in slide.boxes)
    thanks = rich.slides[7]
    words = min(thanks.boxes, key=lambda box: box.y)
    emoji = Box(words.x + words.width * 0.75, words.y, words.width * 0.25, words.height)
    assert ink(thanks, emoji) > 400


def test_a_four_by_three_slide_has_bars_in_its_colour(folder: Path) -> None:
    path = four_by_three(folder / "old.pptx", background="204060")
    (slide,) = read_deck(path, folder / "old", LIMITS, folder / "scratch").slides
    area = pixels(slide)
    assert np.abs(area[20, [2, 239, 1680, 1917]] - (0x20, 0x40, 0x60)).max() <= 3
    red = min(slide.boxes, key=lambda box: box.x)
    assert (red.x, red.width) == pytest.approx((0.125, 0.15), abs=0.002)


def test_an_open_document_is_read_through_libreoffice(rich: Deck, folder: Path) -> None:
    """Made by LibreOffice itself from our deck; hidden slides and notes survive, keys come from the content."""
    odp = folder / "rich.odp"
    convert(folder / "rich.pptx", "odp", folder)
    deck = read_deck(odp, folder / "odp", LIMITS, folder / "scratch")
    assert [slide.title for slide in deck.slides[:5]] == [slide.title for slide in rich.slides[:5]]
    assert [slide.hidden for slide in deck.slides] == [slide.hidden for slide in rich.slides]
    assert deck.slides[0].notes == rich.slides[0].notes
    assert len({slide.key for slide in deck.slides}) == 8
    assert all(slide.image for slide in deck.slides)


def test_an_old_powerpoint_file_is_read(folder: Path) -> None:
    plain_deck(folder / "old97.pptx", ["First", "Second"])
    convert(folder / "old97.pptx", "ppt", folder)
    deck = read_deck(folder / "old97.ppt", folder / "ppt", LIMITS, folder / "scratch")
    assert [slide.title for slide in deck.slides] == ["First", "Second"]


def test_a_pdf_is_a_deck(folder: Path) -> None:
    deck = read_deck(small_pdf(folder / "plan.pdf", pages=2), folder / "pdf", LIMITS, folder / "scratch")
    assert [slide.title for slide in deck.slides] == ["Harbour plan 1", "Harbour plan 2"]
    assert all(ink(slide, box) > 100 for slide in deck.slides for box in slide.boxes)
    assert len({slide.key for slide in deck.slides}) == 2


CRASH = """
import os
import pypdfium2

open_page = pypdfium2.PdfDocument.__getitem__


def crash(document, index):
    if index in {pages}:
        os.abort()
    return open_page(document, index)


pypdfium2.PdfDocument.__getitem__ = crash
"""


def crashing_reader(folder: Path, pages: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the locked-in reader die whenever it opens one of these pages."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(CRASH.replace("{pages}", repr(pages)))
    path, files = locked._python_path(), locked._python_files()
    monkeypatch.setattr(locked, "_python_path", lambda: (str(folder), *path))
    monkeypatch.setattr(locked, "_python_files", lambda: (*files, folder))


def test_a_page_that_makes_the_reader_crash_loses_only_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing_reader(folder / "crash", {1, 3}, monkeypatch)
    path = small_pdf(folder / "four.pdf", pages=4)
    deck = read_deck(path, folder / "four", LIMITS, folder / "scratch")
    assert [slide.title for slide in deck.slides] == ["Harbour plan 1", "", "Harbour plan 3", ""]
    assert [bool(slide.image) for slide in deck.slides] == [True, False, True, False]
    codes = [[warning.code for warning in slide.warnings] for slide in deck.slides]
    assert codes == [[], ["words_failed", "picture_failed"], [], ["words_failed", "picture_failed"]]


def test_a_pdf_whose_pages_all_crash_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing_reader(folder / "crash-all", set(range(9)), monkeypatch)
    with pytest.raises(DeckError) as caught:
        read_deck(small_pdf(folder / "nine.pdf", pages=9), folder / "nine", LIMITS, folder / "scratch")
    assert caught.value.code == "deck_broken"


def test_the_sample_deck_as_pdf_says_what_the_deck_says(folder: Path) -> None:
    source = Path(__file__).parents[2] / "samples" / "deckcast.pptx"
    shutil.copy(source, folder / "sample.pptx")
    convert(folder / "sample.pptx", "pdf", folder)
    pdf = folder / "sample.pdf"
    said = [item.slide for item in read_powerpoint(source, source, 50).slides]
    read = [item.slide for item in read_pages(pdf, pdf, 50).slides]
    assert [slide.title for slide in read] == [slide.title for slide in said]
    assert [[table.rows for table in slide.tables] for slide in read] == [
        [table.rows for table in slide.tables] for slide in said
    ]
    assert [[chart.kind for chart in slide.charts] for slide in read] == [
        [chart.kind for chart in slide.charts] for slide in said
    ]
    words = [" ".join(text for _, text in slide.paragraphs) for slide in read]
    assert "RELIABLE" not in words[5]
    assert "First run" not in words[4]
    assert [text for _, text in read[1].paragraphs][:2] == [
        "The slides travel, the talk does not",
        "Whoever gets the file has to guess what was meant.",
    ]


def test_conversion_is_stopped_when_its_time_is_over(folder: Path) -> None:
    with pytest.raises(DeckError) as caught:
        read_deck(
            folder / "rich.pptx", folder / "late", LimitSettings(convert_timeout_s=0.2), folder / "scratch"
        )
    assert caught.value.code == "deck_out_of_time"
    assert caught.value.retryable
    assert not list((folder / "scratch").iterdir())


def test_a_greedy_deck_is_stopped_at_the_memory_limit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckcast.decks.locked._MEMORY_BYTES", 380 * sandbox.MIB)
    source = plain_deck(folder / "plain.pptx")
    noise = np.random.default_rng(1).integers(0, 256, 4 * sandbox.MIB, np.uint8).tobytes()

    def add_types(name: str, content: bytes) -> bytes:
        kind = b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
        return content.replace(b"</Types>", kind) if name == "[Content_Types].xml" else content

    changed(source, folder / "greedy.pptx", add_types)
    add_parts(folder / "greedy.pptx", noise + bytes(60 * sandbox.MIB), 5)
    with pytest.raises(DeckError) as caught:
        read_deck(folder / "greedy.pptx", folder / "greedy", LIMITS, folder / "scratch")
    assert caught.value.code == "deck_too_large"


def add_parts(deck: Path, content: bytes, count: int) -> None:
    import zipfile

    rels = "ppt/_rels/presentation.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    links = "".join(f'<Relationship Id="x{n}" Type="{kind}" Target="media/x{n}.bin"/>' for n in range(count))
    moved = deck.with_suffix(".moved")
    changed(
        deck,
        moved,
        lambda name, data: (
            data.replace(b"</Relationships>", links.encode() + b"</Relationships>") if name == rels else data
        ),
    )
    with zipfile.ZipFile(moved, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(count):
            archive.writestr(f"ppt/media/x{number}.bin", content)
    moved.replace(deck)


def test_without_a_sandbox_decks_are_refused_or_opened_with_a_warning(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = SandboxState("missing", "bubblewrap is not installed.", "sudo apt-get install bubblewrap")
    monkeypatch.setattr(sandbox, "sandbox_state", lambda: state)
    path = plain_deck(folder / "trusted.pptx")
    with pytest.raises(MachineError) as caught:
        read_deck(path, folder / "open", LIMITS, folder / "scratch")
    assert caught.value.code == "sandbox_missing"
    assert "apt-get install bubblewrap" in caught.value.next_step
    deck = read_deck(path, folder / "open", LIMITS, folder / "scratch", allow_unsandboxed=True)
    assert [warning.code for warning in deck.warnings] == ["not_sandboxed"]
    assert deck.slides[0].image is not None


def test_without_libreoffice_the_next_step_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckcast.decks.office.shutil.which", lambda name: None)
    with pytest.raises(MachineError) as caught:
        read_deck(plain_deck(folder / "a.pptx"), folder / "none", LIMITS, folder / "scratch")
    assert caught.value.code == "converter_missing"


@pytest.mark.parametrize("sandboxed", [True, False])
def test_all_processes_die_when_time_is_over(sandboxed: bool) -> None:
    mark = f"98{os.getpid()}{int(sandboxed)}"
    script = f"sleep {mark} & sleep {mark} & wait"
    assert run_locked_in(Job(["/bin/sh", "-c", script], Limits(0.5)), sandboxed=sandboxed).status is None
    assert wait_gone(mark)


@pytest.mark.parametrize("sandboxed", [True, False])
def test_all_processes_die_when_this_one_is_killed(sandboxed: bool) -> None:
    mark = f"97{os.getpid()}{int(sandboxed)}"
    script = f"sleep {mark} & sleep {mark} & wait"
    code = (
        "from deckcast.decks.sandbox import *\n"
        f"run_locked_in(Job(['/bin/sh', '-c', {script!r}], Limits(500)), sandboxed={sandboxed})"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        assert wait_for(lambda: len(running(mark)) >= 2)
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    assert wait_gone(mark)


def running(mark: str) -> list[str]:
    """Processes that have `mark` as a whole argument."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in path.read_bytes().split(b"\0"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def wait_for(holds: object) -> bool:
    for _ in range(600):
        if holds():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def wait_gone(mark: str) -> bool:
    return wait_for(lambda: not running(mark))


@pytest.mark.skipif(
    "DECKCAST_TEST_DECKS" not in os.environ, reason="DECKCAST_TEST_DECKS names no folder of decks"
)
def test_real_decks_are_read_whole(tmp_path: Path) -> None:
    decks = sorted(Path(os.environ["DECKCAST_TEST_DECKS"]).glob("*.pptx"))
    assert decks
    for path in decks:
        deck = read_deck(path, tmp_path / path.stem, LIMITS, tmp_path / "scratch")
        assert all(slide.image for slide in deck.slides), path.name
        assert len({slide.key for slide in deck.slides}) == len(deck.slides)
        shutil.rmtree(tmp_path / path.stem)
