"""The HeyGen simulator over real HTTP: HeyGen's shapes and real files.

Videos are ready at once (`ready`) or never in a test's time (`slow`), so that nothing waits for a clock.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import av
import httpx2
import numpy as np
import pytest

from deckcast.simulators.heygen import running
from deckcast.simulators.heygen.sound import SAMPLE_RATE
from heygen_caller import SCRIPT, SLOW, Caller, alike, wav


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def ready(address: str) -> Iterator[Caller]:
    """An empty account whose videos are ready at once."""
    with Caller(address) as caller:
        caller.start_afresh()
        yield caller


@pytest.fixture
def slow(ready: Caller) -> Caller:
    """An empty account whose videos render for days."""
    ready.switch(**SLOW)
    return ready


# Videos


def test_a_video_lasts_and_sounds_as_the_speech_it_was_made_from(ready: Caller) -> None:
    speech = wav(3.21)
    asset = ready.upload(speech)
    white = {"type": "color", "value": "#204060"}
    video = ready.video(
        script=None, audio_asset_id=asset, title="T", background=white, caption={"file_format": "srt"}
    )
    assert (video["status"], video["duration"], video["title"]) == ("completed", 3.21, "T")
    content = ready.get(video["video_url"]).content
    with av.open(io.BytesIO(content)) as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        assert (picture.average_rate, sound.rate, picture.width, picture.height) == (
            25,
            SAMPLE_RATE,
            640,
            360,
        )
        assert abs(float(picture.frames / 25) - 3.21) <= 0.04
        assert abs(float((sound.duration or 0) * sound.time_base) - 3.21) <= 0.04
        corner = next(film.decode(video=0)).to_ndarray(format="rgb24")[-1, -1]
    assert np.abs(corner.astype(int) - (0x20, 0x40, 0x60)).max() <= 4
    assert alike(content, speech) > 0.98
    while not video["subtitle_url"]:  # captions come a little later
        video = ready.detail(video["id"])
    assert "-->" in ready.get(video["subtitle_url"]).text
    assert ready.get(video["thumbnail_url"]).content[:3] == b"\xff\xd8\xff"
    assert ready.get(video["gif_url"]).content[:3] == b"GIF"


def test_a_picture_is_as_large_as_asked_where_the_switch_says_so(ready: Caller) -> None:
    ready.switch(picture="asked")
    content = ready.get(
        ready.video(script="Hi.", resolution="720p", aspect_ratio="9:16")["video_url"]
    ).content
    with av.open(io.BytesIO(content)) as film:
        assert (film.streams.video[0].width, film.streams.video[0].height) == (720, 1280)


def test_webm_is_transparent_around_the_presenter(ready: Caller, tmp_path: Path) -> None:
    video = ready.video(output_format="webm")
    path = tmp_path / "film.webm"
    path.write_bytes(ready.get(video["video_url"]).content)
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.metadata["alpha_mode"]) == ("vp9", "1")
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        frame = next(out for packet in film.demux(video=0) for out in decoder.decode(packet))
    assert frame.format.name == "yuva420p"
    pixels = frame.to_ndarray(format="rgba")
    assert pixels[-1, 0, 3] == 0
    assert pixels[180, 320, 3] == 255


def test_every_answer_has_a_request_id_and_refusals_the_documented_form(ready: Caller) -> None:
    answers = [ready.get("/v3/videos/none"), ready.get("/v3/nothing"), ready.get("/v3/users/me")]
    assert [answer.status_code for answer in answers] == [404, 404, 200]
    assert answers[0].json()["error"]["code"] == "video_not_found"
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("wrong", 401, "unauthorized"),
        ("sim-no-access", 403, "forbidden"),
        ("sim-no-credit", 402, "insufficient_credit"),
        ("sim-no-plan", 403, "plan_upgrade_required"),
        ("sim-no-quota", 429, "quota_exceeded"),
    ],
)
def test_keys_that_are_refused(ready: Caller, key: str, status: int, code: str) -> None:
    ready.headers["X-Api-Key"] = key
    answer = ready.create()
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ready.ledger()["accepted"] == 0


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"avatar_id": "nobody"}, "avatar_not_found"),
        ({"voice_id": "nobody"}, "voice_not_found"),
        ({"audio_asset_id": "none", "script": None}, "asset_not_found"),
        ({"audio_asset_id": "none"}, "invalid_parameter"),
        ({"script": None}, "invalid_parameter"),
        ({"script": "x" * 5001}, "invalid_parameter"),
        ({"script": "…"}, "script_too_short"),
        ({"script": "Oh [moderated] no."}, "content_policy_violation"),
        ({"voice_settings": {"speed": 2}}, "invalid_parameter"),
        ({"output_format": "webm", "background": {"type": "color", "value": "#ffffff"}}, "invalid_parameter"),
        ({"output_format": "webm", "avatar_id": "sim_eva_twin"}, "invalid_parameter"),
        ({"background": {"type": "color", "value": "white"}}, "invalid_parameter"),
        ({"background": "white"}, "invalid_parameter"),
        ({"engine": {"type": "avatar_v"}}, "invalid_parameter"),
        ({"resolution": "480p"}, "invalid_parameter"),
        ({"type": "studio"}, "invalid_parameter"),
        ({"title": "x" * 1001}, "invalid_parameter"),
        ({"audio_url": "http://127.0.0.1:9/a.wav", "script": None}, "download_failed"),
    ],
)
def test_orders_that_are_refused(ready: Caller, order: dict[str, Any], code: str) -> None:
    answer = ready.create(**order)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]["code"] == code
    assert ready.ledger()["jobs"] == []


# The same call again


def test_a_key_gives_the_same_video_again_whatever_the_body(ready: Caller) -> None:
    first = ready.create("k.1", title="one").json()
    assert ready.create("k.1", title="two").json() == first
    assert ready.create("k.2", title="one").json() != first
    assert ready.create("not a key").json()["error"]["code"] == "invalid_parameter"
    jobs = ready.ledger()["jobs"]
    assert [(job["idempotency_key"], job["title"]) for job in jobs] == [("k.1", "one"), ("k.2", "one")]


def test_a_repeat_is_refused_while_the_first_call_is_in_flight(slow: Caller) -> None:
    slow.faults({"call": "submit", "fault": "hang_after", "nth": 1, "seconds": 900})
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(slow.create, "k")
        while not slow.ledger()["jobs"]:
            continue
        answer = slow.create("k")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "request_in_progress")
        with pytest.raises(httpx2.RemoteProtocolError):
            first.result()
    assert slow.create("k").json()["data"]["video_id"] == slow.ledger()["jobs"][0]["video_id"]


@pytest.mark.parametrize(("replays", "again"), [(True, 429), (False, 200)])
def test_refusals_come_again_under_their_key_where_the_switch_says_so(
    slow: Caller, replays: bool, again: int
) -> None:
    slow.switch(max_concurrent=1, replay_refusals=replays)
    first = slow.video("a")
    assert slow.create("b").status_code == 429
    slow.delete(f"/v3/videos/{first['id']}").raise_for_status()
    assert slow.create("b").status_code == again


@pytest.mark.parametrize(("replays", "made"), [(True, 1), (False, 2)])
def test_the_key_of_a_failed_video_replays_where_the_switch_says_so(
    ready: Caller, replays: bool, made: int
) -> None:
    ready.switch(replay_ended=replays)
    ready.faults({"call": "job", "fault": "fail", "nth": 1})
    assert ready.video("k")["failure_code"] == "rendering_failed"
    ready.create("k").raise_for_status()
    assert ready.ledger()["accepted"] == made


# How many at once


def test_no_more_are_taken_than_may_render_at_once(slow: Caller) -> None:
    slow.switch(max_concurrent=4, retry_after_s=7 * 600)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: slow.create(f"k{number}"), range(12)))
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [429] * 8
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert refused.headers["retry-after"] == "7"
    slow.switch(retry_after_date=True)
    assert parsedate_to_datetime(slow.create().headers["retry-after"]) is not None
    ledger = slow.ledger()
    assert (ledger["accepted"], ledger["alive"], ledger["max_alive"], ledger["paid"]) == (4, 4, 4, 0)
    assert ledger["calls"]["POST /v3/videos"] == 13


def test_money_goes_down_and_out(ready: Caller) -> None:
    ready.switch(balance_usd=0.5, usd_per_second=0.1)
    assert ready.video()["duration"] == 3.2
    left = ready.get("/v3/users/me").json()["data"]["wallet"]["remaining_balance"]
    assert left == pytest.approx(0.1)
    assert ready.create().status_code == 402
    assert (ready.ledger()["paid"], ready.ledger()["charged_usd"]) == (1, 0.4)


# Lists


def test_a_title_is_found_by_a_part_of_it_page_by_page(slow: Caller) -> None:
    slow.switch(max_concurrent=100)
    made = [slow.video(title=f"Deck {'odd' if number % 2 else 'even'} {number}")["id"] for number in range(7)]
    seen: list[str] = []
    token: str | None = None
    while True:
        query = {"title": "EVEN", "limit": "3"} | ({"token": token} if token else {})
        page = slow.get("/v3/videos", params=query).json()
        seen += [video["id"] for video in page["data"]]
        token = page["next_token"]
        assert page["has_more"] == (token is not None)
        if token is None:
            break
        slow.video(title="Deck even, made meanwhile")
    assert seen == [made[number] for number in (6, 4, 2, 0)]
    slow.switch(search_delay_s=1e6)
    slow.video(title="new")
    assert slow.get("/v3/videos", params={"title": "new"}).json()["data"] == []
    assert slow.get("/v3/videos", params={"limit": 101}).status_code == 400


def test_looks_and_voices_come_in_pages_and_by_filters(ready: Caller) -> None:
    first = ready.get("/v3/avatars/looks", params={"limit": 8}).json()
    rest = ready.get("/v3/avatars/looks", params={"limit": 8, "token": first["next_token"]}).json()
    looks = first["data"] + rest["data"]
    assert len(first["data"]) == 8
    assert (first["has_more"], rest["has_more"], len({look["id"] for look in looks})) == (True, False, 10)
    private = ready.get("/v3/avatars/looks", params={"ownership": "private"}).json()["data"]
    assert {look["avatar_type"] for look in private} == {"digital_twin"}
    voices = ready.get("/v3/voices", params={"language": "german", "gender": "female"}).json()["data"]
    assert {voice["language"] for voice in voices} == {"German"}
    groups = ready.get("/v3/avatars").json()["data"]
    assert {group["id"] for group in groups} == {look["group_id"] for look in looks}


def test_many_states_at_once(ready: Caller) -> None:
    ready.faults({"call": "job", "fault": "stall", "title": "never"})
    done, going = ready.video()["id"], ready.video(title="never")["id"]
    query = {"video_ids": f"{done},{going},unknown"}
    rows = ready.get("/v3/videos/statuses", params=query).json()["data"]
    assert [row["status"] for row in rows] == ["completed", "processing", "not_found"]
    assert ready.get("/v3/videos/statuses", params={"video_ids": ",".join("x" * 101)}).status_code == 400
    ready.switch(bulk_statuses=False)
    assert ready.get("/v3/videos/statuses", params=query).status_code == 404


@pytest.mark.parametrize(("obeys", "made"), [(True, 2), (False, 4)])
def test_a_batch_makes_its_videos_and_obeys_keys_where_the_switch_says_so(
    ready: Caller, obeys: bool, made: int
) -> None:
    ready.switch(batch_keys=obeys, max_concurrent=1)
    body = {"title": "B", "videos": [SCRIPT, {**SCRIPT, "avatar_id": "nobody"}, SCRIPT]}
    batches = [
        ready.post("/v3/videos/batches", json=body, headers={"Idempotency-Key": "b"}).json() for _ in "12"
    ]
    batch = ready.get(f"/v3/videos/batches/{batches[0]['data']['batch_id']}").json()["data"]
    assert (batch["status"], batch["total_items"]) == ("completed", 3)
    assert batch["counts_by_status"] == {"completed": 2, "failed": 1}
    assert batch["items"][1]["error"]["code"] == "avatar_not_found"
    rows = ready.get("/v3/videos/statuses", params={"batch_ids": batch["batch_id"]}).json()["data"]
    assert [row["item_index"] for row in rows] == [0, 1, 2]
    assert ready.ledger()["accepted"] == made
    assert ready.post("/v3/videos/batches", json={"videos": [SCRIPT] * 101}).status_code == 400


# Files


def test_a_large_file_goes_by_a_direct_upload(ready: Caller) -> None:
    speech = wav(1.0)
    about = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": len(speech)}
    place = ready.post("/v3/assets/direct-uploads", json=about).json()["data"]
    order = {"script": None, "audio_asset_id": place["asset_id"]}
    assert ready.create(**order).json()["error"]["code"] == "asset_not_available"
    ready.put(place["upload_url"], content=speech[:-1]).raise_for_status()
    complete = f"/v3/assets/{place['asset_id']}/complete"
    assert ready.post(complete).status_code == 400
    ready.put(place["upload_url"], content=speech).raise_for_status()
    assert ready.post(complete).json()["data"]["size_bytes"] == len(speech)
    assert ready.video(**order)["duration"] == 1.0


def test_files_that_are_refused(ready: Caller) -> None:
    def refused(content: bytes, name: str) -> int:
        return ready.post("/v3/assets", files={"file": (name, content)}).status_code

    assert refused(b"no sound at all", "a.wav") == 400
    assert refused(b"RIFF....WAVEbroken", "a.wav") == 400
    assert refused(bytes(33 * 1024 * 1024), "a.wav") == 413
    assert ready.post("/v3/assets", files={"other": b"x"}).status_code == 400


def test_speech_may_come_from_an_address(ready: Caller) -> None:
    answer = ready.post("/v3/assets", files={"file": ("a.wav", wav(1.5))}).json()["data"]
    assert ready.video(script=None, audio_url=answer["url"])["duration"] == 1.5
