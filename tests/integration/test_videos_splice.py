"""Spliced clips, decoded: every picture is to the bit the still picture with the box as it was encoded."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from deckcast.videos import compose
from deckcast.videos.compose import compose_clip
from deckcast.videos.encoding import FRAME_TIME, WholePictures, add_picture
from deckcast.videos.film import join_film
from deckcast.videos.layout import place
from deckcast.videos.models import ClipRequest, Corner, FilmPart, Layout, PixelBox, Shape
from deckcast.videos.splice import box as box_module
from deckcast.videos.splice import encoder
from deckcast.videos.splice.bits import START_CODE, split_units
from deckcast.videos.splice.box import BoxEncoder
from deckcast.videos.splice.encoder import SplicedPictures, ringed
from deckcast.videos.splice.motion import MotionWatch
from deckcast.videos.splice.slices import read_parameters
from deckcast.videos.splice.weaver import skip_unit
from deckcast.videos.still import planes_of, to_yuv

Planes = tuple[np.ndarray, ...]
STEPS = (1, 2, 2)
CORNER = PixelBox(1480, 640, 400, 400)


def slide(seed: int = 0) -> np.ndarray:
    image = Image.new("RGB", (1920, 1080), "white")
    pen = ImageDraw.Draw(image)
    dice = random.Random(seed)
    for number in range(12):
        pen.text((80, 60 + 80 * number), "Text that stays sharp " * 3, fill=(20, 30, 50), font_size=40)
        x, y = dice.randrange(1300, 1800), dice.randrange(400, 1000)
        pen.rectangle((x, y, x + 90, y + 60), fill=tuple(dice.randrange(256) for _ in range(3)))
    return np.array(image)


def nodding(frame: av.VideoFrame, box: PixelBox, number: int) -> None:
    """Something that moves a little, within the box."""
    for plane, step, shade in zip(planes_of(frame), STEPS, (90, 110, 150), strict=True):
        part = plane[
            box.y // step : (box.y + box.height) // step, box.x // step : (box.x + box.width) // step
        ]
        across = np.arange(part.shape[1])[None, :] + number % 7
        down = np.arange(part.shape[0])[:, None] - number % 5
        part[:] = shade + 40 * np.sin(across * step / 23) * np.cos(down * step / 31)


def splice(
    out: Path, box: PixelBox, frames: int, draw: Callable[[av.VideoFrame, PixelBox, int], None]
) -> list[Planes | None]:
    """Encode a clip; returns the pictures of the box as its encoder meant them, None where key pictures are."""
    frame = to_yuv(slide())
    meant: list[Planes | None] = []
    with av.open(str(out), "w") as container:
        stream = add_picture(container)
        pictures = SplicedPictures(stream, box)
        big = read_parameters(split_units(stream.codec_context.extradata or b""))
        twin = BoxEncoder(ringed(box), big)  # x264 is deterministic: a second one makes the same slices
        decoder = av.CodecContext.create("h264", "r")
        decoder.extradata = twin.headers
        for number in range(frames):
            draw(frame, box, number)
            frame.pts, frame.time_base = number, FRAME_TIME
            container.mux(pictures.encode(frame, True))
            place_in_run = number % encoder.KEY_EVERY
            if place_in_run:
                rows = twin.encode(planes_of(frame), intra=place_in_run == 1)
                (shown,) = decoder.decode(av.Packet(b"".join(START_CODE + row for row in rows)))
                meant.append(tuple(plane.copy() for plane in planes_of(shown)))
            else:
                meant.append(None)
        container.mux(pictures.close())
    return meant


def strictly_decoded(path: Path) -> Iterator[Planes]:
    """Y, U and V of each picture; any error in the stream raises."""
    with av.open(str(path)) as file:
        file.streams.video[0].codec_context.options = {"err_detect": "explode"}
        for frame in file.decode(video=0):
            yield tuple(plane.copy() for plane in planes_of(frame))


def differences(path: Path, box: PixelBox, meant: list[Planes | None]) -> int:
    """In how many pictures a sample is not what it should be."""
    around, now, wrong = ringed(box), (), 0
    for picture, part in zip(strictly_decoded(path), meant, strict=True):
        if part is None:
            now = tuple(plane.copy() for plane in picture)
            continue
        for plane, pixels, step in zip(now, part, STEPS, strict=True):
            y, x = around.y // step, around.x // step
            seen = plane[y : y + pixels.shape[0], x : x + pixels.shape[1]]
            seen[:] = pixels[: len(seen)]
        wrong += any(not np.array_equal(a, b) for a, b in zip(picture, now, strict=True))
    return wrong


def units_of(path: Path) -> list[list[bytes]]:
    """The NAL units of each picture."""
    with av.open(str(path)) as file:
        return [
            list(_with_lengths(bytes(packet))) for packet in file.demux(file.streams.video[0]) if packet.size
        ]


def _with_lengths(data: bytes) -> Iterator[bytes]:
    while data:
        length = int.from_bytes(data[:4], "big")
        yield data[4 : 4 + length]
        data = data[4 + length :]


@pytest.mark.parametrize(
    "box",
    [
        CORNER,
        PixelBox(1488, 284, 384, 512),  # beside the slide
        PixelBox(0, 0, 150, 94),  # against the picture's edges
        PixelBox(1500, 760, 420, 320),
        PixelBox(0, 500, 1920, 100),
    ],
)
def test_every_picture_is_the_still_with_the_box_as_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, box: PixelBox
) -> None:
    monkeypatch.setattr(encoder, "KEY_EVERY", 19)
    meant = splice(tmp_path / "clip.mp4", box, 42, nodding)
    assert [number for number, part in enumerate(meant) if part is None] == [0, 19, 38]
    assert differences(tmp_path / "clip.mp4", box, meant) == 0


def test_motion_that_reaches_beyond_the_box_is_seen_and_avoided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "RING", 0)  # so that what moves comes from beyond the box at once
    meant = splice(tmp_path / "clip.mp4", CORNER, 12, nodding)
    assert differences(tmp_path / "clip.mp4", CORNER, meant) == 0
    monkeypatch.setattr(MotionWatch, "reaches_out", lambda *_: False)
    meant = splice(tmp_path / "unseen.mp4", CORNER, 12, nodding)
    assert differences(tmp_path / "unseen.mp4", CORNER, meant) > 0


def test_skipped_macroblocks_cut_anyhow_repeat_the_picture(tmp_path: Path) -> None:
    frame, dice = to_yuv(slide()), random.Random(5)
    with av.open(str(tmp_path / "still.mp4"), "w") as container:
        stream = add_picture(container)
        SplicedPictures(stream, None)
        big = read_parameters(split_units(stream.codec_context.extradata or b""))
        frame.pts, frame.time_base = 0, FRAME_TIME
        container.mux(stream.encode(frame))
        for number in range(1, 40):
            cuts = [0, *sorted(dice.sample(range(1, 8160), dice.randrange(0, 90))), 8160]
            slices = [skip_unit(a, b - a, number % 16, big) for a, b in pairwise(cuts)]
            packet = av.Packet(b"".join(slices))
            packet.stream, packet.time_base = stream, FRAME_TIME
            packet.pts = packet.dts = number
            container.mux(packet)
    shown = [
        b"".join(plane.tobytes() for plane in planes) for planes in strictly_decoded(tmp_path / "still.mp4")
    ]
    assert len(shown) == 40
    assert len(set(shown)) == 1


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.fromarray(slide(1)).save(tmp_path / "slide.png")
    return tmp_path / "slide.png"


@pytest.fixture
def presenter(tmp_path: Path) -> Path:
    frame = av.VideoFrame(480, 480, "yuv420p")
    with av.open(str(tmp_path / "presenter.mp4"), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"preset": "superfast", "threads": "1"})
        stream.width = stream.height = 480
        for number in range(40):
            nodding(frame, PixelBox(0, 0, 480, 480), number)
            frame.pts, frame.time_base = number, FRAME_TIME
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return tmp_path / "presenter.mp4"


def a_request(picture: Path, presenter: Path | None, layout: Layout, seconds: float = 1.6) -> ClipRequest:
    placement = place((), None, layout, Corner.BOTTOM_RIGHT, Shape.CIRCLE)
    return ClipRequest(
        picture, placement, presenter, None, silence_s=seconds, pause_before_s=0, pause_after_s=0
    )


def test_clips_encoded_in_all_ways_join_to_a_film(tmp_path: Path, picture: Path, presenter: Path) -> None:
    parts, wanted = [], []
    for number, layout in enumerate((Layout.CORNER, Layout.FULL, Layout.NONE, Layout.BESIDE, Layout.CORNER)):
        shown = presenter if layout is not Layout.NONE else None
        clip = compose_clip(a_request(picture, shown, layout, 0.4), tmp_path / f"{number}.mp4")
        parts.append(FilmPart(clip.path, clip.frames, None, 0.0, layout))
        wanted += [hash(planes[0].tobytes()) for planes in strictly_decoded(clip.path)]
    film = join_film(parts, tmp_path / "film.mp4", (), "Mixed")
    slices = [len(units) for units in units_of(film.path)]
    spliced = [max(slices[start + 1 : start + 10]) > 40 for start in range(0, 50, 10)]
    assert spliced == [True, False, False, True, True]
    assert [hash(planes[0].tobytes()) for planes in strictly_decoded(film.path)] == wanted


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on the path")
def test_another_decoder_shows_the_same(tmp_path: Path, picture: Path, presenter: Path) -> None:
    clip = compose_clip(a_request(picture, presenter, Layout.CORNER), tmp_path / "clip.mp4")
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(clip.path), "-f", "rawvideo", "-"]
    out = subprocess.run(command, capture_output=True, check=True)
    assert out.stderr == b""
    pictures = np.frombuffer(out.stdout, np.uint8).reshape(clip.frames, -1)
    for theirs, ours in zip(pictures, strictly_decoded(clip.path), strict=True):
        assert np.array_equal(theirs, np.concatenate([plane.ravel() for plane in ours]))


def test_the_box_has_no_edges_and_costs_little(
    tmp_path: Path, picture: Path, presenter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = a_request(picture, presenter, Layout.CORNER, 0.8)
    spliced = compose_clip(request, tmp_path / "spliced.mp4")
    monkeypatch.setattr(compose, "SplicedPictures", WholePictures)
    whole = compose_clip(request, tmp_path / "whole.mp4")
    assert spliced.path.stat().st_size < 2 * whole.path.stat().st_size
    first, *others = strictly_decoded(spliced.path)
    (still, *_), around = first, ringed(request.placement.presenter)
    for luma, _, _ in others[::4]:
        changed = np.abs(luma.astype(int) - still)
        ring = changed[around.y : around.y + 8, around.x : around.x + around.width]
        assert ring.max() <= 12  # text and edges, encoded anew at the same fineness
        assert ring.mean() < 0.5
        changed[around.y : around.y + around.height, around.x : around.x + around.width] = 0
        assert changed.max() == 0
    for one, other in zip(others, list(strictly_decoded(whole.path))[1:], strict=True):
        assert np.abs(one[0].astype(int) - other[0]).mean() < 0.5


def test_a_held_presenter_costs_nothing(tmp_path: Path, picture: Path, presenter: Path) -> None:
    clip = compose_clip(a_request(picture, presenter, Layout.CORNER, 3.0), tmp_path / "clip.mp4")
    sizes = [sum(map(len, units)) for units in units_of(clip.path)]
    assert min(sizes[1:40]) > 400
    assert max(sizes[41:]) < 80


def test_where_the_box_would_not_fit_the_picture_is_encoded_whole(
    tmp_path: Path, picture: Path, presenter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = a_request(picture, presenter, Layout.CORNER, 0.4)
    options = box_module.picture_options
    monkeypatch.setattr(box_module, "picture_options", lambda **c: options(**c, chroma_qp_offset=3))
    clip = compose_clip(request, tmp_path / "clip.mp4")
    assert [len([unit for unit in units if unit[0] & 31 in (1, 5)]) for units in units_of(clip.path)] == [
        1
    ] * 10


def test_a_key_picture_comes_every_ten_seconds_and_can_be_sought(tmp_path: Path) -> None:
    splice(tmp_path / "clip.mp4", PixelBox(64, 64, 64, 64), 260, nodding)
    with av.open(str(tmp_path / "clip.mp4")) as file:
        stream = file.streams.video[0]
        keys = [number for number, packet in enumerate(file.demux(stream)) if packet.is_keyframe]
        assert keys == [0, 250]
        file.seek(round(10.2 / stream.time_base), stream=stream)
        assert [round(frame.time * 25) for frame in file.decode(stream)] == list(range(250, 260))
