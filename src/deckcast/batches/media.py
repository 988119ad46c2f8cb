"""The files of an owner's presentations: which one stands behind each stable address."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from deckcast.batches import owned_repository, presentations_repository, repository
from deckcast.batches.context import current
from deckcast.batches.film_of import newest_film
from deckcast.batches.freshness import freshness_of
from deckcast.db.models import AvatarVideoRow, PresentationRow, SlideRow
from deckcast.kit.errors import CallError
from deckcast.videos.models import FRAME_RATE

FilmFile = Literal["film", "vtt", "srt", "poster"]

LONGEST_TITLE = 100
_NOT_IN_NAMES = frozenset('/\\:*?"<>|')


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A published file: its key, the name to save it under, and how long it plays (0: it does not)."""

    key: str
    name: str
    duration_s: float = 0.0

    def gone(self) -> CallError:
        """The file is not in the storage any more."""
        return CallError(
            "asset_gone",
            "This file is not there any more: files that nothing uses are removed after a while.",
            next_step="Make it again: what is finished is used again.",
        )


async def slide_image(owner: str, slide_id: str) -> MediaFile:
    """The picture of an owner's slide. Raises CallError not_found."""
    presentation, slide = await _slide(owner, slide_id)
    if slide.image_key is None:
        raise not_made("picture")
    return _named(presentation, slide, slide.image_key)


async def slide_audio(owner: str, slide_id: str) -> MediaFile:
    """The speech of an owner's slide that holds. Raises CallError not_found."""
    presentation, slide = await _slide(owner, slide_id)
    fresh = (await freshness_of(presentation)).get(slide_id)
    if fresh is None or fresh.speech is None:
        raise not_made("speech")
    return _named(presentation, slide, fresh.speech.audio_key, fresh.speech.duration_s)


async def slide_clip(owner: str, slide_id: str) -> MediaFile:
    """The newest clip of an owner's slide. Raises CallError not_found."""
    presentation, slide = await _slide(owner, slide_id)
    async with current().db.read() as session:
        clip = await presentations_repository.clip_of(session, slide_id)
    if clip is None:
        raise not_made("clip")
    return _named(presentation, slide, clip.asset_key, clip.frames / FRAME_RATE)


async def avatar_video(owner: str, video_id: str) -> MediaFile:
    """An owner's avatar video. Raises CallError not_found, asset_gone."""
    async with current().db.read() as session:
        video: AvatarVideoRow = await owned_repository.avatar_video(session, owner, video_id)
        slide = await session.get_one(SlideRow, video.slide_id)
        presentation = await session.get_one(PresentationRow, slide.presentation_id)
    if video.asset_key is None:
        if video.error_code == repository.RETIRED:
            raise MediaFile("", "").gone()
        raise not_made("video")
    return _named(presentation, slide, video.asset_key, video.duration_s or 0.0)


async def film_file(owner: str, presentation_id: str, which: FilmFile) -> MediaFile:
    """A file of the film of an owner's presentation. Raises CallError not_found."""
    async with current().db.read() as session:
        presentation = await owned_repository.presentation(session, owner, presentation_id)
    return await film_file_of(presentation, which)


async def film_file_of(presentation: PresentationRow, which: FilmFile) -> MediaFile:
    """A file of a presentation's film. Raises CallError not_found."""
    film = await newest_film(presentation)
    if film is None:
        raise not_made("film")
    keys = {"film": film.asset_key, "vtt": film.vtt_key, "srt": film.srt_key, "poster": film.poster_key}
    key = keys[which]
    duration_s = film.frames / FRAME_RATE if which == "film" else 0.0
    return MediaFile(key, f"{_plain(presentation.title)}{PurePosixPath(key).suffix}", duration_s)


def not_made(what: str) -> CallError:
    """There is no such thing yet."""
    return CallError("not_found", f"There is no {what} yet.", next_step="Have it made first.")


async def _slide(owner: str, slide_id: str) -> tuple[PresentationRow, SlideRow]:
    async with current().db.read() as session:
        return await owned_repository.slide(session, owner, slide_id)


def _named(presentation: PresentationRow, slide: SlideRow, key: str, duration_s: float = 0.0) -> MediaFile:
    name = f"{_plain(presentation.title)} - slide {slide.number:02d}{PurePosixPath(key).suffix}"
    return MediaFile(key, name, duration_s)


def _plain(title: str) -> str:
    """A title as the name of a file on any system."""
    kept = (" " if sign in _NOT_IN_NAMES else sign for sign in title if unicodedata.category(sign)[0] != "C")
    return " ".join("".join(kept).split())[:LONGEST_TITLE].strip(". ") or "presentation"
