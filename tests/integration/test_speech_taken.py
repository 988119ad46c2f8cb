"""The speech of a video that speaks itself: its sound, and its words where they are heard."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from deckcast.kit.errors import WorkError
from deckcast.speech.espeak import speak
from deckcast.speech.loudness import FILE_RATE, loudness
from deckcast.speech.ports import Speech, SpeechRequest
from deckcast.speech.taken import spoken_part, take_speech
from deckcast.videos.probe import check_voiced_video

TEXT = "Our revenue grew by 12.5 percent, thanks to new customers. What does that mean? We will see."
BEFORE_S, AFTER_S = 0.7, 1.1


def film(path: Path, sound: np.ndarray | None, seconds: float | None = None) -> Path:
    """An MP4 as a provider makes it: 25 fps, AAC in stereo at 44.1 kHz; `sound` is 48 kHz mono."""
    seconds = seconds if seconds is not None else len(sound) / FILE_RATE if sound is not None else 1.0
    with av.open(str(path), "w") as file:
        picture = file.add_stream("libx264", rate=25, options={"preset": "ultrafast", "threads": "1"})
        picture.width = picture.height = 64
        picture.pix_fmt = "yuv420p"
        track = file.add_stream("aac", rate=44_100, layout="stereo") if sound is not None else None
        for number in range(round(seconds * 25)):
            shade = np.full((64, 64, 3), number % 200, np.uint8)
            file.mux(picture.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
        file.mux(picture.encode(None))
        if track is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts = FILE_RATE, 0
            resampler = av.AudioResampler(format="fltp", layout="stereo", rate=44_100)
            for piece in (*resampler.resample(frame), *resampler.resample(None)):
                file.mux(track.encode(piece))
            file.mux(track.encode(None))
    return path


def samples_of(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert file.getparams()[:3] == (1, 2, FILE_RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * FILE_RATE), np.int16)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Speech:
    out = tmp_path_factory.mktemp("ours") / "speech.wav"
    return speak(SpeechRequest(TEXT, "en", "espeak:en-us"), out)


@pytest.fixture(scope="module")
def taken(ours: Speech, tmp_path_factory: pytest.TempPathFactory) -> Speech:
    """Our own speech, quieter and with silence around it, taken out of a film."""
    folder = tmp_path_factory.mktemp("taken")
    padded = np.concatenate([silence(BEFORE_S), samples_of(ours.audio) // 4, silence(AFTER_S)])
    speech = take_speech(film(folder / "video.mp4", padded), TEXT, "en", folder / "taken.wav")
    assert {each.name for each in folder.iterdir()} == {"video.mp4", "taken.wav"}
    return speech


def test_words_are_where_they_are_heard(ours: Speech, taken: Speech) -> None:
    assert [word.text for word in taken.timings.words] == [word.text for word in ours.timings.words]
    for found, wanted in zip(taken.timings.words, ours.timings.words, strict=True):
        assert found.start_s == pytest.approx(wanted.start_s + BEFORE_S, abs=0.15)
        assert found.end_s == pytest.approx(wanted.end_s + BEFORE_S, abs=0.15)
        assert TEXT[found.offset : found.offset + found.length] == found.text


def test_a_slower_voice_has_later_words(ours: Speech, tmp_path: Path) -> None:
    sound = samples_of(ours.audio)
    slow = np.interp(np.arange(0, len(sound), 0.8), np.arange(len(sound)), sound).astype(np.int16)
    path = film(tmp_path / "video.mp4", np.concatenate([silence(BEFORE_S), slow]))
    found = take_speech(path, TEXT, "en", tmp_path / "taken.wav").timings.words
    for word, wanted in zip(found, ours.timings.words, strict=True):
        assert word.start_s == pytest.approx(wanted.start_s / 0.8 + BEFORE_S, abs=0.15)


def test_the_sound_is_as_long_as_the_picture_and_as_loud_as_ours(ours: Speech, taken: Speech) -> None:
    sound = samples_of(taken.audio)
    assert taken.duration_s == pytest.approx(ours.duration_s + BEFORE_S + AFTER_S, abs=0.041)
    assert len(sound) == round(taken.duration_s * FILE_RATE)
    assert loudness(sound.astype(np.float32) / 32768) == pytest.approx(-16.0, abs=0.5)
    start_s, end_s = spoken_part(sound.astype(np.float32) / 32768)
    assert start_s == pytest.approx(BEFORE_S, abs=0.05)
    assert end_s == pytest.approx(BEFORE_S + ours.duration_s, abs=0.08)


def test_mouth_shapes_cover_the_sound_without_gaps(taken: Speech) -> None:
    shapes = taken.timings.visemes
    assert (shapes[0].start_s, shapes[-1].end_s) == (0.0, taken.duration_s)
    assert all(one.end_s == two.start_s for one, two in pairwise(shapes))


def test_words_of_a_language_that_we_do_not_speak_are_spread(ours: Speech, tmp_path: Path) -> None:
    path = film(tmp_path / "video.mp4", np.concatenate([silence(BEFORE_S), samples_of(ours.audio)]))
    words = take_speech(path, "nuqneH qapla mevyap", "tlh", tmp_path / "taken.wav").timings.words
    assert [word.text for word in words] == ["nuqneH", "qapla", "mevyap"]
    assert words[0].start_s == pytest.approx(BEFORE_S, abs=0.1)
    assert words[-1].end_s == pytest.approx(BEFORE_S + ours.duration_s, abs=0.1)


@pytest.mark.parametrize(
    ("sound", "code"), [(None, "speech_unreadable"), (silence(1.0), "result_silent")], ids=["none", "silent"]
)
def test_without_sound_there_is_no_speech(tmp_path: Path, sound: np.ndarray | None, code: str) -> None:
    with pytest.raises(WorkError) as caught:
        take_speech(film(tmp_path / "video.mp4", sound), TEXT, "en", tmp_path / "taken.wav")
    assert caught.value.code == code


def test_a_video_that_speaks_itself_may_be_faster_or_slower(ours: Speech, tmp_path: Path) -> None:
    path = film(tmp_path / "video.mp4", samples_of(ours.audio))
    for share in (0.5, 1.0, 1.8):
        assert check_voiced_video(path, ours.duration_s * share, None).audio_codec == "aac"
    assert check_voiced_video(path, ours.duration_s, ours.duration_s + 0.3).frames > 0


@pytest.mark.parametrize(
    ("estimated_s", "told_s", "code"),
    [(60.0, None, "result_wrong_length"), (3.0, 3.0, "result_wrong_length"), (6.0, None, "result_silent")],
)
def test_no_other_video_is_taken(tmp_path: Path, estimated_s: float, told_s: float | None, code: str) -> None:
    with pytest.raises(WorkError) as caught:
        check_voiced_video(film(tmp_path / "video.mp4", silence(6.0)), estimated_s, told_s)
    assert caught.value.code == code
    with pytest.raises(WorkError) as caught:
        check_voiced_video(film(tmp_path / "mute.mp4", None, 6.0), 6.0, None)
    assert caught.value.code == "result_silent"
