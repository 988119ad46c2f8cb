"""What is there of every slide, and whether it is still what would be made today: read only, in a constant number of
queries for a whole presentation, and without asking any provider."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from deckcast.batches import freshness_repository, repository, texts_repository
from deckcast.batches.context import current
from deckcast.batches.models import MakeRequest
from deckcast.batches.orders import said, speaks_itself, wanted_speech, wanted_video
from deckcast.batches.requests import DEFAULT_BACKGROUND, Choices
from deckcast.batches.slide_contents import own_content, slide_fingerprint
from deckcast.batches.texts import holding_analysis, language_of, stays, wish_of
from deckcast.db.models import (
    AvatarVideoRow,
    BatchRow,
    ItemRow,
    NarrativeRow,
    PresentationRow,
    SlideAnalysisRow,
    SlideRow,
    SpeechRow,
)
from deckcast.kit.slides import SlideContent
from deckcast.narration.service import needs_model
from deckcast.videos.models import Layout

OfSlide = TypeVar("OfSlide", SlideAnalysisRow, SpeechRow, AvatarVideoRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What holds of a slide. Stale is what a batch would make anew today. `edited_before_change`: the slide has changed
    since a person wrote its narrative, which stays. `wanted_videos` are the fingerprints that an avatar video of the
    slide would have; None: nobody can say, so none is called stale."""

    language: str
    analysis: SlideAnalysisRow | None = None
    narrative: NarrativeRow | None = None
    narrative_stale: bool = False
    edited_before_change: bool = False
    speech: SpeechRow | None = None
    speech_stale: bool = False
    avatar_video: AvatarVideoRow | None = None
    avatar_video_stale: bool = False
    wanted_videos: frozenset[str] | None = None

    def is_stale(self, video: AvatarVideoRow) -> bool:
        """Whether an avatar video of the slide is another than would be made today."""
        return self.wanted_videos is not None and video.fingerprint not in self.wanted_videos


async def freshness_of(presentation: PresentationRow) -> dict[str, Freshness]:
    """What holds of every slide of the deck, by the slide's id."""
    async with current().db.read() as session:
        slides = await repository.slides_of(session, presentation.id)
        analyses = await texts_repository.analyses_of(session, presentation.id)
        narratives = await texts_repository.narratives_of(session, presentation.id)
        pronunciations = await texts_repository.pronunciations_of(session, presentation.id)
        last = await texts_repository.last_number(session, presentation.id)
        speeches = await freshness_repository.speeches_of(session, presentation.id)
        videos = await freshness_repository.finished_videos_of(session, presentation.id)
        batches = await freshness_repository.newest_batches(session, presentation.id)
    request = await present_request(Choices.from_json(presentation.choices), batches)
    found = _by_slide(analyses), _by_slide(speeches), _by_slide(videos)
    fresh = {}
    for slide in slides:
        own = own_content(slide, presentation, last)
        words = _words(slide, own, language_of(slide, presentation, request), request, narratives)
        analysis = holding_analysis(own, slide, found[0].get(slide.id, ()), current().model)
        fresh[slide.id] = _made(slide, words, request, pronunciations, found[1], found[2], analysis)
    return fresh


async def present_request(choices: Choices, batches: Sequence[BatchRow] = ()) -> MakeRequest:
    """What would be asked for today, where a call said nothing; `batches` are those before, newest first. What nobody
    chose for the presentation is as in the newest of them that drew, so that what a call asked for is not stale at
    once; no remote provider is asked."""
    settings = current().settings
    before = [MakeRequest.from_json(batch.request) for batch in batches]
    drawn = next((each for each in before if each.avatar), None) or MakeRequest(
        provider=settings.avatar.provider, background=DEFAULT_BACKGROUND
    )
    provider = choices.provider or drawn.provider
    style = choices.style or settings.narration.style
    avatar, gender = await _avatar(choices, provider, style, before)
    return MakeRequest(
        provider=provider,
        avatar=avatar,
        background=choices.background or drawn.background,
        layout=choices.layout or drawn.layout,
        corner=choices.corner or drawn.corner,
        shape=choices.shape or drawn.shape,
        size=choices.size or drawn.size,
        ai_mark=bool(choices.ai_mark),
        voice=choices.voice,
        voice_gender=gender,
        language=choices.language,
        approach=choices.approach or settings.narration.approach,
        style=style,
        words_per_minute=settings.narration.words_per_minute,
    )


