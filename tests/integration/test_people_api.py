"""Who comes in: the local user, tokens, sessions; and that revoking, disabling and signing out hold at once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from sqlalchemy import text, update

from deckcast.db.people import SessionRow, TokenRow
from deckcast.kit.clock import now
from deckcast.kit.logging import set_up_logging
from deckcast.people import service
from deckcast.people.models import NewToken, User
from serving import Server, story


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def known(server: Server, name: str = "ann") -> tuple[User, NewToken]:
    """A user with a token."""
    user = await service.add_user(server.parts.db, name)
    return user, await service.make_token(server.parts.db, user.id, "for the test")


async def me(server: Server, secret: str | None = None) -> httpx2.Response:
    return await server.client.get("/api/me", headers=bearer(secret) if secret else {})


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_the_local_user_is_there_until_the_first_user_is(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        answer = await me(server)
        assert answer.status_code == 200
        told = answer.json()
        assert (told["id"], told["isLocal"], told["loginNeeded"], told["signedInBy"]) == (
            "local",
            True,
            False,
            "local",
        )
        assert told["features"] == {"batchAvatarVideos": True}
        assert told["bounds"]["maxPerDayUsd"] == 2.5
        assert (await server.client.get("/api/tokens")).json() == {"items": [], "nextCursor": None}
        made = await server.client.post("/api/tokens", json={"name": "mine"})
        assert code_of(made) == (409, "tokens_need_a_user")
        await service.add_user(server.parts.db, "ann")
        refused = await me(server)
        assert code_of(refused) == (401, "login_required")
        assert refused.headers["www-authenticate"] == "Bearer"

    story(tmp_path, told, money={"max_per_day_usd": "2.5"})


def test_a_token_opens_until_it_is_revoked(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        user, token = await known(server)
        answer = await me(server, token.secret)
        assert (answer.json()["id"], answer.json()["signedInBy"]) == (user.id, "token")
        made = await server.client.post(
            "/api/tokens", json={"name": "nightly", "expiresInDays": 3}, headers=bearer(token.secret)
        )
        assert made.status_code == 201
        second = made.json()
        assert second["token"].endswith(second["last4"])
        listed = (await server.client.get("/api/tokens", headers=bearer(second["token"]))).json()
        assert [each["name"] for each in listed["items"]] == ["nightly", "for the test"]
        assert all("token" not in each for each in listed["items"])
        assert listed["items"][1]["lastUsedAt"] is not None
        gone = await server.client.delete(f"/api/tokens/{second['id']}", headers=bearer(token.secret))
        assert gone.status_code == 204
        assert code_of(await me(server, second["token"])) == (401, "token_invalid")
        again = await server.client.delete(f"/api/tokens/{second['id']}", headers=bearer(token.secret))
        assert code_of(again) == (404, "not_found")
        assert (await me(server, token.secret)).status_code == 200

    story(tmp_path, told)


def test_a_token_of_somebody_else_is_not_there(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, ann = await known(server)
        _, ben = await known(server, "ben")
        answer = await server.client.delete(f"/api/tokens/{ben.token.id}", headers=bearer(ann.secret))
        assert code_of(answer) == (404, "not_found")
        assert (await me(server, ben.secret)).status_code == 200

    story(tmp_path, told)


def test_a_wrong_token_never_falls_back_to_the_local_user(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        for secret in ("dct_nobody", "dct_" + "a" * 5000, "\xe4\xe4", ""):
            given = f"Bearer {secret}".strip().encode("latin-1")
            answer = await server.client.get("/api/me", headers={b"Authorization": given})
            assert code_of(answer) == (401, "token_invalid")
            assert not secret or secret not in answer.text

    story(tmp_path, told)


def test_an_expired_token_and_one_of_a_disabled_user(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        db = server.parts.db
        user, token = await known(server)
        short = await service.make_token(db, user.id, "short", now() + timedelta(days=1))
        assert (await me(server, short.secret)).status_code == 200
        async with db.write() as session:
            past = now() - timedelta(seconds=1)
            await session.execute(update(TokenRow).where(TokenRow.name == "short").values(expires_at=past))
        assert code_of(await me(server, short.secret)) == (401, "token_invalid")
        signed_in = await server.client.post("/api/sessions", json={"token": token.secret})
        assert signed_in.status_code == 201
        await service.set_disabled(db, user.id, True)
        assert code_of(await me(server, token.secret)) == (401, "token_invalid")
        assert code_of(await me(server)) == (401, "login_required")
        await service.set_disabled(db, user.id, False)
        assert (await me(server, token.secret)).status_code == 200
        assert code_of(await me(server)) == (401, "login_required")

    story(tmp_path, told)


def test_a_session_from_sign_in_to_sign_out(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        user, token = await known(server)
        answer = await server.client.post("/api/sessions", json={"token": token.secret})
        assert answer.status_code == 201
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("deckcast_session=")
        said = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= said
        assert "secure" not in said
        assert token.secret not in cookie
        mine = (await me(server)).json()
        assert (mine["id"], mine["signedInBy"], mine["endsAt"]) == (
            user.id,
            "session",
            answer.json()["expiresAt"],
        )
        kept = dict(server.client.cookies)
        assert (await server.client.delete("/api/sessions/current")).status_code == 204
        assert dict(server.client.cookies) == {}
        stolen = await server.client.get(
            "/api/me", headers={"Cookie": "; ".join(f"{n}={v}" for n, v in kept.items())}
        )
        assert code_of(stolen) == (401, "login_required")
        assert (await server.client.delete("/api/sessions/current")).status_code == 204

    story(tmp_path, told)


def test_a_session_ends_with_the_token_that_opened_it(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        user, _token = await known(server)
        soon = await service.make_token(server.parts.db, user.id, "soon", now() + timedelta(hours=1))
        answer = await server.client.post("/api/sessions", json={"token": soon.secret})
        assert answer.json()["expiresAt"][:19] == soon.token.expires_at.isoformat()[:19]
        assert (await me(server)).status_code == 200
        await service.revoke_token(server.parts.db, soon.token.id)
        assert code_of(await me(server)) == (401, "login_required")

    story(tmp_path, told)


def test_forged_and_expired_cookies(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, token = await known(server)
        for value in ("forged", "", "a" * 3000, "%00"):
            forged = await server.client.get("/api/me", headers={"Cookie": f"deckcast_session={value}"})
            assert code_of(forged) == (401, "login_required")
        await server.client.post("/api/sessions", json={"token": token.secret})
        assert (await me(server)).status_code == 200
        async with server.parts.db.write() as session:
            await session.execute(update(SessionRow).values(expires_at=now() - timedelta(seconds=1)))
        assert code_of(await me(server)) == (401, "login_required")

    story(tmp_path, told)


def test_where_the_public_address_is_https_the_cookie_travels_by_https_only(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, token = await known(server)
        answer = await server.client.post("/api/sessions", json={"token": token.secret})
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-deckcast_session=")
        assert "; Secure" in cookie
        value = cookie.split(";")[0]
        assert (await server.client.get("/api/me", headers={"Cookie": value})).status_code == 200
        bare = await server.client.get("/api/me", headers={"Cookie": value.removeprefix("__Host-")})
        assert code_of(bare) == (401, "login_required")

    story(tmp_path, told, public_url="https://deckcast.example.org")


def test_the_local_user_is_at_this_machine_only(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        assert (await me(server)).status_code == 200
        for header in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via"):
            answer = await server.client.get("/api/me", headers={header: "127.0.0.1"})
            assert code_of(answer) == (401, "login_required")
        by_name = await server.client.get("/api/me", headers={"Host": "deckcast.example.org"})
        assert code_of(by_name) == (401, "login_required")
        rebound = await server.client.get("/api/me", headers={"Host": "evil.example"})
        assert code_of(rebound) == (421, "host_refused")

    story(tmp_path, told, public_url="https://deckcast.example.org")


BAD: list[tuple[str, Any]] = [
    ("/api/sessions", {}),
    ("/api/sessions", {"token": 1}),
    ("/api/sessions", {"token": "a\x00"}),
    ("/api/sessions", {"token": "\ud800"}),
    ("/api/sessions", {"token": "a", "more": 1}),
    ("/api/tokens", {"name": ""}),
    ("/api/tokens", {"name": "a\x00b"}),
    ("/api/tokens", {"name": "\ud800"}),
    ("/api/tokens", {"name": "a", "expiresInDays": 10**30}),
    ("/api/tokens", {"name": "a", "expiresInDays": 0}),
]


def test_bodies_that_cannot_be_used(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, token = await known(server)
        for path, body in BAD:
            headers = {**bearer(token.secret), "Content-Type": "application/json"}
            answer = await server.client.post(path, content=json.dumps(body), headers=headers)
            assert code_of(answer) == (422, "request_invalid"), body

    story(tmp_path, told)


def test_a_token_is_nowhere_but_with_its_user(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    secrets: list[str] = []

    async def told(server: Server) -> None:
        _, token = await known(server)
        made = await server.client.post("/api/tokens", json={"name": "b"}, headers=bearer(token.secret))
        await server.client.post("/api/sessions", json={"token": token.secret})
        secrets.extend([token.secret, made.json()["token"], *dict(server.client.cookies).values()])
        answers = [
            await server.client.post("/api/sessions", json={"token": f"{token.secret}x"}),
            await server.client.post("/api/sessions", json={"token": token.secret, "more": token.secret}),
            await server.client.get("/api/me", headers=bearer(f"{token.secret}x")),
            await server.client.get("/api/tokens"),
        ]
        assert all(secret not in answer.text for answer in answers for secret in secrets)
        assert token.secret not in repr(token)
        async with server.parts.db.write() as session:
            await session.execute(text("DROP TABLE sessions"))
            await session.execute(text("DROP TABLE tokens"))
        broken = await server.client.get("/api/me", headers=bearer(token.secret))
        assert code_of(broken) == (500, "internal_error")

    set_up_logging("DEBUG")
    try:
        story(tmp_path, told)
    finally:
        structlog.reset_defaults()
    logged = "".join(capfd.readouterr())
    assert "request.failed" in logged
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert len(secrets) == 3
    assert [secret for secret in secrets if secret in logged or secret.encode() in kept] == []
