"""Writes a simulated video: five drawn pictures chosen by loudness, and the sound. Cheap, but a real file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image

from deckcast.simulators.heygen.catalogue import Colour, Look
from deckcast.simulators.heygen.picture import MOUTHS, pictures
from deckcast.simulators.heygen.script import SpokenWord
from deckcast.simulators.heygen.sound import (
    SAMPLE_RATE,
    Samples,
    hum,
    hum_words,
    mouth_states,
    read_sound,
)

FPS = 25
_BT709 = 1
# Few distinct pictures and nothing to be beautiful for: the cheapest there is.
_X264 = (
    "keyint=250:scenecut=0:bframes=0:rc-lookahead=0:sync-lookahead=0:mbtree=0:weightp=0:aq-mode=0:ref=1"
    ":me=dia:subme=0:no-deblock=1:cabac=0:threads=1"
)
_VP9 = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    "crf": "36",
    "b": "0",
    "auto-alt-ref": "0",
}


@dataclass(frozen=True, slots=True)
class Shot:
    """What a video shows: `audio` is its sound; without one it hums for `duration_s`.

    `background` is a colour or a picture; None is transparent, which makes a WebM. `share` below 1 leaves
    the rest of the sound out. `words` are those of a script, hummed when they are heard.
    """

    look: Look
    width: int
    height: int
    background: Colour | Path | None
    duration_s: float
    audio: Path | None = None
    seed: str = ""
    share: float = 1.0
    words: tuple[SpokenWord, ...] = ()


def make_film(shot: Shot, path: Path) -> None:
    """Write the video whole or not at all; raises ValueError where the sound cannot be read."""
    sound = _sound(shot)
    sound = sound[: max(1, round(len(sound) * shot.share))]
    drawn = pictures(shot.look, shot.width, shot.height, shot.background)
    unfinished = path.with_suffix(path.suffix + ".part")
    if shot.background is None:
        _write(unfinished, "webm", drawn, sound)
    else:
        _write(unfinished, "mp4", drawn, sound)
    unfinished.replace(path)


def _sound(shot: Shot) -> Samples:
    if shot.audio:
        return read_sound(shot.audio)
    if shot.words:
        return hum_words(shot.duration_s, shot.seed, [(word.start_s, word.end_s) for word in shot.words])
    return hum(shot.duration_s, shot.seed)


def _write(path: Path, kind: str, drawn: tuple[Image.Image, ...], sound: Samples) -> None:
    options = {"movflags": "+faststart"} if kind == "mp4" else {}
    with av.open(str(path), "w", format=kind, options=options) as container:
        video = _video(container, kind, drawn[0])
        audio: AudioStream = container.add_stream("aac" if kind == "mp4" else "libopus", rate=SAMPLE_RATE)
        audio.bit_rate = 64_000
        audio.codec_context.layout = "mono"
        frames = [_frame(picture, str(video.pix_fmt)) for picture in drawn]
        step = SAMPLE_RATE // FPS
        for number, mouth in enumerate(mouth_states(sound, FPS, MOUTHS)):
            frame = frames[mouth]
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(frame))
            piece = sound[number * step : (number + 1) * step]
            container.mux(audio.encode(_heard(piece, number * step)))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _video(container: Any, kind: str, picture: Image.Image) -> VideoStream:
    stream: VideoStream = container.add_stream("libx264" if kind == "mp4" else "libvpx-vp9", rate=FPS)
    stream.width, stream.height = picture.size
    stream.pix_fmt = "yuv420p" if kind == "mp4" else "yuva420p"
    stream.time_base = Fraction(1, FPS)
    x264 = {"preset": "ultrafast", "qp": "26", "x264-params": _X264}
    stream.codec_context.options = x264 if kind == "mp4" else _VP9
    stream.codec_context.thread_count = 1
    stream.codec_context.colorspace = _BT709
    stream.codec_context.color_primaries = _BT709
    stream.codec_context.color_trc = _BT709
    return stream


def _frame(picture: Image.Image, form: str) -> av.VideoFrame:
    kind = "rgba" if picture.mode == "RGBA" else "rgb24"
    return av.VideoFrame.from_ndarray(np.asarray(picture), format=kind).reformat(
        format=form, dst_colorspace="ITU709"
    )


def _heard(piece: Samples, at: int) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = SAMPLE_RATE, Fraction(1, SAMPLE_RATE), at
    return frame
