"""Slices that repeat the picture before: runs of skipped macroblocks, arithmetically coded (H.264, clause 9.3)."""

from __future__ import annotations

from functools import lru_cache

SKIP_QP = 51
"""The quantiser such slices name. Nothing is quantised in them, so it only chooses the state in which
mb_skip_flag starts: at 51 (cabac_init_idc 0, m 23, n 33) a skip is the probable symbol from the first on."""

_FIRST_STATE = ((23 * SKIP_QP) >> 4) + 33 - 64
_LAST_STATE = 62
# Table 9-44, states 42 to 62: the width of the improbable symbol for each quarter of the range.
_IMPROBABLE = (
    (16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22), (12, 15, 18, 21),
    (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17), (10, 12, 14, 16), (9, 11, 13, 15),
    (9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13), (7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11),
    (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9),
)  # fmt: skip


@lru_cache
def skipped(macroblocks: int) -> bytes:
    """The slice data of so many skipped macroblocks and the stop bit, in whole bytes, not escaped.

    Each is mb_skip_flag 1 (all neighbours are skipped or of other slices, so that its context is always the first,
    9.3.3.1.1.1) and end_of_slice_flag 0, at last 1. All but that last one are the probable symbol, so the low end
    of the interval stays at nought, and only its width and the count of its doublings have to be kept.
    """
    width, doublings, state = 510, 0, _FIRST_STATE
    for number in range(1, macroblocks + 1):
        width -= _IMPROBABLE[state - _FIRST_STATE][width >> 6 & 3]
        if width < 256:
            width, doublings = width << 1, doublings + 1
        state = min(state + 1, _LAST_STATE)
        width -= 2  # end_of_slice_flag (9.3.4.5)
        if width < 256 and number < macroblocks:
            width, doublings = width << 1, doublings + 1
    # Flushing: the low end is now the width, sent with as many leading bits as there were doublings; its last bit
    # is the stop bit.
    rest = -(doublings + 9) % 8
    return ((width | 1) << rest).to_bytes((doublings + 9 + rest) // 8, "big")
