"""What people do with `deckcast serve`: the whole way of a film over HTTP, followed as it happens."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api_client import Server, Watcher, is_open, refusal, server_of
from command import Machine, ended
from conftest import long
from decks import write_deck
from decks_for_tests import pdf_text, raw_pdf
from heygen_account import assert_paid_once, heygen, set_faults

NOTES = ["This is the first slide.", "The second one follows.", "And the third is the last."]
SECOND_FAILS = {"rules": [{"call": "job", "fault": "fail", "title": "slide 2 "}]}


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    """One that is read fast."""
    return raw_pdf(tmp_path / "talk.pdf", [pdf_text(note, 60, 60) for note in NOTES])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for several stories, each with a presentation of its own."""
    limits = {"DECKCAST_LIMITS__DECK_SIZE_BYTES": "100000"}
    with server_of(Machine(tmp_path_factory.mktemp("server"), limits)) as server:
        yield server


def test_from_a_deck_to_a_film_that_is_shared(machine: Machine) -> None:
    deck = write_deck(machine.folder / "talk.pptx", NOTES)
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
    shared = server.get(share["apiUrl"])
    with server.client_of() as anybody:
        assert anybody.get(shared["videoUrl"]).content == whole.content
        assert server.client.delete(f"{at}/shares/{share['id']}").status_code == 204
        assert anybody.get(shared["videoUrl"]).status_code == 404


def test_two_clicks_at_once_are_one_batch(server: Server, deck: Path) -> None:
    at = f"/api/presentations/{server.imported(deck)['id']}"
    with ThreadPoolExecutor(4) as people:
        for path, key in ((f"{at}/generate-all-audio", None), (f"{at}/make-film", "one-click")):
            clicks = [people.submit(clicked, server, path, key) for _ in range(4)]
            batches = {click.result()["batchId"] for click in clicks}
            assert len(batches) == 1
            assert server.ended(batches.pop())["completed"] == len(NOTES)
    assert len(server.get(f"{at}/batches")["items"]) == 2


def clicked(server: Server, path: str, key: str | None) -> dict[str, Any]:
    """The answer to a click; one that comes while its twin is being answered comes again."""
    headers = {"Idempotency-Key": key} if key else {}
    body = {"layout": "none"} if path.endswith("film") else {}
    with server.client_of() as client:
        while (answer := client.post(path, json=body, headers=headers)).status_code != 202:
            assert answer.json()["code"] == "idempotency_in_progress", answer.text
    return dict(answer.json())


def test_a_command_and_the_server_do_not_get_in_each_others_way(server: Server, deck: Path) -> None:
    known = {each["id"] for each in server.get("/api/presentations")["items"]}
    out = server.machine.folder / "out"
    command = server.machine.start("make", deck, "-o", out, "--layout", "none", "--json")
    of_command: list[dict[str, Any]] = []

    def is_at_work() -> object:
        assert command.poll() is None, "the command ended before it was seen"
        listed = server.get("/api/presentations")["items"]
        of_command[:] = [each for each in listed if each["id"] not in known and each["newestBatch"]]
        return of_command

    server.wait_for(is_at_work, "the command was at work")
    at = f"/api/presentations/{of_command[0]['id']}"
    assert server.post(f"{at}/make-film", 409, layout="none")["code"] == "presentation_busy"
    made = ended(command).result
    assert (made["presentation_id"], made["state"]) == (of_command[0]["id"], "completed")
    film = server.get(f"{at}/film")
    again = server.post(f"{at}/make-film", layout="none")
    assert server.ended(again["batchId"])["completed"] == len(NOTES)
    assert server.get(f"{at}/film")["id"] == film["id"]


def test_what_is_no_deck_or_too_much_of_one(server: Server, tmp_path: Path) -> None:
    broken, large = tmp_path / "broken.pptx", tmp_path / "large.pptx"
    broken.write_bytes(b"PK\x03\x04" + b"nothing that can be read" * 40)
    large.write_bytes(b"PK\x03\x04" + bytes(3_000_000))
    failed = server.imported(broken)
    assert (failed["state"], failed["error"]["code"]) == ("failed", "deck_broken")
    assert "broken.pptx" in failed["error"]["message"]
    refused = server.post(f"/api/presentations/{failed['id']}/make-film", 409)
    assert refused["code"] == "presentation_not_ready"
    before = len(server.get("/api/presentations")["items"])
    assert server.upload(large, 413)["code"] == "deck_too_large"
    assert len(server.get("/api/presentations")["items"]) == before
    assert server.machine.leftovers() == []


@long
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
