"""Composing as a whole, beside plain ffmpeg and MoviePy, on the same content.

Every contender gets the same slide pictures, presenter videos and speech, makes one clip per slide with the
presenter in a circle at the bottom right, and joins them. Each runs alone, in a process of its own, with one
encoder thread; CPU seconds are those of the process and all its children. The slow ones get the first slides
only. Text error is the mean difference in luma, in levels, between a slide and the film's last picture, left of
the presenter. MoviePy takes part where it is installed (uv run --group bench python -m bench).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench.content import LEAD_S, Part, prepare, present
from bench.machine import ROOT, keep

BOX = 400
X, Y = 1480, 640


@dataclass(frozen=True)
class Result:
    """One contender's cost and what came of it."""

    name: str
    film_s: float = 0.0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    size_mb: float = 0.0
    peak_rss_mb: float = 0.0
    text_error: float = 0.0
    skipped: str = ""
    film_per_core_s: float = field(default=0.0)


def run_deckcast(folder: Path, parts: list[Part], out: Path) -> None:
    """Compose with Deckcast, then join."""
    from deckcast.videos.compose import compose_clip
    from deckcast.videos.film import join_film
    from deckcast.videos.models import ClipRequest, Corner, FilmPart, Layout, PixelBox, Placement, Shape

    stands = Placement(
        Layout.CORNER, PixelBox(0, 0, 1920, 1080), PixelBox(X, Y, BOX, BOX), Shape.CIRCLE, Corner.BOTTOM_RIGHT
    )
    joined = []
    for number, part in enumerate(parts):
        request = ClipRequest(
            Path(part.slide), stands, Path(part.presenter), Path(part.speech), avatar_lead_s=LEAD_S
        )
        clip = compose_clip(request, folder / f"clip-{number}.mp4")
        joined.append(FilmPart(clip.path, clip.frames, Path(part.speech), LEAD_S, f"Slide {number + 1}"))
    join_film(joined, out, (), "Benchmark")


def run_all_of_deckcast(folder: Path, parts: list[Part], out: Path) -> None:
    """Draw the presenter too (its bank of sprites is built already, as after the first presentation)."""
    present(folder, parts)
    run_deckcast(folder, parts, out)


def run_ffmpeg(preset: str, tuned: bool) -> Callable[[Path, list[Part], Path], None]:
    """FFmpeg as it is commonly called (-loop 1), or with the slide decoded once and looped in YUV."""

    def run(folder: Path, parts: list[Part], out: Path) -> None:
        mask = folder / "mask.png"
        disc = Image.new("L", (BOX * 4, BOX * 4), 0)
        ImageDraw.Draw(disc).ellipse((0, 0, BOX * 4, BOX * 4), fill=255)
        disc.resize((BOX, BOX), Image.Resampling.LANCZOS).save(mask)
        still = ["-i"] if tuned else ["-loop", "1", "-framerate", "25", "-i"]
        ground = "[0:v]format=yuv420p,loop=loop=-1:size=1,fps=25[s];" if tuned else "[0:v]null[s];"
        disc_in = "[2:v]format=gray,loop=loop=-1:size=1,fps=25[m];" if tuned else "[2:v]format=gray[m];"
        blend = f"[1:v]scale={BOX}:{BOX}[p];[p][m]alphamerge[a];[s][a]overlay={X}:{Y}:format=yuv420[v]"
        for number, part in enumerate(parts):
            encode = ["-c:v", "libx264", "-preset", preset, "-crf", "20", "-pix_fmt", "yuv420p"]
            command = [
                "ffmpeg", "-v", "error", "-y", "-filter_complex_threads", "1", *still, part.slide,
                "-threads", "1", "-i", part.presenter, *still, str(mask), "-itsoffset", str(LEAD_S), "-i", part.speech,
                "-filter_complex", ground + disc_in + blend, "-map", "[v]", "-map", "3:a",
                "-frames:v", str(part.frames), *encode, "-threads", "1", "-c:a", "aac", "-b:a", "128k",
                str(folder / f"clip-{number}.mp4"),
            ]  # fmt: skip
            subprocess.run(command, check=True)
        names = folder / "clips.txt"
        names.write_text("".join(f"file clip-{number}.mp4\n" for number in range(len(parts))))
        join = ["ffmpeg", "-v", "error", "-y", "-f", "concat", "-i", str(names), "-c", "copy", str(out)]
        subprocess.run(join, check=True)

    return run


def run_moviepy(folder: Path, parts: list[Part], out: Path) -> None:
    """MoviePy, as its documentation has it."""
    from moviepy import AudioFileClip, CompositeVideoClip, ImageClip, VideoFileClip, concatenate_videoclips

    across = np.arange(BOX) - BOX / 2 + 0.5
    disc = (np.hypot(across[:, None], across[None, :]) < BOX / 2).astype(float)
    clips = []
    for part in parts:
        length = part.frames / 25
        mask = ImageClip(disc, is_mask=True, duration=length)
        speaker = VideoFileClip(part.presenter, audio=False).resized((BOX, BOX)).with_mask(mask)
        slide = ImageClip(part.slide, duration=length)
        clip = CompositeVideoClip([slide, speaker.with_position((X, Y))]).with_duration(length)
        clips.append(clip.with_audio(AudioFileClip(part.speech).with_start(LEAD_S)))
    film = concatenate_videoclips(clips)
    film.write_videofile(
        str(out), fps=25, codec="libx264", preset="ultrafast", audio_codec="aac", threads=1, logger=None
    )


