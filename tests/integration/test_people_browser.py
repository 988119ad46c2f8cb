"""What a page of another site can do through somebody's browser, against the real server: nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2

from deckcast.people import service
from serving import Server, story

EVIL = "https://evil.example"


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def tokens(server: Server) -> list[str]:
    return [each["name"] for each in (await server.client.get("/api/tokens")).json()["items"]]


async def sign_in(server: Server) -> None:
    user = await service.add_user(server.parts.db, "ann")
    made = await service.make_token(server.parts.db, user.id, "first")
    assert (await server.client.post("/api/sessions", json={"token": made.secret})).status_code == 201


def test_another_sites_page_with_the_cookie_of_whoever_looks_at_it(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await sign_in(server)
        for headers in (
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Origin": f"http://127.0.0.1:{server.port + 1}"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            made = await server.client.post("/api/tokens", json={"name": "theirs"}, headers=headers)
            assert code_of(made) == (403, "cross_site")
            gone = await server.client.delete("/api/sessions/current", headers=headers)
            assert code_of(gone) == (403, "cross_site")
        assert await tokens(server) == ["first"]
        own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
        assert (
            await server.client.post("/api/tokens", json={"name": "mine"}, headers=own)
        ).status_code == 201
        assert await tokens(server) == ["mine", "first"]

    story(tmp_path, told)


def test_a_form_is_no_json(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await sign_in(server)
        body = json.dumps({"name": "theirs"})
        for kind in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            None,
        ):
            for headers in ({}, {"Sec-Fetch-Site": "cross-site", "Origin": EVIL}):
                sent = {**headers, **({"Content-Type": kind} if kind else {})}
                answer = await server.client.post("/api/tokens", content=body, headers=sent)
                wanted = (403, "cross_site") if headers else (422, "request_invalid")
                assert code_of(answer) == wanted, kind
        assert await tokens(server) == ["first"]

    story(tmp_path, told)


def test_the_local_user_is_not_for_pages_of_others(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        attempts: list[dict[str, Any]] = [
            {"headers": {"Origin": EVIL}},
            {"headers": {"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}, "content": "{}"},
            {"headers": {"Origin": EVIL}, "files": {"file": ("a.pptx", b"x")}},
        ]
        for attempt in attempts:
            for path in ("/api/tokens", "/api/presentations", "/api/sessions"):
                assert code_of(await server.client.post(path, **attempt)) == (403, "cross_site")
        rebound = await server.client.post(
            "/api/tokens", headers={"Host": "evil.example", "Origin": "http://evil.example"}
        )
        assert code_of(rebound) == (421, "host_refused")
        seen = await server.client.get("/api/me", headers={"Origin": EVIL})
        assert seen.status_code == 200
        assert "access-control-allow-origin" not in seen.headers  # the browser shows the page nothing of it
        assert seen.headers["cross-origin-resource-policy"] == "same-origin"
        asked = await server.client.options(
            "/api/tokens", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
        )
        assert asked.status_code == 405
        assert "access-control-allow-origin" not in asked.headers

    story(tmp_path, told)


def test_a_socket_of_another_sites_page_is_refused_before_it_opens(tmp_path: Path) -> None:
    async def shaken(server: Server, told_by_browser: str) -> bytes:
        answer = await server.raw(
            f"GET /api/presentations/pre_1/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{told_by_browser}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        return answer.split(b" ")[1]

    async def told(server: Server) -> None:
        for foreign in ("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
            assert await shaken(server, foreign) == b"403"
        assert (
            await shaken(server, f"Origin: http://127.0.0.1:{server.port}") == b"404"
        )  # no such presentation
        await service.add_user(server.parts.db, "ann")
        assert await shaken(server, f"Origin: http://127.0.0.1:{server.port}") == b"401"

    story(tmp_path, told)
