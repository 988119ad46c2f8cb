"""The mark that says that a machine made it: legible in every frame, never over the presenter, in the file too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from deckcast.videos.compose import compose_clip
from deckcast.videos.film import join_film
from deckcast.videos.layout import place
from deckcast.videos.mark import WORDS, mark_language, mark_picture, place_mark
from deckcast.videos.models import ClipRequest, Corner, FilmPart, Layout, PixelBox, Placement, Shape

WHITE, NAVY = (255, 255, 255), (16, 35, 63)
LOWER_LEFT = PixelBox(24, 1012, 200, 44)


def box_of(corner: Corner, language: str = "en") -> tuple[slice, slice]:
    width = mark_picture(language).width
    left = corner in (Corner.BOTTOM_LEFT, Corner.TOP_LEFT)
    lower = corner in (Corner.BOTTOM_LEFT, Corner.BOTTOM_RIGHT)
    x, y = (24 if left else 1896 - width), (1012 if lower else 24)
    return slice(y, y + 44), slice(x, x + width)


def presenter(path: Path) -> Path:
    """A presenter's video of four plain frames, each of another colour."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"preset": "superfast", "threads": "1"})
        stream.height, stream.width, stream.pix_fmt = 160, 160, "yuv420p"
        for number in range(4):
            picture = np.full((160, 160, 3), (40 * number, 120, 90), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        frames = (
            each.reformat(format="rgb24", src_colorspace=1, src_color_range=1)
            for each in file.decode(video=0)
        )
        return [each.to_ndarray() for each in frames]


def composed(folder: Path, placement: Placement, ground: tuple[int, int, int], mark: str | None) -> Path:
    slide, video, out = folder / "slide.png", folder / "presenter.mp4", folder / f"{mark}.mp4"
    Image.new("RGB", (1920, 1080), ground).save(slide)
    request = ClipRequest(slide, placement, presenter(video), None, silence_s=0.16, pause_before_s=0)
    compose_clip(replace(request, pause_after_s=0, mark=mark), out)
    return out


@pytest.mark.parametrize("ground", [WHITE, NAVY])
@pytest.mark.parametrize(
    ("layout", "corner", "stands"),
    [
        (Layout.CORNER, Corner.BOTTOM_LEFT, Corner.TOP_RIGHT),
        (Layout.CORNER, Corner.BOTTOM_RIGHT, Corner.BOTTOM_LEFT),
        (Layout.FULL, None, Corner.BOTTOM_LEFT),
    ],
)
def test_it_is_legible_in_every_frame_and_nowhere_else(
    tmp_path: Path, ground: tuple[int, int, int], layout: Layout, corner: Corner | None, stands: Corner
) -> None:
    placement = place((), None, layout, corner, Shape.CIRCLE)
    plain = decoded(composed(tmp_path, placement, ground, None))
    marked = decoded(composed(tmp_path, placement, ground, "en"))
    assert len(marked) == len(plain) == 4
    for before, after in zip(plain, marked, strict=True):
        part = after[box_of(stands)].astype(int).mean(axis=2)
        assert part.max() > 215  # letters
        assert np.median(part) < 130  # what is behind them
        rest = np.abs(after.astype(int) - before)
        rest[box_of(stands)] = 0
        assert rest.max() < 24  # noise of the encoder at the mark's edge


def test_the_file_says_so_too(tmp_path: Path) -> None:
    clip = composed(tmp_path, place((), None, Layout.NONE), WHITE, "de")
    part = FilmPart(clip=clip, frames=4, speech=None, pause_before_s=0, title="One")
    join_film([part], tmp_path / "film.mp4", [], "Deck", "de", "KI-generiert")
    join_film([part], tmp_path / "plain.mp4", [], "Deck", "de")
    said = []
    for path in (clip, tmp_path / "film.mp4", tmp_path / "plain.mp4"):
        with av.open(str(path)) as file:
            said.append(file.metadata.get("comment"))
    assert said == ["KI-generiert", "KI-generiert", None]


def test_the_emptiest_corner_is_taken_where_none_is_quite_empty() -> None:
    still = np.full((1080, 1920, 3), 255, np.uint8)
    noise = np.random.default_rng(1).integers(0, 255, (200, 600, 3), np.uint8)
    still[880:, :600] = noise
    still[:200, 1320:] = noise
    still[-200:, -600:] = noise
    assert place_mark(200, 44, still, None)[:2] == (24, 24)
    still[:200, :600] = noise
    still[:200, :600][::2] = 255
    still[:200, 1320:] = np.where(np.arange(600)[None, :, None] % 300 < 2, 0, 255)
    assert place_mark(200, 44, still, None)[:2] == (1696, 24)
    assert place_mark(200, 44, still, PixelBox(1500, 0, 420, 420))[:2] != (1696, 24)
    assert place_mark(200, 44, still, PixelBox(0, 0, 1920, 1080))[:2] == LOWER_LEFT[:2]


def test_there_are_words_for_the_languages_that_are_narrated() -> None:
    import deckcast.narration

    tables = Path(deckcast.narration.__file__).parent / "phrases"
    assert {path.stem for path in tables.glob("*.toml")} <= WORDS.keys()
    for language in WORDS:
        picture = mark_picture(language)
        assert (picture.width % 2, picture.height) == (0, 44)
        assert 120 < picture.width < 400
    tags = {"de-CH": "de", "no": "nb", "pt_BR": "pt", "xx": "en", "": "en", "zh-Hant-TW": "zh"}
    assert {tag: mark_language(tag) for tag in tags} == tags
