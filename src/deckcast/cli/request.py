"""From the words of a call to a MakeRequest; wrong words end in a CallError before anything starts."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deckcast.avatars.ports import TRANSPARENT, Avatar, AvatarProvider
from deckcast.batches.context import current
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.kit.errors import CallError
from deckcast.kit.files import copy_whole, scratch_dir
from deckcast.kit.fingerprint import file_sha256
from deckcast.videos.models import Layout

SHOWN = 12  # avatars named in an error
AUTO = "auto"  # takes back a language or voice that was chosen before
DEFAULT_BACKGROUND = "#E6ECF5"


@dataclass(frozen=True, slots=True)
class MakeOptions:
    """What was written after `deckcast make`, or another command that makes something of a deck."""

    deck: Path
    out: Path | None = None
    provider: str | None = None
    avatar: str | None = None
    voice: str | None = None
    language: str | None = None
    background: str | None = None
    layout: str = "auto"
    corner: str | None = None
    shape: str = "circle"
    size: str | None = None
    slides: str | None = None
    approach: str | None = None
    style: str | None = None
    regenerate: bool = False
    overwrite_edits: bool = False
    max_cost_usd: float | None = None
    json: bool = False

    @property
    def out_dir(self) -> Path:
        """Where the film goes: OUT, else a folder named after the deck in the working folder."""
        return self.out or Path.cwd() / self.deck.stem


@dataclass(frozen=True, slots=True)
class Before:
    """What was asked for at last: by who drew videos, by who spoke, by who wrote."""

    drawn: MakeRequest | None = None
    spoken: MakeRequest | None = None
    written: MakeRequest | None = None


NOTHING_BEFORE = Before()


async def request_of(
    options: MakeOptions, providers: Mapping[str, AvatarProvider], before: Before = NOTHING_BEFORE
) -> MakeRequest:
    """The request behind a call. What was chosen at last for a presentation (who presents, the voice, language,
    approach and style) is chosen again where the call does not say: the narratives that were written and the speech
    that was made are what a film takes.

    Raises CallError unknown_provider, unknown_avatar, unknown_voice, voice_of_other_provider,
    voice_needs_presenter, background_invalid, not_transparent, slides_invalid; WorkError where the provider
    says nothing.
    """
    provider = provider_named(options.provider or current().settings.avatar.provider, providers)
    words = _words(options, before.written)
    last = before.drawn
    by_style = current().settings.avatar.by_style.get(provider.name, {})
    known_to_us = last.avatar if last is not None and last.provider == provider.name else None
    avatar = await _avatar(options.avatar or by_style.get(words.style), provider, known_to_us)
    return replace(
        words,
        provider=provider.name,
        avatar=avatar.id,
        background=await _background(options.background or DEFAULT_BACKGROUND, provider, avatar),
        layout=options.layout,
        corner=options.corner,
        shape=options.shape,
        size=options.size,
        voice=await _voice(options, before.spoken, provider, providers),
        voice_gender=avatar.gender,
        nonce=secrets.token_hex(8) if options.regenerate else "",
        regenerate=False,
    )


async def words_request_of(
    options: MakeOptions,
    kind: BatchKind,
    providers: Mapping[str, AvatarProvider],
    before: Before = NOTHING_BEFORE,
) -> MakeRequest:
    """The request behind a call that makes words or speech only. Speech is made for who would present, so that a
    film takes it as it is.

    Raises as `request_of`; CallError voice_of_other_provider where an avatar provider's own voice is asked for.
    """
    if not kind.goes_to(Step.SPEECH):
        return _words(options, before.written)
    whole = await request_of(options, providers, before)
    if whole.provider_voice and options.voice is None:
        whole = replace(whole, voice=None)
    if whole.provider_voice:
        raise CallError(
            "voice_of_other_provider",
            f"The voice {whole.voice!r} is heard only in the videos that {whole.provider} makes.",
            next_step="Choose one of Deckcast's own voices: `deckcast voices`.",
        )
    return replace(whole, provider="", avatar="", background="")


def _words(options: MakeOptions, last: MakeRequest | None) -> MakeRequest:
    """What is asked of the words."""
    narration = current().settings.narration
    return MakeRequest(
        language=_language(options.language, last),
        approach=options.approach or (last.approach if last else narration.approach),
        style=options.style or (last.style if last else narration.style),
        words_per_minute=narration.words_per_minute,
        slides=parse_slides(options.slides) if options.slides else None,
        regenerate=options.regenerate,
        overwrite_edits=options.overwrite_edits,
        max_cost_usd=options.max_cost_usd,
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
    options: MakeOptions,
    last: MakeRequest | None,
    provider: AvatarProvider,
    providers: Mapping[str, AvatarProvider],
) -> str | None:
    """The voice asked for, now or at last: one of ours, or, as `<provider>:<voice id>`, one of the provider's own."""
    asked, engines = options.voice, current().engines
    if asked is None and last is not None and _may_speak_again(last, provider, options):
        asked = last.voice
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
            next_step=f"Add --provider {owner}, or choose another voice: `deckcast voices`.",
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
    if options.layout == Layout.NONE:
        raise CallError(
            "voice_needs_presenter",
            f"With --layout none, {owner} makes no video, so its voice is not heard.",
            next_step="Choose another layout, or one of Deckcast's own voices: `deckcast voices`.",
        )
    return asked


