"""From what somebody asks for to a MakeRequest, whoever asks: a command, the API or the page.

What was chosen for a presentation is chosen again where a call does not say: the narratives that were written and the
speech that was made are what a film takes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from deckcast.avatars.ports import TRANSPARENT, Avatar, AvatarProvider
from deckcast.batches.context import current
from deckcast.batches.models import BatchKind, MakeRequest, Priority, Step
from deckcast.kit.errors import CallError
from deckcast.videos.models import Layout
from deckcast.videos.models import Shape as Outline

SHOWN = 12  # avatars named in an error
AUTO = "auto"  # takes back a language, voice, corner or size that was chosen before
DEFAULT_BACKGROUND = "#E6ECF5"
PICTURES = "backgrounds/"  # asset keys of pictures behind presenters begin so


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen for a presentation; None: nobody has. `avatars` are ids by provider; `language` and `voice` are
    as in MakeRequest; `background` is "#RRGGBB", "transparent" or the asset key of a picture."""

    provider: str | None = None
    avatars: dict[str, str] = field(default_factory=dict)
    voice: str | None = None
    language: str | None = None
    approach: str | None = None
    style: str | None = None
    background: str | None = None
    layout: str | None = None
    corner: str | None = None
    shape: str | None = None
    size: str | None = None
    ai_mark: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Choices:
        """The inverse of `to_json`."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})


NOTHING_CHOSEN = Choices()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a call asks for; None: what was chosen before, else Deckcast's own choice. `slides` are slide numbers (None:
    all that belong to the film)."""

    provider: str | None = None
    avatar: str | None = None
    voice: str | None = None
    language: str | None = None
    background: str | None = None
    layout: str | None = None
    corner: str | None = None
    shape: str | None = None
    size: str | None = None
    ai_mark: bool | None = None
    slides: tuple[int, ...] | None = None
    approach: str | None = None
    style: str | None = None
    regenerate: bool = False
    overwrite_edits: bool = False
    max_cost_usd: float | None = None
    priority: str = Priority.NORMAL


def chosen_after(before: Choices, kind: BatchKind, request: MakeRequest) -> Choices:
    """The choices of a presentation after a request for it."""
    narration = current().settings.narration
    after = replace(
        before,
        approach=_chosen(before.approach, request.approach, narration.approach),
        style=_chosen(before.style, request.style, narration.style),
        language=request.language,
    )
    if kind.goes_to(Step.SPEECH):
        after = replace(after, voice=request.voice)
    if kind.draws:
        after = replace(
            after,
            provider=request.provider,
            avatars={**before.avatars, request.provider: request.avatar},
            background=_chosen(before.background, request.background, DEFAULT_BACKGROUND),
            layout=_chosen(before.layout, request.layout, Layout.AUTO),
            corner=request.corner,
            shape=_chosen(before.shape, request.shape, Outline.CIRCLE),
            size=request.size,
            ai_mark=request.ai_mark or None,
        )
    return after


def _chosen(before: str | None, used: str, unasked: str) -> str | None:
    """What is remembered of a choice: not what Deckcast took because nobody had chosen."""
    return None if before is None and used == unasked else used


async def request_for(
    kind: BatchKind, asked: Asked, providers: Mapping[str, AvatarProvider], before: Choices = NOTHING_CHOSEN
) -> MakeRequest:
    """The request for a batch of a kind. Speech is made for who would present, so that a film takes it as it is.

    Raises CallError unknown_provider, unknown_avatar, unknown_voice, voice_of_other_provider, voice_needs_presenter,
    background_invalid, not_transparent, language_invalid, provider_not_configured; WorkError where the provider says
    nothing.
    """
    if not kind.goes_to(Step.SPEECH):
        return _words(asked, before)
    whole = await _whole(asked, providers, before)
    if kind.draws:
        return whole
    if whole.provider_voice and asked.voice is None:
        whole = replace(whole, voice=None)
    if whole.provider_voice:
        raise CallError(
            "voice_of_other_provider",
            f"The voice {whole.voice!r} is heard only in the videos that {whole.provider} makes.",
            next_step="Choose one of Deckcast's own voices: `deckcast voices`.",
        )
    return replace(whole, provider="", avatar="", background="")


async def _whole(asked: Asked, providers: Mapping[str, AvatarProvider], before: Choices) -> MakeRequest:
    look = await look_for(asked, providers, before)
    voice = await _voice(asked, look.layout, before.voice, providers[look.provider], providers)
    return replace(look, voice=voice)


async def look_for(asked: Asked, providers: Mapping[str, AvatarProvider], before: Choices) -> MakeRequest:
    """How slide and presenter are to look: a request without a voice. Raises as `request_for`, but for the voice."""
    provider = provider_named(
        asked.provider or before.provider or current().settings.avatar.provider, providers
    )
    words = _words(asked, before)
    by_style = current().settings.avatar.by_style.get(provider.name, {})
    avatar = await _avatar(
        asked.avatar or by_style.get(words.style), provider, before.avatars.get(provider.name)
    )
    background = asked.background or before.background or DEFAULT_BACKGROUND
    return replace(
        words,
        provider=provider.name,
        avatar=avatar.id,
        background=_background(background, provider, avatar),
        layout=asked.layout or before.layout or Layout.AUTO,
        corner=_unless_auto(asked.corner or before.corner),
        shape=asked.shape or before.shape or Outline.CIRCLE,
        size=_unless_auto(asked.size or before.size),
        ai_mark=bool(before.ai_mark if asked.ai_mark is None else asked.ai_mark),
        voice_gender=avatar.gender,
        nonce=secrets.token_hex(8) if asked.regenerate else "",
        regenerate=False,
    )


