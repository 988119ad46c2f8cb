"""Users, tokens and sessions in the database, on SQLite and PostgreSQL: one of each however many come at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from databases import with_database
from deckcast.db.database import Database
from deckcast.db.models import AvatarVideoRow, BatchRow, PresentationRow, SlideRow
from deckcast.db.people import SessionRow, TokenRow, UserRow
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.people import service, sessions

ISSUER = "https://id.example.org"


async def codes(*work: Any) -> list[str]:
    """What became of each: "done", or the code of its error."""
    ends = await asyncio.gather(*work, return_exceptions=True)
    wrong = [end for end in ends if isinstance(end, BaseException) and not isinstance(end, CallError)]
    assert wrong == []
    return sorted(end.code if isinstance(end, CallError) else "done" for end in ends)


def test_a_name_belongs_to_one_user_however_it_is_written(database_url: str) -> None:
    async def body(db: Database) -> None:
        assert not await service.any_user(db)
        ends = await codes(*(service.add_user(db, name) for name in ("Ann", "ann", "ANN", "aNN")))
        assert ends == ["done", "user_exists", "user_exists", "user_exists"]
        assert (await service.user_named(db, "aNn")).name.lower() == "ann"
        for name in ("", "a" * 65, "a b", "Ä", "a/b", "a\n", "a\x00", "-\ud800"):
            assert await codes(service.add_user(db, name)) == ["user_name_invalid"]
        await service.add_user(db, "a" * 64)
        assert await service.any_user(db)

    with_database(database_url, body)


def test_who_signs_in_for_the_first_time_twice_at_once_is_one_user(database_url: str) -> None:
    async def body(db: Database) -> None:
        await service.add_user(db, "ann")
        found = await asyncio.gather(*(service.user_by_oidc(db, ISSUER, "1", "Ann") for _ in range(4)))
        assert {(user.id, user.name) for user in found} == {(found[0].id, "Ann-2")}
        others = await asyncio.gather(*(service.user_by_oidc(db, ISSUER, str(n), "Ann") for n in range(2, 5)))
        assert {user.name for user in others} == {"Ann-3", "Ann-4", "Ann-5"}
        elsewhere = await service.user_by_oidc(db, "https://other.example.org", "1", "x" * 300)
        assert (elsewhere.name, elsewhere.id != found[0].id) == ("x" * 56, True)

    with_database(database_url, body)


def test_a_token_is_kept_as_its_hash(database_url: str) -> None:
    async def body(db: Database) -> None:
        user = await service.add_user(db, "ann")
        made = [await service.make_token(db, user.id, "t") for _ in range(20)]
        secrets = {each.secret for each in made}
        assert len(secrets) == 20
        assert all(
            secret.startswith("dct_") and len(secret) == 47 for secret in secrets
        )  # 43 letters: 256 bits
        async with db.read() as session:
            rows = (await session.scalars(select(TokenRow))).all()
        assert {row.sha256 for row in rows} == {service.hashed(secret) for secret in secrets}
        assert [secret for row in rows for secret in secrets if secret in repr(vars(row))] == []
        for wrong in (made[0].secret[:-1], made[0].secret.upper(), service.hashed(made[0].secret), ""):
            assert await codes(service.user_with_token(db, wrong)) == ["token_invalid"]

    with_database(database_url, body)


def test_the_use_of_a_token_is_noted_once_a_minute(database_url: str) -> None:
    async def noted(db: Database, token_id: str) -> Any:
        async with db.read() as session:
            return (await session.get_one(TokenRow, token_id)).last_used_at

    async def body(db: Database) -> None:
        made = await service.make_token(db, (await service.add_user(db, "ann")).id, "t")
        assert await noted(db, made.token.id) is None
        await asyncio.gather(*(service.user_with_token(db, made.secret) for _ in range(4)))
        first = await noted(db, made.token.id)
        assert first is not None
        await service.user_with_token(db, made.secret)
        assert await noted(db, made.token.id) == first
        async with db.write() as session:
            await session.execute(update(TokenRow).values(last_used_at=first - timedelta(seconds=61)))
        await service.user_with_token(db, made.secret)
        assert await noted(db, made.token.id) >= first

    with_database(database_url, body)


def test_a_user_has_so_many_tokens_and_no_more(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_TOKENS", 3)

    async def body(db: Database) -> None:
        ann, ben = await service.add_user(db, "ann"), await service.add_user(db, "ben")
        ends = await codes(*(service.make_token(db, ann.id, "t") for _ in range(5)))
        assert ends == ["done", "done", "done", "too_many_tokens", "too_many_tokens"]
        assert await codes(service.make_token(db, ben.id, "t")) == ["done"]
        newest = (await service.tokens_of(db, ann.id))[0]
        assert await codes(service.revoke_token(db, newest.id, ben.id)) == ["not_found"]
        assert await codes(*(service.revoke_token(db, newest.id) for _ in range(2))) == ["done", "not_found"]
        assert await codes(service.make_token(db, ann.id, "t")) == ["done"]

    with_database(database_url, body)


def test_sessions_end_and_are_swept(database_url: str) -> None:
    async def count(db: Database) -> int:
        async with db.read() as session:
            return await session.scalar(select(func.count()).select_from(SessionRow)) or 0

    async def body(db: Database) -> None:
        user = await service.add_user(db, "ann")
        made = await service.make_token(db, user.id, "t")
        first = await sessions.open_session(db, user, 1)
        second = await sessions.sign_in(db, made.secret, 1)
        for opened in (first, second):
            found = await sessions.user_with_session(db, opened.secret)
            assert found == (user, opened.expires_at)
            assert timedelta(hours=23) < opened.expires_at - now() <= timedelta(days=1)
        await service.revoke_token(db, made.token.id)
        assert await sessions.user_with_session(db, second.secret) is None
        assert await sessions.user_with_session(db, first.secret) is not None
        async with db.write() as session:
            await session.execute(update(SessionRow).values(expires_at=now()))
        assert await sessions.user_with_session(db, first.secret) is None
        third = await sessions.open_session(db, user, 1)
        assert await count(db) == 1
        await service.set_disabled(db, user.id, True)
        assert await count(db) == 0
        await service.set_disabled(db, user.id, False)
        assert await sessions.user_with_session(db, third.secret) is None

    with_database(database_url, body)


def test_a_session_that_was_opened_while_its_user_was_disabled(database_url: str) -> None:
    async def body(db: Database) -> None:
        user = await service.add_user(db, "ann")
        opened = await sessions.open_session(db, user, 1)
        async with db.write() as session:
            await session.execute(update(UserRow).values(disabled_at=now()))
        assert await sessions.user_with_session(db, opened.secret) is None

    with_database(database_url, body)


async def add_presentations(db: Database) -> None:
    """Of the local user: two uploads (of one, a video is not settled; of another, a batch runs), one of the command
    line, one that was deleted."""
    async with db.write() as session:
        for name in ("idle", "unsettled", "running", "file", "deleted"):
            source = "/decks/a.pptx" if name == "file" else name
            deleted = now() if name == "deleted" else None
            session.add(PresentationRow(id=name, owner="local", source=source, deleted_at=deleted))
            await session.flush()
            slide = SlideRow(id=f"sli_{name}", presentation_id=name, key=name, number=1)
            slide.title, slide.notes, slide.language, slide.content = "", "", "en", {}
            batch = BatchRow(id=f"bat_{name}", presentation_id=name, kind="presentation_video", scope="")
            batch.state, batch.fingerprint, batch.request = "completed", "f", {}
            batch.state = "running" if name == "running" else "completed"
            session.add_all([slide, batch])
            await session.flush()
            video = AvatarVideoRow(id=f"avv_{name}", slide_id=slide.id, batch_id=batch.id, fingerprint=name)
            video.provider, video.request = "paid", {}
            video.status = "timed_out" if name == "unsettled" else "completed"
            session.add(video)


def test_uploads_of_the_local_user_are_handed_over_but_for_those_at_work(database_url: str) -> None:
    async def owned(db: Database, owner: str) -> list[str]:
        async with db.read() as session:
            query = select(PresentationRow.id).where(PresentationRow.owner == owner)
            return sorted((await session.scalars(query)).all())

    async def body(db: Database) -> None:
        await add_presentations(db)
        user = await service.add_user(db, "ann")
        assert await service.count_uploads(db, "local") == 3
        assert await service.take_uploads(db, "local", user.id) == (1, 2)
        assert await owned(db, user.id) == ["idle"]
        async with db.write() as session:
            await session.execute(update(BatchRow).values(state="completed"))
            await session.execute(update(AvatarVideoRow).values(status="completed"))
        assert await service.take_uploads(db, "local", user.id) == (2, 0)
        assert await owned(db, "local") == ["deleted", "file"]

    with_database(database_url, body)