def _may_speak_again(last: MakeRequest, provider: AvatarProvider, options: MakeOptions) -> bool:
    """Whether the last voice can be heard in this call too: a provider's own only in its videos."""
    return last.provider_voice is None or (last.provider == provider.name and options.layout != Layout.NONE)


def _language(asked: str | None, last: MakeRequest | None) -> str | None:
    if asked is None:
        return last.language if last else None
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


async def _background(asked: str, provider: AvatarProvider, avatar: Avatar) -> str:
    if asked.lower() == TRANSPARENT:
        _check_transparent(provider, avatar)
        return TRANSPARENT
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", asked):
        return asked.upper()
    path = Path(asked)
    if asked.startswith("#") or not await asyncio.to_thread(path.is_file):
        raise CallError(
            "background_invalid",
            f"{asked!r} is neither a colour such as #1F3A5F, nor a picture that is there, nor {TRANSPARENT!r}.",
            next_step="Give one of the three after --background.",
        )
    return await _kept(path, await asyncio.to_thread(_format_of, path))


def _check_transparent(provider: AvatarProvider, avatar: Avatar) -> None:
    if not (provider.capabilities.transparent and avatar.transparent):
        who = f"{avatar.name} by" if provider.capabilities.transparent else "The provider"
        raise CallError(
            "not_transparent",
            f"{who} {provider.name} cannot be had without a background.",
            next_step='Give a colour, such as --background "#E6ECF5", or choose another presenter.',
        )


async def _kept(picture: Path, suffix: str) -> str:
    """The asset key of a picture, named after its content."""
    context = current()
    key = f"backgrounds/{await asyncio.to_thread(file_sha256, picture)}.{suffix}"
    if not await context.store.has(key):
        with scratch_dir(context.scratch, "background") as folder:
            copy = folder / f"picture.{suffix}"
            await asyncio.to_thread(copy_whole, picture, copy)
            await context.store.put(copy, key)
    return key


def _format_of(path: Path) -> str:
    """What a picture is ("png", "jpeg"), whatever its name says. Raises CallError background_invalid."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as picture:
            picture.verify()
            return (picture.format or "picture").lower()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CallError(
            "background_invalid", f"{path.name} is not a picture.", next_step="Give a PNG or JPEG file."
        ) from error


def parse_slides(text: str) -> tuple[int, ...]:
    """ "1,3-5" → (1, 3, 4, 5). Raises CallError slides_invalid."""
    numbers: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?\s*", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise CallError(
                "slides_invalid",
                f"{text!r} does not name slides.",
                next_step='Write numbers and ranges, such as "1,3-5".',
            )
        numbers.update(range(first, last + 1))
    return tuple(sorted(numbers))
