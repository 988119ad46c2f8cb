"""Bits as H.264 writes them: fixed lengths, Exp-Golomb codes, and bytes that prevent false start codes."""

from __future__ import annotations

import re

START_CODE = b"\x00\x00\x01"
_FALSE_START = re.compile(rb"\x00\x00(?=[\x00-\x03])")


class BitWriter:
    """Collects bits, most significant first."""

    def __init__(self) -> None:
        self._value, self._count = 0, 0

    def u(self, value: int, count: int) -> None:
        """Append `count` bits, unsigned (7.2)."""
        self._value = self._value << count | value
        self._count += count

    def ue(self, value: int) -> None:
        """Append an unsigned Exp-Golomb code (9.1)."""
        self.u(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """Append a signed Exp-Golomb code (9.1.1)."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def filled_with_ones(self) -> bytes:
        """What was written, filled with ones up to a whole byte (cabac_alignment_one_bit, 7.3.4)."""
        rest = -self._count % 8
        return (self._value << rest | (1 << rest) - 1).to_bytes((self._count + rest) // 8, "big")


class BitReader:
    """Reads bits from the front. Raises ValueError where there are none left."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), len(data) * 8

    def u(self, count: int) -> int:
        """The next `count` bits, unsigned."""
        self._left -= count
        if self._left < 0:
            raise ValueError("no bits left")
        return self._value >> self._left & (1 << count) - 1

    def ue(self) -> int:
        """The next unsigned Exp-Golomb code."""
        zeros = 0
        while not self.u(1):
            zeros += 1
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """The next signed Exp-Golomb code."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)

    def rest(self) -> tuple[int, int]:
        """How many bits are left up to the stop bit, and their value with it (7.3.2.11)."""
        value = self._value & (1 << self._left) - 1
        zeros = (value & -value).bit_length() - 1 if value else self._left
        return self._left - zeros - 1, value >> zeros


def split_units(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream (Annex B), still escaped."""
    return [unit.rstrip(b"\x00") for unit in stream.split(START_CODE)[1:]]


def escape(unit: bytes) -> bytes:
    """A NAL unit with emulation prevention bytes (7.4.1), so that no start code appears in it."""
    return _FALSE_START.sub(b"\x00\x00\x03", unit)


def unescape(unit: bytes) -> bytes:
    """A NAL unit without its emulation prevention bytes."""
    return unit.replace(b"\x00\x00\x03", b"\x00\x00")
