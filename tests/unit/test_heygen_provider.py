"""The HeyGen provider against answers made up one by one: what each outcome means."""

from __future__ import annotations

import asyncio
import json
import logging
import wave
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from deckcast.avatars.fetching import Outside
from deckcast.avatars.heygen.orders import idempotency_key, shape_for, title_token, title_with_token
from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import TRANSPARENT, AvatarVideoRequest, Balance, Done, Failed, JobState, Running
from deckcast.kit.errors import AnswerLost, CallError, DeckcastError, SubmissionRefused, WorkError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import HeyGenSettings

KEY = "avv_1.fingerprint.1"
API_KEY = "sim-canary-0123456789abcdef0123456789"
NOON = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
Answer = Callable[[httpx2.Request], httpx2.Response]

LOOKS = [
    {"id": "ada", "name": "Ada", "avatar_type": "studio_avatar", "gender": "Female", "default_voice_id": "v1",
     "supported_api_engines": ["avatar_iv", "avatar_iii"], "preview_image_url": "https://p.example/ada.png"},
    {"id": "old", "name": "Old", "avatar_type": "studio_avatar", "supported_api_engines": ["avatar_iii"]},
    {"id": "pic", "name": "Pic", "avatar_type": "photo_avatar", "gender": None, "default_voice_id": None},
]  # fmt: skip


class HeyGen:
    """Answers by method and path, the last one for ever; it notes what was sent."""

    def __init__(self, tmp_path: Path, **settings: Any) -> None:
        self.sent: list[httpx2.Request] = []
        self.slept: list[float] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        self.say("GET", "/v3/avatars/looks", {"data": LOOKS, "has_more": False, "next_token": None})
        self.say("GET", "/v3/voices", {"data": [{"voice_id": "v1", "name": "One", "language": "English"}]})
        self.say("POST", "/v3/assets", {"data": {"asset_id": "asset_1"}})
        transport = httpx2.MockTransport(self._handle)
        self.provider = HeyGenProvider(
            HeyGenSettings(**{"api_key": API_KEY, "base_url": "https://api.example.com", **settings}),
            public_url=None,
            scratch=tmp_path / "scratch",
            client=httpx2.AsyncClient(transport=transport),
            outside=Outside("https://api.example.com", resolve=_public, transport=transport),
            retries=Retries(sleep=self._sleep, backoff_s=lambda failures: float(failures), clock=lambda: 0.0),
            clock=lambda: NOON,
        )

    def say(self, method: str, path: str, *answers: Any, status: int = 200, headers: Any = None) -> None:
        """What the next calls of this path meet: JSON values, responses or exceptions."""
        made = [_answer(each, status, headers) for each in answers]
        self._answers[method, path] = made

    def calls(self, method: str, path: str) -> list[httpx2.Request]:
        return [each for each in self.sent if (each.method, each.url.path) == (method, path)]

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.sent.append(request)
        answers = self._answers[request.method, request.url.path]
        return (answers.pop(0) if len(answers) > 1 else answers[0])(request)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    def problem(self, work: Coroutine[Any, Any, Any]) -> Any:
        with pytest.raises(DeckcastError) as caught:
            self.run(work)
        return caught.value


async def _public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


def _answer(said: Any, status: int, headers: Any) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            return httpx2.Response(status, text=said, headers=headers)
        return httpx2.Response(status, json=said, headers=headers)

    return answer


@pytest.fixture
def heygen(tmp_path: Path) -> HeyGen:
    return HeyGen(tmp_path)


def wav(path: Path, seconds: float, rate: int = 8000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * int(seconds * rate))
    return path


def spoken(tmp_path: Path, **values: Any) -> AvatarVideoRequest:
    values = {"audio": wav(tmp_path / "speech.wav", 1.0), "avatar_id": "ada", "title": "Slide 3", **values}
    return AvatarVideoRequest(**{"width": 1920, "height": 1080, **values})


# The paid call


def test_a_job_is_submitted_once_under_its_key(heygen: HeyGen) -> None:
    heygen.say("POST", "/v3/videos", {"data": {"video_id": "vid_1", "status": "waiting"}})
    assert heygen.run(heygen.provider.submit({"type": "avatar"}, KEY)) == "vid_1"
    (request,) = heygen.sent
    assert request.headers["Idempotency-Key"] == KEY
    assert request.headers["X-Api-Key"] == API_KEY
    assert request.headers["User-Agent"].startswith("deckcast/")
    assert json.loads(request.content) == {"type": "avatar"}
    assert request.extensions["timeout"]["read"] == 120.0


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "Sorry."}}


