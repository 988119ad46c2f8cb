"""How much film a core makes per second: Deckcast's composer against FFmpeg and MoviePy, on the same content.

    uv run python bench/compose.py                   # Deckcast and the ffmpeg on the path
    uv run --group bench python bench/compose.py     # MoviePy as well

Every contender gets the same slide pictures, presenter videos and speech, makes one clip per slide with the
presenter in a circle at the bottom right, and joins them. Each runs alone, in a process of its own, with one
encoder thread; CPU seconds are those of the process and all its children. Text error is the mean difference
in luma, in levels, between the slide and the film's last picture, outside the presenter.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

BOX = 400
X, Y = 1480, 640
SENTENCES = (
    "Revenue grew by twenty three percent over last year, and most of it came from the new plans.",
    "Customers stay longer: nine in ten renew after their first twelve months with us.",
    "Costs were flat, because the platform now serves twice the traffic on the same machines.",
    "Next quarter we open two northern markets and finish the move to the new data centre.",
)
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Part:
    """The media of one slide, as paths; every contender composes the same."""

    slide: str
    speech: str
    presenter: str
    frames: int


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


def draw_slide(number: int, path: Path) -> None:
    """A slide as they are: a title, a list, a chart, an empty corner."""
    image = Image.new("RGB", (1920, 1080), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1920, 14), fill="#2F5D8C")
    pen.text((120, 90), f"{number}. Results at a glance", fill="#1B2430", font=ImageFont.load_default(64))
    for line in range(8):
        text = f"•  Point {line + 1} of slide {number}, long enough to be read"
        pen.text((130, 260 + 84 * line), text, fill="#333", font=ImageFont.load_default(36))
    for bar in range(5):
        height = 60 + (bar * 37 + number * 53) % 250
        pen.rectangle((1300 + 100 * bar, 560 - height, 1370 + 100 * bar, 560), fill="#4F81BD")
    image.save(path)


def prepare(folder: Path, slides: int, repeats: int) -> list[Part]:
    """Draw the slides, speak the sentences and let the local presenter say them."""
    from deckcast.speech.ports import SpeechRequest
    from deckcast.speech.service import default_voice, speak

    parts = []
    for number in range(slides):
        slide, wav, video = (folder / f"{number}.{kind}" for kind in ("png", "wav", "presenter.mp4"))
        draw_slide(number + 1, slide)
        text = " ".join(SENTENCES[(number + k) % len(SENTENCES)] for k in range(repeats))
        speech = speak(SpeechRequest(text, "en-US", default_voice("en-US").id), wav)
        (folder / f"{number}.timings.json").write_text(json.dumps(speech.timings.to_json()))
        frames = math.ceil((speech.duration_s + 1.0) * 25)
        parts.append(Part(str(slide), str(wav), str(video), frames))
    present(folder, parts)
    return parts


def present(folder: Path, parts: list[Part]) -> None:
    """Draw the presenter videos, with the idle time that the clips' pauses need."""
    from deckcast.avatars.local.render import render_presenter_video
    from deckcast.avatars.ports import AvatarVideoRequest
    from deckcast.kit.timing import SpeechTimings

    for number, part in enumerate(parts):
        timings = SpeechTimings.from_json(json.loads((folder / f"{number}.timings.json").read_text()))
        request = AvatarVideoRequest(
            "maya", 480, 480, background="#E8EEF7", audio=Path(part.speech), timings=timings,
            lead_s=0.4, tail_s=0.6,
        )  # fmt: skip
        render_presenter_video(request, Path(part.presenter), folder.parent / "bank")


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
            Path(part.slide), stands, Path(part.presenter), Path(part.speech), avatar_lead_s=0.4
        )
        clip = compose_clip(request, folder / f"clip-{number}.mp4")
        joined.append(FilmPart(clip.path, clip.frames, Path(part.speech), 0.4, f"Slide {number + 1}"))
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
                "-threads", "1", "-i", part.presenter, *still, str(mask), "-itsoffset", "0.4", "-i", part.speech,
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
        clips.append(clip.with_audio(AudioFileClip(part.speech).with_start(0.4)))
    film = concatenate_videoclips(clips)
    film.write_videofile(
        str(out), fps=25, codec="libx264", preset="ultrafast", audio_codec="aac", threads=1, logger=None
    )


