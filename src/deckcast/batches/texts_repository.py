"""All SQL of analyses, narratives and pronunciations, and of where a slide stands in its deck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.db.models import ItemRow, NarrativeRow, PronunciationRow, SlideAnalysisRow, SlideRow, SpeechRow
from deckcast.kit.marks import parse
from deckcast.speech.pronunciations import concerned

EDITED = "edited"  # the source of a person's words


async def last_number(session: AsyncSession, presentation_id: str) -> int:
    """The number of the last slide that the deck shows, whichever slides a batch is for; 0 where it shows none."""
    query = select(func.max(SlideRow.number)).where(
        SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False), SlideRow.hidden.is_(False)
    )
    return await session.scalar(query) or 0


async def titles_of(session: AsyncSession, presentation_id: str) -> dict[str, str]:
    """The title of every slide by its id."""
    query = select(SlideRow.id, SlideRow.title).where(SlideRow.presentation_id == presentation_id)
    return {row.id: row.title for row in await session.execute(query)}


async def neighbours_of(session: AsyncSession, item: ItemRow) -> tuple[ItemRow | None, ItemRow | None]:
    """The items before and after one in the film."""
    of_batch = select(ItemRow).where(ItemRow.batch_id == item.batch_id).limit(1)
    place, own = tuple_(ItemRow.position, ItemRow.number), (item.position, item.number)
    before = of_batch.where(place < own).order_by(ItemRow.position.desc(), ItemRow.number.desc())
    after = of_batch.where(place > own).order_by(ItemRow.position, ItemRow.number)
    return await session.scalar(before), await session.scalar(after)


async def analyses_of(session: AsyncSession, presentation_id: str) -> Sequence[SlideAnalysisRow]:
    """Every analysis of a presentation's slides, oldest first."""
    query = select(SlideAnalysisRow).join(SlideRow, SlideRow.id == SlideAnalysisRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id)
    return (await session.scalars(query.order_by(SlideAnalysisRow.created_at, SlideAnalysisRow.id))).all()


async def analysis_with(session: AsyncSession, slide_id: str, fingerprint: str) -> SlideAnalysisRow | None:
    """The slide's analysis with this fingerprint."""
    return await session.scalar(
        select(SlideAnalysisRow).where(
            SlideAnalysisRow.slide_id == slide_id, SlideAnalysisRow.fingerprint == fingerprint
        )
    )


async def narratives_of(session: AsyncSession, presentation_id: str) -> dict[tuple[str, str], NarrativeRow]:
    """The narrative that holds, by slide and language."""
    newest = (
        select(NarrativeRow.slide_id, NarrativeRow.language, func.max(NarrativeRow.version).label("version"))
        .join(SlideRow, SlideRow.id == NarrativeRow.slide_id)
        .where(SlideRow.presentation_id == presentation_id)
        .group_by(NarrativeRow.slide_id, NarrativeRow.language)
        .subquery()
    )
    query = select(NarrativeRow).join(
        newest,
        (NarrativeRow.slide_id == newest.c.slide_id)
        & (NarrativeRow.language == newest.c.language)
        & (NarrativeRow.version == newest.c.version),
    )
    return {(row.slide_id, row.language): row for row in await session.scalars(query)}


async def narrative_of(session: AsyncSession, slide_id: str, language: str) -> NarrativeRow | None:
    """The slide's narrative that holds in a language."""
    versions = await versions_of(session, slide_id, language)
    return versions[-1] if versions else None


async def versions_of(session: AsyncSession, slide_id: str, language: str) -> Sequence[NarrativeRow]:
    """Every version of a slide's narrative in a language, oldest first."""
    query = select(NarrativeRow).where(NarrativeRow.slide_id == slide_id, NarrativeRow.language == language)
    return (await session.scalars(query.order_by(NarrativeRow.version))).all()


async def languages_of(session: AsyncSession, presentation_id: str) -> dict[str, str]:
    """By slide, the language that it was made in last, else that of its newest narrative."""
    written = select(NarrativeRow.slide_id, NarrativeRow.language)
    written = written.join(SlideRow, SlideRow.id == NarrativeRow.slide_id)
    written = written.where(SlideRow.presentation_id == presentation_id)
    made = written.join(ItemRow, ItemRow.narrative_id == NarrativeRow.id).order_by(ItemRow.id)
    rows = [*await session.execute(written.order_by(NarrativeRow.created_at)), *await session.execute(made)]
    return {row.slide_id: row.language for row in rows}


async def made_by_hand(session: AsyncSession, presentation_id: str) -> list[str]:
    """What a person has done to the words of a presentation: edits of narratives and pronunciations, as values that
    differ where any of it changes."""
    query = select(NarrativeRow.id).join(SlideRow, SlideRow.id == NarrativeRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id, NarrativeRow.source == EDITED)
    edits = sorted(await session.scalars(query))
    return [*edits, *(f"{a}={b}" for a, b in await pronunciations_of(session, presentation_id))]


async def voices_of(session: AsyncSession, presentation_id: str) -> dict[str, list[str]]:
    """By language, the voices that the slides were spoken with at last, the one of most slides first."""
    query = select(SpeechRow.slide_id, SpeechRow.language, SpeechRow.voice)
    query = query.join(SlideRow, SlideRow.id == SpeechRow.slide_id)
    query = query.where(SlideRow.presentation_id == presentation_id, SlideRow.removed.is_(False))
    newest = {
        (slide_id, language): voice
        for slide_id, language, voice in await session.execute(query.order_by(SpeechRow.created_at))
    }
    counts: dict[str, Counter[str]] = {}
    for (_, language), voice in newest.items():
        counts.setdefault(language, Counter())[voice] += 1
    return {
        language: sorted(found, key=lambda voice: (-found[voice], voice))
        for language, found in counts.items()
    }


async def pronunciations_of(session: AsyncSession, presentation_id: str) -> list[tuple[str, str]]:
    """(written, said as) of a presentation, the longest first, as speech engines take them."""
    query = select(PronunciationRow).where(PronunciationRow.presentation_id == presentation_id)
    rows = [(row.written, row.spoken) for row in await session.scalars(query)]
    return sorted(rows, key=lambda row: (-len(row[0]), row[0]))


def said_of(row: NarrativeRow, pronunciations: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What an item is to say, for its JSON column: the words with their marks, and how those of them are said that
    have a pronunciation (the others change nothing for this slide)."""
    say = [[written, spoken] for written, spoken in concerned(parse(row.text).text, pronunciations)]
    return {"text": row.text, "language": row.language, "source": row.source, "say": say}
