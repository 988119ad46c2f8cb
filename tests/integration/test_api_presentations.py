"""A person's presentations through the API: from the upload to the deletion."""

from __future__ import annotations

import json
from pathlib import Path

from api_world import PPTX, imported, ready, told_at_work, upload
from decks import insert_slide, write_deck
from serving import Server


def test_a_deck_becomes_a_presentation_with_its_slides(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "deck.pptx", ["Good morning.", None], titles=["Apples", "x"])

    async def story(server: Server) -> None:
        answer = await upload(server, deck, "Quarterly figures.pptx")
        assert answer.status_code == 202
        at_once = answer.json()
        assert (at_once["state"], at_once["title"]) == ("importing", "Quarterly figures")
        assert answer.headers["location"] == f"/api/presentations/{at_once['id']}"
        shown = await imported(server, at_once["id"])
        assert shown["state"] == "ready"
        assert shown["error"] is None
        assert shown["deckName"] == "Quarterly figures.pptx"
        first, second = shown["slides"]
        assert (first["number"], first["position"], first["title"], first["notes"]) == (
            1, 1, "Apples", "Good morning.",
        )  # fmt: skip
        assert first["included"]
        assert not first["hidden"]
        assert second["notes"] == ""
        assert first["narrative"] is first["speech"] is first["avatarVideo"] is None
        picture = await server.client.get(first["imageUrl"])
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
        listed = (await server.client.get("/api/presentations")).json()
        assert listed["nextCursor"] is None
        (item,) = listed["items"]
        assert (item["id"], item["slideCount"], item["state"]) == (shown["id"], 2, "ready")
        assert item["thumbnailUrl"] == first["imageUrl"]

    told_at_work(tmp_path, story)


def test_the_sample_deck_is_there_again_and_again(tmp_path: Path) -> None:
    async def story(server: Server) -> None:
        for _ in range(2):
            answer = await server.client.post("/api/presentations/sample")
            assert answer.status_code == 202
            shown = await imported(server, answer.json()["id"])
            assert (shown["state"], len(shown["slides"])) == ("ready", 8)

    told_at_work(tmp_path, story)


def test_a_broken_deck_ends_as_failed_with_its_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pptx"
    broken.write_bytes(b"PK\x03\x04 and nothing of an archive")

    async def story(server: Server) -> None:
        answer = await upload(server, broken)
        shown = await imported(server, answer.json()["id"])
        assert shown["state"] == "failed"
        assert shown["error"]["code"] == "deck_broken"
        assert shown["error"]["message"].startswith("deck.pptx ")
        assert shown["slides"] == []
        again = await server.client.put(
            f"/api/presentations/{shown['id']}/deck",
            files={"file": ("b.pptx", write_deck(tmp_path / "b.pptx", ["Hello."]).read_bytes(), PPTX)},
        )
        assert again.status_code == 202
        mended = await imported(server, shown["id"])
        assert (mended["state"], mended["error"], len(mended["slides"])) == ("ready", None, 1)

    told_at_work(tmp_path, story)


def test_order_exclusion_and_title_outlive_a_new_version_of_the_deck(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "deck.pptx", ["One.", "Two.", "Three."], titles=["A", "B", "C"])

    async def story(server: Server) -> None:
        shown = await ready(server, deck)
        at = f"/api/presentations/{shown['id']}"
        a, b, c = (slide["id"] for slide in shown["slides"])
        changed = await server.client.patch(
            at, json={"title": "Mine", "order": [c, a], "exclude": [b], "language": "de"}
        )
        assert changed.status_code == 200, changed.text
        body = changed.json()
        assert body["title"] == "Mine"
        assert [(s["title"], s["position"], s["included"]) for s in body["slides"]] == [
            ("C", 1, True), ("A", 2, True), ("B", 3, False),
        ]  # fmt: skip
        assert body["choices"]["language"] == "de"
        insert_slide(deck, 2, "New", "New one.")
        answer = await server.client.put(f"{at}/deck", files={"file": ("d.pptx", deck.read_bytes(), PPTX)})
        assert answer.status_code == 202, answer.text
        after = await imported(server, shown["id"])
        assert after["title"] == "Mine"
        assert [(s["title"], s["number"]) for s in after["slides"]] == [
            ("C", 4), ("A", 1), ("New", 2), ("B", 3),
        ]  # fmt: skip
        assert [s["id"] for s in after["slides"] if s["title"] != "New"] == [c, a, b]
        assert [s["included"] for s in after["slides"]] == [True, True, True, False]
        back = await server.client.patch(at, json={"language": None, "include": [b]})
        assert back.json()["choices"]["language"] is None
        assert all(slide["included"] for slide in back.json()["slides"])

    told_at_work(tmp_path, story)


