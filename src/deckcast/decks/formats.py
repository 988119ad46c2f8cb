"""What kind of deck a file is, told by its content and never by its name."""

from __future__ import annotations

import re
import zipfile
import zlib
from enum import StrEnum
from pathlib import Path

from deckcast.kit.errors import DeckError

_CFB_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CFB_SEARCHED_BYTES = 64 * 1024 * 1024
_SMALL_ENTRY_BYTES = 4 * 1024 * 1024
_CONVERT_NEXT = "Save it as a PowerPoint (.pptx) or PDF file and try again."
_KINDS_READ = "PowerPoint (.pptx, .pptm, .ppsx, .potx, .ppt), OpenDocument (.odp) and PDF"


class Kind(StrEnum):
    """The formats that are read. The value is the usual file extension."""

    PPTX = "pptx"  # also .pptm
    PPSX = "ppsx"  # also .ppsm: a PowerPoint show
    POTX = "potx"  # also .potm: a PowerPoint template
    STRICT = "strict.pptx"  # the ISO "strict" flavour, which only LibreOffice reads here
    PPT = "ppt"  # also .pps, .pot: PowerPoint 97-2003
    ODP = "odp"  # also .otp
    PDF = "pdf"

    @property
    def is_office_xml(self) -> bool:
        """True where the deck's own slides can be read without converting it first."""
        return self in (Kind.PPTX, Kind.PPSX, Kind.POTX)


def detect(path: Path) -> Kind:
    """Tell the format of the file at `path`.

    Raises DeckError: deck_unknown_format, deck_encrypted, deck_broken.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if head.startswith(b"PK"):
        return _detect_zip(path)
    if head.startswith(_CFB_MAGIC):
        return _detect_compound(path)
    if b"%PDF-" in head:
        return Kind.PDF
    raise _unknown(path, "This file is not a deck that Deckcast knows.")


def encrypted(path: Path) -> DeckError:
    """The error for a deck that asks for a password."""
    return DeckError(
        "deck_encrypted",
        f"{path.name} is protected with a password.",
        next_step="Open it, remove the password, save it and try again.",
    )


def broken(path: Path, reason: str) -> DeckError:
    """The error for a deck that is damaged; `reason` is a short phrase."""
    return DeckError(
        "deck_broken",
        f"{path.name} is damaged: {reason}.",
        next_step="Open it in PowerPoint or LibreOffice, save it as a new file and try again.",
    )


def _detect_zip(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                return _detect_office_xml(
                    path, _small(archive, "[Content_Types].xml"), _small(archive, "_rels/.rels")
                )
            if "mimetype" in names:
                return _detect_open_document(path, archive)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        raise broken(path, "its archive cannot be opened; it may be cut off") from error
    except zlib.error as error:
        raise broken(path, "its archive cannot be unpacked") from error
    raise _unknown(path, "This is a ZIP archive, not a deck.")


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as entry:
            return entry.read(_SMALL_ENTRY_BYTES)
    except KeyError:
        return b""


def _detect_office_xml(path: Path, types: bytes, relationships: bytes) -> Kind:
    if b"purl.oclc.org/ooxml" in relationships:
        return Kind.STRICT
    if re.search(rb"presentationml\.slideshow\.main|powerpoint\.slideshow\.macroEnabled\.main", types):
        return Kind.PPSX
    if re.search(rb"presentationml\.template\.main|powerpoint\.template\.macroEnabled\.main", types):
        return Kind.POTX
    if re.search(rb"presentationml\.presentation\.main|powerpoint\.presentation\.macroEnabled\.main", types):
        return Kind.PPTX
    if b"wordprocessingml" in types:
        raise _unknown(path, "This is a Word document, not a deck.")
    if b"spreadsheetml" in types:
        raise _unknown(path, "This is an Excel workbook, not a deck.")
    raise _unknown(path, "This Office file holds no presentation.")


def _detect_open_document(path: Path, archive: zipfile.ZipFile) -> Kind:
    mimetype = _small(archive, "mimetype").decode("ascii", "replace").strip()
    if not mimetype.startswith("application/vnd.oasis.opendocument.presentation"):
        raise _unknown(path, "This OpenDocument file holds no presentation.")
    if b"encryption-data" in _small(archive, "META-INF/manifest.xml"):
        raise encrypted(path)
    return Kind.ODP


def _detect_compound(path: Path) -> Kind:
    """Old Office files and encrypted new ones share one container; the names of its streams tell them apart."""
    with path.open("rb") as file:
        content = file.read(_CFB_SEARCHED_BYTES)
    if _stream(content, "EncryptedPackage") or _stream(content, "EncryptedSummary"):
        raise encrypted(path)
    if _stream(content, "PowerPoint Document"):
        return Kind.PPT
    if _stream(content, "WordDocument"):
        raise _unknown(path, "This is a Word document, not a deck.")
    if _stream(content, "Workbook"):
        raise _unknown(path, "This is an Excel workbook, not a deck.")
    raise _unknown(path, "This Office file holds no presentation.")


def _stream(content: bytes, name: str) -> bool:
    return name.encode("utf-16-le") in content


def _unknown(path: Path, what: str) -> DeckError:
    return DeckError(
        "deck_unknown_format",
        f"{path.name}: {what}",
        next_step=f"Deckcast reads {_KINDS_READ}. {_CONVERT_NEXT}",
    )
