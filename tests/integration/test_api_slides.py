"""The words of slides through the API: edits, versions, pronunciations, and what becomes stale by them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from api_rows import filmed
from deckcast.batches import orders
from deckcast.batches.freshness import freshness_of, present_request
from deckcast.batches.requests import Choices
from deckcast.db.models import (
    AvatarVideoRow,
    EventRow,
    ItemRow,
    NarrativeRow,
    PresentationRow,
    SlideRow,
    SpeechRow,
)
from serving import Server, story

SLIDE = "/api/slides/sli_11"
NARRATIVE = f"{SLIDE}/narrative"


async def made_today(server: Server) -> None:
    """Give the speeches and avatar videos the fingerprints that they would have if they were made today."""
    async with server.parts.db.write() as session:
        presentation = await session.get_one(PresentationRow, "pre_1")
        request = await present_request(Choices.from_json(presentation.choices))
        for number in (1, 2):
            slide = await session.get_one(SlideRow, f"sli_1{number}")
            item = ItemRow(slide_id=slide.id, nonce="", todo=[])
            item.narrative = {"text": "Hello.", "language": "en", "say": []}
            item.placement = {"layout": "corner", "presenter": True}
            speech, video = orders.wanted_speech(request, item), orders.wanted_video(request, item)
            assert speech is not None
            assert video is not None
            (await session.get_one(SpeechRow, f"spe_1{number}")).fingerprint = speech[1]
            (await session.get_one(AvatarVideoRow, f"avv_1{number}")).fingerprint = video[1]


async def stale(server: Server) -> list[tuple[bool, bool]]:
    """By slide, whether its speech and its avatar video are stale."""
    slides = (await server.client.get("/api/presentations/pre_1")).json()["slides"]
    return [(each["speech"]["stale"], each["avatarVideo"]["stale"]) for each in slides]


def test_edits_are_versions_and_make_stale_what_was_said(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        client = server.client
        await filmed(server.parts)
        await made_today(server)
        assert await stale(server) == [(False, False), (False, False)]
        first = (await client.get(NARRATIVE)).json()
        assert (first["text"], first["version"], first["source"]) == ("Hello.", 1, "edited")
        edited = await client.put(NARRATIVE, json={"text": "Good evening.\n", "ifVersion": 1})
        assert (edited.status_code, edited.json()["version"]) == (200, 2)
        assert await stale(server) == [(True, True), (False, False)]
        late = await client.put(NARRATIVE, json={"text": "Too late.", "ifVersion": 1})
        assert (late.status_code, late.json()["code"]) == (409, "narrative_changed")
        assert late.json()["facts"] == {"version": 2}
        back = await client.post(f"{NARRATIVE}/restore", json={"version": 1})
        assert (back.json()["version"], back.json()["text"]) == (3, "Hello.")
        assert await stale(server) == [(False, False), (False, False)]
        versions = (await client.get(f"{NARRATIVE}/versions")).json()["items"]
        assert [(each["version"], each["text"]) for each in versions] == [
            (3, "Hello."), (2, "Good evening."), (1, "Hello."),
        ]  # fmt: skip
        assert (await client.get(SLIDE)).json()["narrative"]["version"] == 3
        none = await client.post(f"{NARRATIVE}/restore", json={"version": 9})
        assert none.json()["code"] == "version_not_found"
        async with server.parts.db.read() as session:
            events = (await session.scalars(select(EventRow).order_by(EventRow.seq))).all()
        assert [(each.kind, each.payload) for each in events] == [
            ("narrative.changed", {"slide_id": "sli_11"})
        ] * 2

    story(tmp_path, told)


def test_a_narrative_has_its_own_versions_in_every_language(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        client = server.client
        await filmed(server.parts)
        assert (await client.get(NARRATIVE, params={"language": "de"})).json() is None
        german = await client.put(NARRATIVE, json={"text": "Hallo.", "language": "DE"})
        assert (german.json()["language"], german.json()["version"]) == ("de", 1)
        assert (await client.get(NARRATIVE)).json()["text"] == "Hello."
        await client.patch("/api/presentations/pre_1", json={"language": "de"})
        assert (await client.get(NARRATIVE)).json()["text"] == "Hallo."
        slides = (await client.get("/api/presentations/pre_1")).json()["slides"]
        assert [each["narrative"] and each["narrative"]["text"] for each in slides] == ["Hallo.", None]

    story(tmp_path, told)


def test_pronunciations_stand_as_a_whole_list(tmp_path: Path) -> None:
    at = "/api/presentations/pre_1/pronunciations"

    async def told(server: Server) -> None:
        client = server.client
        await filmed(server.parts)
        await made_today(server)
        assert (await client.get(at)).json() == {"items": []}
        wanted = [{"written": "Hello", "spoken": "hullo"}, {"written": "SQL", "spoken": "sequel"}]
        assert (await client.put(at, json={"items": wanted})).json() == {"items": wanted}
        assert await stale(server) == [(True, True), (True, True)]
        assert (await client.put(at, json={"items": wanted[1:]})).json() == {"items": wanted[1:]}
        assert await stale(server) == [(False, False), (False, False)]
        twice = await client.put(at, json={"items": [wanted[0], {"written": " Hello ", "spoken": "x"}]})
        assert (twice.status_code, twice.json()["code"]) == (422, "pronunciation_invalid")
        empty = await client.put(at, json={"items": [{"written": " ", "spoken": "x"}]})
        assert empty.json()["code"] == "pronunciation_invalid"
        assert (await client.get(at)).json() == {"items": wanted[1:]}

    story(tmp_path, told)


def test_another_avatar_or_background_makes_videos_stale_and_no_speech(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        await made_today(server)
        avatars = await server.parts.providers["local"].avatars()
        at = "/api/presentations/pre_1"

        async def after(**change: Any) -> list[tuple[bool, bool]]:
            answer = await server.client.patch(at, json=change)
            assert answer.status_code == 200, answer.text
            return await stale(server)

        assert await after(background="#000000") == [(False, True)] * 2
        assert await after(background=None) == [(False, False)] * 2
        assert await after(layout="beside") == [(False, False)] * 2
        assert await after(layout="full") == [(False, True)] * 2
        assert await after(layout=None) == [(False, False)] * 2
        for other in avatars:
            is_like = other.gender == avatars[0].gender
            assert await after(avatar=other.id) == [(not is_like, other.id != "maya")] * 2
        assert await after(avatar="maya") == [(False, False)] * 2

    story(tmp_path, told)


def test_a_presentation_takes_as_many_queries_however_many_slides_it_has(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        counted: list[str] = []
        engine = server.parts.db.engine().sync_engine
        event.listen(engine, "before_cursor_execute", lambda *call: counted.append(str(call[2])))
        async with server.parts.db.read() as session:
            presentation = await session.get_one(PresentationRow, "pre_1")
        await freshness_of(presentation)
        of_two = len(counted)
        async with server.parts.db.write() as session:
            model = await session.get_one(SlideRow, "sli_11")
            for number in range(3, 23):
                slide = SlideRow(id=f"sli_x{number}", presentation_id="pre_1", key=str(number), number=number)
                slide.title, slide.notes, slide.language, slide.content = "", "", "en", model.content
                session.add(slide)
                await session.flush()
                narrative = NarrativeRow(id=f"nar_x{number}", slide_id=slide.id, language="en", version=1)
                narrative.text, narrative.source = "Hello.", "edited"
                session.add(narrative)
        counted.clear()
        assert len(await freshness_of(presentation)) == 22
        assert len(counted) <= of_two

    story(tmp_path, told)


def test_values_that_no_database_takes_are_refused(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        for body in (
            b'{"text": "a\\u0000b"}',
            b'{"text": "\\ud800"}',
            b'{"text": 5}',
            b'{"text": "x", "\\ud800": 1}',
            b'{"text": "x", "language": "\\u0000"}',
            b"[",
        ):
            answer = await server.client.put(
                NARRATIVE, content=body, headers={"Content-Type": "application/json"}
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "request_invalid"), body
        long = await server.client.put(NARRATIVE, json={"text": "x" * 20_001})
        assert long.json()["code"] == "narrative_too_long"
        for path in ("/api/slides/%00", "/api/presentations/a%2F..%2Fb", f"/api/slides/{'x' * 65}"):
            assert (await server.client.get(path)).status_code in (404, 422)

    story(tmp_path, told)
