"""Stable addresses of files: parts of them, unchanged ones, links where the storage signs, what is gone."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from api_rows import FILM, PNG, filmed
from deckcast.db.models import AvatarVideoRow
from serving import Server, story

AT = "/api/presentations/pre_1/film/media"
ADDRESSES = {
    AT: (FILM, "video/mp4"),
    "/api/presentations/pre_1/film/poster": (b"jpg", "image/jpeg"),
    "/api/presentations/pre_1/film/captions.vtt": (b"WEBVTT\n", "text/vtt; charset=utf-8"),
    "/api/presentations/pre_1/film/captions.srt": (b"1\n", "application/x-subrip"),
    "/api/presentations/pre_1/captions.vtt": (b"WEBVTT\n", "text/vtt; charset=utf-8"),
    "/api/slides/sli_11/image": (PNG, "image/png"),
    "/api/slides/sli_11/audio": (b"wav", "audio/wav"),
    "/api/slides/sli_11/clip": (b"clip", "video/mp4"),
    "/api/avatar-videos/avv_11/media": (b"avatar video", "video/mp4"),
}


def test_every_file_has_its_address(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        for address, (content, media_type) in ADDRESSES.items():
            answer = await server.client.get(address)
            assert (answer.status_code, answer.content) == (200, content), address
            assert answer.headers["content-type"] == media_type
            assert answer.headers["accept-ranges"] == "bytes"
            known = await server.client.get(address, headers={"If-None-Match": answer.headers["etag"]})
            assert (known.status_code, known.content) == (304, b"")
            if address != "/api/presentations/pre_1/captions.vtt":
                head = await server.client.head(address)
                assert (head.status_code, head.content) == (200, b"")
                assert head.headers["content-length"] == str(len(content))

    story(tmp_path, told)


def test_parts_of_a_file(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        tag = (await server.client.head(AT)).headers["etag"]
        assert not tag.startswith("W/")

        async def part(wanted: str, **more: str) -> tuple[int, bytes, str | None]:
            answer = await server.client.get(AT, headers={"Range": wanted, **more})
            return answer.status_code, answer.content, answer.headers.get("content-range")

        size = len(FILM)
        assert await part("bytes=5-9") == (206, FILM[5:10], f"bytes 5-9/{size}")
        assert await part("bytes=2000-") == (206, FILM[2000:], f"bytes 2000-2047/{size}")
        assert await part("bytes=2000-999999") == (206, FILM[2000:], f"bytes 2000-2047/{size}")
        assert await part("bytes=-7") == (206, FILM[-7:], f"bytes 2041-2047/{size}")
        assert await part("bytes=0-") == (206, FILM, f"bytes 0-2047/{size}")
        assert await part("bytes=0-0", **{"If-Range": tag}) == (206, FILM[:1], f"bytes 0-0/{size}")
        assert await part("bytes=0-0", **{"If-Range": '"another"'}) == (200, FILM, None)
        for unusable in ("bytes=9-5", "bytes=a-b", "bytes=-", "lines=1-2", "bytes=0-1,5-6"):
            assert await part(unusable) == (200, FILM, None), unusable
        for beyond in ("bytes=2048-", "bytes=-0"):
            answer = await server.client.get(AT, headers={"Range": beyond})
            assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
            assert answer.headers["content-range"] == f"bytes */{size}"

    story(tmp_path, told)


def test_a_download_has_a_good_name(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        film = await server.client.get(AT, params={"download": 1})
        assert film.headers["content-disposition"] == (
            "attachment; filename=\"Gr__e 5 6.mp4\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%205%206.mp4"
        )
        clip = await server.client.get("/api/slides/sli_12/clip", params={"download": 1})
        assert 'filename="Gr__e 5 6 - slide 02.mp4"' in clip.headers["content-disposition"]

    story(tmp_path, told)


def test_what_is_gone_says_so(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        await server.parts.store.remove("slides/sli_11/clp.mp4")
        gone = await server.client.get("/api/slides/sli_11/clip")
        assert (gone.status_code, gone.json()["code"]) == (410, "asset_gone")
        assert gone.json()["nextStep"]
        async with server.parts.db.write() as session:
            video = await session.get_one(AvatarVideoRow, "avv_11")
            video.asset_key, video.status, video.error_code = None, "failed", "retired"
        retired = await server.client.get("/api/avatar-videos/avv_11/media")
        assert (retired.status_code, retired.json()["code"]) == (410, "asset_gone")
        missing = await server.client.get("/api/slides/sli_none/clip")
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")

    story(tmp_path, told)


def test_the_film_says_where_slides_begin_and_whether_it_is_stale(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        film = (await server.client.get("/api/presentations/pre_1/film")).json()
        assert film["durationS"] == 6.0
        assert [(c["slideId"], c["startS"]) for c in film["chapters"]] == [("sli_11", 0.0), ("sli_12", 3.0)]
        assert film["captions"]["language"] == "en"
        assert film["stale"]  # nobody would make these speeches and videos, of which only the rows are true
        shown = (await server.client.get("/api/presentations/pre_1")).json()
        assert shown["film"] == film
        assert shown["slides"][0]["speech"]["stale"]
        assert shown["slides"][0]["avatarVideo"]["stale"]
        assert not shown["slides"][0]["narrative"]["stale"]

    story(tmp_path, told)


@pytest.mark.usefixtures("bucket_settings")
def test_a_storage_that_signs_gets_the_caller_sent_there(
    tmp_path: Path, bucket_settings: dict[str, str]
) -> None:
    async def told(server: Server) -> None:
        of = await filmed(server.parts, name="s3")
        at = f"/api/presentations/{of}/film/media"
        answer = await server.client.get(at, params={"download": 1})
        assert answer.status_code == 307
        assert answer.headers["cache-control"] == "private, no-store"
        link = answer.headers["location"]
        assert f"X-Amz-Expires={15 * 60 + 2 * 6}" in link
        with urllib.request.urlopen(link) as opened:
            assert opened.read() == FILM
            assert "attachment" in opened.headers["Content-Disposition"]
        captions = await server.client.get(f"/api/presentations/{of}/film/captions.vtt")
        assert (captions.status_code, captions.content) == (200, b"WEBVTT\n")
        await server.parts.store.remove(f"presentations/{of}/flm_s3.mp4")
        assert (await server.client.get(at)).status_code == 410

    storage = {
        name.removeprefix("STORAGE__").lower(): value
        for name, value in bucket_settings.items()
        if name.startswith("STORAGE__")
    }
    story(tmp_path, told, storage_url=bucket_settings["STORAGE_URL"], storage=storage)
