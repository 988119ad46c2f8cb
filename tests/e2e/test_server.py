"""What people do with `deckcast serve`: the whole way of a film over HTTP, followed as it happens."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api_client import Server, Watcher, is_open, refusal, server_of
from command import Machine, made
from decks import write_deck
from heygen_account import assert_paid_once, heygen, set_faults

NOTES = ["This is the first slide.", "The second one follows.", "And the third is the last."]
SECOND_FAILS = {"rules": [{"call": "job", "fault": "fail", "title": "slide 2 "}]}


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_deck(tmp_path / "talk.pptx", NOTES)


@pytest.fixture
def server(machine: Machine) -> Iterator[Server]:
    with server_of(machine) as server:
        yield server


def test_from_a_deck_to_a_film_that_is_shared(machine: Machine, deck: Path) -> None:
    with heygen(machine, faults=SECOND_FAILS) as url, server_of(machine) as server, ExitStack() as told:
        uploaded = server.upload(deck)
        assert uploaded["state"] == "importing"
        at = f"/api/presentations/{uploaded['id']}"
        watcher = told.enter_context(Watcher(server, uploaded["id"]))
        watcher.until(lambda: watcher.presentation["state"] == "ready", "the deck was read")
        slides = server.get(at)["slides"]
        assert [each["notes"] for each in slides] == NOTES

        edited = server.put(f"/api/slides/{slides[0]['id']}/narrative", text="Welcome to the first slide.")
        assert (edited["text"], edited["source"]) == ("Welcome to the first slide.", "edited")
        spoken = server.post(f"{at}/generate-all-audio", provider="heygen")
        assert watcher.until_ended(spoken["batchId"])["completed"] == len(NOTES)

        ordered = server.post(f"{at}/generate-all-avatar-videos", provider="heygen")
        partial = watcher.until_ended(ordered["batchId"])
        assert (partial["state"], partial["completed"], partial["failed"]) == ("partial", 2, 1)
        assert watcher.statuses() == ["completed", "failed", "completed"]
        assert watcher.slides[slides[1]["id"]]["error"]["message"]

        set_faults(url, {})
        again = server.post(f"/api/batches/{ordered['batchId']}/retry-failed")
        assert again["totalSlides"] == 1
        assert watcher.until_ended(again["batchId"])["state"] == "completed"
        assert_paid_once(url, len(NOTES))

        film = server.post(f"{at}/make-film", provider="heygen")
        assert film["estimatedCostUsd"] == 0
        assert watcher.until_ended(film["batchId"])["state"] == "completed"
        assert_paid_once(url, len(NOTES))
        watcher.check()
        assert watcher.snapshots == 1
        shown_and_shared(server, at)
        assert server.stop() == 0
    assert machine.leftovers() == []


def shown_and_shared(server: Server, at: str) -> None:
    """The film plays from any place in it, with its captions, also for whoever has a link to it."""
    film = server.get(f"{at}/film")
    whole = server.client.get(film["videoUrl"])
    assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
    part = server.client.get(film["videoUrl"], headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, whole.content[1000:2000])
    captions = server.client.get(film["captions"]["vttUrl"]).text
    assert captions.startswith("WEBVTT")
    assert "Welcome to the first slide." in captions
    assert len(film["chapters"]) == len(NOTES)

    share = server.post(f"{at}/shares", 201, expiresInS=600)
    shared = server.get(share["url"])
    with server.client_of() as anybody:
        assert anybody.get(shared["videoUrl"]).content == whole.content
        assert server.client.delete(f"{at}/shares/{share['id']}").status_code == 204
        assert anybody.get(shared["videoUrl"]).status_code == 404


def test_two_clicks_at_once_are_one_batch(server: Server, machine: Machine, deck: Path) -> None:
    shown = server.imported(deck)
    at = f"/api/presentations/{shown['id']}"
    with ThreadPoolExecutor(4) as people:
        for path, key in ((f"{at}/generate-all-audio", None), (f"{at}/make-film", "one-click")):
            clicks = [people.submit(twice, server, path, key) for _ in range(4)]
            batches = {each["batchId"] for click in clicks for each in click.result()}
            assert len(batches) == 1
            assert server.ended(batches.pop())["state"] == "completed"
    assert made(machine)["speeches"] == len(NOTES)
    assert made(machine)["presentation_videos"] == 1
    assert len(server.get(f"{at}/batches")["items"]) == 2


def twice(server: Server, path: str, key: str | None) -> list[dict[str, Any]]:
    """The answers to a click; one that comes while its twin is being answered comes again."""
    answers: list[dict[str, Any]] = []
    headers = {"Idempotency-Key": key} if key else {}
    with server.client_of() as client:
        while not answers:
            answer = client.post(path, json={"layout": "none"} if "film" in path else {}, headers=headers)
            if answer.status_code == 202:
                answers.append(answer.json())
            else:
                assert answer.json()["code"] == "idempotency_in_progress", answer.text
    return answers


def test_a_command_and_the_server_do_not_get_in_each_others_way(
    server: Server, machine: Machine, deck: Path
) -> None:
    command = machine.start("make", deck, "-o", machine.folder / "out", "--layout", "none", "--json")
    listed: list[dict[str, Any]] = []

    def is_listed() -> bool:
        assert command.poll() is None, "the command ended before it was seen"
        listed[:] = server.get("/api/presentations")["items"]
        return bool(listed) and listed[0]["state"] == "ready" and listed[0]["newestBatch"] is not None

    server.wait_for(is_listed, "the command's presentation was listed")
    path = f"/api/presentations/{listed[0]['id']}/make-film"
    assert server.post(path, 409, layout="none")["code"] == "presentation_busy"
    command.communicate()
    assert command.returncode == 0
    film = server.post(path, layout="none")
    assert server.ended(film["batchId"])["state"] == "completed"
    assert made(machine)["speeches"] == made(machine)["slide_clips"] == len(NOTES)


def test_what_is_no_deck_or_too_much_of_one(machine: Machine, tmp_path: Path) -> None:
    machine.settings["DECKCAST_LIMITS__DECK_SIZE_BYTES"] = "100000"
    broken, large = tmp_path / "broken.pptx", tmp_path / "large.pptx"
    broken.write_bytes(b"PK\x03\x04" + b"nothing that can be read" * 40)
    large.write_bytes(b"PK\x03\x04" + bytes(3_000_000))
    with server_of(machine) as server:
        failed = server.imported(broken)
        assert (failed["state"], failed["error"]["code"]) == ("failed", "deck_broken")
        assert "broken.pptx" in failed["error"]["message"]
        refused = server.post(f"/api/presentations/{failed['id']}/make-film", 409)
        assert refused["code"] == "presentation_not_ready"
        assert server.upload(large, 413)["code"] == "deck_too_large"
        assert len(server.get("/api/presentations")["items"]) == 1
    assert machine.leftovers() == []


def test_one_user_does_not_see_what_is_anothers(machine: Machine, deck: Path) -> None:
    tokens = [machine.run("user", "add", name, "--json").result["token"] for name in ("ada", "ben")]
    with server_of(machine) as server:
        assert server.client.get("/api/presentations").status_code == 401
        server.sign_in(tokens[0])
        shown = server.imported(deck)
        at = f"/api/presentations/{shown['id']}"
        with server.client_of(tokens[1]) as bens:
            paths = [at, f"{at}/status", f"/api/slides/{shown['slides'][0]['id']}", f"{at}/film/media"]
            assert [bens.get(path).status_code for path in paths] == [404] * len(paths)
            assert bens.post(f"{at}/make-film", json={}).status_code == 404
            assert bens.delete(at).status_code == 404
            assert bens.get("/api/presentations").json()["items"] == []
        assert [refusal(server, shown["id"], token) for token in (None, "dct_forged", tokens[1])] == [
            401,
            401,
            404,
        ]
        with Watcher(server, shown["id"], tokens[0]) as watcher:
            ordered = server.post(f"{at}/generate-all-audio", selectedSlideIds=[shown["slides"][0]["id"]])
            assert watcher.until_ended(ordered["batchId"])["completed"] == 1
            watcher.check()
        assert not any(is_open(each) for each in server.get(f"{at}/batches")["items"])
