"""What would have to be made for a slide: its speech and its avatar video as values, with their fingerprints.

Nothing is read or written here: planning uses it to know what is fresh before anything is made, the slide's own
steps to make it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from deckcast.avatars.ports import AvatarProvider
from deckcast.batches.context import current
from deckcast.batches.models import SILENCE_S, MakeRequest
from deckcast.db.models import ItemRow
from deckcast.kit.errors import DeckcastError
from deckcast.kit.fingerprint import fingerprint
from deckcast.kit.marks import parse
from deckcast.speech.ports import Voice
from deckcast.videos.mark import mark_language
from deckcast.videos.measures import avatar_size
from deckcast.videos.models import Layout, Size

IDLE_S = 0.8  # idle time before and after the speech, where a provider draws it for nothing
VOICE_MARGIN = 1.5  # a slow voice says 110 words in the time that our estimate gives for 165
FIXED_SIZE = (1920, 1080)  # asked of a provider that has sizes of its own


@dataclass(frozen=True, slots=True)
class AvatarOrder:
    """An avatar video to be made: everything but the speech's own file. Times in seconds, sizes in pixels."""

    width: int
    height: int
    silence_s: float
    idle_s: float


def speaks_itself(request: MakeRequest, provider: AvatarProvider, item: ItemRow) -> bool:
    """Whether the provider says the item's words with a voice of its own: then the item has no speech before
    its avatar video is there."""
    return bool(
        request.provider_voice
        and said(item)
        and avatar_order(request, provider, item.placement, speaks=True) is not None
    )


def said(item: ItemRow) -> str:
    """The words to be spoken for the item; empty where it is silent."""
    return str((item.narrative or {}).get("text", ""))


def words_fingerprint(request: MakeRequest, provider: AvatarProvider, item: ItemRow) -> str | None:
    """Equal for the same words in the same voice, ours or the provider's; None for a silent item.

    Raises CallError unknown_voice, language_not_spoken.
    """
    if not said(item) or item.narrative is None:
        return None
    language = item.narrative["language"]
    if speaks_itself(request, provider, item):
        text = parse(said(item)).text  # all that the provider is given: its voices know no marks
        return fingerprint("script/1", text=text, language=language, voice=request.voice, nonce=request.nonce)
    return speech_fingerprint(request, item, our_voice(request, language))


def our_voice(request: MakeRequest, language: str) -> Voice:
    """The voice we speak with: the one asked for unless it is the provider's, else one that fits the avatar.

    Raises CallError unknown_voice, language_not_spoken.
    """
    asked = None if request.provider_voice else request.voice
    return current().engines.voice(asked, language, request.voice_gender)


def spending_s(request: MakeRequest, estimated_s: float) -> float:
    """Seconds of video to set money aside for. Our own speech lasts as estimated, nearly; how fast a voice of
    the provider's speaks is known only afterwards, so half as much again is reserved for it."""
    return estimated_s * VOICE_MARGIN if request.provider_voice else estimated_s


def mark_of(request: MakeRequest, deck_language: str) -> str | None:
    """The language in which clips say that a machine made them; None where they do not."""
    return mark_language(request.language or deck_language) if request.ai_mark else None


def speech_fingerprint(request: MakeRequest, item: ItemRow, voice: Voice) -> str:
    """Equal for the same words in the same voice, said at the same pace in the same way."""
    narrative = item.narrative or {}
    return fingerprint(
        "speech/1",
        text=narrative["text"],
        language=narrative["language"],
        say=narrative["say"],
        voice=voice.id,
        engine=current().engines.version_of(voice),
        words_per_minute=request.words_per_minute,
        nonce=request.nonce,
    )


def avatar_order(
    request: MakeRequest, provider: AvatarProvider, placement: dict[str, Any], speaks: bool
) -> AvatarOrder | None:
    """The avatar video that a slide wants; None where it is shown without a presenter, or the presenter
    would be silent and the provider does not draw silence."""
    can = provider.capabilities
    if placement["presenter"] is None or not (speaks or can.draws_silence):
        return None
    size = Size(request.size) if request.size else None
    width, height = avatar_size(Layout(placement["layout"]), size) if can.draws_any_size else FIXED_SIZE
    idle_s = IDLE_S if can.draws_silence and speaks else 0.0
    return AvatarOrder(width, height, 0.0 if speaks else SILENCE_S, idle_s)


def avatar_fingerprint(
    request: MakeRequest, provider: AvatarProvider, order: AvatarOrder, words: str | None
) -> str:
    """Equal for the same words in the same voice (`words_fingerprint`) by the same avatar; never of layout,
    picture, place in the deck or captions."""
    return fingerprint(
        "avatar-video/1",
        speech=words,
        silence_s=order.silence_s,
        avatar=request.avatar,
        background=request.background,
        size=[order.width, order.height],
        provider=provider.name,
        idle_s=[order.idle_s, order.idle_s],
        renderer=getattr(provider, "version", ""),
        nonce=request.nonce,
    )


def wanted_speech(request: MakeRequest, item: ItemRow) -> tuple[str, str] | None:
    """Slide and fingerprint of the speech that the item wants; None where it wants none, or nobody knows yet."""
    if not said(item) or item.narrative is None:
        return None
    try:
        voice = our_voice(request, item.narrative["language"])
    except DeckcastError:
        return None  # the slide's own steps name it
    return item.slide_id, speech_fingerprint(replace(request, nonce=item.nonce), item, voice)


def wanted_video(request: MakeRequest, item: ItemRow) -> tuple[str, str] | None:
    """Slide and fingerprint of the avatar video that the item wants; None where it wants none, or its words are not
    known yet."""
    if item.todo:
        return None
    provider = current().providers[request.provider]
    request = replace(request, nonce=item.nonce)
    order = avatar_order(request, provider, item.placement, bool(said(item)))
    if order is None:
        return None
    try:
        words = words_fingerprint(request, provider, item)
    except DeckcastError:
        return None  # the slide's own steps name it
    return item.slide_id, avatar_fingerprint(request, provider, order, words)
