"""Limits on a zipped deck, checked before anything in it is parsed: a small file can inflate to gigabytes."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from deckcast.decks.formats import broken, encrypted
from deckcast.kit.errors import DeckError

MAX_ENTRIES = 5_000
MAX_INFLATED_BYTES = 500 * 1024 * 1024
MAX_RATIO = 100
RATIO_COUNTS_FROM_BYTES = 10 * 1024 * 1024
"""Ordinary XML repeats itself and packs well; a ratio says something only for a large entry."""
_PIECE_BYTES = 256 * 1024
_LOCAL_HEADER = struct.Struct("<4s2B4HL2L2H")
_ENCRYPTED_FLAG = 0x1


def check_archive(path: Path) -> None:
    """Refuse a zip that is damaged, encrypted, too large when inflated, or built to deceive.

    Inflates every entry in pieces and counts what comes out, since headers can lie; memory stays below 1 MB.
    Raises DeckError: deck_broken, deck_encrypted, deck_too_large, deck_hostile.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_count(path, len(entries))
            _check_names(path, entries)
            _check_places(path, file, entries, archive.start_dir)
            _check_inflated(path, archive, entries)
    except DeckError:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        struct.error,
        RuntimeError,
        ValueError,
    ) as error:
        raise broken(path, "its archive cannot be unpacked; it may be cut off") from error
    except NotImplementedError as error:
        raise broken(path, "its archive is packed in a way no Office program uses") from error


def _check_count(path: Path, count: int) -> None:
    if count > MAX_ENTRIES:
        raise _too_large(path, f"{count:,} parts; at most {MAX_ENTRIES:,} are read")


def _check_names(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise encrypted(path)
        name = entry.filename.lower()
        if name in seen:
            raise _hostile(path, "it holds two parts of the same name")
        seen.add(name)


def _check_places(path: Path, file: IO[bytes], entries: list[zipfile.ZipInfo], directory_start: int) -> None:
    """Each entry's bytes must lie apart from every other's and before the directory."""
    end = 0
    for entry in sorted(entries, key=lambda item: item.header_offset):
        file.seek(entry.header_offset)
        fields = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
        if fields[0] != b"PK\x03\x04":
            raise broken(path, "its archive's directory is wrong")
        start, header = entry.header_offset, _LOCAL_HEADER.size + fields[-2] + fields[-1]
        if start < end or start + header + entry.compress_size > directory_start:
            raise _hostile(path, "its parts overlap")
        end = start + header + entry.compress_size


def _check_inflated(path: Path, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    total = 0
    for entry in entries:
        size = 0
        for piece in _pieces(archive, entry):
            size += piece
            total += piece
            if total > MAX_INFLATED_BYTES:
                limit_mb = MAX_INFLATED_BYTES // 1024**2
                raise _too_large(
                    path, f"more than {limit_mb} MB when unpacked, which is the most that is read"
                )
            if size > RATIO_COUNTS_FROM_BYTES and size > MAX_RATIO * max(1, entry.compress_size):
                raise _hostile(path, f"a part of it unpacks to more than {MAX_RATIO} times its size")


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[int]:
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield len(piece)


def _too_large(path: Path, what: str) -> DeckError:
    return DeckError(
        "deck_too_large",
        f"{path.name} is too large: {what}.",
        next_step="Split the deck or compress its pictures and try again.",
    )


def _hostile(path: Path, what: str) -> DeckError:
    return DeckError(
        "deck_hostile",
        f"{path.name} was refused because {what}, as in files made to do harm.",
        next_step="If you trust it, open it in PowerPoint, save it as a new file and try again.",
    )
