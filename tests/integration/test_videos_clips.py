"""Clips and films as they are decoded again: lengths, lips, colours, sound against picture."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from deckcast.kit.errors import WorkError
from deckcast.videos.compose import compose_clip
from deckcast.videos.film import join_film, write_poster
from deckcast.videos.layout import place
from deckcast.videos.models import Clip, ClipRequest, Corner, Cue, FilmPart, Layout, Placement, Shape
from deckcast.videos.probe import probe

Picture = np.ndarray
GROUND = (236, 240, 246)


def wav(path: Path, samples: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def tone(seconds: float) -> np.ndarray:
    return 6000 * np.sin(np.arange(round(seconds * 48_000)) * 2 * np.pi * 220 / 48_000)


def presenter(path: Path, frames: int, draw: Callable[[int], Picture], rate: int = 25) -> Path:
    with av.open(str(path), "w") as file:
        first = draw(0)
        stream = file.add_stream(
            "libx264", rate=rate, options={"preset": "superfast", "crf": "12", "threads": "1"}
        )
        stream.height, stream.width, stream.pix_fmt = first.shape[0], first.shape[1], "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def flat(colour: tuple[int, int, int], size: tuple[int, int] = (160, 160)) -> Picture:
    return np.full((size[1], size[0], 3), colour, np.uint8)


def decoded(path: Path) -> Iterator[Picture]:
    """A clip's pictures as RGB, read the way a player reads HD video."""
    with av.open(str(path)) as file:
        for frame in file.decode(video=0):
            assert (frame.colorspace, frame.color_range) == (1, 1)
            yield frame.reformat(format="rgb24", src_colorspace=1, src_color_range=1).to_ndarray()


def lumas(path: Path, x: int, y: int) -> list[int]:
    with av.open(str(path)) as file:
        planes = (np.frombuffer(frame.planes[0], np.uint8) for frame in file.decode(video=0))
        return [int(plane.reshape(1080, -1)[y, x]) for plane in planes]


def sound_of(path: Path) -> np.ndarray:
    """The sound as a player plays it: priming trimmed, gaps by time stamps."""
    with av.open(str(path)) as file:
        parts = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return np.concatenate(parts)


def placed(layout: Layout, shape: Shape = Shape.CIRCLE, corner: Corner | None = None) -> Placement:
    return place((), None, layout, corner, shape)


@pytest.fixture
def slide(tmp_path: Path) -> Path:
    image = Image.new("RGB", (1920, 1080), "white")
    pen = ImageDraw.Draw(image)
    for number, colour in enumerate(
        [(200, 30, 30), (30, 160, 60), (20, 60, 200), (128, 128, 128), (250, 200, 20)]
    ):
        pen.rectangle((100 + number * 200, 500, 260 + number * 200, 700), fill=colour)
    pen.text((100, 100), "Text that stays sharp", fill=(20, 30, 50), font_size=64)
    image.save(tmp_path / "slide.png")
    return tmp_path / "slide.png"


@pytest.mark.parametrize(
    ("seconds", "before_s", "after_s", "frames"),
    [(0.5, 0.0, 0.0, 13), (0.52, 0.0, 0.0, 13), (0.5, 0.4, 0.6, 38), (24_001 / 48_000, 0.01, 0.01, 14)],
)
def test_a_clip_lasts_whole_frames(
    tmp_path: Path, slide: Path, seconds: float, before_s: float, after_s: float, frames: int
) -> None:
    speech = wav(tmp_path / "s.wav", tone(seconds))
    request = ClipRequest(slide, placed(Layout.NONE), None, speech, 0.0, 0.0, before_s, after_s)
    clip = compose_clip(request, tmp_path / "clip.mp4")
    info = probe(clip.path)
    assert (clip.frames, info.frames, info.duration_s) == (frames, frames, pytest.approx(frames / 25))
    assert clip.speech_duration_s == pytest.approx(seconds, abs=1e-4)
    assert (info.width, info.height, info.frame_rate) == (1920, 1080, 25.0)
    assert (info.video_codec, info.audio_codec) == ("h264", "aac")


def test_silence_lasts_as_asked(tmp_path: Path) -> None:
    request = ClipRequest(None, placed(Layout.NONE), None, None, silence_s=0.5)
    clip = compose_clip(request, tmp_path / "clip.mp4")
    assert (clip.frames, clip.speech_duration_s) == (38, 0.0)
    assert abs(sound_of(clip.path)).max() < 1e-3


