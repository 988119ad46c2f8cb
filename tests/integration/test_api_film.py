"""From an upload to the film, through the API alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api_world import ready, told_at_work
from decks import write_deck
from serving import Server


def test_what_was_just_made_is_not_stale(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "deck.pptx", ["Good morning.", None])

    async def story(server: Server) -> None:
        client = server.client
        at = f"/api/presentations/{(await ready(server, deck))['id']}"
        started = await client.post(f"{at}/make-film", json={"backgroundColor": "#FFFFFF"})
        assert started.status_code == 202, started.text
        while (await client.get("/api/presentations")).json()["items"][0]["newestBatch"][
            "state"
        ] == "running":
            await asyncio.sleep(0.1)
        shown = (await client.get(at)).json()
        first, second = shown["slides"]
        assert (first["narrative"]["text"], first["narrative"]["stale"]) == ("Good morning.", False)
        assert first["speech"]["stale"] is False
        assert (first["avatarVideo"]["status"], first["avatarVideo"]["stale"]) == ("completed", False)
        assert second["speech"] is None
        film = shown["film"]
        assert film["stale"] is False
        assert [each["slideId"] for each in film["chapters"]] == [first["id"], second["id"]]
        second_at = film["chapters"][1]["startS"]
        assert second_at >= first["speech"]["durationS"] + 1.0
        assert film["durationS"] - second_at == pytest.approx(4.0, abs=0.04)
        for address in (film["videoUrl"], film["captions"]["vttUrl"], first["clipUrl"]):
            assert (await client.get(address)).status_code == 200
        changed = await client.patch(at, json={"exclude": [second["id"]]})
        assert changed.json()["film"]["stale"] is True

    told_at_work(tmp_path, story)
