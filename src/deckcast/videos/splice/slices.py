"""What the parameter sets and slice headers of x264 say, as far as slices are to be moved to another picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deckcast.videos.splice.bits import BitReader, BitWriter, escape, unescape

_PLAIN, _IDR, _SPS, _PPS = 1, 5, 7, 8
_P, _I = 0, 2
_WITH_CHROMA_FORMAT = {100, 110, 122, 244}


class SpliceError(Exception):
    """The stream is not of the kind that can be spliced."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameter sets: size in macroblocks, bits of frame_num, quantiser from which slices count, and all that must
    be equal for slices to mean the same in both streams."""

    columns: int
    rows: int
    frame_num_bits: int
    first_qp: int
    level: int
    rest: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class SliceHeader:
    """A slice header (7.3.3) without first_mb_in_slice. `kind` is slice_type, 5 to 9 as x264 writes it."""

    kind: int
    frame_num: int
    quantiser: int
    init: int = 0
    key: bool = False
    key_number: int = 0

    @property
    def intra(self) -> bool:
        """Whether nothing is taken from other pictures."""
        return self.kind % 5 == _I

    def moved(self, frame_num: int) -> SliceHeader:
        """The header in a picture that is no key picture and may hold slices of other types."""
        return replace(self, kind=self.kind % 5, frame_num=frame_num, key=False, key_number=0)


def skip_header(frame_num: int, quantiser: int) -> SliceHeader:
    """The header of a slice of skipped macroblocks."""
    return SliceHeader(_P, frame_num, quantiser)


def is_slice(unit: bytes) -> bool:
    """Whether a NAL unit holds picture."""
    return unit[0] & 31 in (_PLAIN, _IDR)


def read_parameters(units: list[bytes]) -> Parameters:
    """The first SPS and PPS among NAL units. Raises SpliceError for kinds of streams that x264 is not asked for."""
    try:
        sps = next(unit for unit in units if unit[0] & 31 == _SPS)
        pps = next(unit for unit in units if unit[0] & 31 == _PPS)
        columns, rows, bits, rest = _read_sps(sps)
        first_qp, more = _read_pps(pps)
        return Parameters(columns, rows, bits, first_qp, sps[3], (*rest, *more))
    except (StopIteration, ValueError, IndexError) as error:
        raise SpliceError("no parameter sets that can be read") from error


def _read_sps(unit: bytes) -> tuple[int, int, int, tuple[object, ...]]:
    """Clause 7.3.2.1.1."""
    bits = BitReader(unescape(unit[4:]))
    _demand("profile", unit[1] not in _WITH_CHROMA_FORMAT)
    number, frame_num_bits = bits.ue(), bits.ue() + 4
    _demand("pictures counted by frame_num", bits.ue() == 2)
    _demand("one reference picture without gaps", (bits.ue(), bits.u(1)) == (1, 0))
    columns, rows = bits.ue() + 1, bits.ue() + 1
    _demand("frames", bits.u(1) == 1)
    direct = bits.u(1)
    if bits.u(1):  # cropping
        for _ in range(4):
            bits.ue()
    return columns, rows, frame_num_bits, (unit[1:4], number, direct, bits.rest())


def _read_pps(unit: bytes) -> tuple[int, tuple[object, ...]]:
    """Clause 7.3.2.2; returns pic_init_qp and the rest."""
    bits = BitReader(unescape(unit[1:]))
    _demand("first parameter sets", (bits.ue(), bits.ue()) == (0, 0))
    _demand("CABAC without bottom field order", (bits.u(1), bits.u(1)) == (1, 0))
    _demand("one slice group and reference", (bits.ue(), bits.ue(), bits.ue()) == (0, 0, 0))
    _demand("no weights", (bits.u(1), bits.u(2)) == (0, 0))
    first_qp = 26 + bits.se()
    bits.se()  # pic_init_qs, of no use
    colour = bits.se()
    _demand("deblocking by slice", (bits.u(1), bits.u(1), bits.u(1)) == (1, 0, 0))
    return first_qp, (colour, bits.rest())


def read_header(unit: bytes, parameters: Parameters) -> SliceHeader:
    """The header of a slice as x264 writes it. Raises SpliceError where it holds what could not be moved."""
    bits = BitReader(unescape(unit[1:40]))
    key = unit[0] & 31 == _IDR
    try:
        bits.ue()
        kind, number, frame_num = bits.ue(), bits.ue(), bits.u(parameters.frame_num_bits)
        _demand("I or P of the first parameter set", kind % 5 in (_P, _I) and number == 0)
        intra = kind % 5 == _I
        key_number = bits.ue() if key else 0
        _demand("the picture before as reference", intra or (bits.u(1), bits.u(1)) == (0, 0))
        _demand("plain marking", bits.u(2 if key else 1) == 0)
        init = 0 if intra else bits.ue()
        quantiser = parameters.first_qp + bits.se()
        _demand("no deblocking", bits.ue() == 1)
    except ValueError as error:
        raise SpliceError("a slice header that ends early") from error
    return SliceHeader(kind, frame_num, quantiser, init, key, key_number)


def write_header(header: SliceHeader, first_macroblock: int, parameters: Parameters) -> bytes:
    """A slice's NAL unit up to its CABAC data: type, header, alignment; escaped. Its last byte is never nought, so
    the escaping of what follows does not depend on it."""
    bits = BitWriter()
    bits.ue(first_macroblock)
    bits.ue(header.kind)
    bits.ue(0)
    bits.u(header.frame_num, parameters.frame_num_bits)
    if header.key:
        bits.ue(header.key_number)
    if not header.intra:
        bits.u(0, 2)  # num_ref_idx_active_override_flag, ref_pic_list_modification_flag_l0
    bits.u(0, 2 if header.key else 1)  # dec_ref_pic_marking
    if not header.intra:
        bits.ue(header.init)
    bits.se(header.quantiser - parameters.first_qp)
    bits.ue(1)  # disable_deblocking_filter_idc
    kind = bytes([0x65 if header.key else 0x41])  # nal_ref_idc 3 and 2
    return escape(kind + bits.filled_with_ones())


def _demand(what: str, holds: bool) -> None:
    if not holds:
        raise SpliceError(f"the stream has not: {what}")
