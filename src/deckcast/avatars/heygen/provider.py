"""HeyGen as an avatar provider (API v3). What is HeyGen's stays in this package."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import httpx2

from deckcast.avatars.fetching import Outside
from deckcast.avatars.heygen import orders, webhooks
from deckcast.avatars.heygen.assets import Assets
from deckcast.avatars.heygen.catalogue import Catalogue
from deckcast.avatars.heygen.client import HeyGenClient, Json
from deckcast.avatars.heygen.errors import UNREADABLE, CallFailed, call_failed, lost, of_paid_call, refused
from deckcast.avatars.heygen.states import balance_of, has_ended, state_of, state_of_failure
from deckcast.avatars.pacing import Pace, unpaced
from deckcast.avatars.ports import (
    TRANSPARENT,
    Avatar,
    AvatarVideoRequest,
    Balance,
    Capabilities,
    Done,
    JobState,
    Order,
    ProviderVoice,
    RateCard,
    Running,
    WebhookEvent,
)
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.files import scratch_dir
from deckcast.kit.outside import is_loopback
from deckcast.kit.retry import Retries
from deckcast.kit.settings import HeyGenSettings

REPLAY_WINDOW_S = 23 * 3600.0  # HeyGen keeps a key for 24 h
STATUSES_PER_CALL = 100
REQUESTS_PER_SECOND = 20.0  # HeyGen publishes no figure: enough for any number of slides, and no burst


def capabilities_of(settings: HeyGenSettings, public_url: str | None) -> Capabilities:
    """What HeyGen can do for an account of its self-serve plan."""
    return Capabilities(
        takes_audio=True,
        takes_text=True,
        transparent=True,
        webhooks=public_url is not None,
        find_by_key=True,
        can_cancel=False,
        draws_silence=False,
        paid=True,
        max_concurrent=10,
        requests_per_second=REQUESTS_PER_SECOND,
        replay_window_s=REPLAY_WINDOW_S,
        draws_any_size=False,
        max_script_chars=5000,
        max_audio_s=600.0,
        max_audio_bytes=50_000_000,
        typical_render_s=600.0,
        timeout_per_video_s=2700.0,
        rate_card=RateCard(settings.usd_per_second, settings.billing_step_s),
    )


class HeyGenProvider:
    """Avatar videos by HeyGen. Paid: only `submit` costs, and it never repeats a call by itself.

    Raises CallError settings_invalid where the base URL is neither https nor this machine's own.
    """

    name = "heygen"

    def __init__(
        self,
        settings: HeyGenSettings,
        *,
        public_url: str | None,
        scratch: Path,
        client: httpx2.AsyncClient | None = None,
        outside: Outside | None = None,
        retries: Retries | None = None,
        clock: Callable[[], datetime] = now,
        pace: Pace = unpaced,
    ) -> None:
        if not (settings.base_url.startswith("https://") or is_loopback(settings.base_url)):
            raise CallError(
                "settings_invalid",
                "DECKCAST_HEYGEN__BASE_URL is no https address.",
                next_step="Correct it and try again: a key is never sent in the open.",
            )
        self.capabilities = capabilities_of(settings, public_url)
        self._settings = settings
        self._scratch = scratch
        self._clock = clock
        self._retries = retries or Retries()
        self._client = HeyGenClient(settings, http=client, retries=self._retries, clock=clock, pace=pace)
        self._outside = outside or Outside(settings.base_url)
        self._assets = Assets(self._client, self._outside, self._retries)
        self._catalogue = Catalogue(self._client)
        self._registered_secret: str | None = None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def prepare(self, request: AvatarVideoRequest, key: str) -> Order:
        """The body of the create call, its files brought over.

        Raises CallError script_too_short, script_too_long, audio_missing, audio_unreadable, audio_too_long,
        audio_too_large, background_invalid, unknown_avatar, unknown_voice, not_transparent; SubmissionRefused
        where the account cannot be used; WorkError where HeyGen could not be reached.
        """
        await asyncio.to_thread(orders.check_limits, request, self.capabilities)
        try:
            return await self._order(request, key)
        except CallFailed as failure:
            if failure.account:
                raise refused(failure) from failure
            raise

    async def _order(self, request: AvatarVideoRequest, key: str) -> Order:
        look = await self._catalogue.look(request.avatar_id)
        if request.background == TRANSPARENT and not look.avatar.transparent:
            raise CallError(
                "not_transparent",
                f"The avatar “{look.avatar.name}” cannot be had without its background.",
                next_step="Give a background colour, or choose a studio avatar.",
            )
        if request.audio is None:
            await self._catalogue.check_voice(request.voice_id, look)
        token = orders.title_token(key)
        return {
            "type": "avatar",
            "avatar_id": request.avatar_id,
            **await self._spoken(request, token),
            **await self._background(request.background, token),
            **orders.engine_for(look.engines),
            "title": orders.title_with_token(request.title, key),
            "callback_id": token,
            "resolution": self._settings.resolution,
            "aspect_ratio": orders.shape_for(request.width, request.height),
        }

    async def _spoken(self, request: AvatarVideoRequest, token: str) -> Json:
        if request.audio is not None:
            return {"audio_asset_id": await self._assets.bring(request.audio, "audio/wav", token)}
        voice = {"voice_id": request.voice_id} if request.voice_id else {}
        return {"script": request.text, **voice, "caption": {"file_format": "srt"}}  # beside it, not burnt in

    async def _background(self, background: str, token: str) -> Json:
        if background == TRANSPARENT:
            return {"output_format": "webm"}
        if orders.COLOUR.fullmatch(background):
            return {"output_format": "mp4", "background": {"type": "color", "value": background.lower()}}
        picture = Path(background)
        mime = await asyncio.to_thread(orders.picture_type, picture)
        with scratch_dir(self._scratch, "picture") as folder:
            fitted = await asyncio.to_thread(orders.fitted_picture, picture, folder)
            asset_id = await self._assets.bring(fitted, mime, token)
        return {"output_format": "mp4", "background": {"type": "image", "asset_id": asset_id}}

    async def submit(self, order: Order, key: str) -> str:
        """The one paid call, sent once. Raises SubmissionRefused, AnswerLost."""
        try:
            answer = await self._client.post_once("/v3/videos", order, orders.idempotency_key(key))
        except CallFailed as failure:
            raise of_paid_call(failure) from failure
        data = answer.get("data")
        job_id = data.get("video_id") if isinstance(data, dict) else None
        if not isinstance(job_id, str) or not job_id:
            raise lost()
        return job_id

    async def find(self, key: str) -> str | None:
        """The video whose title holds the key's token; None only after the list's last page. Raises WorkError."""
        token = orders.title_token(key)
        async for page in self._client.pages("/v3/videos", title=token, limit=100):
            for video in page:
                if token in str(video.get("title") or "") and isinstance(video.get("id"), str):
                    return str(video["id"])
        return None

    async def find_all(self, keys: Collection[str]) -> dict[str, str]:
        """The videos whose titles hold the token of one of these keys. Raises WorkError."""
        keys_of = {orders.title_token(key): key for key in keys}
        found: dict[str, str] = {}
        async for page in self._client.pages("/v3/videos", limit=100):
            for video in page:
                for token in orders.tokens_in(str(video.get("title") or "")):
                    if token in keys_of and isinstance(video.get("id"), str):
                        found[keys_of[token]] = str(video["id"])
        return found

    async def ended(self, job_ids: Collection[str]) -> set[str]:
        """Which of these videos are completed, failed or not known. Raises WorkError."""
        ids, found = list(dict.fromkeys(job_ids)), set[str]()
        for start in range(0, len(ids), STATUSES_PER_CALL):
            found |= await self._ended(ids[start : start + STATUSES_PER_CALL])
        return found & set(ids)

    async def _ended(self, ids: Sequence[str]) -> set[str]:
        try:
            pages = self._client.pages("/v3/videos/statuses", video_ids=",".join(ids))
            return {str(each.get("video_id")) async for page in pages for each in page if has_ended(each)}
        except CallFailed as failure:
            if failure.status != 404:  # where accounts cannot ask for many at once, each one is asked for
                raise
        return {each for each in ids if not isinstance(await self.inspect(each), Running)}

    async def inspect(self, job_id: str) -> JobState:
        """What has become of a video. Raises WorkError where HeyGen says nothing of it, as on any 5xx."""
        try:
            answer = await self._client.get(f"/v3/videos/{quote(job_id, safe='')}")
        except CallFailed as failure:
            return state_of_failure(failure)
        detail = answer.get("data")
        if not isinstance(detail, dict) or not detail.get("status"):
            raise call_failed(200, meaning=UNREADABLE)
        return state_of(detail, self._clock())

    def open_result(self, done: Done) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """The video's bytes in pieces; see `Outside.fetched` for what it raises."""
        return self._outside.fetched(done.url)

    async def cancel(self, job_id: str) -> None:
        """HeyGen cannot stop a video; it is paid and made."""

    async def avatars(self) -> tuple[Avatar, ...]:
        """Every look of the account and of HeyGen's public ones. Raises WorkError."""
        return await self._catalogue.avatars()

    async def voices(self) -> tuple[ProviderVoice, ...]:
        """Every voice of the account and of HeyGen's public ones. Raises WorkError."""
        return await self._catalogue.voices()

    async def balance(self) -> Balance | None:
        """What is left on the account. Raises WorkError."""
        me = (await self._client.get("/v3/users/me")).get("data")
        return balance_of(me) if isinstance(me, dict) else None

    async def register_webhook(self, url: str) -> str:
        """Have HeyGen tell `url` of ended videos; returns the secret, which this object keeps to check with.

        Raises CallError webhook_refused where it is no https address, WorkError where HeyGen refuses.
        """
        if not url.startswith("https://") and not is_loopback(self._settings.base_url):
            raise CallError(
                "webhook_refused",
                "HeyGen sends webhooks to https addresses only.",
                next_step="Set DECKCAST_PUBLIC_URL to an https address; without one, HeyGen is asked regularly.",
            )
        self._registered_secret = await self._retries.run(lambda: webhooks.register(self._client, url))
        return self._registered_secret

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[WebhookEvent]:
        """The events in a webhook's body. Raises CallError webhook_refused where it is not HeyGen's."""
        configured = self._settings.webhook_secret
        secrets = (configured.get_secret_value() if configured else None, self._registered_secret)
        return webhooks.events_in(headers, body, [each for each in secrets if each], self._clock())
