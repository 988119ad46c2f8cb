"""A presenter without a background stands on the slide itself, at the pixel."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from deckcast.videos.compose import compose_clip
from deckcast.videos.layout import place
from deckcast.videos.models import ClipRequest, Corner, Layout, PixelBox, Shape, Size
from films import figure, transparent_video

GREEN = (0, 255, 0)  # what a provider left under clear pixels: nothing of it may be seen
RED = (200, 60, 50)


@pytest.fixture(scope="module")
def slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stripes of light, dark and strong colours."""
    path = tmp_path_factory.mktemp("slide") / "slide.png"
    image = Image.new("RGB", (1920, 1080), (245, 246, 250))
    pen = ImageDraw.Draw(image)
    for number in range(24):
        colour = [(20, 26, 40), (90, 60, 200), (250, 240, 200)][number % 3]
        pen.rectangle((number * 80, 0, number * 80 + 39, 1080), fill=colour)
    image.save(path)
    return path


def shown(
    tmp_path: Path, slide: Path | None, video: Path | None, layout: Layout, **asked: object
) -> np.ndarray:
    """The first picture of a clip as RGB, (1080, 1920, 3)."""
    placement = place((), None, layout, shape=Shape.CUT_OUT, **asked)  # type: ignore[arg-type]
    request = ClipRequest(slide, placement, video, None, silence_s=0.04, pause_before_s=0, pause_after_s=0)
    with av.open(str(compose_clip(request, tmp_path / "clip.mp4").path)) as file:
        frame = next(file.decode(video=0))
        return frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1).to_ndarray().astype(int)


def part(picture: np.ndarray, box: PixelBox) -> np.ndarray:
    return picture[box.y : box.y + box.height, box.x : box.x + box.width]


def window(layout: Layout, **asked: object) -> PixelBox:
    box = place((), None, layout, shape=Shape.CUT_OUT, **asked).presenter  # type: ignore[arg-type]
    assert box is not None
    return box


@pytest.mark.parametrize("size", list(Size))
def test_the_slide_shows_where_alpha_is_none_and_the_body_where_it_is_whole(
    tmp_path: Path, slide: Path, size: Size
) -> None:
    video = transparent_video(tmp_path / "v.webm", 2, lambda _: figure(480, 480, 160, RED, GREEN))
    asked = {"corner": Corner.BOTTOM_RIGHT, "size": size}
    plain = shown(tmp_path, slide, None, Layout.NONE)
    picture = shown(tmp_path, slide, video, Layout.CORNER, **asked)
    box = window(Layout.CORNER, **asked)
    assert box.y + box.height == 1080
    down, across = np.mgrid[: box.height, : box.width] + 0.5
    distance = np.hypot(down - box.height / 2, across - box.width / 2) * 480 / box.width
    off = np.abs(part(picture, box) - part(plain, box)).max(axis=2)
    assert off[distance > 168].max() <= 12  # what quantising the picture costs; a halo would be 100 and more
    assert off[distance > 168].mean() < 0.5
    inside = part(picture, box)[distance < 150]
    assert np.abs(inside.mean(axis=0) - RED).max() <= 4
    outside = picture.copy()
    outside[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    plain[box.y : box.y + box.height, box.x : box.x + box.width] = 0
    assert np.abs(outside - plain).max() <= 12


@pytest.mark.parametrize("beyond", [GREEN, (0, 0, 0), (255, 255, 255)])
@pytest.mark.parametrize("ground", [(255, 255, 255), (10, 14, 24)])
def test_the_edge_is_as_if_drawn_on_the_slide(
    tmp_path: Path, ground: tuple[int, int, int], beyond: tuple[int, int, int]
) -> None:
    box = window(Layout.CORNER)
    assert box.width == 480
    plain = Image.new("RGB", (1920, 1080), ground)
    plain.save(tmp_path / "plain.png")
    drawn = Image.fromarray(figure(480, 480, 178, RED, RED), "RGBA")
    plain.paste(drawn, (box.x, box.y), drawn)
    plain.save(tmp_path / "drawn.png")
    video = transparent_video(tmp_path / "v.webm", 1, lambda _: figure(480, 480, 178, RED, beyond))
    wanted = shown(tmp_path, tmp_path / "drawn.png", None, Layout.NONE)
    picture = shown(tmp_path, tmp_path / "plain.png", video, Layout.CORNER)
    off = np.abs(picture - wanted).max(axis=2)
    assert off.max() <= 40
    assert (off > 24).mean() < 5e-5


def test_a_wide_video_is_cropped_around_its_middle_and_not_squashed(tmp_path: Path, slide: Path) -> None:
    def two(_: int) -> np.ndarray:
        picture = figure(1280, 720, 200, RED, GREEN)
        picture[:, :60] = (10, 10, 250, 255)  # far at the side: cropped
        return picture

    Image.new("RGB", (1920, 1080), (255, 255, 255)).save(tmp_path / "plain.png")
    video = transparent_video(tmp_path / "v.webm", 1, two)
    picture = shown(tmp_path, tmp_path / "plain.png", video, Layout.CORNER)
    box = window(Layout.CORNER)
    red = part(picture, box)[..., 2] < 150
    columns, rows = np.flatnonzero(red.any(axis=0)), np.flatnonzero(red.any(axis=1))
    assert abs(len(columns) - len(rows)) <= 2  # still a disc
    assert len(rows) == pytest.approx(box.height * 400 / 720, abs=4)
    assert abs((columns[0] + columns[-1]) / 2 - box.width / 2) <= 2
    blue = (picture[..., 2] - picture[..., 0]) > 100
    assert not blue.any()


def test_beside_the_slide_it_stands_on_the_canvas_without_a_card(tmp_path: Path, slide: Path) -> None:
    video = transparent_video(tmp_path / "v.webm", 1, lambda _: figure(480, 480, 160, RED, GREEN))
    picture = shown(tmp_path, slide, video, Layout.BESIDE)
    box = window(Layout.BESIDE)
    assert (box.y + box.height, box.x + box.width) == (1080, 1920)
    assert np.abs(picture[box.y + box.height // 2, box.x + box.width // 2] - RED).max() <= 6
    beside, above = picture[box.y + 10, -12], picture[box.y - 30, -12]
    assert np.abs(beside - above).max() <= 6  # one canvas, no frame
    assert picture[box.y + 10 : -10, -12].mean(axis=1).min() > 200


def test_in_an_upper_corner_its_foot_fades_away(tmp_path: Path) -> None:
    Image.new("RGB", (1920, 1080), (255, 255, 255)).save(tmp_path / "plain.png")
    whole = np.full((480, 480, 4), (*RED, 255), np.uint8)
    video = transparent_video(tmp_path / "v.webm", 1, lambda _: whole)
    picture = shown(tmp_path, tmp_path / "plain.png", video, Layout.CORNER, corner=Corner.TOP_LEFT)
    box = window(Layout.CORNER, corner=Corner.TOP_LEFT)
    column = part(picture, box)[:, box.width // 2, 2]
    assert abs(column[box.height // 2] - RED[2]) <= 6
    assert abs(column[-1] - 255) <= 6
    assert np.diff(column[::8]).min() >= -8  # ever clearer, without a step
    assert np.abs(np.diff(column)).max() <= 10


def test_alone_it_fills_the_canvas(tmp_path: Path) -> None:
    video = transparent_video(tmp_path / "v.webm", 1, lambda _: figure(960, 540, 200, RED, GREEN))
    picture = shown(tmp_path, None, video, Layout.FULL)
    assert np.abs(picture[540, 960] - RED).max() <= 6
    assert picture[20, 20].min() > 200