def test_lips_are_shown_with_their_sound(tmp_path: Path) -> None:
    shades = presenter(tmp_path / "p.mp4", 40, lambda n: flat((40 + 4 * n,) * 3))
    speech = wav(tmp_path / "s.wav", tone(1.2))
    request = ClipRequest(None, placed(Layout.FULL), shades, speech, 0.2, 0.0, 0.4, 0.6)
    clip = compose_clip(request, tmp_path / "clip.mp4")
    shown = np.array(lumas(clip.path, 960, 540))
    # Frame 10 of the clip is where the speech starts: there frame 5 (0.2 s) of the presenter must be seen.
    wanted = [16 + (40 + 4 * min(max(k - 5, 0), 39)) * 219 / 255 for k in range(clip.frames)]
    assert np.abs(shown - wanted).max() <= 2


def test_a_presenter_of_another_rate_and_size_is_shown_in_time(tmp_path: Path) -> None:
    shades = presenter(tmp_path / "p.mp4", 30, lambda n: flat((40 + 6 * n,) * 3, (320, 180)), rate=30)
    request = ClipRequest(None, placed(Layout.FULL), shades, None, 0.0, 1.0, 0.0, 0.0)
    shown = lumas(compose_clip(request, tmp_path / "clip.mp4").path, 960, 540)
    seen = (np.array(shown) - 16) * 255 / 219 / 6 - 40 / 6
    late_s = np.arange(25) / 25 - seen / 30
    assert np.abs(late_s).max() <= 0.025


def test_colours_and_text_come_out_as_they_went_in_and_stay(tmp_path: Path, slide: Path) -> None:
    moving = presenter(tmp_path / "p.mp4", 25, lambda n: flat((90 + 3 * n, 120, 160)))
    request = ClipRequest(slide, placed(Layout.AUTO), moving, None, silence_s=1.0)
    pictures = list(decoded(compose_clip(request, tmp_path / "clip.mp4").path))
    source = np.asarray(Image.open(slide)).astype(int)
    for x, y in [(180 + n * 200, 600) for n in range(5)] + [(50, 50), (1000, 900)]:
        patch = pictures[-1][y - 5 : y + 5, x - 5 : x + 5].reshape(-1, 3)
        assert np.abs(patch.mean(axis=0) - source[y, x]).max() <= 3
    text = slice(90, 200), slice(90, 900)
    error = np.abs(pictures[0][text].astype(int) - source[text]).mean()
    assert error < 1.5
    assert np.abs(pictures[0][text].astype(int) - pictures[-1][text]).max() == 0


