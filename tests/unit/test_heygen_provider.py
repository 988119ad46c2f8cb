"""HeyGen's lists and balance, what it can do, and what Deckcast keeps to itself."""

from __future__ import annotations

import logging
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import Balance
from deckcast.kit.errors import CallError
from deckcast.kit.settings import HeyGenSettings
from heygen_answers import API_KEY, KEY, LOOKS, HeyGen


@pytest.fixture
def heygen(tmp_path: Path) -> HeyGen:
    return HeyGen(tmp_path)


def test_all_pages_of_looks_are_read_once(heygen: HeyGen) -> None:
    first = {"data": LOOKS[:2], "has_more": True, "next_token": "p1"}
    heygen.say("GET", "/v3/avatars/looks", first, {"data": [*LOOKS[2:], {"name": "no id"}, "odd"]})

    async def twice() -> Any:
        assert await heygen.provider.avatars() == await heygen.provider.avatars()
        return await heygen.provider.avatars()

    avatars = heygen.run(twice())
    assert [each.id for each in avatars] == ["ada", "old", "pic"]
    assert [each.gender for each in avatars] == ["female", None, None]
    assert [each.transparent for each in avatars] == [True, True, False]
    assert {each.provider for each in avatars} == {"heygen"}
    assert len(heygen.sent) == 2


def test_voices(heygen: HeyGen) -> None:
    (voice,) = heygen.run(heygen.provider.voices())
    assert (voice.id, voice.name, voice.language, voice.gender) == ("v1", "One", "English", None)


@pytest.mark.parametrize(
    ("me", "balance"),
    [
        ({"billing_type": "wallet", "wallet": {"currency": "usd", "remaining_balance": 12.34}}, ("12.34", "usd")),
        ({"wallet": {"currency": "credits", "remaining_balance": "300"}}, ("300", "credits")),
        ({"usage_based": {"spending_current_usd": 3, "spending_cap_usd": 10}}, ("7", "usd")),
        ({"usage_based": {"spending_cap_usd": None, "remaining_credits": 5}}, ("5", "credits")),
        ({"wallet": None, "subscription": {"plan": "team", "credits": {}}}, None),
        ({"wallet": {"remaining_balance": True}}, None),
        ({"wallet": {"remaining_balance": "NaN"}}, None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip
def test_what_is_left(heygen: HeyGen, me: Any, balance: tuple[str, str] | None) -> None:
    heygen.say("GET", "/v3/users/me", {"data": me})
    wanted = Balance(Decimal(balance[0]), balance[1]) if balance else None
    assert heygen.run(heygen.provider.balance()) == wanted


# What it can do, and what it keeps to itself


def test_capabilities_follow_the_settings(tmp_path: Path) -> None:
    settings = HeyGenSettings(usd_per_second=Decimal("0.05"), billing_step_s=0.5)
    can = HeyGenProvider(settings, public_url="https://d.example", scratch=tmp_path).capabilities
    assert (can.webhooks, can.paid, can.can_cancel, can.draws_silence) == (True, True, False, False)
    assert can.replay_window_s < 24 * 3600
    assert (can.rate_card.usd_per_second, can.rate_card.billing_step_s) == (Decimal("0.05"), 0.5)
    assert not HeyGenProvider(settings, public_url=None, scratch=tmp_path).capabilities.webhooks


@pytest.mark.parametrize("base_url", ["http://api.example.com", "ftp://api.example.com", "nonsense", ""])
def test_a_key_is_never_sent_in_the_open(tmp_path: Path, base_url: str) -> None:
    with pytest.raises(CallError) as caught:
        HeyGenProvider(HeyGenSettings(base_url=base_url), public_url=None, scratch=tmp_path)
    assert caught.value.code == "settings_invalid"


def test_nothing_secret_is_logged_or_said(
    heygen: HeyGen, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    message = f"Key {API_KEY} at https://secret.example/?sig=canary is not right"
    for status in (400, 401, 500):
        heygen.say("POST", "/v3/videos", {"error": {"code": "x", "message": message}}, status=status)
        heygen.say(
            "GET", "/v3/videos/vid_canary", {"error": {"code": "x", "message": message}}, status=status
        )
        submitted = heygen.problem(heygen.provider.submit({"script": "canary words"}, KEY))
        inspected = heygen.problem(heygen.provider.inspect("vid_canary"))
        for error in (submitted, inspected):
            assert "canary" not in f"{error!r} {error}"
    said = caplog.text + "".join(capsys.readouterr())
    assert "provider_call.failed" in said
    for secret in ("canary", "example.com", "secret.example"):
        assert secret not in said
