"""Every fault of the HeyGen simulator really happens; its webhooks; its state outlives it."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.simulators.heygen import running
from heygen_caller import SLOW, Caller, alike, envelope, wav


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


@pytest.mark.parametrize(
    ("fault", "status", "made"),
    [
        ("rate_limit", 429, 0),
        ("error_before", 503, 0),
        ("drop_before", None, 0),
        ("hang_before", None, 0),
        ("error_after", 503, 1),
        ("drop_after", None, 1),
        ("hang_after", None, 1),
    ],
)
def test_a_create_goes_wrong_before_or_after_it_is_taken(
    slow: Caller, fault: str, status: int | None, made: int
) -> None:
    slow.faults({"call": "submit", "fault": fault, "status": 503, "times": 1})
    if status:
        assert slow.create("k").status_code == status
    else:
        with pytest.raises(httpx2.RemoteProtocolError):
            slow.create("k")
    assert slow.ledger()["accepted"] == made
    assert slow.create("k").status_code == 200
    assert slow.ledger()["accepted"] == 1


@pytest.mark.parametrize(
    "fault", ["expired", "truncated", "short", "html", "wrong_length", "foreign", "drop_before"]
)
def test_a_download_goes_wrong_once(ready: Caller, fault: str) -> None:
    speech = wav(2.0)
    url = ready.video(script=None, audio_asset_id=ready.upload(speech))["video_url"]
    ready.faults({"call": "download", "fault": fault, "times": 1})
    if fault in ("truncated", "drop_before"):
        with pytest.raises(httpx2.RemoteProtocolError):
            ready.get(url)
    wrong = None if fault in ("truncated", "drop_before") else ready.get(url)
    right = ready.get(url).content
    assert alike(right, speech) > 0.98
    if wrong is None:
        return
    assert wrong.status_code == (403 if fault == "expired" else 200)
    if fault == "expired":
        assert b"AccessDenied" in wrong.content
    elif fault == "short":
        assert right.startswith(wrong.content)
        assert len(wrong.content) < len(right)
    elif fault == "html":
        assert wrong.content.startswith(b"<!doctype html>")
    elif fault == "wrong_length":
        assert len(envelope(wrong.content)) < 0.7 * len(envelope(right))
    else:
        assert alike(wrong.content, speech) < 0.5


def test_jobs_fail_with_and_without_a_reason_stall_and_are_slow(ready: Caller) -> None:
    wrong = {"fail": "one", "fail_silent": "two", "stall": "three", "slow": "four"}
    rules = [
        {"call": "job", "fault": fault, "title": title, "seconds": 1e9} for fault, title in wrong.items()
    ]
    ready.faults(*rules)
    one, two, three, four, five = (ready.video(title=title) for title in [*wrong.values(), "five"])
    assert (one["status"], one["failure_code"]) == ("failed", "rendering_failed")
    assert (two["status"], two["failure_code"], two["failure_message"]) == ("failed", None, None)
    assert (three["status"], four["status"], five["status"]) == ("processing", "processing", "completed")
    assert one["video_url"] is None
    ledger = ready.ledger()
    assert [job["render_s"] is None for job in ledger["jobs"]] == [False, False, True, False, False]
    assert (ledger["paid"], ledger["alive"]) == (1, 2)


def test_an_address_expires_and_asking_again_gives_a_new_one(ready: Caller) -> None:
    ready.faults({"call": "detail", "fault": "expired_url", "nth": 1})
    video = ready.video()
    assert ready.get(video["video_url"]).status_code == 403
    fresh = ready.detail(video["id"])["video_url"]
    assert ready.get(fresh).status_code == 200
    assert ready.get(fresh.replace("/video?", "/captioned?")).status_code == 403


def test_the_answers_of_all_creates_are_lost_and_yet_each_is_made_once(slow: Caller) -> None:
    slow.faults(lose_all_creates=True, lose_replays=2)
    for key in ("a", "b"):
        for _ in range(3):
            with pytest.raises(httpx2.RemoteProtocolError):
                slow.create(key)
        assert slow.create(key).status_code == 200
    assert slow.ledger()["accepted"] == 2


def test_with_a_third_of_all_calls_failing_every_video_is_had_in_the_end(ready: Caller) -> None:
    ready.faults(rate=0.3, seed=3)
    wanted = {f"k{number}": f"Slide {number} is said." for number in range(8)}

    def until_good(call: Any) -> httpx2.Response:
        for _ in range(12):
            try:
                answer: httpx2.Response = call()
            except httpx2.TransportError:
                continue
            if answer.status_code == 200:
                return answer
        raise AssertionError("It never came right.")

    for key, script in wanted.items():
        video_id = until_good(lambda: ready.create(key, script=script)).json()["data"]["video_id"]  # noqa: B023
        url = until_good(lambda: ready.get(f"/v3/videos/{video_id}")).json()["data"]["video_url"]  # noqa: B023
        assert url
    fired = ready.get("/_faults").json()["fired"]
    assert sum(fired.values()) >= 4
    assert ready.ledger()["accepted"] == ready.ledger()["paid"] == len(wanted)


# Webhooks


class Receiver(ThreadingHTTPServer):
    """Takes webhooks; answers with the statuses in `answers` first, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Post)
        self.got: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.answers: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/hook"

    def next(self) -> tuple[dict[str, str], bytes, dict[str, Any]]:
        headers, body = self.got.get(timeout=20)
        return headers, body, json.loads(body)


class Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 200)
        self.end_headers()

    def log_message(self, *parts: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def registered(caller: Caller, receiver: Receiver, **given: Any) -> dict[str, Any]:
    return caller.post("/v3/webhooks/endpoints", json={"url": receiver.url, **given}).json()["data"]  # type: ignore[no-any-return]


def signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ("heygen", {"heygen-signature", "heygen-timestamp", "heygen-event-id"}),
        ("plain", {"signature"}),
        ("both", {"heygen-signature", "heygen-timestamp", "heygen-event-id", "signature"}),
    ],
)
def test_an_ended_video_is_announced_signed(
    ready: Caller, receiver: Receiver, form: str, names: set[str]
) -> None:
    ready.switch(webhook_signature=form)
    secret = registered(ready, receiver)["secret"]
    video = ready.video(callback_id="slide 1")
    headers, body, event = receiver.next()
    assert {name for name in headers if "signature" in name or name.startswith("heygen")} == names
    assert {headers[name] for name in names if "signature" in name} == {signed(secret, body)}
    assert event["event_type"] == "avatar_video.success"
    assert (event["event_data"]["video_id"], event["event_data"]["callback_id"]) == (video["id"], "slide 1")
    assert ready.get(event["event_data"]["url"]).status_code == 200
    assert ready.get("/v3/webhooks/events").json()["data"] == [event]


def test_a_failed_video_is_announced_to_those_who_asked_and_to_its_own_address(
    ready: Caller, receiver: Receiver
) -> None:
    registered(ready, receiver, events=["avatar_video.success"])
    ready.faults({"call": "job", "fault": "fail", "message": "Too dark"})
    video = ready.video(callback_url=receiver.url)
    headers, _, event = receiver.next()
    assert not {name for name in headers if "signature" in name}
    assert (event["event_type"], event["event_data"]["msg"]) == ("avatar_video.fail", "Too dark")
    assert event["event_data"]["video_id"] == video["id"]
    assert receiver.got.empty()


def test_what_is_not_heard_is_said_again(ready: Caller, receiver: Receiver) -> None:
    receiver.answers = [500, 503]
    registered(ready, receiver)
    ready.video()
    assert len({receiver.next()[2]["event_id"] for _ in range(3)}) == 1


def test_webhooks_are_forged_repeated_missing_late_and_out_of_order(
    ready: Caller, receiver: Receiver
) -> None:
    secret = registered(ready, receiver)["secret"]
    ways = ("forged", "repeat", "missing", "late", "reorder")
    ready.faults(*({"call": "webhook", "fault": way, "title": way, "seconds": 12000} for way in ways))
    ready.video(title="forged")
    headers, body, _ = receiver.next()
    assert headers["heygen-signature"] != signed(secret, body)
    ready.video(title="repeat")
    assert len({receiver.next()[2]["event_id"] for _ in range(3)}) == 1
    ready.video(title="missing")
    ready.video(title="late")
    first, second = ready.video(title="reorder"), ready.video(title="on time")
    heard = [receiver.next()[2]["event_data"]["video_id"] for _ in range(2)]
    assert heard == [second["id"], first["id"]]
    assert receiver.got.empty()
    assert len(ready.get("/v3/webhooks/events").json()["data"]) == 6


def test_endpoints_can_be_changed_and_their_secret_is_shown_only_once(
    ready: Caller, receiver: Receiver
) -> None:
    made = registered(ready, receiver)
    where = f"/v3/webhooks/endpoints/{made['endpoint_id']}"
    fresh = ready.post(f"{where}/rotate-secret").json()["data"]["secret"]
    assert fresh.startswith("whsec_")
    assert fresh != made["secret"]
    ready.patch(where, json={"events": ["avatar_video.fail"]}).raise_for_status()
    listed = ready.get("/v3/webhooks/endpoints").json()["data"]
    assert [(item["endpoint_id"], item["events"]) for item in listed] == [
        (made["endpoint_id"], ["avatar_video.fail"])
    ]
    assert "secret" not in listed[0]
    ready.delete(where).raise_for_status()
    assert ready.get("/v3/webhooks/endpoints").json()["data"] == []
    assert ready.patch(where, json={}).json()["error"]["code"] == "webhook_not_found"
    assert ready.get("/v3/webhooks/event-types").json()["data"]


# Its own life


def test_a_faults_file_or_a_switch_that_cannot_be_is_refused(ready: Caller) -> None:
    assert ready.put("/_faults", json={"rules": [{"call": "submit", "fault": "html"}]}).status_code == 400
    assert ready.put("/_switches", json={"speed": -1}).status_code == 400


START = """
import sys
from pathlib import Path
from deckcast.simulators.heygen import run
run(int(sys.argv[1]), faults=Path(sys.argv[2]), speed=600, folder=Path(sys.argv[3]))
"""


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def started(port: int, faults: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", START, str(port), str(faults), str(folder)])
    try:
        while not listening(port):
            with suppress(subprocess.TimeoutExpired):
                raise AssertionError(f"It ended with {process.wait(0.05)}.")
        yield process
    finally:
        process.kill()
        process.wait()


def test_killed_and_started_again_it_is_the_same_account(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text(
        """
        [[rules]]
        call = "submit"
        fault = "drop_after"
        nth = 2
        [switches]
        queue_s = 0
        render_from_s = 0
        render_to_s = 0
        """
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "account"
    with started(port, faults, folder) as process, Caller(f"http://127.0.0.1:{port}") as caller:
        asset = caller.upload(wav(1.0))
        video = caller.video("one", script=None, audio_asset_id=asset)
        with pytest.raises(httpx2.RemoteProtocolError):
            caller.create("two")
        before = caller.ledger()
        process.kill()
        process.wait()
    with started(port, faults, folder) as process, Caller(f"http://127.0.0.1:{port}") as caller:
        assert caller.ledger() == before
        assert [job["idempotency_key"] for job in before["jobs"]] == ["one", "two"]
        assert caller.get(video["video_url"]).status_code == 200
        assert caller.create("one").json()["data"]["video_id"] == video["id"]
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
