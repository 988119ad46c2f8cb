"""Read a deck: check the file, parse it locked in, draw its slides, and say what will not come out as expected."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from deckcast.decks.archive import check_archive
from deckcast.decks.findings import DrawnPage, ReadDeck
from deckcast.decks.finish import finished_deck, keyed
from deckcast.decks.formats import Kind, broken, detect
from deckcast.decks.locked import draw_locked, read_locked
from deckcast.decks.models import Deck, Warning
from deckcast.decks.office import require_soffice, soffice_path, to_pdf, to_pptx
from deckcast.decks.sandbox import SandboxState, require_sandbox, sandbox_state
from deckcast.kit.errors import DeckError
from deckcast.kit.files import copy_whole, scratch_dir
from deckcast.kit.settings import LimitSettings

__all__ = ["SandboxState", "check_deck", "read_deck", "sandbox_state", "soffice_path"]


def check_deck(path: Path, limits: LimitSettings) -> str:
    """The kind of deck (`pptx`, `odp`, `pdf`, …), told by content; quick, and parses nothing.

    Raises DeckError: deck_not_found, deck_unreadable, deck_empty, deck_too_large, deck_unknown_format,
    deck_encrypted, deck_broken, deck_hostile.
    """
    return _checked(path, limits).value


def read_deck(
    path: Path, out_dir: Path, limits: LimitSettings, scratch: Path, allow_unsandboxed: bool = False
) -> Deck:
    """Read the deck at `path` and write one 1920 × 1080 picture per slide into `out_dir`.

    Pictures are named after the slides' keys; boxes are in fractions of them, bars included. `scratch` holds
    temporary files, which are removed. A slide that cannot be drawn has no picture and a warning instead.
    Raises DeckError (as `check_deck`, and deck_out_of_time, deck_not_rendered) and MachineError
    (sandbox_missing, converter_missing, disk_full, not_writable).
    """
    kind = _checked(path, limits)
    sandboxed = require_sandbox(allow_unsandboxed)
    if kind is not Kind.PDF:
        require_soffice()
    with scratch_dir(scratch, "deck") as work:
        read, pdf = _read(path, kind, limits, work, sandboxed=sandboxed)
        numbered = [f"{number:04d}" for number in range(1, len(read.slides) + 1)]
        drawn = draw_locked(
            pdf, path, work / "drawn", numbered, limits.convert_timeout_s, sandboxed=sandboxed
        )
        if not any(page.image for page in drawn):
            raise _nothing_drawn(path, drawn)
        drawn = tuple(_checked_picture(page, work / "drawn") for page in drawn)
        keyed_deck = keyed(
            read, [_picture_in(page, work / "drawn") for page in drawn], own=kind.is_office_xml
        )
        images = [
            _publish(page, work / "drawn", out_dir, item.slide.key)
            for page, item in zip(drawn, keyed_deck.slides, strict=True)
        ]
    deck = finished_deck(keyed_deck, drawn, images, path)
    return deck if sandboxed else replace(deck, warnings=(*deck.warnings, _NOT_SANDBOXED))


_NOT_SANDBOXED = Warning(
    "not_sandboxed",
    "This deck was opened without a sandbox: a harmful one could have read files or fetched addresses.",
)


def _checked(path: Path, limits: LimitSettings) -> Kind:
    _check_file(path, limits)
    try:
        kind = detect(path)
    except OSError as error:
        raise _unreadable(path) from error
    if kind not in (Kind.PDF, Kind.PPT):
        check_archive(path)
    return kind


def _check_file(path: Path, limits: LimitSettings) -> None:
    try:
        if not path.exists():
            raise DeckError(
                "deck_not_found", f"There is no file {path}.", next_step="Check the name and the folder."
            )
        if not path.is_file():
            raise DeckError(
                "deck_unreadable", f"{path} is not a file.", next_step="Give the deck file itself."
            )
        size = path.stat().st_size
    except OSError as error:
        raise _unreadable(path) from error
    if not size:
        raise broken(path, "the file is empty")
    if size > limits.deck_size_bytes:
        raise DeckError(
            "deck_too_large",
            f"{path.name} has {size / 1024**2:,.0f} MB; at most {limits.deck_size_bytes / 1024**2:,.0f} MB are read.",
            next_step="Compress its pictures, split it, or raise DECKCAST_LIMITS__DECK_SIZE_BYTES.",
        )


def _unreadable(path: Path) -> DeckError:
    return DeckError(
        "deck_unreadable", f"{path} cannot be read.", next_step="Check that you may read this file."
    )


def _read(
    path: Path, kind: Kind, limits: LimitSettings, work: Path, *, sandboxed: bool
) -> tuple[ReadDeck, Path]:
    """The deck's words and a PDF of its slides."""
    timeout_s = limits.convert_timeout_s
    if kind is Kind.PDF:
        return read_locked(path, path, work / "read", limits.slides, pdf=True, sandboxed=sandboxed), path
    source = path
    if not kind.is_office_xml:
        source = to_pptx(path, kind, work / "to-pptx", timeout_s, sandboxed=sandboxed)
        check_archive(source)
    read = read_locked(source, path, work / "read", limits.slides, pdf=False, sandboxed=sandboxed)
    return read, to_pdf(path, kind, work / "to-pdf", timeout_s, sandboxed=sandboxed)


def _nothing_drawn(path: Path, drawn: tuple[DrawnPage, ...]) -> DeckError:
    reason = next((page.reason for page in drawn if page.reason), "no page came out")
    return DeckError(
        "deck_not_rendered",
        f"No slide of {path.name} could be drawn: {reason}.",
        next_step="Save the deck as PDF in PowerPoint and use that.",
    )


def _checked_picture(page: DrawnPage, folder: Path) -> DrawnPage:
    """What comes from the sandbox is not trusted: a plain file directly in its folder, or nothing."""
    if page.image is None:
        return page
    file = folder / page.image
    fine = re.fullmatch(r"\d{4,}\.(png|jpg)", page.image) and file.is_file() and not file.is_symlink()
    return page if fine else replace(page, image=None, reason="its picture was not written")


def _picture_in(page: DrawnPage, folder: Path) -> Path | None:
    return folder / page.image if page.image else None


def _publish(page: DrawnPage, folder: Path, out_dir: Path, key: str) -> Path | None:
    if page.image is None:
        return None
    source = folder / page.image
    target = out_dir / (re.sub(r"[^A-Za-z0-9_-]", "_", key) + source.suffix)
    copy_whole(source, target)
    target.with_suffix(".jpg" if source.suffix == ".png" else ".png").unlink(missing_ok=True)
    return target
