"""A presentation whose film is made, as rows and small files; nothing is at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from deckcast.avatars.local.provider import request_to_json
from deckcast.avatars.ports import AvatarVideoRequest
from deckcast.batches.context import Context
from deckcast.batches.films import Part, film_fingerprint
from deckcast.batches.models import MakeRequest
from deckcast.db.models import (
    AvatarVideoRow,
    BatchRow,
    ItemRow,
    NarrativeRow,
    PresentationRow,
    PresentationVideoRow,
    SlideClipRow,
    SlideRow,
    SpeechRow,
)

OWNER = "local"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000010000000090802000000b4483b6500000017494441"
    "54789c63fcffff3f0329808924d5a31a68a501003160030f7ab2d81b0000000049454e44ae426082"
)  # a small white picture
FILM = bytes(range(256)) * 8  # 2048 bytes, each range of them different
EMPTY = {name: [] for name in ("boxes", "paragraphs", "tables", "charts", "picture_descriptions")}


async def put(parts: Context, key: str, content: bytes) -> str:
    """Publish some bytes."""
    path = parts.scratch / key.replace("/", "_")
    path.write_bytes(content)
    await parts.store.put(path, key)
    return key


async def filmed(parts: Context, *, title: str = 'Größe: "5/6"', owner: str = OWNER, name: str = "1") -> str:
    """Rows and files of a presentation of two slides with a film; returns its id."""
    of = f"pre_{name}"
    request = MakeRequest(provider="local", avatar="maya", background="#E6ECF5")
    async with parts.db.write() as session:
        presentation = PresentationRow(id=of, owner=owner, source=of, title=title, language="en")
        presentation.choices = {"avatars": {"local": "maya"}}
        batch = BatchRow(id=f"bat_{name}", presentation_id=of, kind="presentation_video", state="completed")
        batch.fingerprint, batch.scope, batch.request = "f", "server", request.to_json()
        session.add(presentation)
        await session.flush()
        session.add(batch)
        await session.flush()
        made = [await _slide(parts, session, of, name, number) for number in (1, 2)]
        film = PresentationVideoRow(id=f"flm_{name}", presentation_id=of, frames=150)
        film.fingerprint = film_fingerprint(presentation, made)
        for column, suffix, content in (
            ("asset_key", "mp4", FILM),
            ("srt_key", "srt", b"1\n"),
            ("vtt_key", "vtt", b"WEBVTT\n"),
            ("poster_key", "jpg", b"jpg"),
        ):
            setattr(film, column, await put(parts, f"presentations/{of}/flm_{name}.{suffix}", content))
        session.add(film)
    return of


async def _slide(parts: Context, session, of: str, name: str, number: int) -> Part:  # type: ignore[no-untyped-def]
    slide_id = f"sli_{name}{number}"
    slide = SlideRow(id=slide_id, presentation_id=of, key=str(number), number=number, position=number)
    slide.title, slide.notes, slide.language, slide.content = f"Slide {number}", "Hello.", "en", EMPTY
    slide.image_key = await put(parts, f"presentations/{of}/slides/{number}.png", PNG)
    session.add(slide)
    await session.flush()
    narrative = NarrativeRow(id=f"nar_{name}{number}", slide_id=slide_id, language="en", version=1)
    narrative.text, narrative.source = "Hello.", "edited"
    speech = SpeechRow(id=f"spe_{name}{number}", slide_id=slide_id, fingerprint="s", text="Hello.")
    speech.language, speech.voice, speech.duration_s, speech.timings = "en", "espeak:en", 2.0, {}
    speech.audio_key = await put(parts, f"slides/{slide_id}/spe.wav", b"wav")
    video = AvatarVideoRow(id=f"avv_{name}{number}", slide_id=slide_id, fingerprint="v", provider="local")
    video.request = request_to_json(AvatarVideoRequest("maya", 480, 480, silence_s=2.0))
    video.status, video.duration_s = "completed", 2.0
    video.asset_key = await put(parts, f"slides/{slide_id}/avv.mp4", b"avatar video")
    clip = SlideClipRow(id=f"clp_{name}{number}", slide_id=slide_id, fingerprint="c", frames=75)
    clip.speech_duration_s = 2.0
    clip.asset_key = await put(parts, f"slides/{slide_id}/clp.mp4", b"clip")
    session.add_all([narrative, speech, video, clip])
    await session.flush()
    item = ItemRow(id=f"itm_{name}{number}", batch_id=f"bat_{name}", slide_id=slide_id, number=number)
    item.position, item.placement, item.status = number, {}, "completed"
    item.speech_id, item.clip_id, item.avatar_video_id = speech.id, clip.id, video.id
    session.add(item)
    await session.flush()
    return Part(item, slide, clip, speech)


def files_in(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def until(true: Callable[[], bool]) -> None:
    """Look until something is so."""
    while not true():
        await asyncio.sleep(0.01)
