"""The local presenter: a character speaks to the camera, lips on the sound, drawn by Deckcast itself."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deckcast.avatars.local.acting import Acting, Move, act
from deckcast.avatars.local.bank import Bank, open_bank
from deckcast.avatars.local.film import SAMPLE_RATE, Film, open_film, read_sound, sound_length_s
from deckcast.avatars.local.mouth import FPS, LIP_LEAD_S, mouth_track
from deckcast.avatars.local.portrait import portrait
from deckcast.avatars.local.rig import Character, characters
from deckcast.avatars.local.stage import Stage
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest
from deckcast.kit.errors import CallError
from deckcast.kit.files import written_whole

__all__ = [
    "LIP_LEAD_S",
    "Character",
    "RenderedVideo",
    "characters",
    "mouth_track",
    "preview_png",
    "render_presenter_video",
]

_SMALLEST, _LARGEST, _LARGEST_BUST = 64, 3840, 2160


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """A finished presenter video: exactly `frames` pictures, `duration_s` = frames / 25."""

    path: Path
    frames: int
    duration_s: float


def render_presenter_video(request: AvatarVideoRequest, out: Path, cache_dir: Path) -> RenderedVideo:
    """Make the video of one slide's speech, or of silence; blocks, so run it in a child process.

    MP4, H.264 (yuv420p, BT.709, limited range, 25 fps) and AAC (48 kHz, mono); where the background is
    TRANSPARENT, WebM, VP9 with alpha (yuva420p) and Opus. The file appears whole or not at all. The bank of the
    character is kept in `cache_dir`. Raises CallError `unknown_avatar`, `size_invalid`, `background_invalid`;
    WorkError `audio_unreadable`; MachineError where a folder cannot be written.
    """
    _check_size(request.width, request.height)
    speech_s = sound_length_s(request.audio) if request.audio else request.silence_s
    frames = max(1, math.ceil(round((request.lead_s + speech_s + request.tail_s) * FPS, 6)))
    bank = open_bank(request.avatar_id, min(request.width, request.height), cache_dir)
    stage = Stage(bank, request.width, request.height, request.background)
    timings = request.timings if request.audio else None
    mouths = mouth_track(timings, frames, request.lead_s)
    acting = act(timings, frames, request.lead_s, request.seed)
    clear = request.background == TRANSPARENT
    with written_whole(out) as temporary, open_film(temporary, request.width, request.height, clear) as film:
        _play(film, stage, bank, mouths, acting, _sound(request, frames))
    return RenderedVideo(out, frames, frames / FPS)


def preview_png(character_id: str, size: int) -> bytes:
    """A picture of a character at rest, `size` × `size`, on nothing (transparent).

    Raises CallError `unknown_avatar`, `size_invalid`.
    """
    _check_size(size, size)
    file = io.BytesIO()
    portrait(character_id, size).save(file, "PNG")
    return file.getvalue()


def _check_size(width: int, height: int) -> None:
    bust = min(width, height)
    if width % 2 or height % 2 or not _SMALLEST <= bust <= _LARGEST_BUST or max(width, height) > _LARGEST:
        raise CallError(
            "size_invalid",
            f"A presenter video cannot be {width} × {height} pixels.",
            next_step=f"Both must be even, the smaller from {_SMALLEST} to {_LARGEST_BUST}, "
            f"the larger at most {_LARGEST}.",
        )


def _play(
    film: Film,
    stage: Stage,
    bank: Bank,
    mouths: NDArray[np.float64],
    acting: Acting,
    sound: Iterator[NDArray[np.float32]],
) -> None:
    """Draw and write every frame, each followed by its sound, so that the file is well interleaved."""
    shapes = bank.mouths_for(mouths)
    moves = acting.moves.copy()
    moves[:, Move.JAW] = mouths @ bank.rig.jaws
    for frame in range(len(mouths)):
        eyes = bank.eye_index(float(acting.lids[frame]), (acting.gaze[frame, 0], acting.gaze[frame, 1]))
        stage.draw(moves[frame], int(shapes[frame]), eyes)
        film.add_frame(stage.planes)
        film.add_sound(next(sound))


def _sound(request: AvatarVideoRequest, frames: int) -> Iterator[NDArray[np.float32]]:
    """The sound of each frame: silence, the speech, silence, to the last frame's end."""
    per_frame = SAMPLE_RATE // FPS
    waiting = np.zeros(round(request.lead_s * SAMPLE_RATE), dtype=np.float32)
    source = read_sound(request.audio) if request.audio else iter(())
    for _ in range(frames):
        while len(waiting) < per_frame:
            part = next(source, None)
            if part is None:
                part = np.zeros(per_frame, dtype=np.float32)
            waiting = np.concatenate((waiting, part))
        yield waiting[:per_frame]
        waiting = waiting[per_frame:]
