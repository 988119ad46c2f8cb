"""Lines written from the right, told so to players that would start them from the left."""

from __future__ import annotations

import unicodedata

_FROM_RIGHT, _AS_BEFORE = "\u202b", "\u202c"  # known to every player that can write from the right at all
_SHARE = 0.15


def directed(text: str) -> str:
    """The lines of a caption, each marked where the caption is written from the right.

    A player takes a line's direction from its first letter, or knows only one from the left: a line that starts with
    a number or a Latin name then stands in the wrong order, and a closing mark at the wrong end.
    """
    if not is_from_right(text):
        return text
    return "\n".join(f"{_FROM_RIGHT}{line}{_AS_BEFORE}" for line in text.split("\n"))


def is_from_right(text: str) -> bool:
    """Whether the words are Arabic, Hebrew or of another such script; names in Latin letters may stand among them."""
    kinds = [unicodedata.bidirectional(character) for character in text]
    right = sum(kind in ("R", "AL") for kind in kinds)
    return right > 0 and right >= _SHARE * (right + kinds.count("L"))