CONTENDERS: dict[str, Callable[[Path, list[Part], Path], None]] = {
    "Deckcast": run_deckcast,
    "Deckcast, presenter drawn too": run_all_of_deckcast,
    "ffmpeg tuned, ultrafast": run_ffmpeg("ultrafast", True),
    "ffmpeg -loop 1, ultrafast": run_ffmpeg("ultrafast", False),
    "moviepy, ultrafast": run_moviepy,
}
FIRST_SLIDES = {  # what is slow makes these only
    "ffmpeg tuned, ultrafast": 4,
    "ffmpeg -loop 1, ultrafast": 2,
    "moviepy, ultrafast": 1,
}


def missing(name: str) -> str:
    """Why a contender cannot run here; empty if it can."""
    if "moviepy" in name and importlib.util.find_spec("moviepy") is None:
        return "moviepy is not installed (uv run --group bench)"
    return "no ffmpeg on the path" if "ffmpeg" in name and shutil.which("ffmpeg") is None else ""


def measure(name: str, work: Path, parts: list[Part]) -> Result:
    """Run one contender in a process of its own and account for it."""
    if reason := missing(name):
        return Result(name, skipped=reason)
    out = work / "film.mp4"
    started = time.monotonic()
    command = [sys.executable, "-m", "bench.compose", "--contender", name, "--work", str(work)]
    child = subprocess.Popen(command, cwd=ROOT)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        return Result(name, skipped=f"failed with status {child.returncode}")
    film_s, cpu_s = sum(part.frames for part in parts) / 25, usage.ru_utime + usage.ru_stime
    return Result(
        name, film_s, cpu_s, time.monotonic() - started, out.stat().st_size / 1e6,
        usage.ru_maxrss / 1024, film_per_core_s=film_s / cpu_s,
    )  # fmt: skip


def best_of(rounds: int, name: str, work: Path, parts: list[Part]) -> Result:
    """The round with the least CPU time: what other work on the machine disturbed least."""
    return min((measure(name, work, parts) for _ in range(rounds)), key=lambda result: result.cpu_s)


def text_error(film: Path, slide: Path) -> float:
    """Mean luma difference of the film's last picture from the slide, left of the presenter; both limited range,
    in the film's own colour space (BT.601 where it names none, as ffmpeg converts)."""
    import av

    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        container.seek(int((stream.duration or 0) * 0.98), stream=stream)
        # One picture at a time: a film's pictures at once would show as the next contender's peak memory.
        (last,) = deque(container.decode(stream), maxlen=1)
    shown = last.to_ndarray(format="yuv420p")[: last.height, :1200]
    weights = np.array([0.2126, 0.7152, 0.0722] if last.colorspace == 1 else [0.299, 0.587, 0.114])
    wanted = np.asarray(Image.open(slide).convert("RGB"), np.float64)[:, :1200] @ weights * 219 / 255 + 16
    return float(np.abs(shown - wanted).mean())


def show(content: str, results: list[Result]) -> None:
    """Print the table."""
    named = "the sample deck" if content == "sample" else f"a deck of {content} slides"
    print(f"\nComposing {named}")
    print(
        f"{'':32}{'film s / core-s':>16}{'of film s':>10}{'CPU s':>8}{'MB':>8}{'peak MB':>9}{'text error':>12}"
    )
    for r in results:
        if r.skipped:
            print(f"{r.name:32}  skipped: {r.skipped}")
            continue
        print(
            f"{r.name:32}{r.film_per_core_s:16.2f}{r.film_s:10.1f}{r.cpu_s:8.1f}"
            f"{r.size_mb:8.2f}{r.peak_rss_mb:9.0f}{r.text_error:12.2f}"
        )


def compare(content: str, rounds: int, only: str) -> list[Result]:
    """Prepare the media, then run every contender in turn."""
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        root = Path(name)
        media = root / "media"
        media.mkdir()
        # In a process of its own, since a child's peak memory counts from its parent's.
        run_self = [sys.executable, "-m", "bench.compose", "--prepare", content, "--work", str(media)]
        subprocess.run(run_self, check=True, cwd=ROOT)
        every = [Part(**part) for part in json.loads((root / "parts.json").read_text())]
        results, films = [], []
        for contender in (one for one in CONTENDERS if only in one):
            work = root / f"work-{len(results)}"
            work.mkdir()
            for timings in media.glob("*.timings.json"):
                shutil.copy(timings, work)
            parts = every[: FIRST_SLIDES.get(contender)]
            (work / "parts.json").write_text(json.dumps([asdict(part) for part in parts]))
            results.append(best_of(rounds, contender, work, parts))
            films.append((work / "film.mp4", Path(parts[-1].slide)))
        return [
            result if result.skipped else replace(result, text_error=text_error(*film))
            for result, film in zip(results, films, strict=True)
        ]


def run(contents: list[str], rounds: int = 1, only: str = "", *, kept: bool) -> None:
    """Compare on each content ("sample" or a number of slides); print and keep the numbers."""
    tables = {}
    for content in contents:
        tables[content] = compare(content, rounds, only)
        show(content, tables[content])
    if kept and not only:  # a part of the table is no result to keep
        rows = {content: [asdict(result) for result in table] for content, table in tables.items()}
        print(f"kept in {keep('compose', rows)}")


def main() -> None:
    """One step in a process of its own: prepare the media, or run one contender."""
    options = argparse.ArgumentParser(description=main.__doc__)
    options.add_argument("--contender", default="")
    options.add_argument("--prepare", default="")
    options.add_argument("--work", type=Path, required=True)
    given = options.parse_args()
    if given.prepare:
        parts = prepare(given.work, given.prepare)
        (given.work.parent / "parts.json").write_text(json.dumps([asdict(part) for part in parts]))
        return
    parts = [Part(**part) for part in json.loads((given.work / "parts.json").read_text())]
    CONTENDERS[given.contender](given.work, parts, given.work / "film.mp4")


if __name__ == "__main__":
    main()