@pytest.mark.parametrize(
    ("status", "said", "code", "retryable", "account"),
    [
        (400, refusal("invalid_parameter"), "provider_request_refused", False, False),
        (400, refusal("something_new"), "provider_request_refused", False, False),
        (400, "<html>", "provider_request_refused", False, False),
        (400, refusal("content_policy_violation"), "content_refused", False, False),
        (401, refusal("unauthorized"), "provider_key_refused", False, True),
        (401, "", "provider_key_refused", False, True),
        (402, refusal("insufficient_credit"), "provider_no_credit", False, True),
        (402, "", "provider_no_credit", False, True),
        (403, refusal("plan_upgrade_required"), "provider_plan_too_small", False, True),
        (404, refusal("avatar_not_found"), "unknown_avatar", False, False),
        (404, refusal("asset_not_found"), "provider_upload_lost", True, False),
        (429, refusal("rate_limit_exceeded"), "provider_busy", True, False),
        (429, "", "provider_busy", True, False),
        (429, refusal("quota_exceeded"), "provider_no_credit", False, True),
    ],
)
def test_a_definite_no(
    heygen: HeyGen, status: int, said: Any, code: str, retryable: bool, account: bool
) -> None:
    heygen.say("POST", "/v3/videos", said, status=status)
    error = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(error, SubmissionRefused)
    assert (error.code, error.retryable, error.account) == (code, retryable, account)
    assert len(heygen.sent) == 1
    assert error.next_step


@pytest.mark.parametrize("header", ["45", "Sun, 01 Nov 2026 12:00:45 GMT"])
def test_the_time_to_wait_is_handed_on(heygen: HeyGen, header: str) -> None:
    said = refusal("rate_limit_exceeded")
    heygen.say("POST", "/v3/videos", said, status=429, headers={"Retry-After": header})
    assert heygen.problem(heygen.provider.submit({}, KEY)).retry_after_s == 45.0


@pytest.mark.parametrize(
    "error", [httpx2.ConnectError("no"), httpx2.ConnectTimeout("no"), httpx2.PoolTimeout("no")]
)
def test_what_never_went_out_made_nothing(heygen: HeyGen, error: Exception) -> None:
    heygen.say("POST", "/v3/videos", error)
    problem = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(problem, SubmissionRefused)
    assert (problem.code, problem.retryable) == ("provider_unreachable", True)
    assert len(heygen.sent) == 1


@pytest.mark.parametrize("key", [None, "", "  ", "schlüssel", "one\ntwo"])
def test_without_a_key_nothing_is_sent(tmp_path: Path, key: str | None) -> None:
    heygen = HeyGen(tmp_path, api_key=key)
    problem = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(problem, SubmissionRefused)
    assert problem.account
    assert problem.code == ("provider_key_refused" if (key or "").strip() else "provider_key_missing")
    assert heygen.sent == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "not JSON"),
        (200, []),
        (200, {}),
        (200, {"data": None}),
        (200, {"data": {"status": "waiting"}}),
        (200, {"data": {"video_id": 7}}),
        (200, {"data": {"video_id": ""}}),
        (200, refusal("invalid_parameter")),
        (202, ""),
        (302, ""),
        (408, ""),
        (409, refusal("request_in_progress")),
        (409, refusal("conflict")),
        (409, ""),
        (429, refusal("request_in_progress")),
        (500, refusal("internal_error")),
        (500, refusal("invalid_parameter")),
        (502, "<html>"),
        (504, refusal("gateway_timeout")),
        (200, httpx2.ReadTimeout("no")),
        (200, httpx2.WriteTimeout("no")),
        (200, httpx2.ReadError("no")),
        (200, httpx2.WriteError("no")),
        (200, httpx2.RemoteProtocolError("no")),
        (200, httpx2.DecodingError("no")),
    ],
)
def test_a_lost_answer_is_no_refusal_and_is_not_repeated(heygen: HeyGen, status: int, said: Any) -> None:
    heygen.say("POST", "/v3/videos", said, status=status)
    error = heygen.problem(heygen.provider.submit({}, KEY))
    assert isinstance(error, AnswerLost)
    assert error.retryable
    assert error.retry_after_s
    assert len(heygen.sent) == 1


