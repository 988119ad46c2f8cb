"""Sign-in by OpenID Connect over real HTTP: the way in, and every wrong answer that must not lead in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from deckcast.api import page
from deckcast.api.oidc import COOKIE
from deckcast.people import service
from oidc_provider import CLIENT, SECRET, Provider, running
from serving import Server, story

Told = Callable[[Server, Provider], Awaitable[None]]


def with_provider(folder: Path, provider: Provider, told: Told, **settings: Any) -> None:
    """A server that is told to trust the provider."""

    async def both(server: Server) -> None:
        await told(server, provider)

    with running(provider):
        given = {
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "label": "Example ID",
        }
        story(folder, both, oidc={**given, **settings})


async def begun(server: Server, to: str = "/") -> httpx2.Response:
    return await server.client.get("/api/oidc/login", params={"to": to})


async def signed_in(server: Server, to: str = "/") -> httpx2.Response:
    """Go the whole way as a browser does; the last answer."""
    away = await begun(server, to)
    if away.status_code != 303:
        return away
    back = await server.client.get(away.headers["location"])
    return await server.client.get(back.headers["location"])


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def who(server: Server) -> dict[str, Any]:
    answer = await server.client.get("/api/me")
    return answer.json() if answer.status_code == 200 else {}


def test_in_and_out(tmp_path: Path) -> None:
    async def told(server: Server, provider: Provider) -> None:
        refused = await server.client.get("/api/me")
        assert code_of(refused) == (401, "login_required")  # a provider stands for users: nobody is local
        assert refused.json()["facts"] == {"oidcLabel": "Example ID"}
        done = await signed_in(server, "/presentations/pre_1?slide=3")
        assert (done.status_code, done.headers["location"]) == (303, "/presentations/pre_1?slide=3")
        assert list(server.client.cookies) == ["deckcast_session"]
        first = await who(server)
        assert (first["name"], first["signedInBy"], first["isLocal"]) == ("ann@example.org", "session", False)
        assert provider.exchanges[0]["login"] == f"{CLIENT}:{SECRET}"
        assert (await server.client.delete("/api/sessions/current")).status_code == 204
        assert await who(server) == {}
        provider.claims["email"] = "ann@elsewhere.example"
        await signed_in(server)
        assert (await who(server))["id"] == first["id"]  # the subject counts, not the address
        assert provider.calls.count("GET /.well-known/openid-configuration") == 1

    with_provider(tmp_path, Provider(), told)


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        (Provider(claims={"sub": "1", "preferred_username": "Änn O'Neil", "email": "a@b.c"}), "nn-O-Neil"),
        (Provider(claims={"sub": "1", "preferred_username": "日本"}), "user"),
        (Provider(claims={"sub": "1", "preferred_username": "BEN"}), "BEN-2"),
        (Provider(claims={"sub": "1"}, userinfo={"sub": "1", "email": "c@example.org"}), "c@example.org"),
        (Provider(claims={"sub": "1"}, userinfo={"sub": "2", "email": "c@example.org"}), "user"),
        (Provider(auth_methods=["client_secret_post"], signed_with_ec=True), "ann@example.org"),
    ],
)
def test_names_and_kinds_of_providers(tmp_path: Path, provider: Provider, name: str) -> None:
    async def told(server: Server, _provider: Provider) -> None:
        await service.add_user(server.parts.db, "ben")
        assert (await signed_in(server)).status_code == 303
        assert (await who(server))["name"] == name

    with_provider(tmp_path, provider, told)


FAULTS = [
    "nonce", "no_nonce", "audience", "issuer", "expired", "none", "other_key", "hmac", "azp", "at_hash", "no_token",
    "refused", "denied", "no_keys", "odd_keys",
]  # fmt: skip


def test_wrong_answers_lead_nowhere(tmp_path: Path) -> None:
    async def told(server: Server, provider: Provider) -> None:
        for fault in FAULTS:
            provider.fault = fault
            assert code_of(await signed_in(server)) == (403, "sign_in_failed"), fault
            assert await who(server) == {}
        provider.fault = ""
        for subject in ("", "a\x00", "x" * 256, 7, None, ["1"]):
            provider.claims = {"sub": subject, "email": "ann@example.org"}
            assert code_of(await signed_in(server)) == (403, "sign_in_failed"), subject
        assert not await service.any_user(server.parts.db)
        provider.claims["sub"] = "1"
        assert (await signed_in(server)).status_code == 303

    with_provider(tmp_path, Provider(), told)


@pytest.mark.parametrize("fault", ["down", "not_json", "other_issuer_described", "plain_http"])
def test_a_provider_that_is_not_one(tmp_path: Path, fault: str) -> None:
    async def told(server: Server, provider: Provider) -> None:
        assert code_of(await signed_in(server)) == (503, "oidc_unreachable")
        provider.fault = ""
        assert (await signed_in(server)).status_code == 303

    with_provider(tmp_path, Provider(fault=fault), told)


@pytest.mark.parametrize(
    ("provider", "code"),
    [
        (Provider(fault="down"), "oidc_unreachable"),
        (Provider(fault="denied"), "sign_in_failed"),
        (Provider(claims={"sub": "1", "email": "ann@elsewhere.example"}), "sign_in_not_allowed"),
    ],
)
def test_a_browser_is_led_back_to_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: Provider, code: str
) -> None:
    monkeypatch.setattr(page, "is_served", lambda _: True)

    async def told(server: Server, _provider: Provider) -> None:
        server.client.headers["Accept"] = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
        go = begun if code == "oidc_unreachable" else signed_in
        done = await go(server, "/presentations/pre_1?slide=3&signInError=old")
        assert done.status_code == 303, done.text
        assert done.headers["location"] == f"/presentations/pre_1?slide=3&signInError={code}"
        assert await who(server) == {}
        lost = await server.client.get(
            "/api/oidc/callback?state=x&code=x", headers={"Cookie": "deckcast_oidc=x"}
        )
        assert lost.headers["location"] == "/?signInError=sign_in_failed"

    with_provider(tmp_path, provider, told, allowed_domains=["example.org"])


def test_a_sign_in_ends_in_the_browser_that_began_it(tmp_path: Path) -> None:
    async def told(server: Server, _provider: Provider) -> None:
        away = await begun(server)
        back = (await server.client.get(away.headers["location"])).headers["location"]
        mine = dict(server.client.cookies)[COOKIE]
        forged = mine[:-4] + ("AAAA" if mine[-4:] != "AAAA" else "BBBB")
        for cookie in (None, "x", forged, mine.rsplit(".", 1)[0] + "."):
            server.client.cookies.clear()
            headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
            assert code_of(await server.client.get(back, headers=headers)) == (403, "sign_in_failed")
        server.client.cookies.clear()
        await begun(server)  # another sign-in of the same browser: its state is another one
        assert code_of(await server.client.get(back)) == (403, "sign_in_failed")
        for query in ("", "?code=x", "?state=x&code=x", "?state=%C3%A4&code=x"):
            assert code_of(await server.client.get(f"/api/oidc/callback{query}")) == (403, "sign_in_failed")
        server.client.cookies.clear()
        kept = {"Cookie": f"{COOKIE}={mine}"}
        other = await server.client.get(f"{back}&iss=https://another.example.org", headers=kept)
        assert code_of(other) == (403, "sign_in_failed")
        assert (await server.client.get(back, headers=kept)).status_code == 303
        server.client.cookies.clear()
        assert code_of(await server.client.get(back, headers=kept)) == (
            403,
            "sign_in_failed",
        )  # the code is spent

    with_provider(tmp_path, Provider(), told)


def test_what_is_kept_meanwhile_is_out_of_reach_of_scripts_and_short_lived(tmp_path: Path) -> None:
    async def told(server: Server, _provider: Provider) -> None:
        away = await begun(server)
        (cookie,) = away.headers.get_list("set-cookie")
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=600"} <= {
            each.strip() for each in cookie.split(";")
        }
        asked = parse_qs(urlsplit(away.headers["location"]).query)
        assert asked["redirect_uri"] == [f"http://127.0.0.1:{server.port}/api/oidc/callback"]
        assert asked["code_challenge_method"] == ["S256"]

    with_provider(tmp_path, Provider(), told)


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\evil.example", "/\t/evil.example", "",
        "javascript:alert(1)", "evil", "/a\r\nSet-Cookie: a=b", "/\\/evil.example", " //evil.example",
    ],
)  # fmt: skip
def test_the_way_back_is_a_path_of_ours(to: str) -> None:
    from deckcast.api.oidc import _PATH_OF_OURS

    assert not _PATH_OF_OURS.fullmatch(to)


def test_a_foreign_way_back_leads_to_the_start(tmp_path: Path) -> None:
    async def told(server: Server, _provider: Provider) -> None:
        for to in ("//evil.example", "https://evil.example", "/\\evil.example"):
            assert (await signed_in(server, to)).headers["location"] == "/"

    with_provider(tmp_path, Provider(), told)


def test_only_verified_addresses_of_the_domains_that_are_let_in(tmp_path: Path) -> None:
    async def told(server: Server, provider: Provider) -> None:
        for claims in (
            {"email": "ann@example.org"},
            {"email": "ann@example.org", "email_verified": False},
            {"email": "ann@example.org", "email_verified": "false"},
            {"email": "ann@example.org.evil.example", "email_verified": True},
            {"email": "ann@evil.example", "email_verified": True},
            {"email": "example.org", "email_verified": True, "sub": "3"},
            {"email_verified": True},
        ):
            provider.claims = {"sub": "2", **claims}
            assert code_of(await signed_in(server)) == (403, "sign_in_not_allowed"), claims
        provider.claims = {"sub": "1", "email": "Ann@Example.ORG", "email_verified": True}
        assert (await signed_in(server)).status_code == 303

    with_provider(tmp_path, Provider(), told, allowed_domains=["Example.org"])


def test_a_disabled_user_stays_out(tmp_path: Path) -> None:
    async def told(server: Server, _provider: Provider) -> None:
        await signed_in(server)
        await service.set_disabled(server.parts.db, (await who(server))["id"], True)
        assert await who(server) == {}
        assert code_of(await signed_in(server)) == (403, "user_disabled")

    with_provider(tmp_path, Provider(), told)


def test_without_a_provider_there_is_no_way(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        assert code_of(await begun(server)) == (404, "oidc_not_configured")
        assert code_of(await server.client.get("/api/oidc/callback")) == (404, "oidc_not_configured")

    story(tmp_path, told)
