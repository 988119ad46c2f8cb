"""Every odd file ends in one of the codes, before anything in it is parsed."""

from __future__ import annotations

import random
import resource
import warnings
import zipfile
from pathlib import Path

import pytest

from deckcast.decks.service import check_deck
from deckcast.kit.errors import DeckError
from deckcast.kit.settings import LimitSettings
from decks_for_tests import changed, compound_file, lying_zip, plain_deck, retyped, small_pdf

LIMITS = LimitSettings()
MIB = 1024 * 1024


def refused(path: Path, limits: LimitSettings = LIMITS) -> str:
    with pytest.raises(DeckError) as caught:
        check_deck(path, limits)
    assert caught.value.message.endswith(".")
    assert caught.value.next_step
    return caught.value.code


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_deck(tmp_path_factory.mktemp("deck") / "plain.pptx")


@pytest.mark.parametrize(
    ("kind", "expected"), [("presentation", "pptx"), ("slideshow", "ppsx"), ("template", "potx")]
)
def test_office_xml_is_told_by_its_content(deck: Path, tmp_path: Path, kind: str, expected: str) -> None:
    assert check_deck(retyped(deck, tmp_path / "wrongly.named", kind), LIMITS) == expected


def test_pdf_ppt_and_odp_are_told_by_their_content(tmp_path: Path) -> None:
    assert check_deck(small_pdf(tmp_path / "deck.pptx"), LIMITS) == "pdf"
    assert check_deck(compound_file(tmp_path / "deck.pdf", "PowerPoint Document"), LIMITS) == "ppt"
    with zipfile.ZipFile(tmp_path / "deck.zip", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.presentation")
        archive.writestr("content.xml", "<office/>")
    assert check_deck(tmp_path / "deck.zip", LIMITS) == "odp"


def test_missing_folder_empty_and_unreadable(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.pptx") == "deck_not_found"
    assert refused(tmp_path) == "deck_unreadable"
    (tmp_path / "empty.pptx").touch()
    assert refused(tmp_path / "empty.pptx") == "deck_broken"


def test_other_files_are_unknown(deck: Path, tmp_path: Path) -> None:
    (tmp_path / "noise.pptx").write_bytes(random.Random(7).randbytes(5000))
    assert refused(tmp_path / "noise.pptx") == "deck_unknown_format"
    assert refused(compound_file(tmp_path / "old.doc", "WordDocument")) == "deck_unknown_format"
    flat = tmp_path / "flat.pptx"
    flat.write_text('<?xml version="1.0"?><office:document office:mimetype="application/vnd.oasis"/>')
    assert refused(flat) == "deck_unknown_format"
    for word, other in ((b"wordprocessingml.document", "Word"), (b"spreadsheetml.sheet", "Excel")):

        def as_other(name: str, content: bytes, word: bytes = word) -> bytes:
            return (
                content.replace(b"presentationml.presentation", word) if "Content_Types" in name else content
            )

        path = changed(deck, tmp_path / "renamed.pptx", as_other)
        with pytest.raises(DeckError, match=other) as caught:
            check_deck(path, LIMITS)
        assert caught.value.code == "deck_unknown_format"


def test_cut_off_anywhere_is_broken(deck: Path, tmp_path: Path) -> None:
    content = deck.read_bytes()
    for part in (0.1, 0.5, 0.9, 0.999):
        cut = tmp_path / "cut.pptx"
        cut.write_bytes(content[: int(len(content) * part)])
        assert refused(cut) == "deck_broken"


def test_scrambled_bytes_never_escape_the_codes(deck: Path, tmp_path: Path) -> None:
    content, chance = deck.read_bytes(), random.Random(20)
    odd = tmp_path / "odd.pptx"
    codes = {"deck_broken", "deck_hostile", "deck_encrypted", "deck_unknown_format", "deck_too_large", ""}
    for _ in range(150):
        scrambled = bytearray(content)
        for _ in range(chance.randint(1, 12)):
            scrambled[chance.randrange(len(scrambled))] = chance.randrange(256)
        odd.write_bytes(scrambled)
        assert code_of(odd) in codes


def code_of(path: Path) -> str:
    try:
        check_deck(path, LIMITS)
    except DeckError as error:
        return error.code
    return ""


def test_passwords_are_named(tmp_path: Path) -> None:
    assert (
        refused(compound_file(tmp_path / "a.pptx", "EncryptedPackage", "EncryptionInfo")) == "deck_encrypted"
    )
    with zipfile.ZipFile(tmp_path / "b.odp", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.presentation")
        archive.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
    assert refused(tmp_path / "b.odp") == "deck_encrypted"


def test_an_encrypted_entry_is_named(deck: Path, tmp_path: Path) -> None:
    content = bytearray(deck.read_bytes())
    last = content.rindex(b"PK\x01\x02")
    content[last + 8] |= 1
    (tmp_path / "entry.pptx").write_bytes(content)
    assert refused(tmp_path / "entry.pptx") == "deck_encrypted"


def test_too_large_in_bytes_and_parts(deck: Path, tmp_path: Path) -> None:
    assert refused(deck, LimitSettings(deck_size_bytes=1000)) == "deck_too_large"
    with zipfile.ZipFile(tmp_path / "many.pptx", "w") as archive:
        archive.writestr("[Content_Types].xml", "presentationml.presentation.main")
        for number in range(5001):
            archive.writestr(str(number), "")
    assert refused(tmp_path / "many.pptx") == "deck_too_large"


def test_too_large_when_unpacked(deck: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(deck) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    monkeypatch.setattr("deckcast.decks.archive.MAX_INFLATED_BYTES", size - 1)
    assert refused(deck) == "deck_too_large"
    monkeypatch.setattr("deckcast.decks.archive.MAX_INFLATED_BYTES", size)
    assert check_deck(deck, LIMITS) == "pptx"


def test_a_bomb_is_refused_without_being_unpacked_into_memory(deck: Path, tmp_path: Path) -> None:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with zipfile.ZipFile(tmp_path / "bomb.pptx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "presentationml.presentation.main")
        with archive.open("ppt/media/image1.bmp", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(bytes(MIB))
    assert refused(tmp_path / "bomb.pptx") == "deck_hostile"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 50 * 1024


def test_headers_that_lie_about_the_size_help_nothing(deck: Path, tmp_path: Path) -> None:
    assert refused(lying_zip(deck, tmp_path / "lies.pptx", 1000)) in {"deck_hostile", "deck_broken"}


def test_two_parts_of_one_name_are_hostile(deck: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.pptx"
    path.write_bytes(deck.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("ppt/presentation.xml", "<other/>")
    assert refused(path) == "deck_hostile"


def test_overlapping_parts_are_hostile(deck: Path, tmp_path: Path) -> None:
    content = bytearray(deck.read_bytes())
    one = content.rindex(b"PK\x01\x02")
    other = content.rindex(b"PK\x01\x02", 0, one)
    content[one + 42 : one + 46] = content[other + 42 : other + 46]
    (tmp_path / "overlap.pptx").write_bytes(content)
    assert refused(tmp_path / "overlap.pptx") == "deck_hostile"