@pytest.mark.parametrize("shape", [Shape.CIRCLE, Shape.ROUNDED, Shape.SQUARE])
def test_the_presenter_is_seen_in_its_shape_alone(tmp_path: Path, slide: Path, shape: Shape) -> None:
    red = presenter(tmp_path / "p.mp4", 2, lambda _: flat((200, 40, 40)))
    placement = placed(Layout.CORNER, shape, Corner.BOTTOM_RIGHT)
    request = ClipRequest(slide, placement, red, None, silence_s=0.04, pause_before_s=0, pause_after_s=0)
    picture = next(decoded(compose_clip(request, tmp_path / "clip.mp4").path)).astype(int)
    box = placement.presenter
    assert box is not None
    inside = picture[box.y + box.height // 2, box.x + box.width // 2]
    assert np.abs(inside - (200, 40, 40)).max() <= 4
    rim = picture[box.y + box.height // 2, box.x + 2]
    assert rim.min() > 235  # a white ring
    corner = picture[box.y + 6 : box.y + 14, box.x + 6 : box.x + 14].reshape(-1, 3).mean(axis=0)
    reddish = corner[0] - corner[2] > 60
    assert reddish == (shape is not Shape.CIRCLE)
    assert np.abs(picture[box.y - 60, box.x - 60] - 255).max() <= 2


def test_beside_the_presenter_has_a_card_level_with_the_slides_middle(tmp_path: Path, slide: Path) -> None:
    def bust(_: int) -> Picture:
        picture = flat(GROUND, (240, 240))
        picture[90:, 60:180] = (60, 80, 120)
        return picture

    request = ClipRequest(
        slide, placed(Layout.BESIDE), presenter(tmp_path / "p.mp4", 2, bust), None,
        silence_s=0.04, pause_before_s=0, pause_after_s=0, background="#ECF0F6",
    )  # fmt: skip
    picture = next(decoded(compose_clip(request, tmp_path / "clip.mp4").path)).astype(int)
    box, card = request.placement.presenter, request.placement.slide
    assert box is not None
    assert card is not None
    assert box.y * 2 + box.height == card.y * 2 + card.height
    middle = box.x + box.width // 2
    head = box.y + box.height * 90 // 240
    assert np.abs(picture[box.y + 4 : head - 8, middle] - GROUND).max() <= 4
    assert np.abs(picture[head + 8 : box.y + box.height - 4, middle] - (60, 80, 120)).max() <= 4
    canvas = picture[60, 300]
    assert np.abs(canvas - GROUND).max() < 30  # same family, a little deeper
    assert canvas.mean() < np.mean(GROUND)


def test_in_a_corner_the_presenter_is_seen_from_closer(tmp_path: Path, slide: Path) -> None:
    def framed(_: int) -> Picture:
        picture = flat((200, 40, 40), (240, 240))
        picture[:8], picture[-28:] = (20, 60, 200), (20, 60, 200)
        return picture

    placement = placed(Layout.CORNER, Shape.SQUARE, Corner.BOTTOM_RIGHT)
    request = ClipRequest(
        slide, placement, presenter(tmp_path / "p.mp4", 2, framed), None,
        silence_s=0.04, pause_before_s=0, pause_after_s=0,
    )  # fmt: skip
    picture = next(decoded(compose_clip(request, tmp_path / "clip.mp4").path)).astype(int)
    box = placement.presenter
    assert box is not None
    column = picture[box.y + 8 : box.y + box.height - 8, box.x + box.width // 2]
    assert np.abs(column - (200, 40, 40)).max() <= 6  # a little of the head's room and the foot are cut off


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640)])
def test_a_presenter_of_another_shape_than_ordered_is_cropped_and_not_squashed(
    tmp_path: Path, slide: Path, width: int, height: int
) -> None:
    middle = (
        height // 2 if width > height else width // 2,
        width // 2,
    )  # of a tall one the upper part is kept

    def disc(_: int) -> Picture:
        picture = flat((240, 240, 240), (width, height))
        down, across = np.mgrid[:height, :width]
        picture[np.hypot(down - middle[0], across - middle[1]) < 100] = (200, 40, 40)
        return picture

    placement = placed(Layout.CORNER, Shape.SQUARE, Corner.BOTTOM_RIGHT)
    request = ClipRequest(
        slide, placement, presenter(tmp_path / "p.mp4", 2, disc), None,
        silence_s=0.04, pause_before_s=0, pause_after_s=0,
    )  # fmt: skip
    picture = next(decoded(compose_clip(request, tmp_path / "clip.mp4").path)).astype(int)
    box = placement.presenter
    assert box is not None
    red = picture[box.y : box.y + box.height, box.x : box.x + box.width]
    red = (red[..., 0] - red[..., 2]) > 80
    columns, rows = np.flatnonzero(red.any(axis=0)), np.flatnonzero(red.any(axis=1))
    assert abs(len(columns) - len(rows)) <= 3
    assert len(rows) == pytest.approx(box.width * 1.2 * 200 / 360, abs=4)
    assert abs((columns[0] + columns[-1]) / 2 - box.width / 2) <= 3


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("slide_image", "image_unreadable"),
        ("speech", "speech_unreadable"),
        ("avatar_video", "result_not_video"),
    ],
)
def test_what_cannot_be_read_is_named_and_leaves_nothing(
    tmp_path: Path, slide: Path, field: str, code: str
) -> None:
    broken = tmp_path / "broken.bin"
    broken.write_bytes(b"not media at all" * 50)
    files = {"slide_image": slide, "speech": None, "avatar_video": None, field: broken}
    request = ClipRequest(placement=placed(Layout.AUTO), silence_s=0.2, **files)
    with pytest.raises(WorkError) as caught:
        compose_clip(request, tmp_path / "out" / "clip.mp4")
    assert caught.value.code == code
    assert list(tmp_path.glob("out/*")) == []


