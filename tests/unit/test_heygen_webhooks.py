"""HeyGen's webhooks: only what is signed is believed, and only the end of an avatar video is told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deckcast.avatars.heygen.provider import HeyGenProvider
from deckcast.avatars.ports import WebhookEvent
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import HeyGenSettings

SECRET = "whsec_canary"
NOW = datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC)
URL = "https://deckcast.example/api/webhooks/heygen"
EVENT = {
    "event_id": "evt_1",
    "event_type": "avatar_video.success",
    "created_at": "2026-11-01T12:00:00Z",
    "event_data": {"video_id": "vid_1", "url": "https://f.example/v.mp4", "callback_id": "c"},
}


def provider(
    secret: str | None = SECRET, answers: Any = None, base_url: str = "https://a.example"
) -> HeyGenProvider:
    return HeyGenProvider(
        HeyGenSettings(api_key="sim-1", webhook_secret=secret, base_url=base_url),
        public_url="https://deckcast.example",
        scratch=Path("unused"),
        client=httpx2.AsyncClient(transport=httpx2.MockTransport(answers)) if answers else None,
        retries=Retries(tries=3, sleep=lambda seconds: asyncio.sleep(0)),
        clock=lambda: NOW,
    )


def body_of(event: Any) -> bytes:
    return json.dumps(event).encode()


def signed(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def events(headers: dict[str, str], body: bytes, **options: Any) -> list[WebhookEvent]:
    return list(provider(**options).parse_webhook(headers, body))


def is_refused(headers: dict[str, str], body: bytes, **options: Any) -> None:
    with pytest.raises(CallError) as caught:
        events(headers, body, **options)
    assert caught.value.code == "webhook_refused"


STAMP = str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    "headers",
    [
        {"Heygen-Signature": "*", "Heygen-Timestamp": STAMP, "Heygen-Event-Id": "other"},
        {"heygen-signature": "*", "heygen-timestamp": STAMP},
        {"HEYGEN-SIGNATURE": " * "},
        {"Signature": "*"},
        {"signature": "sha256=*"},
        {"Signature": "*", "Heygen-Timestamp": str(int(NOW.timestamp()) - 299)},
        {"Signature": "*", "Heygen-Timestamp": str(int(NOW.timestamp() * 1000) + 299_000)},
        {"Signature": "*", "Heygen-Timestamp": "2026-11-01T12:04:00Z"},
    ],
)
def test_both_forms_of_the_signature(headers: dict[str, str]) -> None:
    body = body_of(EVENT)
    with_signature = {name: value.replace("*", signed(body)) for name, value in headers.items()}
    assert events(with_signature, body) == [WebhookEvent("evt_1", "vid_1")]
    upper = {name: value.replace("*", signed(body).upper()) for name, value in headers.items()}
    assert events(upper, body) == [WebhookEvent("evt_1", "vid_1")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Signature": ""},
        {"Signature": "0" * 64},
        {"Signature": "ü"},
        {"Signature": signed(body_of(EVENT), "another secret")},
        {"Signature": signed(body_of(EVENT))[:-1]},
        {"Signature": signed(b"another body")},
        {"X-Signature": signed(body_of(EVENT))},
    ],
)
def test_what_is_not_signed_is_refused(headers: dict[str, str]) -> None:
    is_refused(headers, body_of(EVENT))


@pytest.mark.parametrize(
    "stamp", ["0", str(int(NOW.timestamp()) - 301), str(int(NOW.timestamp()) + 301), "x", "nan", ""]
)
def test_what_is_not_of_this_time_is_refused(stamp: str) -> None:
    body = body_of(EVENT)
    is_refused({"Heygen-Signature": signed(body), "Heygen-Timestamp": stamp}, body)


def test_a_changed_body_is_refused() -> None:
    body = body_of(EVENT)
    is_refused({"Signature": signed(body)}, body.replace(b"vid_1", b"vid_2"))


def test_without_a_secret_nothing_is_believed() -> None:
    body = body_of(EVENT)
    is_refused({"Signature": signed(body, "")}, body, secret=None)
    is_refused({"Signature": signed(body, "")}, body, secret="")


@pytest.mark.parametrize(
    "body", [b"", b"no JSON", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b" " * (1 << 21)]
)
def test_garbage_is_refused_even_when_it_is_signed(body: bytes) -> None:
    is_refused({"Signature": signed(body)}, body)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (
            {"event_type": "avatar_video.fail", "event_data": {"video_id": "vid_2", "msg": "No"}},
            ("evt_1", "vid_2"),
        ),
        ({"event_id": None}, ("vid_1:avatar_video.success", "vid_1")),
        ({"event_id": 7}, ("vid_1:avatar_video.success", "vid_1")),
        ({"event_type": "avatar_video_caption.success"}, None),
        ({"event_type": "avatar_video_gif.success"}, None),
        ({"event_type": "batch.finished", "event_data": {"batch_id": "b"}}, None),
        ({"event_type": None}, None),
        ({"event_type": ["avatar_video.success"]}, None),
        ({"event_data": None}, None),
        ({"event_data": {"callback_id": "c"}}, None),
        ({"event_data": {"video_id": 7}}, None),
    ],
)
def test_only_the_end_of_an_avatar_video_is_told(changes: Any, found: tuple[str, str] | None) -> None:
    body = body_of({**EVENT, **changes})
    assert events({"Signature": signed(body)}, body) == ([WebhookEvent(*found)] if found else [])


class Account:
    """The webhook part of an account."""

    def __init__(self, *pages: list[dict[str, Any]], failures: int = 0) -> None:
        self.pages = pages or ([],)
        self.failures = failures
        self.writes: list[tuple[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if self.failures:
            self.failures -= 1
            return httpx2.Response(503)
        if request.method == "GET":
            number = int(request.url.params.get("token", 0))
            more = number + 1 < len(self.pages)
            return httpx2.Response(
                200,
                json={
                    "data": self.pages[number],
                    "has_more": more,
                    "next_token": str(number + 1) if more else None,
                },
            )
        self.writes.append((request.url.path, json.loads(request.content) if request.content else None))
        return httpx2.Response(
            200, json={"data": {"endpoint_id": "e9", "secret": f"whsec_{len(self.writes)}"}}
        )


def test_an_endpoint_is_made_and_its_secret_kept() -> None:
    account = Account([{"endpoint_id": "e1", "url": "https://another.example/"}])
    made = provider(None, account)
    assert asyncio.run(made.register_webhook(URL)) == "whsec_1"
    assert account.writes == [
        ("/v3/webhooks/endpoints", {"url": URL, "events": ["avatar_video.success", "avatar_video.fail"]})
    ]
    body = body_of(EVENT)
    assert len(made.parse_webhook({"Signature": signed(body, "whsec_1")}, body)) == 1


def test_our_endpoint_is_found_on_any_page_and_its_secret_made_anew() -> None:
    account = Account(
        [{"endpoint_id": "e1", "url": "https://x.example/"}], [{"endpoint_id": "e2", "url": URL}]
    )
    assert asyncio.run(provider(None, account).register_webhook(URL)) == "whsec_1"
    assert account.writes == [("/v3/webhooks/endpoints/e2/rotate-secret", None)]


def test_both_the_secret_that_is_set_and_the_one_that_was_made_count() -> None:
    made = provider(SECRET, Account())
    asyncio.run(made.register_webhook(URL))
    body = body_of(EVENT)
    for secret in (SECRET, "whsec_1"):
        assert len(made.parse_webhook({"Signature": signed(body, secret)}, body)) == 1


def test_registering_is_repeated() -> None:
    account = Account(failures=2)
    assert asyncio.run(provider(None, account).register_webhook(URL)) == "whsec_1"
    with pytest.raises(WorkError):
        asyncio.run(provider(None, Account(failures=99)).register_webhook(URL))


def test_only_https_addresses_are_registered_but_on_this_machine() -> None:
    account = Account()
    with pytest.raises(CallError) as caught:
        asyncio.run(provider(None, account).register_webhook("http://deckcast.example/"))
    assert caught.value.code == "webhook_refused"
    assert account.writes == []
    local = provider(None, account, base_url="http://127.0.0.1:9")
    assert asyncio.run(local.register_webhook("http://127.0.0.1:8/")) == "whsec_1"
