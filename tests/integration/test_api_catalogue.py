"""Who can make, present and speak, through the API; a page that is opened often asks nobody too often."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from deckcast.batches.catalogue import FAILURES_S, LISTS_S, Catalogue
from deckcast.db.accounts import ProviderAccountRow
from deckcast.kit.clock import now
from deckcast.kit.errors import WorkError
from deckcast.simulators import heygen as simulated_heygen
from serving import Server, serving


def story(folder: Path, told: Callable[[Server], Awaitable[None]], **settings: Any) -> None:
    async def run() -> None:
        with simulated_heygen.running(faults={"rules": []}, speed=200_000) as base_url:
            heygen = {"api_key": "sim-1", "base_url": base_url}
            async with serving(folder, **{"heygen": heygen, **settings}) as server:
                await told(server)

    asyncio.run(run())


def test_providers_say_what_they_can_and_how_their_accounts_stand(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        async with server.parts.db.write() as session:
            until = now() + timedelta(minutes=10)
            session.add(
                ProviderAccountRow(
                    provider="heygen", failures=3, paused_until=until, code="c", message="Why."
                )
            )
        local, heygen = (await server.client.get("/api/providers")).json()["items"]
        assert (local["name"], local["isDefault"], local["paid"], local["balance"]) == (
            "local",
            True,
            False,
            None,
        )
        assert (heygen["name"], heygen["paid"], heygen["configured"]) == ("heygen", True, True)
        assert heygen["capabilities"]["usdPerSecond"] > 0
        account = heygen["account"]
        assert (account["paused"], account["code"], account["message"]) == (True, "c", "Why.")
        assert heygen["balance"]["amount"] > 0

    story(tmp_path, told)


def test_a_provider_without_a_key_says_what_is_missing(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        heygen = (await server.client.get("/api/providers")).json()["items"][1]
        assert (heygen["configured"], heygen["capabilities"], heygen["account"]) == (False, None, None)
        assert "DECKCAST_HEYGEN__API_KEY" in heygen["whatIsMissing"]
        for path, code in (("heygen", "provider_not_configured"), ("nobody", "unknown_provider")):
            for kind in ("avatars", "voices"):
                refused = await server.client.get(f"/api/{kind}?provider={path}")
                assert (refused.status_code, refused.json()["code"]) == (404, code)

    story(tmp_path, told, heygen={})


def test_avatars_and_voices_of_ours_and_of_a_provider(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        ours = (await server.client.get("/api/avatars")).json()["items"]
        maya = next(each for each in ours if each["id"] == "maya")
        assert (maya["provider"], maya["previewUrl"]) == ("local", "/api/avatars/maya/preview")
        theirs = (await server.client.get("/api/avatars?provider=heygen")).json()["items"]
        assert "sim_ada_office" in {each["id"] for each in theirs}
        german = (await server.client.get("/api/voices?language=de")).json()
        assert {each["language"] for each in german["items"]} == {"de"}
        engines = {each["name"]: each["configured"] for each in german["engines"]}
        assert (engines["espeak"], engines["azure"]) == (True, False)
        voices = (await server.client.get("/api/voices?provider=heygen&language=en")).json()
        assert voices["items"]
        assert all(each["id"].startswith("heygen:") for each in voices["items"])
        assert voices["engines"] == []

    story(tmp_path, told)


def test_a_picture_of_a_presenter(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        picture = await server.client.get("/api/avatars/maya/preview")
        assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
        assert picture.content.startswith(b"\x89PNG")
        assert "max-age" in picture.headers["Cache-Control"]
        nobody = await server.client.get("/api/avatars/nobody/preview")
        assert (nobody.status_code, nobody.json()["code"]) == (404, "not_found")
        assert (await server.client.get("/api/avatars/..%2Fmaya/preview")).status_code in (404, 422)

    story(tmp_path, told)


def test_a_provider_that_is_away_is_named_and_not_asked_again_at_once(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        asked: list[str] = []
        heygen = server.parts.providers["heygen"]

        async def away() -> Any:
            asked.append("balance")
            raise WorkError("provider_unreachable", "Away.", retryable=True)

        heygen.avatars = heygen.balance = away  # type: ignore[method-assign]
        answers = [await server.client.get("/api/avatars?provider=heygen") for _ in range(3)]
        assert {(each.status_code, each.json()["code"]) for each in answers} == {
            (502, "provider_unreachable")
        }
        assert len(asked) == 1
        states = (await server.client.get("/api/providers")).json()["items"]
        assert [each["balance"] for each in states] == [None, None]

    story(tmp_path, told)


def test_lists_are_kept_for_minutes_and_failures_for_seconds(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        time, asked = [0.0], [0]
        lists = Catalogue(server.parts, clock=lambda: time[0])
        local = server.parts.providers["local"]
        there = await local.avatars()

        async def avatars() -> Any:
            asked[0] += 1
            if asked[0] == 1:
                raise WorkError("provider_unreachable", "Away.")
            return there

        local.avatars = avatars  # type: ignore[method-assign]
        for at, calls in ((0, 1), (FAILURES_S, 1), (FAILURES_S + 1, 2), (LISTS_S, 2), (2 * LISTS_S, 3)):
            time[0] = at
            try:
                assert await lists.avatars("local") == there
            except WorkError:
                assert calls == 1
            assert asked[0] == calls

    story(tmp_path, told)