CONTENDERS: dict[str, Callable[[Path, list[Part], Path], None]] = {
    "Deckcast": run_deckcast,
    "Deckcast, presenter drawn too": run_all_of_deckcast,
    "ffmpeg tuned, ultrafast": run_ffmpeg("ultrafast", True),
    "ffmpeg tuned, superfast": run_ffmpeg("superfast", True),
    "ffmpeg tuned, veryfast": run_ffmpeg("veryfast", True),
    "ffmpeg -loop 1, ultrafast": run_ffmpeg("ultrafast", False),
    "ffmpeg -loop 1, veryfast": run_ffmpeg("veryfast", False),
    "moviepy, ultrafast": run_moviepy,
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
    child = subprocess.Popen([sys.executable, __file__, "--contender", name, "--work", str(work)])
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
    """Mean luma difference of the film's last picture from the slide, left of the presenter."""
    import av

    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        container.seek(int((stream.duration or 0) * 0.98), stream=stream)
        *_, last = container.decode(stream)
    space = last.colorspace if last.colorspace in (1, 5, 6) else 5
    shown = last.reformat(format="rgb24", src_colorspace=space, src_color_range=1).to_ndarray()[:, :1200]
    wanted = np.asarray(Image.open(slide).convert("RGB"))[:, :1200]
    weights = np.array([0.2126, 0.7152, 0.0722])
    return float(np.abs((shown.astype(float) - wanted) @ weights).mean())


def machine() -> dict[str, object]:
    """Where and from what the numbers come."""
    ask = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    names = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.split(":")[1].strip() for line in names if line.startswith("model name")), "")
    return {
        "commit": subprocess.run(ask, capture_output=True, text=True, check=False).stdout.strip(),
        "cpu": model or platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "av": importlib.metadata.version("av"),
    }


def show(results: list[Result]) -> None:
    """Print the table."""
    print(f"{'':32}{'film s / core-s':>16}{'CPU s / film s':>16}{'MB':>8}{'peak MB':>9}{'text error':>12}")
    for r in results:
        if r.skipped:
            print(f"{r.name:32}  skipped: {r.skipped}")
            continue
        print(
            f"{r.name:32}{r.film_per_core_s:16.2f}{r.cpu_s / r.film_s:16.3f}"
            f"{r.size_mb:8.2f}{r.peak_rss_mb:9.0f}{r.text_error:12.2f}"
        )


def main() -> None:
    """Prepare the media, run every contender in turn, print and keep the numbers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--slides", type=int, default=4)
    options.add_argument("--repeats", type=int, default=2, help="sentences per slide, about 6 s each")
    options.add_argument("--rounds", type=int, default=1, help="of which the cheapest counts")
    options.add_argument("--only", default="", help="contenders whose name contains this")
    options.add_argument("--contender", help=argparse.SUPPRESS)
    options.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    options.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.contender:
        parts = [Part(**part) for part in json.loads((given.work.parent / "parts.json").read_text())]
        CONTENDERS[given.contender](given.work, parts, given.work / "film.mp4")
        return
    if given.prepare:
        parts = prepare(given.work, given.slides, given.repeats)
        (given.work.parent / "parts.json").write_text(json.dumps([asdict(part) for part in parts]))
        return
    with tempfile.TemporaryDirectory(prefix="deckcast-bench-") as name:
        root = Path(name)
        media = root / "media"
        media.mkdir()
        # In a process of its own, for the same reason as below.
        subprocess.run(
            [sys.executable, __file__, "--prepare", "--work", str(media), *sys.argv[1:]], check=True
        )
        parts = [Part(**part) for part in json.loads((root / "parts.json").read_text())]
        results = []
        for contender in (c for c in CONTENDERS if given.only in c):
            work = root / f"work-{len(results)}"
            shutil.copytree(media, work, ignore=shutil.ignore_patterns("*.mp4", "*.png", "*.wav"))
            results.append(best_of(given.rounds, contender, work, parts))
        # After all runs, since a child's peak memory counts from its parent's.
        films = [root / f"work-{number}" / "film.mp4" for number in range(len(results))]
        results = [
            result if result.skipped else replace(result, text_error=text_error(film, Path(parts[-1].slide)))
            for result, film in zip(results, films, strict=True)
        ]
    show(results)
    if given.only:
        return  # a part of the table is no result to keep
    RESULTS.mkdir(exist_ok=True)
    kept = {"machine": machine(), "results": [asdict(result) for result in results]}
    (RESULTS / f"compose-{time.strftime('%Y-%m-%d')}.json").write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
