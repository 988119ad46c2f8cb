"""Only whole MP4 videos of the right length and sound are taken from a provider."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
import pytest

from deckcast.kit.errors import WorkError
from deckcast.videos.probe import check_avatar_video, probe
from films import figure, transparent_video


def babble(seconds: float, seed: int) -> np.ndarray:
    """Noise with the rhythm of speech."""
    rng = np.random.default_rng(seed)
    count = round(seconds * 48_000)
    beats = np.interp(
        np.arange(count) / 7200, np.arange(count // 7200 + 2), rng.random(count // 7200 + 2) ** 3
    )
    return (rng.standard_normal(count) * beats * 5000).astype(np.int16)


def video(path: Path, seconds: float, sound: np.ndarray | None) -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"preset": "ultrafast", "threads": "1"})
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        track = file.add_stream("aac", rate=48_000, layout="mono") if sound is not None else None
        for number in range(round(seconds * 25)):
            shade = np.full((64, 64, 3), number % 200, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        file.mux(stream.encode(None))
        if track is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = 48_000, 0
            file.mux(track.encode(frame))
            file.mux(track.encode(None))
    return path


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(babble(3.0, 1).tobytes())
    return path


def refused(
    path: Path, speech: Path | None = None, expected_s: float = 3.0, lead_s: float = 0.0, clear: bool = False
) -> str:
    with pytest.raises(WorkError) as caught:
        check_avatar_video(path, speech, expected_s, lead_s, clear)
    return caught.value.code


def clear_video(
    path: Path, seconds: float = 3.0, sound: np.ndarray | None = None, codec: str = "libvpx-vp9"
) -> Path:
    picture = figure(64, 64, 24, (200, 60, 50), (0, 0, 0))
    return transparent_video(path, round(seconds * 25), lambda _: picture, sound, codec)


def test_our_speech_is_recognised_whatever_its_level(tmp_path: Path, speech: Path) -> None:
    path = video(tmp_path / "v.mp4", 3.0, babble(3.0, 1) // 3)
    info = check_avatar_video(path, speech, 3.0)
    assert (info.width, info.height, info.frames, info.frame_rate) == (64, 64, 75, 25.0)
    assert (info.video_codec, info.audio_codec) == ("h264", "aac")
    assert info.size_bytes == path.stat().st_size


def test_our_speech_is_recognised_behind_its_lead_and_a_small_lag(tmp_path: Path, speech: Path) -> None:
    sound = np.concatenate([np.zeros(int(0.75 * 48_000), np.int16), babble(3.0, 1), np.zeros(9600, np.int16)])
    path = video(tmp_path / "v.mp4", 4.0, sound)
    assert check_avatar_video(path, speech, 4.0, lead_s=0.6).frames == 100


def test_another_slides_speech_is_refused(tmp_path: Path, speech: Path) -> None:
    assert refused(video(tmp_path / "v.mp4", 3.0, babble(3.0, 2)), speech) == "result_wrong_sound"


def test_a_mute_video_is_refused_where_it_should_speak(tmp_path: Path, speech: Path) -> None:
    path = video(tmp_path / "v.mp4", 3.0, None)
    assert refused(path, speech) == "result_wrong_sound"
    assert check_avatar_video(path, None, 3.0).audio_codec is None


def test_a_video_of_another_length_is_refused(tmp_path: Path) -> None:
    path = video(tmp_path / "v.mp4", 3.0, None)
    assert refused(path, expected_s=3.6) == "result_wrong_length"
    assert check_avatar_video(path, None, 3.4).frames == 75


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>403 Forbidden</body></html>",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(400),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(content)
    assert refused(path) == "result_not_video"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "absent.mp4") == "result_not_video"


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with av.open(str(path), "w") as file:
        track = file.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(babble(1.0, 1).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, 0
        file.mux(track.encode(frame))
        file.mux(track.encode(None))
    assert refused(path) == "result_not_video"


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    whole = video(tmp_path / "v.mp4", 3.0, babble(3.0, 1))
    with (
        av.open(str(whole)) as source,
        av.open(str(tmp_path / "fast.mp4"), "w", options={"movflags": "+faststart"}) as fast,
    ):
        copies = {stream: fast.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream]
                fast.mux(packet)
    assert probe(tmp_path / "fast.mp4").frames == 75
    for name, missing, code in (
        ("v.mp4", 5000, "result_not_video"),
        ("fast.mp4", 5000, "result_truncated"),
        ("fast.mp4", 1, "result_truncated"),
    ):
        cut = tmp_path / "cut.mp4"
        cut.write_bytes((tmp_path / name).read_bytes()[:-missing])
        assert refused(cut) == code


@pytest.mark.parametrize(("codec", "name"), [("libvpx-vp9", "vp9"), ("libvpx", "vp8")])
def test_a_transparent_video_is_taken_where_one_was_ordered(
    tmp_path: Path, speech: Path, codec: str, name: str
) -> None:
    path = clear_video(tmp_path / "v.webm", 3.0, babble(3.0, 1), codec)
    info = check_avatar_video(path, speech, 3.0, transparent=True)
    assert (info.width, info.height, info.frames, info.duration_s) == (
        64,
        64,
        75,
        pytest.approx(3.0, abs=0.01),
    )
    assert (info.video_codec, info.audio_codec) == (name, "opus")
    assert refused(path, speech, 3.6, clear=True) == "result_wrong_length"
    assert refused(path) == "result_not_video"  # an opaque one was ordered


def test_another_slides_speech_is_refused_in_webm_too(tmp_path: Path, speech: Path) -> None:
    path = clear_video(tmp_path / "v.webm", 3.0, babble(3.0, 2))
    assert refused(path, speech, clear=True) == "result_wrong_sound"


def test_a_background_is_refused_where_none_was_ordered(tmp_path: Path) -> None:
    opaque = np.full((64, 64, 3), 120, np.uint8)
    whole = np.dstack((opaque, np.full((64, 64), 255, np.uint8)))
    assert refused(video(tmp_path / "v.mp4", 3.0, None), clear=True) == "result_not_video"
    for name, picture in (("without.webm", opaque), ("everywhere.webm", whole)):
        path = transparent_video(tmp_path / name, 75, lambda _, picture=picture: picture)
        assert refused(path, clear=True) == "result_not_transparent"


def test_a_truncated_webm_is_refused(tmp_path: Path) -> None:
    whole = clear_video(tmp_path / "v.webm").read_bytes()
    for missing in (1, len(whole) // 3):
        cut = tmp_path / "cut.webm"
        cut.write_bytes(whole[:-missing])
        assert refused(cut, clear=True) == "result_truncated"


@pytest.mark.parametrize(
    "content", [b"", b"ffconcat version 1.0\nfile '/etc/passwd'\n", b"\x1a\x45\xdf\xa3" + bytes(400)]
)
def test_what_is_no_webm_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.webm"
    path.write_bytes(content)
    assert refused(path, clear=True) == "result_not_video"
