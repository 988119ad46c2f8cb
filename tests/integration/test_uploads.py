"""Uploads that come as nobody wants them: too large, too slow, cut off, misnamed, no decks at all."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from api_rows import files_in, until
from deckcast.api import uploads
from deckcast.api.uploads import cleaned_name
from serving import Server, story

AT = "/api/presentations"
EDGE = "-------edge"
LIMIT = 2 << 20
SMALL: dict[str, Any] = {"limits": {"deck_size_bytes": LIMIT}}


def form(content: bytes, name: str = "deck.pptx", field: str = "file") -> bytes:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    return head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()


async def send(server: Server, body: Any, **more: str) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}", **more}
    answer = await server.client.post(AT, content=body, headers=headers)
    return answer.status_code, answer.json()


async def nothing_left(server: Server) -> None:
    """No upload leaves a temporary file, and none that was refused a published one."""
    await until(lambda: not files_in(server.parts.scratch))
    assert not files_in(server.parts.settings.data_dir / "assets")


def endless(most: int, sent: list[int]) -> AsyncIterator[bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        yield form(b"PK\x03\x04").split(b"\r\n--")[0]
        while sum(sent) < most:
            sent.append(1 << 16)
            yield bytes(1 << 16)

    return pieces()


def test_an_upload_without_a_length_is_refused_where_it_gets_too_large(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        status, problem = await send(server, endless(LIMIT * 3 // 2, []))
        assert (status, problem["code"]) == (413, "deck_too_large")
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


def test_an_upload_without_an_end_is_cut_off(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        sent: list[int] = []
        with contextlib.suppress(httpx2.TransportError):
            assert (await send(server, endless(200 * LIMIT, sent)))[0] == 413
        assert sum(sent) < 100 * LIMIT
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


def test_a_length_that_is_too_large_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LINGER_S", 0.05)

    async def told(server: Server) -> None:
        head = f"POST {AT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n"
        head += f"Content-Type: multipart/form-data; boundary={EDGE}\r\n\r\n"
        answer = await server.raw(head.encode())
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"deck_too_large" in answer
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


def test_a_large_upload_goes_to_disk_as_it_comes(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        whole = asyncio.Event()
        pieces = 64

        async def slowly() -> AsyncIterator[bytes]:
            before, after = form(b"PK\x03\x04|").split(b"|")
            yield before
            for _ in range(pieces):
                yield bytes(1 << 20)
            await whole.wait()
            yield after

        sending = asyncio.create_task(send(server, slowly()))
        # All but the last megabyte, which waits to be written, is on disk before the form has an end.
        await until(
            lambda: sum(path.stat().st_size for path in files_in(server.parts.scratch)) >= (pieces - 2) << 20
        )
        assert not files_in(server.parts.settings.data_dir / "assets")
        whole.set()
        status, shown = await sending
        assert (status, shown["deckSizeBytes"]) == (202, (pieces << 20) + 4)
        (stored,) = files_in(server.parts.settings.data_dir / "assets")
        assert stored.stat().st_size == shown["deckSizeBytes"]
        assert not files_in(server.parts.scratch)

    story(tmp_path, told)


def test_who_leaves_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"POST {AT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
        head += f"Content-Type: multipart/form-data; boundary={EDGE}\r\n\r\n"
        writer.write(head.encode() + form(b"PK\x03\x04" + bytes(5000))[:3000])
        await writer.drain()
        await until(lambda: bool(files_in(server.parts.scratch)))
        writer.close()
        await nothing_left(server)
        assert (await server.client.get(AT)).json()["items"] == []

    story(tmp_path, told, **SMALL)


def test_an_upload_that_comes_too_slowly_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "IDLE_S", 0.05)

    async def told(server: Server) -> None:
        head = f"POST {AT} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n"
        head += f"Content-Type: multipart/form-data; boundary={EDGE}\r\n\r\n"
        answer = await server.raw(head.encode() + form(b"PK\x03\x04")[:80])
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"body_too_slow" in answer
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


def test_an_upload_that_drips_is_given_up_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "GRACE_S", 0.0)
    monkeypatch.setattr(uploads, "SLOWEST_BYTES_PER_S", 1 << 40)

    async def told(server: Server) -> None:
        status, problem = await send(server, form(b"PK\x03\x04" + bytes(300_000)))
        assert (status, problem["code"]) == (408, "body_too_slow")
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(b"GIF89a of no deck"), "deck_unknown_format"),
        (form(b""), "deck_broken"),
        (form(b"PK\x03\x04", field="deck"), "upload_invalid"),
        (form(b"PK\x03\x04")[:-8], "upload_invalid"),
        (form(b"PK\x03\x04").replace(f"--{EDGE}--".encode(), form(b"PK\x03\x04")), "upload_invalid"),
        (form(b"x" * 100_000, field="more"), "upload_invalid"),
        (b"no form at all", "upload_invalid"),
        (b"", "upload_invalid"),
    ],
)
def test_what_is_no_deck_is_refused_at_once(tmp_path: Path, body: bytes, code: str) -> None:
    async def told(server: Server) -> None:
        assert (await send(server, body))[1]["code"] == code
        status, problem = await send(server, body, **{"Content-Type": "application/json"})
        assert (status, problem["code"]) == (422, "upload_invalid")
        await nothing_left(server)

    story(tmp_path, told, **SMALL)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\decks\\Plan.pptx", "Plan.pptx"),
        ("a\x00b\u202excod.pptx", "abxcod.pptx"),
        ("  Größe \t 5.pptx ", "Größe 5.pptx"),
        ("..", "deck"),
        ("", "deck"),
        ("x" * 300 + ".pptx", "x" * 195 + ".pptx"),
    ],
)
def test_names_are_kept_clean_and_only_to_be_shown(given: str, kept: str) -> None:
    assert cleaned_name(given) == kept


def test_files_are_named_by_the_server(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        name = "..\\../x\u202e\u2066gnp.%00.exe"
        status, shown = await send(server, form(b"%PDF-1.7 and so on", name))
        assert (status, shown["deckName"]) == (202, "xgnp.%00.exe")
        (stored,) = files_in(server.parts.settings.data_dir / "assets")
        assert stored.parent.parent.name == shown["id"]
        assert stored.suffix == ".pdf"
        assert stored.name.startswith("dck_")

    story(tmp_path, told, **SMALL)


def test_a_repeated_upload_makes_one_presentation(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        body, key = form(b"PK\x03\x04 deck"), {"Idempotency-Key": "k1"}
        first, again = await send(server, body, **key), await send(server, body, **key)
        assert json.dumps(first) == json.dumps(again)
        assert len((await server.client.get(AT)).json()["items"]) == 1
        status, problem = await send(server, form(b"PK\x03\x04 another"), **key)
        assert (status, problem["code"]) == (422, "idempotency_key_reused")

    story(tmp_path, told, **SMALL)


def test_a_new_version_waits_for_the_one_before(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        _, shown = await send(server, form(b"PK\x03\x04 deck"))
        headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
        at = f"{AT}/{shown['id']}/deck"
        answer = await server.client.put(at, content=form(b"PK\x03\x04 2"), headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "presentation_busy")
        nobodys = await server.client.put(
            f"{AT}/pre_none/deck", content=form(b"PK\x03\x04 2"), headers=headers
        )
        assert nobodys.status_code == 404
        assert len(files_in(server.parts.settings.data_dir / "assets")) == 1

    story(tmp_path, told, **SMALL)