def test_choices_are_checked_before_they_are_kept(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "deck.pptx", ["One."])

    async def story(server: Server) -> None:
        shown = await ready(server, deck)
        at = f"/api/presentations/{shown['id']}"

        async def refused(**change: object) -> str:
            answer = await server.client.patch(at, json=change)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.status_code in (404, 422)
            return str(answer.json()["code"])

        assert await refused(avatar="nobody") == "unknown_avatar"
        assert await refused(voice="no-such") == "unknown_voice"
        assert await refused(background="reddish") == "background_invalid"
        assert await refused(background="backgrounds/../of_another.png") == "background_invalid"
        assert await refused(provider="none such") == "unknown_provider"
        assert await refused(language="---") == "request_invalid"
        assert await refused(order=[shown["slides"][0]["id"]] * 2) == "slides_invalid"
        assert await refused(exclude=["sli_of_another"]) == "slides_invalid"
        assert await refused(colour="red") == "request_invalid"
        assert await refused(layout="upside_down") == "request_invalid"
        same = (await server.client.get(at)).json()
        assert same["choices"]["avatars"] == {}
        assert same["seq"] == shown["seq"]
        good = await server.client.patch(at, json={"background": "#abcdef", "layout": "beside"})
        assert good.json()["choices"]["background"] == "#ABCDEF"
        assert good.json()["seq"] == shown["seq"] + 1

    told_at_work(tmp_path, story)


def test_etags_pages_and_deletion(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "deck.pptx", ["One."])

    async def story(server: Server) -> None:
        ids = [(await ready(server, deck))["id"] for _ in range(3)]
        at = f"/api/presentations/{ids[0]}"
        first = await server.client.get(at)
        same = await server.client.get(at, headers={"If-None-Match": first.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
        await server.client.patch(at, json={"title": "Other"})
        other = await server.client.get(at, headers={"If-None-Match": first.headers["etag"]})
        assert other.status_code == 200
        page = (await server.client.get("/api/presentations", params={"limit": 2})).json()
        assert [item["id"] for item in page["items"]] == ids[:0:-1]
        rest = (await server.client.get("/api/presentations", params={"cursor": page["nextCursor"]})).json()
        assert [item["id"] for item in rest["items"]] == [ids[0]]
        gone = await server.client.delete(at)
        assert (gone.status_code, gone.json()) == (202, {"gone": True})
        assert (await server.client.get(at)).status_code == 404
        assert (await server.client.delete(at)).status_code == 404
        left = server.parts.settings.data_dir / "assets" / "presentations" / ids[0]
        assert not [path for path in left.rglob("*") if path.is_file()]

    told_at_work(tmp_path, story)


def test_unknown_addresses_and_the_description(tmp_path: Path) -> None:
    async def story(server: Server) -> None:
        nowhere = await server.client.get("/api/nowhere", headers={"Accept": "text/html"})
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
        assert nowhere.headers["content-type"] == "application/problem+json"
        wrong = await server.client.put("/api/presentations/pre_1/film", json={})
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
        wrong = await server.client.post("/api/presentations/pre_1", json={})
        assert wrong.headers["allow"] == "DELETE, GET, PATCH"
        described = (await server.client.get("/api/openapi.json")).json()
        routes = [op for path in described["paths"].values() for op in path.values()]
        ids = [op["operationId"] for op in routes]
        assert len(ids) == len(set(ids))
        assert "HTTPValidationError" not in json.dumps(described)
        assert "Problem" in described["components"]["schemas"]

    told_at_work(tmp_path, story)