@pytest.fixture(scope="module")
def flashes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """A dark clip of 9 frames and a light one of 7, whose speech starts with a click."""
    folder = tmp_path_factory.mktemp("flashes")
    click = np.zeros(7 * 1920)
    click[:240] = 20_000 * np.sin(np.arange(240))
    made = {}
    for name, shade, frames in (("dark", 0, 9), ("light", 255, 7)):
        Image.new("RGB", (1920, 1080), (shade,) * 3).save(folder / f"{name}.png")
        request = ClipRequest(
            folder / f"{name}.png", placed(Layout.NONE), None, None,
            silence_s=frames / 25, pause_before_s=0, pause_after_s=0,
        )  # fmt: skip
        made[name] = compose_clip(request, folder / f"{name}.mp4")
    wav(folder / "click.wav", click)
    return made


def test_sound_and_picture_agree_to_the_end_of_fifty_slides(tmp_path: Path, flashes: dict[str, Clip]) -> None:
    click = flashes["dark"].path.with_name("click.wav")
    parts = [
        FilmPart(flashes["light"].path, 7, click, 0.0, f"Slide {n}")
        if n % 2
        else FilmPart(flashes["dark"].path, 9, None, 0.4, "")
        for n in range(50)
    ]
    captions = [Cue(0.5, 2.0, "One & <two>"), Cue(2.5, 4.0, "三\nvier")]
    film = join_film(parts, tmp_path / "film.mp4", captions, "A talk", "de-CH")
    assert (film.frames, film.duration_s) == (400, 16.0)

    light = np.array(lumas(film.path, 960, 540)) > 128
    flash_s = np.flatnonzero(light[1:] & ~light[:-1]) / 25 + 1 / 25
    loud = np.abs(sound_of(film.path)) > 0.2
    onsets = np.flatnonzero(loud)
    onsets = onsets[np.diff(onsets, prepend=-48_000) > 4800] / 48_000
    assert len(light) == 400
    assert len(flash_s) == len(onsets) == 25
    assert np.abs(flash_s - onsets).max() < 0.005


def test_a_film_has_captions_chapters_and_its_index_in_front(
    tmp_path: Path, flashes: dict[str, Clip]
) -> None:
    parts = [
        FilmPart(flashes[name].path, flashes[name].frames, None, 0.0, name) for name in ("dark", "light")
    ]
    film = join_film(parts, tmp_path / "film.mp4", [Cue(0.1, 0.3, "Grüezi & hallo")], "A talk", "de")
    with av.open(str(film.path)) as file:
        assert file.metadata["title"] == "A talk"
        assert [chapter["metadata"]["title"] for chapter in file.chapters()] == ["dark", "light"]
        assert [float(c["start"] * c["time_base"]) for c in file.chapters()] == [0.0, pytest.approx(0.36)]
        track = file.streams.subtitles[0]
        assert track.metadata["language"] == "deu"
        assert file.streams.audio[0].metadata["language"] == "deu"
        samples = [bytes(packet) for packet in file.demux(track) if packet.size]
        assert [sample[2:] for sample in samples] == [b"", "Grüezi & hallo".encode(), b""]
    head = film.path.read_bytes()
    assert 0 < head.index(b"moov") < head.index(b"mdat")
    write_poster(film.path, tmp_path / "poster.jpg")
    with Image.open(tmp_path / "poster.jpg") as poster:
        assert (poster.format, poster.size) == ("JPEG", (1280, 720))
        assert poster.convert("L").getextrema()[1] < 10


def test_a_film_of_parts_that_do_not_fit_is_refused(tmp_path: Path, flashes: dict[str, Clip]) -> None:
    foreign = presenter(tmp_path / "foreign.mp4", 9, lambda _: flat((10, 10, 10)))
    cases = {
        "film_empty": [],
        "clip_wrong_length": [FilmPart(flashes["dark"].path, 8, None, 0.0, "")],
        "clips_differ": [
            FilmPart(flashes["dark"].path, 9, None, 0.0, ""),
            FilmPart(foreign, 9, None, 0.0, ""),
        ],
    }
    for code, parts in cases.items():
        with pytest.raises(WorkError) as caught:
            join_film(parts, tmp_path / "film.mp4", [], "")
        assert caught.value.code == code
    assert not list(tmp_path.glob("*film.mp4*"))
