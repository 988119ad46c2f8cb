"""The film of a presentation: clips' pictures copied, sound encoded once, captions, chapters.

Copying the clips' sound would drift (each AAC stream starts with its own delay), so the film's sound is made
from the speech itself, placed by the sample.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np
from av.container import InputContainer

from deckcast.kit.errors import WorkError
from deckcast.kit.files import written_whole
from deckcast.videos.encoding import FRAME_TIME, MP4_OPTIONS, Sound
from deckcast.videos.models import FRAME_RATE, SAMPLE_RATE, Cue, FilmPart
from deckcast.videos.poster import write_poster as write_poster
from deckcast.videos.probe import open_video
from deckcast.videos.soft_captions import SoftCaptions, track_language
from deckcast.videos.sound import SAMPLES_PER_FRAME, Samples, read_samples

if TYPE_CHECKING:
    from av.container.core import Chapter

FILM_VERSION = 3  # raised where the same clips would give another film


@dataclass(frozen=True, slots=True)
class Film:
    """A joined film: its file and exact length."""

    path: Path
    duration_s: float
    frames: int


def join_film(
    parts: Sequence[FilmPart],
    out: Path,
    cues: Sequence[Cue],
    title: str,
    language: str = "",
    comment: str = "",
) -> Film:
    """Join clips into `out`: MP4 with H.264 copied from the clips, one AAC track, soft captions (where there
    are cues), a chapter per part and the index in front.

    `language` is the BCP 47 tag of sound and captions, `comment` what the file says of itself. Streams: memory does
    not grow with the film, only with the longest speech. Raises WorkError `film_empty`, `result_not_video`,
    `speech_unreadable`, `clips_differ` (a clip was not composed by this version), `clip_wrong_length` or `join_failed`.
    """
    if not parts:
        raise WorkError(
            "film_empty", "There is no slide clip to join.", next_step="Compose the slides first."
        )
    try:
        with written_whole(out) as temporary:
            _join(parts, temporary, cues, title, language, comment)
    except (av.FFmpegError, ValueError) as error:
        raise WorkError(
            "join_failed",
            f"The film could not be joined ({type(error).__name__}).",
            next_step="Run the same command again; if it happens again, report it.",
            retryable=True,
        ) from error
    frames = sum(part.frames for part in parts)
    return Film(out, frames / FRAME_RATE, frames)


def _join(
    parts: Sequence[FilmPart], target: Path, cues: Sequence[Cue], title: str, language: str, comment: str
) -> None:
    with (
        open_video(parts[0].clip) as template,
        av.open(f"file:{target}", "w", format="mp4", options=MP4_OPTIONS) as film,
    ):
        film.metadata.update({"title": title, **({"comment": comment} if comment else {})})
        model = template.streams.video[0]
        picture = film.add_stream_from_template(model)
        sound = Sound(film, bit_rate=128_000, language=track_language(language))
        captions = SoftCaptions(film, cues, language) if cues else None
        film.set_chapters(_chapters(parts))
        done = 0
        for part in parts:
            track = _soundtrack(part)
            for number, packet in enumerate(_pictures(part, model.codec_context.extradata)):
                packet.stream = picture
                packet.time_base = FRAME_TIME
                packet.pts = packet.dts = done + number
                packet.duration = 1
                film.mux(packet)
                sound.write(track[number * SAMPLES_PER_FRAME : (number + 1) * SAMPLES_PER_FRAME])
                if captions is not None:
                    captions.write_until((done + number + 1) / FRAME_RATE)
            done += part.frames
        sound.close()
        if captions is not None:
            captions.close(done / FRAME_RATE)


def _pictures(part: FilmPart, headers: bytes | None) -> Iterator[av.Packet[av.VideoStream]]:
    """The video packets of a clip, checked to be joinable and as many as promised."""
    with open_video(part.clip) as clip:
        stream = _video(clip, part)
        if stream.codec_context.extradata != headers:
            raise WorkError(
                "clips_differ",
                f"The slide clip {part.clip.name} was encoded in another way than the others.",
                next_step="Compose all slides of the presentation again.",
            )
        count = 0
        for packet in clip.demux(stream):
            if packet.size:
                count += 1
                if count <= part.frames:
                    yield packet
    if count != part.frames:
        raise WorkError(
            "clip_wrong_length",
            f"The slide clip {part.clip.name} has {count} frames; {part.frames} were expected.",
            next_step="Compose this slide again.",
        )


def _video(clip: InputContainer, part: FilmPart) -> av.VideoStream:
    if not clip.streams.video:
        raise WorkError(
            "result_not_video",
            f"The slide clip {part.clip.name} holds no picture.",
            next_step="Compose this slide again.",
        )
    return clip.streams.video[0]


def _soundtrack(part: FilmPart) -> Samples:
    """A part's sound, exactly as long as its picture."""
    track = np.zeros(part.frames * SAMPLES_PER_FRAME, np.int16)
    if part.speech is not None:
        before = round(part.pause_before_s * SAMPLE_RATE)
        speech = read_samples(part.speech)[: max(0, len(track) - before)]
        track[before : before + len(speech)] = speech
    return track


def _chapters(parts: Sequence[FilmPart]) -> list[Chapter]:
    """A chapter per part, from its title; an untitled one is called by its number."""
    chapters: list[Chapter] = []
    start = 0
    for number, part in enumerate(parts, 1):
        chapters.append(
            {
                "id": number,
                "start": start,
                "end": start + part.frames,
                "time_base": FRAME_TIME,
                "metadata": {"title": part.title.strip() or f"{number}"},
            }
        )
        start += part.frames
    return chapters
