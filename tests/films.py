"""Transparent videos as a provider sends them, made small for tests."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

Rgba = np.ndarray  # (height, width, 4), uint8, colours not multiplied by alpha


def transparent_video(
    path: Path,
    frames: int,
    draw: Callable[[int], Rgba],
    sound: np.ndarray | None = None,
    codec: str = "libvpx-vp9",
) -> Path:
    """A WebM with VP9 (or VP8) and alpha (where `draw` gives RGBA; RGB: without), and Opus where there is sound
    (48 kHz)."""
    first = draw(0)
    with av.open(str(path), "w", format="webm") as file:
        stream = file.add_stream(codec, rate=25)
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuva420p" if first.shape[2] == 4 else "yuv420p"
        stream.codec_context.options = {
            "deadline": "realtime", "cpu-used": "8", "crf": "10", "b": "2M" if codec == "libvpx" else "0",
            "auto-alt-ref": "0", "lag-in-frames": "0",
        }  # fmt: skip
        stream.metadata["alpha_mode"] = "1" if first.shape[2] == 4 else "0"
        stream.codec_context.colorspace = stream.codec_context.color_range = 1
        track = file.add_stream("libopus", rate=48_000, layout="mono") if sound is not None else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(
                draw(number), format="rgba" if first.shape[2] == 4 else "rgb24"
            )
            frame = frame.reformat(format=stream.pix_fmt, dst_colorspace=1, dst_color_range=1)
            frame.pts, frame.time_base = number, Fraction(1, 25)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
        if track is not None and sound is not None:
            spoken = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
            spoken.sample_rate, spoken.pts = 48_000, 0
            file.mux(track.encode(spoken))
            file.mux(track.encode(None))
    return path


def figure(
    width: int, height: int, radius: int, inside: tuple[int, int, int], beyond: tuple[int, int, int]
) -> Rgba:
    """A disc of one colour in the middle, soft at its edge, and another colour under what is clear."""
    down, across = np.mgrid[:height, :width] + 0.5
    coverage = np.clip(radius - np.hypot(down - height / 2, across - width / 2) + 0.5, 0, 1)
    picture = np.full((height, width, 4), (*beyond, 0), np.uint8)
    picture[coverage > 0, :3] = inside
    picture[..., 3] = np.rint(coverage * 255)
    return picture
