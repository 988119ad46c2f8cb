"""Row ids: sortable by time, unguessable enough, short enough to read aloud in part."""

from __future__ import annotations

import secrets
import time
from typing import NewType

PresentationId = NewType("PresentationId", str)
SlideId = NewType("SlideId", str)
BatchId = NewType("BatchId", str)
SpeechId = NewType("SpeechId", str)
AvatarVideoId = NewType("AvatarVideoId", str)
RenderJobId = NewType("RenderJobId", str)


def new_id(prefix: str) -> str:
    """`prefix_` + 11 digits of milliseconds in hex + 16 random hex digits."""
    return f"{prefix}_{time.time_ns() // 1_000_000:011x}{secrets.token_hex(8)}"
