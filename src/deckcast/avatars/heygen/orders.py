"""From a request to the body of the create call: limits, framing, engine, and a title that can be found again."""

from __future__ import annotations

import hashlib
import math
import re
import wave
from pathlib import Path
from typing import Any

from PIL import Image

from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest, Capabilities
from deckcast.kit.errors import CallError

MAX_TITLE_CHARS = 64  # short, so that nobody cuts the token off
MAX_PICTURE_BYTES = 50_000_000
SHORTEST_AUDIO_S = 0.1
SHAPES = {"16:9": 16 / 9, "5:4": 5 / 4, "1:1": 1.0, "4:5": 4 / 5, "9:16": 9 / 16}
DEFAULT_ENGINE = "avatar_iv"
OTHER_ENGINES = ("avatar_v", "avatar_iii")  # the better one first
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
MAX_PICTURE_SIDE = 1920
PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def idempotency_key(key: str) -> str:
    """The submission key in the characters that HeyGen allows (1–255 of A–Z a–z 0–9 _ - : .)."""
    return key if re.fullmatch(r"[A-Za-z0-9_\-:.]{1,255}", key) else hashlib.sha256(key.encode()).hexdigest()


def title_token(key: str) -> str:
    """What a title holds so that the video of a submission key can be found: short, one of 2^80, from the key."""
    return f"dc-{hashlib.sha256(f'title {key}'.encode()).hexdigest()[:20]}"


def tokens_in(title: str) -> list[str]:
    """The tokens of submission keys in a title."""
    return re.findall(r"dc-[0-9a-f]{20}", title)


def title_with_token(title: str, key: str) -> str:
    """The human title, trimmed, and the token of the submission key."""
    token = f"[{title_token(key)}]"
    words = " ".join(title.split())[: MAX_TITLE_CHARS - len(token) - 1].rstrip()
    return f"{words} {token}".strip()


def shape_for(width: int, height: int) -> str:
    """The aspect ratio of HeyGen's that is nearest to the size asked for, so that least is cropped away."""
    wanted = math.log(width / height)
    return min(SHAPES, key=lambda name: abs(math.log(SHAPES[name]) - wanted))


def engine_for(supported: list[str]) -> dict[str, Any]:
    """Nothing where the look can do what HeyGen does by default, else the best engine that it supports."""
    if not supported or DEFAULT_ENGINE in supported:
        return {}
    best = next((name for name in OTHER_ENGINES if name in supported), supported[0])
    return {"engine": {"type": best}}


def check_limits(request: AvatarVideoRequest, can: Capabilities) -> None:
    """Everything that can be said before anything is brought over; reads the files' headers.

    Raises CallError script_too_short, script_too_long, audio_missing, audio_unreadable, audio_too_long,
    audio_too_large, background_invalid.
    """
    if request.audio is not None:
        _check_audio(request.audio, can)
    else:
        _check_script(request.text, can)
    if request.background != TRANSPARENT and not COLOUR.fullmatch(request.background):
        picture_type(Path(request.background))


def _check_script(text: str, can: Capabilities) -> None:
    if not any(sign.isalnum() for sign in text):
        raise CallError("script_too_short", "There is nothing to say for this video.")
    if can.max_script_chars is not None and len(text) > can.max_script_chars:
        raise CallError(
            "script_too_long",
            f"The narrative has {len(text)} characters; HeyGen speaks at most {can.max_script_chars}.",
            next_step="Shorten it, split the slide, or let Deckcast speak it.",
        )


def _check_audio(path: Path, can: Capabilities) -> None:
    if not path.is_file():
        raise CallError("audio_missing", "The speech to present is not there any more.")
    size = path.stat().st_size
    if can.max_audio_bytes is not None and size > can.max_audio_bytes:
        raise CallError(
            "audio_too_large",
            f"The speech is a file of {size / 1e6:.0f} MB; HeyGen takes {can.max_audio_bytes / 1e6:.0f} MB.",
            next_step="Split the narrative over two slides.",
        )
    duration_s = _wav_duration_s(path)
    if duration_s < SHORTEST_AUDIO_S:
        raise CallError("script_too_short", "There is nothing to hear in the speech of this video.")
    if can.max_audio_s is not None and duration_s > can.max_audio_s:
        raise CallError(
            "audio_too_long",
            f"The speech lasts {duration_s:.0f} s; HeyGen takes at most {can.max_audio_s:.0f} s.",
            next_step="Split the narrative over two slides.",
        )


def _wav_duration_s(path: Path) -> float:
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, ZeroDivisionError) as error:
        raise CallError("audio_unreadable", "The speech to present is not a WAV file.") from error


def picture_type(path: Path) -> str:
    """The MIME type of a background picture. Raises CallError background_invalid."""
    if path.is_file() and path.stat().st_size <= MAX_PICTURE_BYTES:
        with path.open("rb") as file:
            head = file.read(8)
        for magic, mime in PICTURES.items():
            if head.startswith(magic):
                return mime
    raise _not_a_picture()


def _not_a_picture() -> CallError:
    return CallError(
        "background_invalid",
        "The background is neither a colour nor a PNG or JPEG picture of at most 50 MB.",
        next_step='Write a colour like "#1F3A5F", or give another picture.',
    )


def fitted_picture(path: Path, folder: Path) -> Path:
    """The picture itself, or a smaller copy in `folder` where it has more pixels than HeyGen takes (2K).

    Raises CallError background_invalid.
    """
    try:
        with Image.open(path) as picture:
            if max(picture.size) <= MAX_PICTURE_SIDE:
                return path
            copy = folder / path.name
            kind = picture.format
            picture.thumbnail((MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
            picture.save(copy, format=kind)
            return copy
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise _not_a_picture() from error
