"""What has become of a video at HeyGen, and how it is found again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.avatars.heygen.orders import title_token, title_with_token
from deckcast.avatars.ports import Done, Failed, JobState, Running
from deckcast.kit.errors import AnswerLost, SubmissionRefused, WorkError
from heygen_answers import KEY, NOON, HeyGen, refusal


@pytest.fixture
def heygen(tmp_path: Path) -> HeyGen:
    return HeyGen(tmp_path)


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