def _unless_auto(chosen: str | None) -> str | None:
    return None if chosen == AUTO else chosen


def _words(asked: Asked, before: Choices) -> MakeRequest:
    """What is asked of the words."""
    narration = current().settings.narration
    return MakeRequest(
        language=_language(asked.language, before.language),
        approach=asked.approach or before.approach or narration.approach,
        style=asked.style or before.style or narration.style,
        words_per_minute=narration.words_per_minute,
        slides=asked.slides,
        regenerate=asked.regenerate,
        overwrite_edits=asked.overwrite_edits,
        max_cost_usd=asked.max_cost_usd,
        priority=asked.priority,
    )


def provider_named(name: str, providers: Mapping[str, AvatarProvider]) -> AvatarProvider:
    """The provider of this name. Raises CallError unknown_provider, provider_not_configured."""
    missing = current().not_configured.get(name)
    if missing is not None:
        raise CallError(
            "provider_not_configured",
            missing,
            next_step="Or leave --provider out: the local presenter needs no key.",
        )
    if name not in providers:
        raise CallError(
            "unknown_provider",
            f"There is no avatar provider named {name!r}.",
            next_step=f"Choose one of: {', '.join(providers)}.",
        )
    return providers[name]


async def _avatar(asked: str | None, provider: AvatarProvider, last: str | None) -> Avatar:
    known = {avatar.id: avatar for avatar in await provider.avatars()}
    if asked is not None and asked not in known:
        raise CallError(
            "unknown_avatar",
            f"The provider {provider.name} has no presenter named {asked!r}.",
            next_step=f"Choose one of: {', '.join(list(known)[:SHOWN])}{' …' if len(known) > SHOWN else '.'}",
        )
    if asked is None and last in known:
        return known[last]
    return known[asked] if asked is not None else next(iter(known.values()))


async def _voice(
    asked_for: Asked,
    layout: str,
    last: str | None,
    provider: AvatarProvider,
    providers: Mapping[str, AvatarProvider],
) -> str | None:
    """The voice asked for, now or at last: one of ours, or, as `<provider>:<voice id>`, one of the provider's own."""
    asked, engines = asked_for.voice, current().engines
    if asked is None and last is not None and _may_speak_again(last, layout, provider, providers):
        asked = last
    if asked == AUTO:
        asked = None
    await engines.load(asked)
    if asked is None:
        return None
    owner, _, voice_id = asked.partition(":")
    if owner in engines.configured or owner in engines.not_configured:
        return engines.voice(asked, "").id
    speaks = owner in current().not_configured or (
        owner in providers and providers[owner].capabilities.takes_text
    )
    if speaks and owner != provider.name:
        raise CallError(
            "voice_of_other_provider",
            f"The voice {asked!r} is heard only in videos by {owner}, and {provider.name} makes these.",
            next_step=f"Choose that provider (--provider {owner}), or another voice: `deckcast voices`.",
        )
    if not speaks:
        raise CallError(
            "unknown_voice",
            f"There is no voice named {asked!r}.",
            next_step="`deckcast voices` lists those there are.",
        )
    if voice_id not in {voice.id for voice in await provider.voices()}:
        raise CallError(
            "unknown_voice",
            f"The provider {owner} has no voice with the id {voice_id!r}.",
            next_step=f"`deckcast voices --provider {owner}` lists those there are.",
        )
    if layout == Layout.NONE:
        raise CallError(
            "voice_needs_presenter",
            f'With the layout "none", {owner} makes no video, so its voice is not heard.',
            next_step="Choose another layout, or one of Deckcast's own voices: `deckcast voices`.",
        )
    return asked


def _may_speak_again(
    last: str, layout: str, provider: AvatarProvider, providers: Mapping[str, AvatarProvider]
) -> bool:
    """Whether the last voice can be heard in this call too: a provider's own only in its videos."""
    owner = last.partition(":")[0]
    of_a_provider = owner in providers or owner in current().not_configured
    return not of_a_provider or (owner == provider.name and layout != Layout.NONE)


def _language(asked: str | None, last: str | None) -> str | None:
    if asked is None:
        return last
    return None if asked == AUTO else language_tag(asked)


def language_tag(asked: str) -> str:
    """A BCP 47 tag as it is usually written, so that "pt_br" and "pt-BR" are one language.

    Raises CallError language_invalid.
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", asked):
        raise CallError(
            "language_invalid",
            f"{asked!r} is not a language tag.",
            next_step='Write one such as "en", "de" or "pt-BR".',
        )
    first, *rest = asked.replace("_", "-").lower().split("-")
    cased = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part for part in rest]
    return "-".join([first, *cased])


def _background(asked: str, provider: AvatarProvider, avatar: Avatar) -> str:
    if asked.lower() == TRANSPARENT:
        _check_transparent(provider, avatar)
        return TRANSPARENT
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", asked):
        return asked.upper()
    if not asked.startswith(PICTURES):
        raise background_invalid(asked)
    return asked


def background_invalid(asked: str) -> CallError:
    """What was given is no background."""
    return CallError(
        "background_invalid",
        f"{asked!r} is neither a colour such as #1F3A5F, nor a picture that is there, nor {TRANSPARENT!r}.",
        next_step="Give one of the three as the background (--background).",
    )


def _check_transparent(provider: AvatarProvider, avatar: Avatar) -> None:
    if not (provider.capabilities.transparent and avatar.transparent):
        who = f"{avatar.name} by" if provider.capabilities.transparent else "The provider"
        raise CallError(
            "not_transparent",
            f"{who} {provider.name} cannot be had without a background.",
            next_step='Give a colour, such as --background "#E6ECF5", or choose another presenter.',
        )
