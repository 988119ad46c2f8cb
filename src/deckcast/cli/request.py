"""From the words of a command to a MakeRequest; wrong words end in a CallError before anything starts."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deckcast.avatars.ports import TRANSPARENT, AvatarProvider
from deckcast.batches.context import current
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.batches.requests import (
    AUTO,
    DEFAULT_BACKGROUND,
    NOTHING_CHOSEN,
    PICTURES,
    Asked,
    Choices,
    background_invalid,
    request_for,
)
from deckcast.kit.errors import CallError
from deckcast.kit.files import copy_whole, scratch_dir
from deckcast.kit.fingerprint import file_sha256


@dataclass(frozen=True, slots=True)
class MakeOptions:
    """What was written after `deckcast make`, or another command that makes something of a deck."""

    deck: Path
    out: Path | None = None
    provider: str | None = None
    avatar: str | None = None
    voice: str | None = None
    language: str | None = None
    background: str | None = None
    layout: str = "auto"
    corner: str | None = None
    shape: str = "circle"
    size: str | None = None
    ai_mark: bool = False
    slides: str | None = None
    approach: str | None = None
    style: str | None = None
    regenerate: bool = False
    overwrite_edits: bool = False
    max_cost_usd: float | None = None
    json: bool = False

    @property
    def out_dir(self) -> Path:
        """Where the film goes: OUT, else a folder named after the deck in the working folder."""
        return self.out or Path.cwd() / self.deck.stem


async def request_of(
    options: MakeOptions,
    providers: Mapping[str, AvatarProvider],
    before: Choices = NOTHING_CHOSEN,
    kind: BatchKind = BatchKind.PRESENTATION_VIDEO,
) -> MakeRequest:
    """The request behind a command. Raises as `request_for`; CallError slides_invalid."""
    asked = Asked(
        provider=options.provider or current().settings.avatar.provider,
        avatar=options.avatar,
        voice=options.voice,
        language=options.language,
        background=await _background(options.background or DEFAULT_BACKGROUND),
        layout=options.layout,
        corner=options.corner or AUTO,
        shape=options.shape,
        size=options.size or AUTO,
        ai_mark=options.ai_mark,
        slides=parse_slides(options.slides) if options.slides else None,
        approach=options.approach,
        style=options.style,
        regenerate=options.regenerate,
        overwrite_edits=options.overwrite_edits,
        max_cost_usd=options.max_cost_usd,
    )
    return await request_for(kind, asked, providers, before)


async def _background(asked: str) -> str:
    """The background asked for, a picture's file as the asset key of a copy. Raises CallError background_invalid."""
    path = Path(asked)
    if asked.startswith("#") or asked.lower() == TRANSPARENT:
        return asked
    if not await asyncio.to_thread(path.is_file):
        raise background_invalid(asked)
    return await _kept(path, await asyncio.to_thread(_format_of, path))


async def _kept(picture: Path, suffix: str) -> str:
    """The asset key of a picture, named after its content."""
    context = current()
    key = f"{PICTURES}{await asyncio.to_thread(file_sha256, picture)}.{suffix}"
    if not await context.store.has(key):
        with scratch_dir(context.scratch, "background") as folder:
            copy = folder / f"picture.{suffix}"
            await asyncio.to_thread(copy_whole, picture, copy)
            await context.store.put(copy, key)
    return key


def _format_of(path: Path) -> str:
    """What a picture is ("png", "jpeg"), whatever its name says. Raises CallError background_invalid."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            picture.verify()
            return (picture.format or "picture").lower()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CallError(
            "background_invalid", f"{path.name} is not a picture.", next_step="Give a PNG or JPEG file."
        ) from error


def parse_slides(text: str) -> tuple[int, ...]:
    """ "1,3-5" → (1, 3, 4, 5). Raises CallError slides_invalid."""
    numbers: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise CallError(
                "slides_invalid",
                f"{text!r} does not name slides.",
                next_step='Write numbers and ranges, such as "1,3-5".',
            )
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))