def test_a_key_in_other_characters_still_is_one_key() -> None:
    assert idempotency_key("a_b-c:d.e9") == "a_b-c:d.e9"
    for odd in ("two words", "ü", "", "x" * 256):
        assert idempotency_key(odd) == idempotency_key(odd) != idempotency_key(odd + "1")
        assert idempotency_key(odd).isalnum()
        assert len(idempotency_key(odd)) == 64


# The order


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
    assert "audio_asset_id" not in order
    assert "voice_id" not in prepared(heygen, spoken(tmp_path, audio=None, text="Hello."))


def test_a_transparent_background(heygen: HeyGen, tmp_path: Path) -> None:
    order = prepared(heygen, spoken(tmp_path, background=TRANSPARENT))
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


# What has become of it


def state(heygen: HeyGen, detail: Any) -> JobState:
    heygen.say("GET", "/v3/videos/vid_1", {"data": detail})
    found = heygen.run(heygen.provider.inspect("vid_1"))
    assert isinstance(found, Running | Done | Failed)
    return found


@pytest.mark.parametrize("status", ["waiting", "pending", "queued", "processing", "something new"])
def test_whatever_has_not_ended_runs(heygen: HeyGen, status: str) -> None:
    assert state(heygen, {"id": "vid_1", "status": status, "video_url": None}) == Running()


def test_a_completed_job(heygen: HeyGen) -> None:
    done = state(
        heygen,
        {
            "id": "vid_1",
            "status": "completed",
            "video_url": "https://f.example/v.mp4?sig=1",
            "captioned_video_url": "https://f.example/c.mp4",
            "duration": 30.5,
            "subtitle_url": "https://f.example/s.srt",
            "video_page_url": "https://app.example/v/1",
        },
    )
    assert isinstance(done, Done)
    assert (done.url, done.duration_s) == ("https://f.example/v.mp4?sig=1", 30.5)
    assert done.captions_url == "https://f.example/s.srt"
    assert "sig" not in str(done.metadata)
    bare = state(heygen, {"id": "vid_1", "status": "completed", "video_url": "u", "duration": None})
    assert bare == Done("u")


@pytest.mark.parametrize(
    ("ended_s_ago", "kind"), [(None, Running), (0, Running), (599, Running), (601, Failed)]
)
def test_completed_without_an_address(heygen: HeyGen, ended_s_ago: float | None, kind: type) -> None:
    ended = None if ended_s_ago is None else NOON.timestamp() - ended_s_ago
    found = state(heygen, {"id": "vid_1", "status": "completed", "video_url": None, "completed_at": ended})
    assert isinstance(found, kind)
    if isinstance(found, Failed):
        assert (found.code, found.charged) == ("result_lost", True)


@pytest.mark.parametrize(
    ("code", "message", "ours", "retryable", "says"),
    [
        ("rendering_failed", "Avatar rendering timed out", "provider_render_failed", True, "timed out"),
        ("rendering_failed", None, "provider_render_failed", True, "rendering failed"),
        (None, None, "provider_render_failed", True, "no reason"),
        (None, "Odd", "provider_render_failed", True, "Odd"),
        ("content_policy_violation", "No", "content_refused", False, "rules"),
    ],
)
def test_a_failed_job(heygen: HeyGen, code: Any, message: Any, ours: str, retryable: bool, says: str) -> None:
    found = state(heygen, {"status": "failed", "failure_code": code, "failure_message": message})
    assert isinstance(found, Failed)
    assert (found.code, found.retryable, found.charged) == (ours, retryable, False)
    assert says in found.message


def test_a_job_nobody_knows(heygen: HeyGen) -> None:
    heygen.say("GET", "/v3/videos/vid_1", refusal("video_not_found"), status=404)
    found = heygen.run(heygen.provider.inspect("vid_1"))
    assert isinstance(found, Failed)
    assert found.code == "job_not_found"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, refusal("internal_error")),
        (503, "<html>"),
        (404, "<html>not the API at all</html>"),
        (429, refusal("rate_limit_exceeded")),
        (200, "not JSON"),
        (200, {"data": None}),
        (200, {"data": {"id": "vid_1"}}),
        (200, {"error": "something"}),
        (200, refusal("internal_error")),
        (200, httpx2.ReadTimeout("no")),
        (200, httpx2.ConnectError("no")),
    ],
)
def test_a_passing_fault_is_never_the_end_of_a_job(heygen: HeyGen, status: int, said: Any) -> None:
    heygen.say("GET", "/v3/videos/vid_1", said, status=status)
    error = heygen.problem(heygen.provider.inspect("vid_1"))
    assert isinstance(error, WorkError)
    assert not isinstance(error, SubmissionRefused | AnswerLost)
    assert error.retryable


