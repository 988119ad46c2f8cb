"""What is sent to HeyGen for a video, and what is refused before anything is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from deckcast.avatars.heygen.orders import shape_for, title_token, title_with_token
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest
from deckcast.kit.errors import CallError, SubmissionRefused
from heygen_answers import KEY, HeyGen, refusal, spoken, wav


@pytest.fixture
def heygen(tmp_path: Path) -> HeyGen:
    return HeyGen(tmp_path)


def prepared(heygen: HeyGen, request: AvatarVideoRequest) -> dict[str, Any]:
    order = heygen.run(heygen.provider.prepare(request, KEY))
    assert json.loads(json.dumps(order)) == order
    return dict(order)


def test_our_speech_is_brought_over(heygen: HeyGen, tmp_path: Path) -> None:
    order = prepared(heygen, spoken(tmp_path, background="#1F3A5F", text="Good morning."))
    assert order == {
        "type": "avatar",
        "avatar_id": "ada",
        "audio_asset_id": "asset_1",
        "output_format": "mp4",
        "background": {"type": "color", "value": "#1f3a5f"},
        "title": f"Slide 3 [{title_token(KEY)}]",
        "callback_id": title_token(KEY),
        "resolution": "1080p",
        "aspect_ratio": "16:9",
    }
    (upload,) = heygen.calls("POST", "/v3/assets")
    assert (tmp_path / "speech.wav").read_bytes() in upload.content
    assert heygen.calls("POST", "/v3/videos") == []


def test_text_in_a_voice_of_its_own(heygen: HeyGen, tmp_path: Path) -> None:
    order = prepared(heygen, spoken(tmp_path, audio=None, text="Hello.", voice_id="v1", avatar_id="pic"))
    assert (order["script"], order["voice_id"]) == ("Hello.", "v1")
    assert order["caption"] == {"file_format": "srt"}  # beside the video; a style would burn it in
    assert "audio_asset_id" not in order
    assert "voice_id" not in prepared(heygen, spoken(tmp_path, audio=None, text="Hello."))


def test_a_transparent_background(heygen: HeyGen, tmp_path: Path) -> None:
    order = prepared(heygen, spoken(tmp_path, background=TRANSPARENT))
    assert "caption" not in order  # what we speak, we know the times of
    assert order["output_format"] == "webm"
    assert "background" not in order


@pytest.mark.parametrize(("size", "sent"), [((400, 300), (400, 300)), ((4000, 3000), (1920, 1440))])
def test_a_background_picture_is_brought_over(
    heygen: HeyGen, tmp_path: Path, size: tuple[int, int], sent: tuple[int, int]
) -> None:
    picture = tmp_path / "wall.png"
    Image.new("RGB", size, "navy").save(picture)
    order = prepared(heygen, spoken(tmp_path, background=str(picture)))
    assert order["background"] == {"type": "image", "asset_id": "asset_1"}
    body = heygen.calls("POST", "/v3/assets")[1].content
    start = body.index(b"\x89PNG")
    (tmp_path / "sent.png").write_bytes(body[start:])
    with Image.open(tmp_path / "sent.png") as image:
        assert image.size == sent
    assert list((tmp_path / "scratch").iterdir()) == []


def test_an_engine_is_named_only_where_the_usual_one_is_not_supported(heygen: HeyGen, tmp_path: Path) -> None:
    assert "engine" not in prepared(heygen, spoken(tmp_path))
    assert prepared(heygen, spoken(tmp_path, avatar_id="old"))["engine"] == {"type": "avatar_iii"}
    assert "engine" not in prepared(heygen, spoken(tmp_path, avatar_id="pic"))


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (1920, 1080, "16:9"), (1600, 900, "16:9"), (1024, 768, "5:4"), (600, 600, "1:1"), (1000, 990, "1:1"),
        (900, 1100, "4:5"), (1080, 1920, "9:16"), (100, 1000, "9:16"),
    ],
)  # fmt: skip
def test_the_shape_that_least_is_cropped_of(width: int, height: int, shape: str) -> None:
    assert shape_for(width, height) == shape


def test_titles_are_short_and_hold_the_token() -> None:
    for title in ("", "Hello", "word " * 100, "a\nb"):
        made = title_with_token(title, KEY)
        assert made.endswith(f"[{title_token(KEY)}]")
        assert len(made) <= 64
        assert "\n" not in made
    assert title_token(KEY) != title_token(KEY + "1")
    assert KEY not in title_token(KEY)


def test_what_cannot_be_made_is_refused_before_anything_is_sent(heygen: HeyGen, tmp_path: Path) -> None:
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(50_000_001)
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"RIFF")
    for request, code in (
        (spoken(tmp_path, audio=None, text=" … "), "script_too_short"),
        (spoken(tmp_path, audio=None, silence_s=4.0), "script_too_short"),
        (spoken(tmp_path, audio=None, text="a" * 5001), "script_too_long"),
        (spoken(tmp_path, audio=tmp_path / "gone.wav"), "audio_missing"),
        (spoken(tmp_path, audio=noise), "audio_unreadable"),
        (spoken(tmp_path, audio=wav(tmp_path / "long.wav", 600.5, rate=1000)), "audio_too_long"),
        (spoken(tmp_path, audio=wav(tmp_path / "none.wav", 0.0)), "script_too_short"),
        (spoken(tmp_path, audio=huge), "audio_too_large"),
        (spoken(tmp_path, background="blue"), "background_invalid"),
        (spoken(tmp_path, background=str(tmp_path / "gone.png")), "background_invalid"),
        (spoken(tmp_path, background=str(noise)), "background_invalid"),
    ):
        error = heygen.problem(heygen.provider.prepare(request, KEY))
        assert (type(error), error.code) == (CallError, code)
    assert heygen.sent == []


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"avatar_id": "nobody"}, "unknown_avatar"),
        ({"avatar_id": "pic", "background": TRANSPARENT}, "not_transparent"),
        ({"audio": None, "text": "Hello.", "voice_id": "nobody"}, "unknown_voice"),
        ({"audio": None, "text": "Hello.", "avatar_id": "pic"}, "unknown_voice"),
    ],
)
def test_nothing_is_uploaded_for_what_cannot_be_made(
    heygen: HeyGen, tmp_path: Path, values: Any, code: str
) -> None:
    error = heygen.problem(heygen.provider.prepare(spoken(tmp_path, **values), KEY))
    assert (type(error), error.code) == (CallError, code)
    assert {request.method for request in heygen.sent} == {"GET"}


def test_a_prepared_order_says_when_the_account_cannot_be_used(heygen: HeyGen, tmp_path: Path) -> None:
    heygen.say("POST", "/v3/assets", refusal("insufficient_credit"), status=402)
    error = heygen.problem(heygen.provider.prepare(spoken(tmp_path), KEY))
    assert isinstance(error, SubmissionRefused)
    assert error.account
    assert len(heygen.calls("POST", "/v3/assets")) == 1


def test_uploads_are_repeated(heygen: HeyGen, tmp_path: Path) -> None:
    done = {"data": {"asset_id": "asset_2"}}
    heygen.say("POST", "/v3/assets", httpx2.ReadTimeout("no"), refusal("internal_error"), done)
    assert prepared(heygen, spoken(tmp_path))["audio_asset_id"] == "asset_2"
    bodies = [len(request.content) for request in heygen.calls("POST", "/v3/assets")]
    assert len(bodies) == 3
    assert len(set(bodies)) == 1


def test_a_large_file_goes_directly(heygen: HeyGen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckcast.avatars.heygen.assets.MOST_IN_ONE_CALL_BYTES", 1000)
    begun = {
        "asset_id": "big_1",
        "upload_url": "https://bucket.example.com/put?sig=1",
        "upload_headers": {"x-amz-acl": "private", "Content-Type": "audio/wav"},
    }
    heygen.say("POST", "/v3/assets/direct-uploads", {"data": begun})
    heygen.say("PUT", "/put", "")
    heygen.say("POST", "/v3/assets/big_1/complete", {"data": {"asset_id": "big_1"}})
    assert prepared(heygen, spoken(tmp_path))["audio_asset_id"] == "big_1"
    (put,) = heygen.calls("PUT", "/put")
    size = (tmp_path / "speech.wav").stat().st_size
    assert put.content == (tmp_path / "speech.wav").read_bytes()
    assert (put.headers["Content-Length"], "Transfer-Encoding" in put.headers) == (str(size), False)
    assert (put.headers["x-amz-acl"], "X-Api-Key" in put.headers) == ("private", False)
    said = json.loads(heygen.calls("POST", "/v3/assets/direct-uploads")[0].content)
    assert said == {"filename": f"{title_token(KEY)}.wav", "content_type": "audio/wav", "size_bytes": size}
