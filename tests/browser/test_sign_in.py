"""A server with users: signing in with a token and out again, tokens of one's own, little motion for who wants it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from api_client import Server, server_of
from browsing import Visits
from command import Machine


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A server, and the token of somebody who may use it."""
    machine = Machine(tmp_path_factory.mktemp("server"))
    token = machine.run("user", "add", "ada", "--json").result["token"]
    with server_of(machine, "--no-worker") as server:
        yield server, str(token)


def signed_in(visits: Visits, server: Server, token: str, path: str = "/", **person: object) -> Page:
    visits.expect(r"401 .*/api/me")  # that nobody is signed in is found out by asking
    page = visits.open(server.url + path, **person)
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_a_wrong_token_is_refused_in_words_and_the_right_one_opens(
    token: tuple[Server, str], visits: Visits
) -> None:
    server, right = token
    visits.expect(r"401 .*/api/sessions")
    page = signed_in(visits, server, "dct_forged", "/settings")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("token")
    assert "401" not in alert.inner_text()
    page.get_by_label("Token").fill(right)
    page.get_by_label("Token").press("Enter")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()  # where the person wanted to go
    cookies = page.context.cookies()
    assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Lax")]
    page.get_by_role("button", name="Sign out ada").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.context.request.get(f"{server.url}/api/presentations").status == 401


def test_a_token_is_made_shown_once_and_revoked(token: tuple[Server, str], visits: Visits) -> None:
    server, right = token
    page = signed_in(visits, server, right, "/settings")
    page.get_by_label("What it is for").fill("night shift")
    page.get_by_role("button", name="Make a token").click()
    shown = page.get_by_label("Token", exact=True)
    made = shown.input_value()
    with server.client_of(made) as program:
        assert program.get("/api/me").json()["name"] == "ada"
        page.reload()
        revoke = page.get_by_role("button", name="Revoke “night shift”")
        expect(revoke).to_be_visible()
        expect(shown).to_have_count(0)
        revoke.click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        expect(revoke).to_have_count(0)
        assert program.get("/api/me").status_code == 401


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_whoever_wants_little_motion_gets_it(token: tuple[Server, str], visits: Visits, motion: str) -> None:
    server, right = token
    page = signed_in(visits, server, right, reduced_motion=motion)
    expect(page.get_by_role("heading", name="Your slides, presented")).to_be_visible()
    # Nothing that moves stands here for long: what would, is put here.
    lengths_s = page.evaluate(
        """() => ["skeleton", "animate-spin", "animate-pulse", "transition-transform duration-700"].map((name) => {
            const one = document.body.appendChild(document.createElement("div"));
            one.className = name;
            const style = getComputedStyle(one);
            const many = style.animationName !== "none" && style.animationIterationCount === "infinite";
            const longest = Math.max(parseFloat(style.animationDuration), parseFloat(style.transitionDuration));
            one.remove();
            return many ? 1000 : longest;
        })"""
    )
    assert (max(lengths_s) <= 0.01) == (motion == "reduce"), lengths_s
