"""Who can present and who can speak at HeyGen: both lists, kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from deckcast.avatars.heygen.client import HeyGenClient, Json
from deckcast.avatars.ports import Avatar, ProviderVoice
from deckcast.kit.errors import CallError

KEPT_S = 900.0
KEPT_AT_LEAST_S = 60.0  # an id that is not in the list is looked for again, but not more often than this
CUTS_OUT = ("studio_avatar",)  # only these are known to come without their background

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Look:
    """An avatar of HeyGen's ("look"), with what only this package needs to know."""

    avatar: Avatar
    engines: list[str] = field(default_factory=list)
    default_voice_id: str | None = None


class _List(Generic[Item]):
    """A list of the account, read to its last page when it is asked for and old; by id."""

    def __init__(
        self,
        client: HeyGenClient,
        path: str,
        page: int,
        read: Callable[[Json], tuple[str, Item] | None],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._path = path
        self._page = page
        self._read = read
        self._clock = clock
        self._items: dict[str, Item] = {}
        self._read_at: float | None = None
        self._lock = asyncio.Lock()

    async def all(self, at_most_s: float = KEPT_S) -> dict[str, Item]:
        async with self._lock:
            if self._read_at is None or self._clock() - self._read_at > at_most_s:
                items: dict[str, Item] = {}
                async for page in self._client.pages(self._path, limit=self._page):
                    items.update(found for found in map(self._read, page) if found is not None)
                self._items, self._read_at = items, self._clock()
            return self._items

    async def find(self, wanted: str) -> Item | None:
        found = (await self.all()).get(wanted)
        return found if found is not None else (await self.all(KEPT_AT_LEAST_S)).get(wanted)


class Catalogue:
    """The account's looks and voices."""

    def __init__(self, client: HeyGenClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._looks = _List(client, "/v3/avatars/looks", 50, _look, clock)
        self._voices = _List(client, "/v3/voices", 100, _voice, clock)

    async def avatars(self) -> tuple[Avatar, ...]:
        """Everybody who can present."""
        return tuple(look.avatar for look in (await self._looks.all()).values())

    async def voices(self) -> tuple[ProviderVoice, ...]:
        """Every voice."""
        return tuple((await self._voices.all()).values())

    async def look(self, avatar_id: str) -> Look:
        """One avatar. Raises CallError unknown_avatar."""
        found = await self._looks.find(avatar_id)
        if found is None:
            raise CallError(
                "unknown_avatar",
                f"HeyGen has no avatar “{avatar_id}”.",
                next_step="Run `deckcast avatars --provider heygen` and choose one with --avatar.",
            )
        return found

    async def check_voice(self, voice_id: str | None, look: Look) -> None:
        """Raises CallError unknown_voice: there is no such voice, or none was named and the avatar has none."""
        if voice_id is None and look.default_voice_id:
            return
        if voice_id is None or await self._voices.find(voice_id) is None:
            raise CallError(
                "unknown_voice",
                f"HeyGen has no voice “{voice_id}”."
                if voice_id
                else "This avatar has no voice of its own at HeyGen.",
                next_step="`deckcast voices --provider heygen` lists those there are.",
            )


def _look(item: Json) -> tuple[str, Look] | None:
    look_id, name = item.get("id"), item.get("name")
    if not isinstance(look_id, str) or not look_id or item.get("status") == "failed":
        return None
    kind = str(item.get("avatar_type") or "")
    engines = item.get("supported_api_engines")
    avatar = Avatar(
        id=look_id,
        name=str(name or look_id),
        description=kind.replace("_", " "),
        provider="heygen",
        preview=_text(item.get("preview_image_url")),
        gender=_gender(item.get("gender")),
        transparent=kind in CUTS_OUT,
    )
    return look_id, Look(
        avatar,
        engines=[str(each) for each in engines] if isinstance(engines, list) else [],
        default_voice_id=_text(item.get("default_voice_id")),
    )


def _voice(item: Json) -> tuple[str, ProviderVoice] | None:
    voice_id = _text(item.get("voice_id"))
    if voice_id is None:
        return None
    return voice_id, ProviderVoice(
        id=voice_id,
        name=str(item.get("name") or voice_id),
        language=str(item.get("language") or ""),
        gender=_gender(item.get("gender")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _gender(value: object) -> str | None:
    said = str(value or "").lower()
    return {"female": "female", "woman": "female", "male": "male", "man": "male"}.get(said)
