"""Real presenter videos, made small, decoded and measured."""

from __future__ import annotations

import math
import threading
import wave
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from deckcast.avatars.local.bank import open_bank
from deckcast.avatars.local.render import LIP_LEAD_S, RenderedVideo, characters, render_presenter_video
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.timing import SpeechTimings, Viseme, VisemeTiming

SIZE = 160
IDS = [character.id for character in characters()]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("presenter-cache")


def a_request(**changes: object) -> AvatarVideoRequest:
    values = {"avatar_id": "maya", "width": SIZE, "height": SIZE, "background": "#D0E0F0", "silence_s": 1.0}
    return AvatarVideoRequest(**{**values, **changes})  # type: ignore[arg-type]


def write_tone(path: Path, duration_s: float, rate: int = 48_000) -> Path:
    t = np.arange(round(duration_s * rate)) / rate
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((12_000 * np.sin(2 * np.pi * 440 * t)).astype("<i2").tobytes())
    return path


def frames_of(path: Path, pixel_format: str = "gray") -> np.ndarray:
    with av.open(str(path)) as container:
        return np.array([frame.to_ndarray(format=pixel_format) for frame in container.decode(video=0)])


def luma_of(path: Path) -> np.ndarray:
    """Y planes as they are in the file."""
    frames = frames_of(path, "yuv420p")
    return frames[:, : frames.shape[1] * 2 // 3].astype(float)


def alpha_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Alpha (frames, height, width) and Y, Cb, Cr at full size (frames, height, width, 3) of a transparent film."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    alphas, colours = [], []
    with av.open(str(path), format="webm") as container:
        for packet in container.demux(video=0):
            for frame in decoder.decode(packet if packet.size else None):
                assert frame.format.name == "yuva420p"
                assert (frame.colorspace, frame.color_range) == (1, 1)
                planes = [
                    np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
                    for plane in frame.planes
                ]
                alphas.append(planes[3].astype(float))
                colour = [planes[0], *(plane.repeat(2, axis=0).repeat(2, axis=1) for plane in planes[1:3])]
                colours.append(np.stack(colour, axis=-1).astype(float))
    return np.array(alphas), np.array(colours)


def sound_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def test_a_spoken_video_is_as_it_should_be(tmp_path: Path, cache: Path) -> None:
    audio = write_tone(tmp_path / "speech.wav", 1.23)
    timings = SpeechTimings(1.23, (), (VisemeTiming(Viseme.AA, 0.0, 1.23, True),))
    request = a_request(audio=audio, timings=timings, lead_s=0.4, tail_s=0.5)
    video = render_presenter_video(request, tmp_path / "out.mp4", cache)
    frames = math.ceil((0.4 + 1.23 + 0.5) * 25)
    assert video == RenderedVideo(tmp_path / "out.mp4", frames, frames / 25)
    with av.open(str(video.path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        context = picture.codec_context
        assert (context.name, context.pix_fmt, picture.average_rate) == ("h264", "yuv420p", 25)
        assert (context.color_range, context.colorspace, context.color_primaries) == (1, 1, 1)
        assert (sound.codec_context.name, sound.codec_context.sample_rate) == ("aac", 48_000)
        decoded = list(container.decode(picture))
    assert len(decoded) == frames
    assert decoded[0].key_frame
    samples = np.abs(sound_of(video.path))
    loud = np.flatnonzero(samples > 0.05) / 48_000
    assert loud[0] == pytest.approx(0.4, abs=0.03)
    assert loud[-1] == pytest.approx(1.63, abs=0.03)
    head = video.path.read_bytes()[:4096]
    assert b"moov" in head


@pytest.mark.parametrize(("silence_s", "frames"), [(0.0, 1), (1.0, 25), (1.01, 26), (0.84, 21)])
def test_silence_has_the_exact_length(tmp_path: Path, cache: Path, silence_s: float, frames: int) -> None:
    video = render_presenter_video(a_request(silence_s=silence_s), tmp_path / "out.mp4", cache)
    assert video.frames == frames == len(frames_of(video.path))


@pytest.mark.parametrize("character_id", IDS)
def test_lips_follow_the_sound_within_a_frame(tmp_path: Path, cache: Path, character_id: str) -> None:
    edges = [0.0, 0.43, 0.8, 1.21, 1.67, 2.0, 2.51, 2.83, 3.3]
    visemes = tuple(
        VisemeTiming(Viseme.AA if index % 2 else Viseme.PP, start, end)
        for index, (start, end) in enumerate(pairwise(edges))
    )
    audio = write_tone(tmp_path / "speech.wav", edges[-1])
    request = a_request(
        avatar_id=character_id, audio=audio, timings=SpeechTimings(edges[-1], (), visemes), lead_s=0.4
    )
    video = render_presenter_video(request, tmp_path / "out.mp4", cache)
    box = [round(edge * SIZE / 1000) for edge in open_bank(character_id, SIZE, cache).rig.anchors.mouth_box]
    mouth = luma_of(video.path)[:, box[1] : box[3], box[0] : box[2]]
    darkest = np.sort(mouth.reshape(len(mouth), -1), axis=1)[:, :20].mean(axis=1)
    is_open = darkest < 0.5 * (darkest.min() + darkest.max())
    changes = np.flatnonzero(is_open[1:] != is_open[:-1]) + 1
    expected = [round((edge + 0.4 - LIP_LEAD_S) * 25) for edge in edges[1:]]
    assert len(changes) == len(expected)
    assert np.abs(changes - np.array(expected)).max() <= 1


def test_a_plain_background_is_exactly_that_colour(tmp_path: Path, cache: Path) -> None:
    video = render_presenter_video(a_request(background="#3A6EA5"), tmp_path / "out.mp4", cache)
    frames = frames_of(video.path, "rgb24").astype(int)
    wanted = np.array([0x3A, 0x6E, 0xA5])
    for corner in (frames[:, :12], frames[:, :100, :20], frames[:, :100, -20:]):
        assert np.abs(corner - wanted).max() <= 3


def test_a_picture_fills_the_background_of_a_wide_frame(tmp_path: Path, cache: Path) -> None:
    halves = Image.new("RGB", (400, 400), "#204080")
    halves.paste("#E0C040", (200, 0, 400, 400))
    halves.save(tmp_path / "back.png")
    request = a_request(width=288, background=str(tmp_path / "back.png"))
    frame = frames_of(render_presenter_video(request, tmp_path / "out.mp4", cache).path, "rgb24")[5].astype(
        int
    )
    assert np.abs(frame[10:150, 10] - (0x20, 0x40, 0x80)).max() <= 6
    assert np.abs(frame[10:150, -10] - (0xE0, 0xC0, 0x40)).max() <= 6
    assert np.abs(frame[60:80, 134:154] - frame[20, 10]).sum(axis=-1).mean() > 100


@pytest.mark.parametrize("character_id", IDS)
def test_without_a_background_alpha_is_the_shape_of_the_presenter(
    tmp_path: Path, cache: Path, character_id: str
) -> None:
    request = a_request(avatar_id=character_id, background=TRANSPARENT, silence_s=0.4)
    alpha, colour = alpha_of(render_presenter_video(request, tmp_path / "out.webm", cache).path)
    anchors = open_bank(character_id, SIZE, cache).rig.anchors
    left, top, right, bottom = (round(edge * SIZE / 1000) for edge in anchors.eyes_box)
    assert alpha[:, :4].max() <= 3
    assert alpha[:, SIZE // 2 :, :3].max() <= 3
    assert alpha[:, top:bottom, left:right].min() >= 252
    assert alpha[:, -40:, 60:100].min() >= 252  # no hole in the chest
    edges = ((alpha > 30) & (alpha < 225)).mean(axis=(1, 2))
    assert ((edges > 0.004) & (edges < 0.05)).all()  # soft, and only along the outline
    # Before black and before white it looks as if drawn there: no fringe of either.
    for ground, luma in (("#000000", 16.0), ("#FFFFFF", 235.0)):
        drawn = a_request(avatar_id=character_id, background=ground, silence_s=0.4)
        wanted = luma_of(render_presenter_video(drawn, tmp_path / "drawn.mp4", cache).path)
        laid = colour[..., 0] * alpha / 255 + luma * (1 - alpha / 255)
        assert np.abs(laid - wanted).mean() < 1.0
        outline = (alpha > 10) & (alpha < 245)
        assert abs((laid - wanted)[outline].mean()) < 2.5
        assert np.abs(laid - wanted)[outline].mean() < 6


def test_a_film_without_a_background_is_webm_with_sound(tmp_path: Path, cache: Path) -> None:
    audio = write_tone(tmp_path / "speech.wav", 1.23)
    request = a_request(width=288, background=TRANSPARENT, audio=audio, lead_s=0.4, tail_s=0.5)
    video = render_presenter_video(request, tmp_path / "out.webm", cache)
    with av.open(str(video.path), format="webm") as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.average_rate) == ("vp9", 25)
        assert picture.metadata["ALPHA_MODE"] == "1"
        assert (sound.codec_context.name, sound.codec_context.sample_rate) == ("opus", 48_000)
        times = [packet.pts * packet.time_base for packet in container.demux(picture) if packet.size]
    assert len(times) == video.frames == 54
    assert np.abs(np.array(times, float) - np.arange(54) / 25).max() <= 0.01
    loud = np.flatnonzero(np.abs(sound_of(video.path)) > 0.05) / 48_000
    assert loud[0] == pytest.approx(0.4, abs=0.03)
    assert loud[-1] == pytest.approx(1.63, abs=0.03)
    alpha, _ = alpha_of(video.path)
    assert alpha[:, :, :60].max() <= 3  # the presenter stands in the middle of a wide picture
    assert alpha[:, 60:80, 134:154].min() >= 252


def test_nothing_jumps_while_the_presenter_waits(tmp_path: Path, cache: Path) -> None:
    luma = luma_of(render_presenter_video(a_request(silence_s=8.0), tmp_path / "out.mp4", cache).path)
    eyes = [round(edge * SIZE / 1000) for edge in open_bank("maya", SIZE, cache).rig.anchors.eyes_box]
    luma[:, eyes[1] - 6 : eyes[3] + 6, eyes[0] : eyes[2]] = 0
    steps = np.abs(np.diff(luma, axis=0))
    assert steps.mean(axis=(1, 2)).max() < 1.5
    assert steps.mean() > 0


def test_the_same_seed_draws_the_same_and_another_does_not(tmp_path: Path, cache: Path) -> None:
    films = [
        luma_of(render_presenter_video(a_request(seed=seed), tmp_path / f"{place}.mp4", cache).path)
        for place, seed in enumerate((1, 1, 2))
    ]
    assert np.array_equal(films[0], films[1])
    assert np.abs(films[0][0] - films[2][0]).max() > 20


def test_two_builders_of_one_bank_do_not_disturb_each_other(tmp_path: Path) -> None:
    threads = [threading.Thread(target=open_bank, args=("maya", 64, tmp_path)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert open_bank("maya", 64, tmp_path).canvas.shape == (256, 256)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"avatar_id": "nobody"}, "unknown_avatar"),
        ({"width": 161}, "size_invalid"),
        ({"width": 0, "height": 0}, "size_invalid"),
        ({"background": "#12345"}, "background_invalid"),
        ({"background": "/nowhere/picture.png"}, "background_invalid"),
    ],
)
def test_wrong_calls_are_refused(tmp_path: Path, cache: Path, changes: dict[str, object], code: str) -> None:
    with pytest.raises(CallError) as caught:
        render_presenter_video(a_request(**changes), tmp_path / "out.mp4", cache)
    assert caught.value.code == code
    assert not list(tmp_path.iterdir())


def test_sound_that_cannot_be_read_fails_the_slide(tmp_path: Path, cache: Path) -> None:
    audio = tmp_path / "speech.wav"
    audio.write_bytes(b"not a sound")
    with pytest.raises(WorkError) as caught:
        render_presenter_video(a_request(audio=audio), tmp_path / "out.mp4", cache)
    assert caught.value.code == "audio_unreadable"
