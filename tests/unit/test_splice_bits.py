"""Bits, escapes and slice headers, there and back again."""

from __future__ import annotations

import random

import pytest

from deckcast.videos.splice.bits import BitReader, BitWriter, escape, split_units, unescape
from deckcast.videos.splice.cabac import skipped
from deckcast.videos.splice.slices import Parameters, SliceHeader, SpliceError, read_header, write_header

BIG = Parameters(120, 68, 4, 21, 40, ())


def test_codes_come_back_as_they_were_written() -> None:
    dice = random.Random(1)
    unsigned = [dice.randrange(1 << dice.randrange(1, 16)) for _ in range(200)]
    signed = [dice.randrange(-5000, 5000) for _ in range(200)]
    bits = BitWriter()
    for a, b in zip(unsigned, signed, strict=True):
        bits.ue(a)
        bits.se(b)
    read = BitReader(bits.filled_with_ones())
    assert [(read.ue(), read.se()) for _ in range(200)] == list(zip(unsigned, signed, strict=True))


def test_the_rest_ends_before_the_stop_bit() -> None:
    read = BitReader(bytes([0b1010_1101, 0b1000_0000, 0]))
    assert read.u(4) == 0b1010
    assert read.rest() == (4, 0b11011)
    with pytest.raises(ValueError, match="no bits"):
        read.u(21)


def test_no_start_code_is_left_and_escapes_are_taken_back() -> None:
    dice = random.Random(2)
    for _ in range(300):
        unit = bytes(dice.choice((0, 0, 0, 1, 2, 3, 4, 255)) for _ in range(40)) + b"\x80"
        safe = escape(unit)
        assert unescape(safe) == unit
        assert not any(code in safe for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert split_units(b"\0\0\0\1ab\0\0\1cd\0\0\0\1e") == [b"ab", b"cd", b"e"]


@pytest.mark.parametrize(
    "header",
    [
        SliceHeader(5, 7, 20),
        SliceHeader(0, 15, 51),
        SliceHeader(2, 0, 14),
        SliceHeader(7, 0, 13, key=True, key_number=3),
    ],
)
def test_a_header_is_read_as_it_was_written(header: SliceHeader) -> None:
    unit = write_header(header, 4321, BIG)
    assert read_header(unit + b"payload", BIG) == header
    assert unit[-1] != 0
    moved = header.moved(9)
    assert (moved.kind, moved.frame_num, moved.key) == (header.kind % 5, 9, False)


def test_a_header_that_wants_deblocking_is_refused() -> None:
    bits = BitWriter()
    for code in (0, 5, 0):
        bits.ue(code)
    bits.u(3, 4)
    bits.u(0, 3)
    for code in (0, 0, 0):  # cabac_init_idc, slice_qp_delta, disable_deblocking_filter_idc
        bits.ue(code)
    with pytest.raises(SpliceError):
        read_header(b"\x41" + bits.filled_with_ones() + b"\xff" * 8, BIG)


def test_a_still_picture_is_a_few_bytes() -> None:
    assert len(skipped(1)) <= 2
    assert len(skipped(120 * 68)) < 40
