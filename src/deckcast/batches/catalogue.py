"""Who can present and speak, and how the accounts stand: asked of the providers at most every few minutes, so that a
page that is opened often asks nobody too often. What a provider refuses to say is kept for a shorter while."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from deckcast.avatars.fetching import Outside
from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.local.render import preview_png
from deckcast.avatars.ports import Avatar, AvatarProvider, Balance, Capabilities, ProviderVoice
from deckcast.avatars.repository import account_of
from deckcast.batches.context import Context
from deckcast.batches.requests import provider_named
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.speech import espeak_voices
from deckcast.speech.ports import Voice

LISTS_S = 300.0
BALANCE_S = 60.0
FAILURES_S = 20.0
PREVIEWS_S = 86_400.0
PREVIEW_PX = 480
PICTURE_BYTES = 8 << 20
PICTURE_S = 10.0
LOCAL = LocalProvider.name


@dataclass(frozen=True, slots=True)
class ProviderState:
    """An avatar provider. `lacks` says what is not configured; then nothing else is known. `paused_until` is when
    its account is called again, with the reason."""

    name: str
    lacks: str | None = None
    capabilities: Capabilities | None = None
    paused_until: datetime | None = None
    code: str | None = None
    message: str | None = None
    balance: Balance | None = None


@dataclass(frozen=True, slots=True)
class EngineState:
    """A speech engine: what it lacks, or why it does not say which voices it has."""

    name: str
    lacks: str | None = None
    error: DeckcastError | None = None


class Catalogue:
    """The lists of one process."""

    def __init__(self, parts: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._parts = parts
        self._clock = clock
        self._outside = Outside(parts.settings.heygen.base_url)
        self._kept: dict[str, tuple[float, object]] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def providers(self) -> list[ProviderState]:
        """Every provider that Deckcast knows, the one of the settings first."""
        default = self._parts.settings.avatar.provider
        found = [await self._state(each) for each in self._parts.providers.values()]
        found += [ProviderState(name, lacks=lacks) for name, lacks in self._parts.not_configured.items()]
        return sorted(found, key=lambda each: each.name != default)

    async def avatars(self, provider: str | None) -> Sequence[Avatar]:
        """Everybody who can present. Raises CallError unknown_provider, provider_not_configured; WorkError."""
        asked = self._provider(provider)
        return cast(tuple[Avatar, ...], await self._ask(f"avatars {asked.name}", asked.avatars, LISTS_S))

    async def preview(self, avatar_id: str) -> bytes:
        """A picture (PNG, `PREVIEW_PX` square) of one of our own presenters. Raises CallError not_found."""
        if avatar_id not in {avatar.id for avatar in await self.avatars(LOCAL)}:
            raise CallError("not_found", "There is no such avatar.")

        async def draw() -> bytes:
            return await asyncio.to_thread(preview_png, avatar_id, PREVIEW_PX)

        return cast(bytes, await self._ask(f"preview {avatar_id}", draw, PREVIEWS_S))

    async def picture(self, avatar: Avatar) -> bytes | None:
        """The picture by which a provider shows an avatar of its own, as a file's bytes; None where there is none, or
        it cannot be had."""

        async def fetch() -> bytes:
            async with self._outside.fetched(
                avatar.preview or "", max_bytes=PICTURE_BYTES, max_s=PICTURE_S
            ) as pieces:
                return b"".join([piece async for piece in pieces])

        if not avatar.preview:
            return None
        try:
            return cast(bytes, await self._ask(f"picture {avatar.preview}", fetch, PREVIEWS_S))
        except DeckcastError:
            return None

    async def provider_voices(self, provider: str, language: str | None) -> Sequence[ProviderVoice]:
        """A provider's own voices, of a language or all. Raises as `avatars`."""
        asked = self._provider(provider)
        if not asked.capabilities.takes_text:
            return ()
        voices = await self._ask(f"voices {asked.name}", asked.voices, LISTS_S)
        found = cast(tuple[ProviderVoice, ...], voices)
        return [voice for voice in found if is_in(voice, language)]

    async def voices(self, language: str | None) -> tuple[Sequence[Voice], Sequence[EngineState]]:
        """The voices of Deckcast's own engines, of a language or all, and how the engines stand."""
        engines = self._parts.engines
        await self._ask("voices of engines", engines.load, LISTS_S if not engines.failed else FAILURES_S)
        states = [
            EngineState(name, engines.not_configured.get(name), engines.failed.get(name))
            for name in (*engines.configured, *engines.not_configured)
        ]
        return [voice for voice in engines.voices() if speaks(voice, language)], states

    async def balance(self, provider: AvatarProvider) -> Balance | None:
        """What is left on an account; None where nobody tells."""
        if not provider.capabilities.paid:
            return None
        try:
            return cast(
                "Balance | None", await self._ask(f"balance {provider.name}", provider.balance, BALANCE_S)
            )
        except DeckcastError:
            return None

    def _provider(self, name: str | None) -> AvatarProvider:
        return provider_named(name or self._parts.settings.avatar.provider, self._parts.providers)

    async def _state(self, provider: AvatarProvider) -> ProviderState:
        async with self._parts.db.read() as session:
            row = await account_of(session, provider.name)
        paused = row is not None and row.paused_until is not None and row.paused_until > now()
        return ProviderState(
            provider.name,
            capabilities=provider.capabilities,
            paused_until=row.paused_until if row and paused else None,
            code=row.code if row and paused else None,
            message=row.message if row and paused else None,
            balance=await self.balance(provider),
        )

    async def _ask(self, name: str, ask: Callable[[], Awaitable[Any]], keep_s: float) -> object:
        """What was answered within `keep_s` seconds, else the answer of now. One asks, the others wait for it."""
        async with self._locks[name]:
            at, said = self._kept.get(name, (0.0, None))
            kept_s = FAILURES_S if isinstance(said, DeckcastError) else keep_s
            if name not in self._kept or self._clock() - at > kept_s:
                try:
                    said = await ask()
                except DeckcastError as error:
                    said = error
                self._kept[name] = (self._clock(), said)
        if isinstance(said, DeckcastError):
            raise said
        return said


def speaks(voice: Voice, language: str | None) -> bool:
    """Whether it is a voice of the language (None: of any), or speaks every one."""
    wanted, spoken = (language or "").lower().replace("_", "-"), voice.language.lower()
    return not wanted or spoken in ("", wanted) or spoken.startswith(f"{wanted}-")


def is_in(voice: ProviderVoice, language: str | None) -> bool:
    """Whether a provider's voice speaks the language: the provider writes it as a tag, or by its English name."""
    if language is None:
        return True
    wanted, written = language.lower(), voice.language.lower()
    names = {
        re.split(r"[ ,(]", ours.name)[0].lower()
        for ours in espeak_voices.voices()
        if ours.language.lower().split("-")[0] == wanted.split("-")[0]
    }
    return written == wanted or written.startswith(f"{wanted}-") or re.split(r"[ ,(]", written)[0] in names