async def _avatar(
    choices: Choices, provider: str, style: str, before: Sequence[MakeRequest]
) -> tuple[str, str | None]:
    """The avatar and the gender of its voice: as the batches before say, or our own presenter does."""
    by_style = current().settings.avatar.by_style.get(provider, {})
    drawn = (each.avatar for each in before if each.provider == provider and each.avatar)
    avatar = by_style.get(style) or choices.avatars.get(provider) or next(drawn, "")
    found = current().providers.get(provider)
    if found is not None and not found.capabilities.paid:
        known = {each.id: each for each in await found.avatars()}
        own = known.get(avatar) or next(iter(known.values()))
        return own.id, own.gender
    by_avatar = [each for each in before if (each.provider, each.avatar) == (provider, avatar)]
    return avatar, next((each.voice_gender for each in [*by_avatar, *before] if each.voice_gender), None)


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    narrative: NarrativeRow | None
    stale: bool = False
    edited_before_change: bool = False


def _words(
    slide: SlideRow,
    own: SlideContent,
    language: str,
    request: MakeRequest,
    narratives: Mapping[tuple[str, str], NarrativeRow],
) -> _Words:
    row = narratives.get((slide.id, language))
    if row is None:
        return _Words(language, None)
    wish = wish_of(request, language)
    by_model = current().model is not None and needs_model(own, wish)
    stale = not stays(row, own, wish, by_model=by_model, again=False, overwrite=False)
    by_hand = row.source == texts_repository.EDITED
    return _Words(language, row, stale, by_hand and row.slide_fingerprint != slide_fingerprint(own))


def _made(
    slide: SlideRow,
    words: _Words,
    request: MakeRequest,
    pronunciations: Sequence[tuple[str, str]],
    speeches: Mapping[str, Sequence[SpeechRow]],
    videos: Mapping[str, Sequence[AvatarVideoRow]],
    analysis: SlideAnalysisRow | None,
) -> Freshness:
    wanted = _wanted(slide, words, request, pronunciations)
    speech, speech_stale = _best(speeches.get(slide.id, ()), wanted.speeches)
    video, video_stale = _best(videos.get(slide.id, ()), wanted.videos)
    return Freshness(
        language=words.language,
        analysis=analysis,
        narrative=words.narrative,
        narrative_stale=words.stale,
        edited_before_change=words.edited_before_change,
        speech=speech,
        speech_stale=speech_stale,
        avatar_video=video,
        avatar_video_stale=video_stale,
        wanted_videos=wanted.videos,
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Fingerprints of what would be made; None: nobody can say."""

    speeches: frozenset[str] | None
    videos: frozenset[str] | None


def _wanted(
    slide: SlideRow, words: _Words, request: MakeRequest, pronunciations: Sequence[tuple[str, str]]
) -> _Wanted:
    """Words that are missing or would be written anew want nothing that is there."""
    if words.narrative is None or words.stale:
        return _Wanted(frozenset(), frozenset())
    item = ItemRow(slide_id=slide.id, nonce=slide.nonce, todo=[])
    item.narrative = texts_repository.said_of(words.narrative, pronunciations)
    # Of where a presenter stands, only this counts for its video: whether it fills the picture.
    layout = Layout.FULL if request.layout == Layout.FULL else Layout.CORNER
    item.placement = {"layout": layout, "presenter": True}
    speech = wanted_speech(request, item)
    speeches = frozenset({speech[1]} if speech else ()) if speech or not said(item) else None
    provider = current().providers.get(request.provider)
    if provider is None:
        return _Wanted(speeches, None)
    video = wanted_video(request, item)
    known = video is not None or not said(item)
    videos = frozenset({video[1]} if video else ()) if known else None
    if speaks_itself(request, provider, item) and videos is not None:
        speeches = (speeches or frozenset()) | videos
    return _Wanted(speeches, videos)


def _best(rows: Sequence[OfSlide], wanted: frozenset[str] | None) -> tuple[OfSlide | None, bool]:
    """The newest row that is still wanted, else the newest, which is stale then."""
    if not rows or wanted is None:
        return (rows[-1] if rows else None), False
    fresh = [row for row in rows if row.fingerprint in wanted]
    return (fresh[-1], False) if fresh else (rows[-1], True)


def _by_slide(rows: Iterable[OfSlide]) -> dict[str, list[OfSlide]]:
    found: dict[str, list[OfSlide]] = {}
    for row in rows:
        found.setdefault(row.slide_id, []).append(row)
    return found
