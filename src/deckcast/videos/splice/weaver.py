"""Laying the box's slices and skipped macroblocks together to whole pictures."""

from __future__ import annotations

from dataclasses import dataclass

from deckcast.videos.models import PixelBox
from deckcast.videos.splice.bits import START_CODE, escape
from deckcast.videos.splice.cabac import SKIP_QP, skipped
from deckcast.videos.splice.slices import (
    Parameters,
    SliceHeader,
    SpliceError,
    read_header,
    skip_header,
    write_header,
)


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A picture but for the box's slice data: how each of its rows must begin, what stands there instead (with the
    skipped macroblocks before it), and the skipped macroblocks after the last."""

    old: tuple[bytes, ...]
    new: tuple[bytes, ...]
    end: bytes


class Weaver:
    """Makes the NAL units of pictures that follow a key picture (Annex B)."""

    def __init__(self, big: Parameters, small: Parameters, box: PixelBox) -> None:
        """`box` in pixels, whole macroblocks; `small` are the parameter sets of its stream."""
        self._big, self._small = big, small
        self._column, self._row = box.x // 16, box.y // 16
        self._patterns: dict[tuple[SliceHeader, int], _Pattern] = {}

    def picture(self, place: int, rows: list[bytes]) -> bytes:
        """The picture `place` after a key picture, from the slices of the box's rows.

        Raises SpliceError where they are not as expected.
        """
        if len(rows) != self._small.rows:
            raise SpliceError("the box has not one slice per row")
        frame_num = place % (1 << self._big.frame_num_bits)
        key = (read_header(rows[0], self._small), frame_num)
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = self._pattern(*key)
        parts: list[bytes] = []
        for row, old, new in zip(rows, pattern.old, pattern.new, strict=True):
            if not row.startswith(old):
                raise SpliceError("the box's slices are not what they were expected to be")
            parts += new, row[len(old) :]
        return b"".join((*parts, pattern.end))

    def _pattern(self, header: SliceHeader, frame_num: int) -> _Pattern:
        big, small = self._big, self._small
        moved = header.moved(frame_num)
        new, done = [], 0
        for row in range(small.rows):
            first = (self._row + row) * big.columns + self._column
            skip = skip_unit(done, first - done, frame_num, big)
            new.append(skip + START_CODE + write_header(moved, first, big))
            done = first + small.columns
        return _Pattern(
            tuple(write_header(header, row * small.columns, small) for row in range(small.rows)),
            tuple(new),
            skip_unit(done, big.columns * big.rows - done, frame_num, big),
        )


def still_picture(place: int, big: Parameters) -> bytes:
    """The picture `place` after a key picture that repeats the one before."""
    return skip_unit(0, big.columns * big.rows, place % (1 << big.frame_num_bits), big)


def skip_unit(first: int, count: int, frame_num: int, big: Parameters) -> bytes:
    """A slice that repeats `count` macroblocks from `first` on; nothing where there are none."""
    if count == 0:
        return b""
    header = write_header(skip_header(frame_num, SKIP_QP), first, big)
    return START_CODE + header + escape(skipped(count))
