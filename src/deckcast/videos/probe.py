"""What a video file really is. Opened as what was ordered and nothing else: no file can make Deckcast open another.

An opaque video is MP4 with H.264, a transparent one WebM with VP9 (or VP8) and alpha.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from deckcast.kit.errors import WorkError
from deckcast.videos.alpha import DECODERS, alpha_of, decode_with_alpha, elements_are_whole
from deckcast.videos.models import FRAME_RATE
from deckcast.videos.sound import Envelope, envelope_of

_CLEAR = 64  # alpha
_LEAST_CORRELATION = 0.9
_LAG_FRAMES = 8
_LEAST_SPEECH_FRAMES = 10
_FASTEST, _SLOWEST, _GRACE_S = 3.0, 3.0, 5.0  # how a voice may differ from what a text was estimated to take
_SILENT_RMS = 33.0  # of 32768: −60 dB


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file holds. `frames` are the video packets really there; `audio_codec` None: no sound."""

    duration_s: float
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    frames: int
    frame_rate: float
    size_bytes: int


@contextmanager
def open_video(path: Path, transparent: bool = False) -> Iterator[InputContainer]:
    """Open an MP4/MOV file, or the WebM file of a transparent video, by its content alone: no other format, no
    other protocol, no references.

    Raises WorkError `result_not_video`.
    """
    kind, known = ("webm", "matroska,webm") if transparent else ("mov", "mov")
    options = {"protocol_whitelist": "file", "format_whitelist": known}
    try:
        container = av.open(f"file:{path.resolve()}", format=kind, options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _not_video(path, transparent) from error
    with container:
        yield container


def probe(path: Path, transparent: bool = False) -> MediaInfo:
    """Read a file's streams and count its video packets, without decoding.

    Raises WorkError `result_not_video` (another format, without picture, broken) or `result_truncated`.
    """
    with open_video(path, transparent) as container:
        if not container.streams.video:
            raise _not_video(path, transparent)
        video = container.streams.video[0]
        audio = container.streams.audio[0] if container.streams.audio else None
        try:
            frames, end_s = _count(container, video)
        except av.FFmpegError as error:
            raise _not_video(path, transparent) from error
        declared_s = float((video.duration or 0) * (video.time_base or 0))
        if transparent:  # WebM declares the length of all streams together
            declared_s = (container.duration or 0) / av.time_base
        if frames == 0 or video.width == 0:
            raise _not_video(path, transparent)
        whole = elements_are_whole(path) if transparent else _boxes_are_whole(path)
        if end_s < declared_s - max(0.5, 0.02 * declared_s) or not whole:
            raise WorkError(
                "result_truncated",
                f"{path.name} ends after {end_s:.1f} s of {declared_s:.1f} s: the file is incomplete.",
                next_step="Fetch the video again.",
                retryable=True,
            )
        return MediaInfo(
            duration_s=end_s if transparent else max(end_s, declared_s),
            width=video.width,
            height=video.height,
            video_codec=video.codec_context.name,
            audio_codec=audio.codec_context.name if audio is not None else None,
            frames=frames,
            frame_rate=float(video.average_rate or 0),
            size_bytes=path.stat().st_size,
        )


def _count(container: InputContainer, video: av.VideoStream) -> tuple[int, float]:
    """Number of packets and the end of the last one in seconds."""
    frames, end_s = 0, 0.0
    for packet in container.demux(video):
        if packet.size == 0 or packet.pts is None:
            continue
        frames += 1
        end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return frames, end_s


def _boxes_are_whole(path: Path) -> bool:
    """Whether the file is as long as its top-level boxes say (ISO/IEC 14496-12, 4.2)."""
    left = path.stat().st_size
    with path.open("rb") as file:
        while left >= 8:
            size, header = int.from_bytes(file.read(4), "big"), 8
            file.seek(4, 1)
            if size == 1:
                size, header = int.from_bytes(file.read(8), "big"), 16
            elif size == 0:  # to the end of the file
                return True
            if size < header or size > left:
                return False
            file.seek(size - header, 1)
            left -= size
    return left == 0


def check_avatar_video(
    path: Path, speech: Path | None, expected_s: float, lead_s: float = 0.0, transparent: bool = False
) -> MediaInfo:
    """Accept a provider's file only if it is a whole video of the ordered kind and the right length and, where
    `speech` is given, speaks that speech `lead_s` after its start. Its size in pixels may be any.

    Raises WorkError `result_not_video`, `result_truncated`, `result_not_transparent` (no alpha, or nothing
    that is clear), `result_wrong_length` (off by more than 0.5 s and 3 %) or `result_wrong_sound` (envelopes
    correlate by less than 0.9, or there is no sound).
    """
    info = _of_kind(path, transparent)
    if abs(info.duration_s - expected_s) > max(0.5, 0.03 * expected_s):
        raise WorkError(
            "result_wrong_length",
            f"The avatar video lasts {info.duration_s:.1f} s; {expected_s:.1f} s were expected.",
            next_step="Generate this slide's avatar video again.",
        )
    if speech is not None and not _sounds_like(path, info, speech, lead_s, transparent):
        raise WorkError(
            "result_wrong_sound",
            "The avatar video's sound is not this slide's speech.",
            next_step="Generate this slide's avatar video again.",
        )
    return info


def check_voiced_video(
    path: Path, estimated_s: float, told_s: float | None, transparent: bool = False
) -> MediaInfo:
    """Accept a provider's file whose words the provider spoke itself only if it is whole, is heard, lasts as
    long as the provider told (where it did), and as such words can: fast or slow, not another text.

    Raises WorkError `result_not_video`, `result_truncated`, `result_not_transparent`, `result_wrong_length`
    or `result_silent`.
    """
    info = _of_kind(path, transparent)
    fits = estimated_s / _FASTEST - _GRACE_S <= info.duration_s <= estimated_s * _SLOWEST + _GRACE_S
    if told_s is not None:
        fits = fits and abs(info.duration_s - told_s) <= max(0.5, 0.03 * told_s)
    if not fits:
        wanted_s = told_s if told_s is not None else estimated_s
        raise WorkError(
            "result_wrong_length",
            f"The avatar video lasts {info.duration_s:.1f} s; about {wanted_s:.1f} s were expected.",
            next_step="Generate this slide's avatar video again.",
        )
    if info.audio_codec is None or not _is_heard(path, transparent):
        raise WorkError(
            "result_silent",
            "Nothing is heard in the avatar video.",
            next_step="Generate this slide's avatar video again.",
        )
    return info


def _of_kind(path: Path, transparent: bool) -> MediaInfo:
    info = probe(path, transparent)
    if info.video_codec not in (DECODERS if transparent else ("h264",)):
        raise _not_video(path, transparent)
    if transparent and not _has_clear_parts(path):
        raise WorkError(
            "result_not_transparent",
            f"{path.name} shows a background; the avatar was ordered without one.",
            next_step="Choose another avatar, or a background.",
        )
    return info


def _is_heard(path: Path, transparent: bool) -> bool:
    with open_video(path, transparent) as container:
        return float(envelope_of(path, container).max(initial=0.0)) > _SILENT_RMS


def _has_clear_parts(path: Path) -> bool:
    """Whether the first frame has alpha, and some of it says: nothing here."""
    with open_video(path, transparent=True) as container:
        try:
            frame = next(decode_with_alpha(container), None)
        except av.FFmpegError as error:
            raise _not_video(path, transparent=True) from error
    return frame is not None and frame.format.name == "yuva420p" and int(alpha_of(frame).min()) < _CLEAR


def _sounds_like(path: Path, info: MediaInfo, speech: Path, lead_s: float, transparent: bool) -> bool:
    if info.audio_codec is None:
        return False
    wanted = envelope_of(speech)
    if len(wanted) < _LEAST_SPEECH_FRAMES or float(wanted.std()) == 0.0:
        return True  # too short or too even to be told from any other sound
    with open_video(path, transparent) as container:
        heard = envelope_of(path, container)
    lead = round(lead_s * FRAME_RATE)
    return max(_correlation(wanted, heard, lead + lag) for lag in range(-_LAG_FRAMES, _LAG_FRAMES + 1)) >= (
        _LEAST_CORRELATION
    )


def _correlation(wanted: Envelope, heard: Envelope, lag: int) -> float:
    """Pearson's correlation where `heard` starts `lag` frames before the speech; missing ends are silence."""
    window = np.zeros_like(wanted)
    start, end = max(lag, 0), min(lag + len(wanted), len(heard))
    if end <= start:
        return 0.0
    window[start - lag : end - lag] = heard[start:end]
    if float(window.std()) == 0.0:
        return 0.0
    return float(np.corrcoef(wanted, window)[0, 1])


def _not_video(path: Path, transparent: bool = False) -> WorkError:
    kind = "WebM (VP9)" if transparent else "MP4 (H.264)"
    return WorkError(
        "result_not_video",
        f"{path.name} is not a playable {kind} video.",
        next_step="Generate this slide's avatar video again.",
    )
