"""The real server on a free port and real calls: what becomes of webhooks, good and bad."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from deckcast.api import bodies
from deckcast.batches import repository, webhooks
from deckcast.db.models import AvatarVideoRow, Base, PresentationRow, SlideRow, WebhookEventRow
from deckcast.kit.clock import now
from serving import PATH, SECRET, Server, event, signature, stamp, story

MB = 1 << 20


def test_a_webhook_is_recorded_once_however_often_it_comes(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        first = await server.send(event())
        assert (first.status_code, first.json()) == (200, {"recorded": 1})
        again = [server.send(event()) for _ in range(50)]
        again += [server.send(event(), at=stamp() - 60) for _ in range(50)]
        answers = await asyncio.gather(*again)
        assert {(answer.status_code, answer.json()["recorded"]) for answer in answers} == {(200, 0)}
        assert await server.events() == [("evt_1", "job_1")]

    story(tmp_path, told)


def test_webhooks_at_the_same_moment_and_in_any_order(tmp_path: Path, postgres_url: str) -> None:
    async def told(server: Server) -> None:
        try:
            sent = [event(f"evt_{number}", f"job_{number}") for number in (7, 3, 9, 1)]
            answers = await asyncio.gather(*(server.send(body) for body in sent for _ in range(10)))
            assert {answer.status_code for answer in answers} == {200}
            assert sum(answer.json()["recorded"] for answer in answers) == 4
            assert sorted(await server.events()) == [(f"evt_{n}", f"job_{n}") for n in (1, 3, 7, 9)]
        finally:
            async with server.parts.db.engine().begin() as connection:
                await connection.run_sync(Base.metadata.drop_all)
                await connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")

    story(tmp_path, told, database_url=postgres_url)


def test_the_end_may_come_before_what_came_earlier(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await server.send(event("evt_2", "job_1", "avatar_video.fail"), at=stamp() + 20)
        await server.send(event("evt_1", "job_1", "avatar_video.success"), at=stamp() - 200)
        assert await server.events() == [("evt_2", "job_1"), ("evt_1", "job_1")]

    story(tmp_path, told)


def test_forged_webhooks_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    body = event()

    async def told(server: Server) -> None:
        answers = [
            await server.send(body, "whsec_of_somebody"),
            await server.send(body, ""),
            await server.send(body, **{"Heygen-Signature": ""}),
            await server.send(body, **{"Heygen-Signature": signature(body)[:-1]}),
            await server.send(body, **{"Heygen-Signature": "sha256="}),
            await server.send(event("evt_2"), **{"Heygen-Signature": signature(body)}),
            await server.send(b""),
            await server.send(b"[" * 100_000),
            await server.send(b"\xff\xfe"),
            await server.send(event("evt\0null")),
            await server.send(event("e" * 500)),
            await server.client.post(PATH, content=body),
            await server.client.post(PATH, content=body, headers=[(b"Signature", b"\xe9\xff")]),
        ]
        assert [answer.status_code for answer in answers] == [401] * len(answers)
        assert {answer.json()["code"] for answer in answers} == {"webhook_refused"}
        assert all(answer.headers["Content-Type"] == "application/problem+json" for answer in answers)
        assert not any(word in answer.text for answer in answers for word in ("Traceback", SECRET))
        assert await server.events() == []

    story(tmp_path, told)


def test_stale_webhooks_are_refused(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        far = [-302, 302, -86_400, 10**12]
        texts = [stamp() + away for away in far]
        texts += ["never", "nan", "inf", "-1", "1e999", "0001-01-01T00:00:00", "2026-13-77", "9" * 400]
        for text in texts:
            answer = await server.send(event(), at=text)
            assert (answer.status_code, answer.json()["code"]) == (401, "webhook_refused"), text
        assert await server.events() == []
        assert (await server.send(event(), at=stamp() - 290)).status_code == 200

    story(tmp_path, told)


def test_too_much_is_refused_before_it_is_read_to_the_end(tmp_path: Path) -> None:
    def full(size: int) -> bytes:
        return event().replace(b"{", b"{" + b" " * (size - len(event())), 1)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(MB // 4)

    async def told(server: Server) -> None:
        assert (await server.send(full(MB))).status_code == 200
        for body in (full(MB + 1), bytes(8 * MB)):
            answer = await server.send(body)
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        answer = await server.client.post(PATH, content=endless())
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert len(await server.events()) == 1

    story(tmp_path, told)


def test_who_sends_too_slowly_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "READ_WITHIN_S", 0.1)

    async def told(server: Server) -> None:
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{{".encode()
        answer = await server.raw(head)
        assert b" 408 " in answer.splitlines()[0]
        assert b"body_too_slow" in answer
        assert b"connection: close" in answer.lower()

    story(tmp_path, told)


def test_what_is_under_way_is_answered_before_it_stops(tmp_path: Path) -> None:
    body = event()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {len(body)}\r\n"
        f"Heygen-Signature: {signature(body)}\r\n\r\n"
    )

    async def told(server: Server) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head.encode())
        assert b" 100 " in await reader.readuntil(b"\r\n\r\n")  # the route has begun to read
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(ConnectionError):
            while True:
                _, another = await asyncio.open_connection("127.0.0.1", server.port)
                another.close()
                with contextlib.suppress(OSError):
                    await another.wait_closed()
        writer.write(body)
        assert b" 200 " in (await reader.read()).splitlines()[0]
        writer.close()
        await writer.wait_closed()
        await server.task

    story(tmp_path, told)


def test_who_is_still_to_be_told_where_webhooks_go(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        assert webhooks.taking(server.parts) == ["heygen"]
        assert webhooks.to_register(server.parts) == []  # its secret is given: a person has done it
        address = webhooks.address_of(server.parts, "heygen")
        assert address == "https://deckcast.example.org/base/api/webhooks/heygen"

    async def told_without_secret(server: Server) -> None:
        assert webhooks.to_register(server.parts) == ["heygen"]

    public_url = "https://deckcast.example.org/base/"
    story(tmp_path, told, public_url=public_url)
    story(tmp_path, told_without_secret, public_url=public_url, heygen={"api_key": "sim-test"})


def test_where_webhooks_can_be_sent(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        there = await server.client.options(PATH)
        assert (there.status_code, there.content) == (204, b"")
        assert (await server.client.get(PATH)).status_code == 405
        for name, code in (("nobody", "unknown_provider"), ("local", "provider_not_configured")):
            for method in ("POST", "OPTIONS"):
                answer = await server.client.request(method, f"/api/webhooks/{name}")
                assert (answer.status_code, answer.json()["code"]) == (404, code)
        html = await server.client.get("/api/nothing", headers={"Accept": "text/html"})
        assert (html.status_code, html.json()["code"]) == (404, "not_found")

    story(tmp_path, told)


@pytest.mark.parametrize(
    "without", [{"heygen": {}}, {"public_url": None}], ids=["no key", "no public address"]
)
def test_a_provider_that_is_not_set_up_has_no_webhooks(tmp_path: Path, without: dict[str, Any]) -> None:
    async def told(server: Server) -> None:
        answer = await server.send(event())
        assert (answer.status_code, answer.json()["code"]) == (404, "provider_not_configured")

    story(tmp_path, told, **without)


def test_a_webhook_changes_no_video(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        async with server.parts.db.write() as session:
            session.add(PresentationRow(id="pre_1", owner="", source="talk.pptx"))
            await session.flush()
            session.add(
                SlideRow(
                    id="sld_1", presentation_id="pre_1", key="1", number=1, title="", notes="", language="",
                    content={},
                )
            )  # fmt: skip
            await session.flush()
            session.add(
                AvatarVideoRow(
                    id="avv_1", slide_id="sld_1", fingerprint="f", provider="heygen", request={},
                    status="processing", provider_video_id="job_1",
                )
            )  # fmt: skip
        before = await _video(server)
        for number, kind in enumerate(("avatar_video.fail", "avatar_video.success")):
            answer = await server.send(event(f"evt_{number}", "job_1", kind))
            assert answer.json() == {"recorded": 1}
        assert await _video(server) == before

    story(tmp_path, told)


async def _video(server: Server) -> dict[str, Any]:
    async with server.parts.db.read() as session:
        row = (await session.scalars(select(AvatarVideoRow))).one()
    return {column.name: getattr(row, column.name) for column in AvatarVideoRow.__table__.columns}


def test_other_announcements_are_heard_and_not_kept(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        for body in (event(kind="avatar_video_caption.success"), b"{}", event(job_id="")):
            answer = await server.send(body)
            assert (answer.status_code, answer.json()) == (200, {"recorded": 0})

    story(tmp_path, told)


def test_old_webhooks_are_forgotten_and_their_numbers_never_come_again(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        for days, name in ((2, "young"), (4, "old"), (5, "older")):
            async with server.parts.db.write() as session:
                at = now() - timedelta(days=days)
                session.add(WebhookEventRow(provider="heygen", event_id=name, job_id="j", received_at=at))
        await server.send(event())
        assert [name for name, _ in await server.events()] == ["young", "evt_1"]
        async with server.parts.db.read() as session:
            rows = await repository.webhook_events_after(session, "heygen", 3)
        assert [row.event_id for row in rows] == ["evt_1"]

    story(tmp_path, told)


def test_only_its_own_names_are_answered(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        for path in ("/healthz", "/readyz", PATH, "/nothing"):
            answer = await server.client.get(path, headers={"Host": "evil.example"})
            assert (answer.status_code, answer.json()["code"]) == (421, "host_refused")
        forwarded = {"Host": "evil.example", "X-Forwarded-Host": "localhost", "Forwarded": "host=localhost"}
        assert (await server.client.get("/healthz", headers=forwarded)).status_code == 421
        answer = await server.client.get("/healthz", headers={"Host": "deckcast.example.org"})
        assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
        twice = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n\r\n"
        assert b" 4" in (await server.raw(twice)).splitlines()[0]
        nameless = await server.raw(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert b" 421 " in nameless.splitlines()[0]

    story(tmp_path, told, public_url="https://deckcast.example.org")


def test_ready_only_while_the_database_answers(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        answer = await server.client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        (tmp_path / "data").rename(tmp_path / "away")
        gone = await server.client.get("/readyz")
        assert (gone.status_code, gone.json()["code"]) == (503, "not_writable")
        assert (await server.client.get("/healthz")).status_code == 200
        (tmp_path / "away").rename(tmp_path / "data")
        assert (await server.client.get("/readyz")).status_code == 200

    story(tmp_path, told)


def test_ready_only_while_the_database_server_answers(tmp_path: Path) -> None:
    with socket.socket() as nobody:  # bound, but it does not listen
        nobody.bind(("127.0.0.1", 0))
        closed = f"postgresql+psycopg://postgres@127.0.0.1:{nobody.getsockname()[1]}/postgres"

        async def told(server: Server) -> None:
            server.parts.db.url = closed
            await server.parts.db.close()
            answer = await server.client.get("/readyz")
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unreachable")
            assert "psycopg" not in answer.text

        story(tmp_path, told)


@pytest.mark.parametrize(
    ("loaded", "heavy"),
    [
        ("deckcast.cli.app", ("sqlalchemy", "dbos", "numpy", "av", "httpx")),
        ("deckcast.cli.app, deckcast.cli.make", ("fastapi",)),
    ],
)
def test_a_command_loads_only_what_it_works_with(loaded: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {loaded}; print([each for each in {heavy} if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
