"""The result files behind presigned addresses; a film is made when it is first asked for, and kept."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections import defaultdict
from pathlib import Path

from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.catalogue import IMAGE_LOOK, LOOKS, Colour
from deckcast.simulators.heygen.film import Shot, make_film
from deckcast.simulators.heygen.models import Video
from deckcast.simulators.heygen.picture import pictures
from deckcast.simulators.heygen.script import spoken_words, srt_of

_USUAL_BACKGROUND: Colour = (244, 246, 250)


class Files:
    """Makes, keeps and signs the result files of an account's videos."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._one_at_a_time = asyncio.Semaphore(1)

    def address(self, video: Video, name: str, ttl_s: float) -> str:
        """An address of one of the video's files that holds for `ttl_s` real seconds."""
        expires = f"{time.time() + ttl_s:.3f}"
        return (
            f"{video.base_url}/files/{video.id}/{name}?Expires={expires}"
            f"&Signature={self._signature(video.id, name, expires)}"
        )

    def valid(self, video_id: str, name: str, expires: str, signature: str) -> bool:
        """Whether an address was signed here and still holds."""
        if not hmac.compare_digest(self._signature(video_id, name, expires).encode(), signature.encode()):
            return False
        return float(expires) > time.time()

    def _signature(self, video_id: str, name: str, expires: str) -> str:
        text = f"{video_id}/{name}?{expires}".encode()
        return hmac.new(self._account.secret.encode(), text, hashlib.sha256).hexdigest()

    async def film(self, video: Video, *, foreign: bool = False, share: float = 1.0) -> Path:
        """The video's file; `foreign` with another sound, `share` below 1 shorter than it should be."""
        shot = self._shot(video, foreign=foreign, share=share)
        sound = self._account.assets[video.audio].sha256 if video.audio and not foreign else shot.seed
        look = (shot.look.id, shot.width, shot.height, shot.background, share, sound, video.duration_s)
        name = hashlib.sha256(repr(look).encode()).hexdigest()[:32]
        path = self._account.folder / "films" / f"{name}.{'webm' if shot.background is None else 'mp4'}"
        async with self._locks[name]:
            if not path.exists():
                async with self._one_at_a_time:
                    await asyncio.to_thread(make_film, shot, path)
        return path

    def _shot(self, video: Video, *, foreign: bool, share: float) -> Shot:
        audio = None if foreign or video.audio is None else self._account.folder / "assets" / video.audio
        return Shot(
            LOOKS.get(video.order.get("avatar_id", ""), IMAGE_LOOK),
            video.width,
            video.height,
            self._background(video),
            video.duration_s,
            audio,
            "foreign" if foreign else str(video.order.get("script", "")),
            share,
            () if foreign else spoken_words(str(video.order.get("script") or ""), video.duration_s),
        )

    def _background(self, video: Video) -> Colour | Path | None:
        if video.transparent:
            return None
        background = video.order.get("background") or {}
        if background.get("type") == "color":
            number = int(background["value"][1:], 16)
            return number >> 16, number >> 8 & 255, number & 255
        if background.get("asset_id"):
            return self._account.folder / "assets" / str(background["asset_id"])
        return _USUAL_BACKGROUND  # also for a picture from an address, which is not fetched

    async def picture(self, video: Video, kind: str) -> Path:
        """The thumbnail (jpg) or the preview (gif)."""
        path = self._account.folder / "films" / f"{video.id}.{kind}"
        if not path.exists():
            await asyncio.to_thread(_write_picture, self._shot(video, foreign=False, share=1.0), path, kind)
        return path


def _write_picture(shot: Shot, path: Path, kind: str) -> None:
    width, height = shot.width // 2, shot.height // 2
    drawn = pictures(shot.look, width, height, shot.background or _USUAL_BACKGROUND)
    if kind == "gif":
        drawn[0].save(path, save_all=True, append_images=list(drawn[1:]), duration=120, loop=0)
    else:
        drawn[0].save(path, quality=88)


def subtitles(video: Video, captions: str) -> str:
    """The captions as SRT: the script's words when they are heard, or one cue that says it is simulated.

    `captions` is the switch of that name.
    """
    if captions == "broken":
        return "1\n00:00:00,000 -> 00:00:0"
    script = "" if captions == "foreign" else str(video.order.get("script") or "")
    return srt_of(spoken_words(script or "Simulated captions.", video.duration_s))