def test_a_wrong_key_is_not_the_end_of_a_job(heygen: HeyGen) -> None:
    heygen.say("GET", "/v3/videos/vid_1", refusal("unauthorized"), status=401)
    error = heygen.problem(heygen.provider.inspect("vid_1"))
    assert (error.code, error.retryable) == ("provider_key_refused", False)
    assert not isinstance(error, SubmissionRefused)


def test_an_error_inside_a_good_answer_ends_the_job(heygen: HeyGen) -> None:
    said = {"data": {"status": "processing"}, **refusal("content_policy_violation")}
    heygen.say("GET", "/v3/videos/vid_1", said)
    found = heygen.run(heygen.provider.inspect("vid_1"))
    assert isinstance(found, Failed)
    assert found.code == "content_refused"


def test_reads_are_repeated_and_the_server_is_given_its_time(heygen: HeyGen) -> None:
    heygen.say(
        "GET", "/v3/videos/vid_1", refusal("rate_limit_exceeded"), status=429, headers={"Retry-After": "7"}
    )
    heygen.problem(heygen.provider.inspect("vid_1"))
    assert heygen.slept == [8.0, 9.0, 10.0]


def test_ids_are_asked_for_in_bulk(heygen: HeyGen) -> None:
    ids = [f"vid_{number}" for number in range(150)]
    states = {0: "completed", 1: "failed", 2: "not_found", 3: "queued", 120: "completed"}

    def page(first: int, last: int) -> Any:
        data = [{"video_id": ids[n], "status": states.get(n, "processing")} for n in range(first, last)]
        return {"data": data}

    heygen.say("GET", "/v3/videos/statuses", page(0, 100), page(100, 150))
    assert heygen.run(heygen.provider.ended(ids)) == {"vid_0", "vid_1", "vid_2", "vid_120"}
    asked = [request.url.params["video_ids"].split(",") for request in heygen.sent]
    assert [len(each) for each in asked] == [100, 50]


def test_ids_are_asked_for_one_by_one_where_there_is_no_bulk(heygen: HeyGen) -> None:
    heygen.say("GET", "/v3/videos/statuses", refusal("resource_not_found"), status=404)
    heygen.say("GET", "/v3/videos/a", {"data": {"status": "processing"}})
    heygen.say("GET", "/v3/videos/b", {"data": {"status": "failed"}})
    assert heygen.run(heygen.provider.ended(["a", "b"])) == {"b"}


def test_nothing_to_ask_for_asks_nothing(heygen: HeyGen) -> None:
    assert heygen.run(heygen.provider.ended([])) == set()
    assert heygen.sent == []


# Finding


def listed(title: str, token: str | None = None, *, more: bool = False) -> dict[str, Any]:
    return {"data": [{"id": f"id of {title}", "title": title}], "has_more": more, "next_token": token}


def test_a_job_is_found_by_the_token_in_its_title(heygen: HeyGen) -> None:
    mine = title_with_token("Slide 3", KEY)
    heygen.say("GET", "/v3/videos", listed("other", "p1", more=True), listed(mine, "p2", more=True))
    assert heygen.run(heygen.provider.find(KEY)) == f"id of {mine}"
    assert [request.url.params.get("token") for request in heygen.sent] == [None, "p1"]
    assert {request.url.params["title"] for request in heygen.sent} == {title_token(KEY)}


@pytest.mark.parametrize("last", [listed("other"), {"data": []}, listed("o", None, more=False)])
def test_a_job_is_missing_only_after_the_last_page(heygen: HeyGen, last: Any) -> None:
    heygen.say("GET", "/v3/videos", listed("other", "p1", more=True), listed("other", "p2"), last)
    assert heygen.run(heygen.provider.find(KEY)) is None
    assert len(heygen.sent) == 3


@pytest.mark.parametrize(
    "last", [listed("other", None, more=True), listed("other", "p1", more=True), {"data": None}, {}]
)
def test_a_search_without_an_end_says_nothing(heygen: HeyGen, last: Any) -> None:
    heygen.say("GET", "/v3/videos", listed("other", "p1", more=True), last)
    error = heygen.problem(heygen.provider.find(KEY))
    assert isinstance(error, WorkError)
    assert not isinstance(error, SubmissionRefused | AnswerLost)


