"""What a person does to the words of a presentation: edits narratives, takes an earlier version back, says how words
are pronounced."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.batches import repository, texts_repository
from deckcast.batches.context import current
from deckcast.batches.slide_contents import own_content, slide_fingerprint
from deckcast.db.database import LOCKED, insert_missing
from deckcast.db.models import NarrativeRow, PresentationRow, PronunciationRow, SlideRow
from deckcast.kit.errors import CallError
from deckcast.kit.ids import new_id

LONGEST_CHARS = 20_000
LONGEST_WORD_CHARS = 100
MOST_PRONUNCIATIONS = 1000


async def edit_narrative(
    presentation: PresentationRow,
    slide: SlideRow,
    text: str,
    language: str | None = None,
    *,
    if_version: int | None = None,
) -> NarrativeRow:
    """A new version of a slide's narrative in a person's words, which nothing writes over unasked. `language` is
    that of the narrative edited (None: the one that the slide was made in last, else the slide's own). Empty words
    mean a silent slide. The same words again are no new version; a person's then hold for the slide as it is now.
    `if_version` is the version that was edited (0: there was none).

    Raises CallError narrative_too_long, narrative_changed.
    """
    words = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(words) > LONGEST_CHARS:
        raise CallError(
            "narrative_too_long",
            f"The narrative has {len(words)} characters; at most {LONGEST_CHARS} can be spoken for a slide.",
            next_step="Shorten it, or spread it over several slides.",
        )
    written_for = slide_fingerprint(own_content(slide, presentation, 1))
    async with current().db.write() as session:
        await repository.lock_slide(session, slide.id)
        language = language or await _language(session, presentation, slide)
        standing = await texts_repository.narrative_of(session, slide.id, language)
        _check_version(standing, if_version)
        await repository.tell(session, presentation.id, "narrative.changed", {"slide_id": slide.id})
        if standing is not None and standing.text == words:
            if standing.source == texts_repository.EDITED:
                standing.slide_fingerprint = written_for
            return standing
        row = NarrativeRow(
            id=new_id("nar"),
            slide_id=slide.id,
            language=language,
            version=standing.version + 1 if standing else 1,
            text=words,
            source=texts_repository.EDITED,
            slide_fingerprint=written_for,
        )
        session.add(row)
    return row


def _check_version(standing: NarrativeRow | None, if_version: int | None) -> None:
    version = standing.version if standing else 0
    if if_version is not None and if_version != version:
        raise CallError(
            "narrative_changed",
            f"Somebody has changed this narrative meanwhile: it has version {version} now.",
            next_step="Read it again, then make your changes.",
            facts={"version": version},
        )


async def restore_narrative(
    presentation: PresentationRow, slide: SlideRow, version: int, language: str | None = None
) -> NarrativeRow:
    """The words of an earlier version again, as an edit of today. Raises CallError version_not_found."""
    versions = await versions_of(presentation, slide, language)
    for row in versions:
        if row.version == version:
            return await edit_narrative(presentation, slide, row.text, row.language)
    there = f"1 to {versions[-1].version}" if versions else "none yet"
    raise CallError(
        "version_not_found",
        f"Slide {slide.number} has no version {version} of its narrative; there is {there}.",
        next_step="`deckcast narrative DECK SLIDE --versions` shows them.",
    )


async def versions_of(
    presentation: PresentationRow, slide: SlideRow, language: str | None = None
) -> Sequence[NarrativeRow]:
    """Every version of a slide's narrative in a language (None: as in `edit_narrative`), oldest first."""
    async with current().db.read() as session:
        language = language or await _language(session, presentation, slide)
        return await texts_repository.versions_of(session, slide.id, language)


async def _language(session: AsyncSession, presentation: PresentationRow, slide: SlideRow) -> str:
    made = await texts_repository.languages_of(session, presentation.id)
    return made.get(slide.id) or slide.language or presentation.language or "en"


async def set_pronunciations(presentation_id: str, wanted: Sequence[tuple[str, str]]) -> None:
    """Have these pronunciations (written, said as) and no others. Raises CallError pronunciation_invalid."""
    pairs = {" ".join(written.split()): " ".join(spoken.split()) for written, spoken in wanted}
    if len(pairs) != len(wanted) or len(pairs) > MOST_PRONUNCIATIONS:
        raise CallError(
            "pronunciation_invalid",
            f"A presentation has at most {MOST_PRONUNCIATIONS} pronunciations, one for each word.",
            next_step="Name every word once.",
        )
    for written, said_as in pairs.items():
        _check_pronunciation(written, said_as)
    async with current().db.write() as session:
        await session.get(PresentationRow, presentation_id, with_for_update=LOCKED)  # one at a time
        await repository.tell(session, presentation_id, "presentation.changed", {})
        await session.execute(
            delete(PronunciationRow).where(PronunciationRow.presentation_id == presentation_id)
        )
        session.add_all(
            PronunciationRow(presentation_id=presentation_id, written=written, spoken=said_as)
            for written, said_as in pairs.items()
        )


def _check_pronunciation(written: str, said_as: str) -> None:
    if not 0 < len(written) <= LONGEST_WORD_CHARS or not 0 < len(said_as) <= LONGEST_WORD_CHARS:
        raise CallError(
            "pronunciation_invalid",
            f"A word and how it is said have 1 to {LONGEST_WORD_CHARS} characters each.",
            next_step="Write for example “sequel” for “SQL”.",
        )


async def pronounce(presentation_id: str, written: str, spoken: str | None) -> None:
    """Say how a word is to be pronounced; None forgets it.

    Raises CallError pronunciation_invalid, pronunciation_not_found.
    """
    written = " ".join(written.split())
    said_as = " ".join((spoken or "").split())
    if not written or len(written) > LONGEST_WORD_CHARS or len(said_as) > LONGEST_WORD_CHARS:
        raise CallError(
            "pronunciation_invalid",
            f"A word and how it is said have 1 to {LONGEST_WORD_CHARS} characters each.",
            next_step="Write for example: deckcast pronounce DECK SQL “sequel”.",
        )
    async with current().db.write() as session:
        await session.get(PresentationRow, presentation_id, with_for_update=LOCKED)  # one at a time
        await repository.tell(session, presentation_id, "presentation.changed", {})
        row = await session.get(PronunciationRow, (presentation_id, written), with_for_update=LOCKED)
        if spoken is None or not said_as:
            await _forget(session, row, written)
        elif row is not None:
            row.spoken = said_as
        elif len(await texts_repository.pronunciations_of(session, presentation_id)) >= MOST_PRONUNCIATIONS:
            raise CallError(
                "pronunciation_invalid",
                f"A presentation has at most {MOST_PRONUNCIATIONS} pronunciations.",
                next_step="Remove some with --remove.",
            )
        else:
            await insert_missing(
                session, PronunciationRow, presentation_id=presentation_id, written=written, spoken=said_as
            )


async def _forget(session: AsyncSession, row: PronunciationRow | None, written: str) -> None:
    if row is None:
        raise CallError(
            "pronunciation_not_found",
            f"There is no pronunciation of {written!r}.",
            next_step="`deckcast pronounce DECK` lists those there are.",
        )
    await session.execute(
        delete(PronunciationRow).where(
            PronunciationRow.presentation_id == row.presentation_id, PronunciationRow.written == row.written
        )
    )


async def pronunciations_of(presentation_id: str) -> list[tuple[str, str]]:
    """(written, said as), the longest first."""
    async with current().db.read() as session:
        return await texts_repository.pronunciations_of(session, presentation_id)
