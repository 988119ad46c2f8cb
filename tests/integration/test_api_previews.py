"""A slide as the film would show it, before anything is made: composed as clips are, drawn once."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from deckcast.avatars.ports import Avatar
from deckcast.batches import previews
from deckcast.db.models import SlideRow
from deckcast.kit.errors import WorkError
from ordered_rows import add_presentation
from serving import Server, serving, story

AT = "/api/slides/sli_1_1/preview"
BLUE = (16, 35, 63)


async def drawn_slide(server: Server, **more: Any) -> None:
    """A presentation of two slides: on the first stands something in every corner but the lower left one."""
    await add_presentation(server.parts.db, **more)
    for number in (1, 2):
        picture = Image.new("RGB", (1920, 1080), BLUE)
        if number == 1:
            pen = ImageDraw.Draw(picture)
            for x, y in ((1400, 600), (1400, 50), (50, 50)):
                pen.rectangle((x, y, x + 400, y + 400), fill="white")
        path = server.parts.scratch / f"{number}.png"
        picture.save(path)
        await server.parts.store.put(path, f"slides/{number}.png")
        async with server.parts.db.write() as session:
            slide = await session.get_one(SlideRow, f"sli_1_{number}")
            slide.image_key, slide.image_sha256 = f"slides/{number}.png", f"sha{number}"


async def seen(server: Server, query: str = "", at: str = AT) -> NDArray[np.int16]:
    answer = await server.client.get(at + query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg"), answer.text
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.size == (960, 540)
        return np.asarray(image.convert("RGB"), np.int16)


def has_presenter(picture: NDArray[np.int16], left: int, top: int) -> bool:
    """Whether there is anything but the ground in a box of 160 px."""
    part = picture[top : top + 160, left : left + 160]
    return bool(np.abs(part - np.array(BLUE)).max() > 60)


def test_a_slide_with_its_presenter_where_there_is_room(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await drawn_slide(server)
        picture = await seen(server)
        assert has_presenter(picture, 40, 350)
        for name, value in (("layout", "none"), ("layout", "beside"), ("layout", "full"), ("shape", "square"),
                            ("size", "small"), ("avatar", "daniel"), ("background", "%23ff0000")):  # fmt: skip
            other = await seen(server, f"?{name}={value}")
            assert np.abs(other - picture).max() > 60, name
        assert not has_presenter(await seen(server, "?layout=none"), 40, 350)
        asked = await seen(server, "?layout=corner&corner=top_left")
        assert not has_presenter(asked, 40, 350)
        cut_out = await seen(server, "?background=transparent")
        assert has_presenter(cut_out, 20, 350)
        assert np.abs(cut_out[300:340, 20:60] - np.array(BLUE)).max() < 12  # nothing behind the presenter
        for query, code in (("avatar=nobody", "unknown_avatar"), ("provider=nobody", "unknown_provider"),
                            ("layout=round", "request_invalid"), ("colour=red", "request_invalid")):  # fmt: skip
            refused = await server.client.get(f"{AT}?{query}")
            assert refused.json()["code"] == code

    story(tmp_path, told)


def test_what_was_chosen_holds_and_auto_takes_it_back(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await drawn_slide(
            server, choices={"layout": "beside", "size": "small", "avatars": {"local": "daniel"}}
        )
        chosen = await seen(server)
        assert np.array_equal(chosen, await seen(server, "?layout=beside&size=small&avatar=daniel"))
        assert np.abs(chosen - await seen(server, "?size=auto")).max() > 60

    story(tmp_path, told)


def test_the_mark_of_the_machine_is_a_choice(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await drawn_slide(server)
        plain, of = await seen(server), "/api/presentations/pre_1"
        marked = await seen(server, "?aiMark=true")
        assert np.abs(marked - plain).max() > 60
        changed = await server.client.patch(of, json={"aiMark": True})
        assert changed.json()["choices"]["aiMark"] is True
        assert np.array_equal(await seen(server), marked)
        assert np.array_equal(await seen(server, "?aiMark=false"), plain)
        assert (await server.client.patch(of, json={"aiMark": None})).json()["choices"]["aiMark"] is None
        assert (await server.client.patch(of, json={"aiMark": "yes"})).status_code == 422

    story(tmp_path, told)


def test_it_is_drawn_once_and_not_sent_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    run_in_child = previews.run_in_child

    async def counted(work: Any, *given: Any) -> Any:
        drawn.append(work.__name__)
        return await run_in_child(work, *given)

    monkeypatch.setattr(previews, "run_in_child", counted)

    async def told(server: Server) -> None:
        await drawn_slide(server)
        first = await server.client.get(AT)
        again = await server.client.get(AT)
        known = await server.client.get(AT, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.content, known.status_code, known.content) == (first.content, 304, b"")
        assert (drawn, "no-cache" in first.headers["Cache-Control"]) == (["draw_preview"], True)
        async with server.parts.db.write() as session:
            (await session.get_one(SlideRow, "sli_1_1")).image_sha256 = "another"
        assert (await server.client.get(AT)).headers["ETag"] != first.headers["ETag"]
        assert drawn == ["draw_preview"] * 2

    story(tmp_path, told)


def test_a_providers_avatar_is_its_picture_or_a_silhouette(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 300), (0, 200, 0)).save(file, "PNG")
    asked: list[bytes] = []

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(file.getvalue())}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + file.getvalue())
        await writer.drain()
        writer.close()

    async def look(folder: Path, base_url: str, preview: str | None, *, away: bool = False) -> list[bool]:
        async def avatars() -> Any:
            if away:
                raise WorkError("provider_unreachable", "Away.", retryable=True)
            return (Avatar("h1", "H", "", "heygen", preview),)

        async with serving(folder, heygen={"api_key": "sim-1", "base_url": base_url}) as server:
            await drawn_slide(server)
            server.parts.providers["heygen"].avatars = avatars  # type: ignore[method-assign]
            part = (await seen(server, "?provider=heygen"))[400:440, 80:120]
            assert np.abs(part - np.array(BLUE)).max() > 60
            await seen(server, "?provider=heygen&size=small")
        return [bool(np.abs(part - np.array((0, 200, 0))).max() < 12)]

    async def run() -> None:
        source = await asyncio.start_server(answered, "127.0.0.1", 0)
        async with source:
            base_url = f"http://127.0.0.1:{source.sockets[0].getsockname()[1]}"
            assert await look(tmp_path / "a", base_url, f"{base_url}/face.png") == [True]
            assert len(asked) == 1
            assert await look(tmp_path / "b", base_url, "http://127.0.0.1:9/face.png") == [False]
            assert await look(tmp_path / "c", base_url, None) == [False]
            assert await look(tmp_path / "d", base_url, None, away=True) == [False]

    asyncio.run(run())


def test_a_slide_without_a_picture_is_not_there(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await add_presentation(server.parts.db)
        missing = await server.client.get(AT)
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")

    story(tmp_path, told)


def test_looks_are_limited(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await drawn_slide(server)
        estimate = "/api/presentations/pre_1/estimate?kind=all_slides_analysis"
        answers = [await server.client.get(path) for path in (AT, estimate, AT, estimate)]
        assert [each.status_code for each in answers] == [200, 200, 429, 429]
        assert answers[2].json()["facts"] == {"limit": 2, "periodS": 60}

    story(tmp_path, told, rates={"looks_per_minute": 2})