def test_a_search_that_breaks_off_says_nothing(heygen: HeyGen) -> None:
    heygen.say("GET", "/v3/videos", httpx2.ReadTimeout("no"))
    assert heygen.problem(heygen.provider.find(KEY)).retryable


# Lists and balance


def test_all_pages_of_looks_are_read_once(heygen: HeyGen) -> None:
    first = {"data": LOOKS[:2], "has_more": True, "next_token": "p1"}
    heygen.say("GET", "/v3/avatars/looks", first, {"data": [*LOOKS[2:], {"name": "no id"}, "odd"]})

    async def twice() -> Any:
        assert await heygen.provider.avatars() == await heygen.provider.avatars()
        return await heygen.provider.avatars()

    avatars = heygen.run(twice())
    assert [each.id for each in avatars] == ["ada", "old", "pic"]
    assert [each.gender for each in avatars] == ["female", None, None]
    assert [each.transparent for each in avatars] == [True, True, False]
    assert {each.provider for each in avatars} == {"heygen"}
    assert len(heygen.sent) == 2


def test_voices(heygen: HeyGen) -> None:
    (voice,) = heygen.run(heygen.provider.voices())
    assert (voice.id, voice.name, voice.language, voice.gender) == ("v1", "One", "English", None)


@pytest.mark.parametrize(
    ("me", "balance"),
    [
        ({"billing_type": "wallet", "wallet": {"currency": "usd", "remaining_balance": 12.34}}, ("12.34", "usd")),
        ({"wallet": {"currency": "credits", "remaining_balance": "300"}}, ("300", "credits")),
        ({"usage_based": {"spending_current_usd": 3, "spending_cap_usd": 10}}, ("7", "usd")),
        ({"usage_based": {"spending_cap_usd": None, "remaining_credits": 5}}, ("5", "credits")),
        ({"wallet": None, "subscription": {"plan": "team", "credits": {}}}, None),
        ({"wallet": {"remaining_balance": True}}, None),
        ({"wallet": {"remaining_balance": "NaN"}}, None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip
def test_what_is_left(heygen: HeyGen, me: Any, balance: tuple[str, str] | None) -> None:
    heygen.say("GET", "/v3/users/me", {"data": me})
    wanted = Balance(Decimal(balance[0]), balance[1]) if balance else None
    assert heygen.run(heygen.provider.balance()) == wanted


# What it can do, and what it keeps to itself


def test_capabilities_follow_the_settings(tmp_path: Path) -> None:
    settings = HeyGenSettings(usd_per_second=Decimal("0.05"), billing_step_s=0.5)
    can = HeyGenProvider(settings, public_url="https://d.example", scratch=tmp_path).capabilities
    assert (can.webhooks, can.paid, can.can_cancel, can.draws_silence) == (True, True, False, False)
    assert can.replay_window_s < 24 * 3600
    assert (can.rate_card.usd_per_second, can.rate_card.billing_step_s) == (Decimal("0.05"), 0.5)
    assert not HeyGenProvider(settings, public_url=None, scratch=tmp_path).capabilities.webhooks


@pytest.mark.parametrize("base_url", ["http://api.example.com", "ftp://api.example.com", "nonsense", ""])
def test_a_key_is_never_sent_in_the_open(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(CallError) as caught:
        HeyGenProvider(HeyGenSettings(base_url=base_url), public_url=None, scratch=tmp_path)
    assert caught.value.code == "settings_invalid"


def test_nothing_secret_is_logged_or_said(
    heygen: HeyGen, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    message = f"Key {API_KEY} at https://secret.example/?sig=canary is not right"
    for status in (400, 401, 500):
        heygen.say("POST", "/v3/videos", {"error": {"code": "x", "message": message}}, status=status)
        heygen.say(
            "GET", "/v3/videos/vid_canary", {"error": {"code": "x", "message": message}}, status=status
        )
        submitted = heygen.problem(heygen.provider.submit({"script": "canary words"}, KEY))
        inspected = heygen.problem(heygen.provider.inspect("vid_canary"))
        for error in (submitted, inspected):
            assert "canary" not in f"{error!r} {error}"
    said = caplog.text + "".join(capsys.readouterr())
    assert "provider_call.failed" in said
    for secret in ("canary", "example.com", "secret.example"):
        assert secret not in said
