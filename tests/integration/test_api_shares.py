"""Links that open a film for whoever has them, for a while."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from api_rows import FILM, filmed
from deckcast.api import page
from deckcast.batches.imports import OWNER
from deckcast.db.models import PresentationRow
from deckcast.db.people import ShareRow, UserRow
from deckcast.kit.clock import now
from serving import Server, story

AT = "/api/presentations/pre_1/shares"


def test_a_share_opens_the_film_and_nothing_else(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        client = server.client
        await filmed(server.parts, title="Plan")
        made = await client.post(AT, json={"expiresInS": 3600})
        assert made.status_code == 201
        share = made.json()
        secret = share["apiUrl"].rsplit("/", 1)[-1]
        assert share["apiUrl"] == f"http://127.0.0.1:{server.port}/api/shared/{secret}"
        opened = (await client.get(share["apiUrl"])).json()
        assert (opened["title"], opened["durationS"]) == ("Plan", 6.0)
        film = await client.get(opened["videoUrl"], headers={"Range": "bytes=0-3"})
        assert (film.status_code, film.content) == (206, FILM[:4])
        assert (await client.get(opened["captions"]["vttUrl"])).content == b"WEBVTT\n"
        assert (await client.get(opened["captions"]["srtUrl"])).content == b"1\n"
        assert (await client.get(opened["posterUrl"])).content == b"jpg"
        listed = (await client.get(AT)).json()["items"]
        assert [each["id"] for each in listed] == [share["id"]]
        assert secret not in str(listed)
        async with server.parts.db.read() as session:
            (row,) = (await session.scalars(select(ShareRow))).all()
        assert secret not in str(vars(row))
        assert (await client.delete(f"{AT}/{share['id']}")).status_code == 204
        for address in (share["apiUrl"], opened["videoUrl"], opened["posterUrl"], f"{AT}/{share['id']}"):
            method = "DELETE" if address.startswith(AT) else "GET"
            assert (await client.request(method, address)).status_code == 404

    story(tmp_path, told)


def test_people_get_the_pages_address_where_it_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        for served, at in ((True, "/shared/"), (False, "/api/shared/")):
            monkeypatch.setattr(page, "is_served", lambda _, is_so=served: is_so)
            share = (await server.client.post(AT, json={})).json()
            secret = share["apiUrl"].rsplit("/", 1)[-1]
            assert share["url"] == f"http://127.0.0.1:{server.port}{at}{secret}"
            assert share["mediaUrl"] == f"http://127.0.0.1:{server.port}/api/shared/{secret}/media"
            assert (await server.client.get(share["mediaUrl"])).content == FILM

    story(tmp_path, told)


def test_a_share_ends_by_itself(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        share = (await server.client.post(AT, json={})).json()
        async with server.parts.db.write() as session:
            row = await session.get_one(ShareRow, share["id"])
            assert row.expires_at - row.created_at == timedelta(days=7)
            row.expires_at = now()
        assert (await server.client.get(share["apiUrl"])).status_code == 404
        assert (await server.client.get(f"{share['apiUrl']}/media")).status_code == 404
        assert (await server.client.get(AT)).json()["items"] == []
        for wrong in (0, 59, 30 * 24 * 3600 + 1, "long"):
            answer = await server.client.post(AT, json={"expiresInS": wrong})
            assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid")

    story(tmp_path, told)


def test_a_share_of_a_disabled_user_opens_nothing(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        share = (await server.client.post(AT, json={})).json()
        async with server.parts.db.write() as session:
            session.add(UserRow(id="usr_1", name="ada", name_key="ada", disabled_at=now()))
            (await session.get_one(PresentationRow, "pre_1")).owner = "usr_1"
        assert (await server.client.get(share["apiUrl"])).status_code == 404
        async with server.parts.db.write() as session:
            (await session.get_one(UserRow, "usr_1")).disabled_at = None
        assert (await server.client.get(share["apiUrl"])).status_code == 200

    story(tmp_path, told)


def test_a_share_goes_with_its_presentation_and_needs_a_film(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        client = server.client
        await filmed(server.parts)
        share = (await client.post(AT, json={})).json()
        assert (await client.delete("/api/presentations/pre_1")).json() == {"gone": True}
        assert (await client.get(share["apiUrl"])).status_code == 404
        assert (await client.post(AT, json={})).status_code == 404
        assert (await client.get("/api/shared/" + "x" * 43)).status_code == 404

    story(tmp_path, told)


def test_links_and_secrets_are_never_logged(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts, owner=OWNER)
        with structlog.testing.capture_logs() as logs:
            share = (await server.client.post(AT, json={})).json()
            await server.client.get(f"{share['apiUrl']}/media")
            await server.client.get(f"{share['apiUrl']}/nothing")
        assert share["apiUrl"].rsplit("/", 1)[-1] not in str(logs)

    story(tmp_path, told)
