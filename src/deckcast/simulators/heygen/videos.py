"""The routes of single videos."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deckcast.simulators.heygen.answers import ApiError, data, page_start, whole_number
from deckcast.simulators.heygen.assets import fetch_audio
from deckcast.simulators.heygen.calls import (
    Simulator,
    answered,
    answered_once,
    answered_with,
    check_credit,
    idempotency_key,
    json_body,
    route,
    simulator,
    too_many,
)
from deckcast.simulators.heygen.models import Video
from deckcast.simulators.heygen.orders import check, new_video


async def create_video(request: Request) -> Response:
    """POST /v3/videos."""
    order = await json_body(request)
    current = simulator(request)

    async def make() -> Response:
        await asyncio.sleep(current.switches.scaled(current.switches.create_s))
        check_credit(request)
        audio = await speech_of(current, order)
        if current.account.alive() >= current.switches.max_concurrent:
            raise too_many(current.switches)
        video = made(current, request, order, audio)
        form = order.get("output_format") or "mp4"
        return data({"video_id": video.id, "status": "waiting", "output_format": form})

    title, audio = str(order.get("title") or ""), _speech_name(current, order)
    return await answered_once(request, "submit", make, title=title, audio=audio)


def _speech_name(current: Simulator, order: dict[str, Any]) -> str:
    asset = current.account.assets.get(str(order.get("audio_asset_id")))
    return asset.filename if asset else str(order.get("audio_url") or "")


async def speech_of(current: Simulator, order: dict[str, Any]) -> str | None:
    """The asset id of a checked order's speech, which may have to be fetched; None for a script.

    Raises ApiError for what HeyGen would refuse.
    """
    check(order, current.account, current.switches)
    if order.get("audio_url"):
        return (await fetch_audio(current.account, str(order["audio_url"]))).id
    return order.get("audio_asset_id") or None


def made(
    current: Simulator,
    request: Request,
    order: dict[str, Any],
    audio: str | None,
    batch: tuple[str, int] | None = None,
) -> Video:
    """Make a video, without a pause so that no other call comes between; raises ApiError insufficient_credit."""
    account, switches = current.account, current.switches
    fate = current.faults.draw(
        "job",
        account.assets[audio].sha256 if audio else str(order.get("script")),
        title=order.get("title") or "",
        audio=account.assets[audio].filename if audio else "",
    )
    video = new_video(
        order, account, switches, audio=audio, base_url=str(request.base_url).rstrip("/"), fate=fate
    )
    video.idempotency_key = idempotency_key(request)
    if video.price_usd > switches.balance_usd - account.spent_usd():
        raise ApiError("insufficient_credit", "Insufficient credit")
    if batch is not None:
        video.batch_id, video.item_index = batch
    account.add_video(video)
    current.announcer.expect(video)
    return video


async def list_videos(request: Request) -> Response:
    """GET /v3/videos: newest first; a page goes on where the last one ended, whatever is made in between."""
    account = simulator(request).account
    query = request.query_params
    limit = whole_number(query.get("limit"), "limit", 10, 100)
    before = page_start(query, len(account.videos))

    async def listing() -> Response:
        now, wanted = time.time(), query.get("title", "").lower()
        found = [
            (index, video)
            for index, video in list(enumerate(account.videos.values()))[:before][::-1]
            if video.deleted_at is None
            and video.listed_at <= now
            and wanted in video.title.lower()
            and query.get("folder_id") in (None, video.order.get("folder_id"))
        ]
        shown = found[:limit]
        more = len(found) > limit
        items = [described(simulator(request), video) for _, video in shown]
        return data(items, has_more=more, next_token=f"p{shown[-1][0]}" if more else None)

    return await answered(
        request, "list", f"{query.get('title')}:{before}", listing, title=query.get("title", "")
    )


async def get_video(request: Request) -> Response:
    """GET /v3/videos/{id}."""
    current = simulator(request)
    video_id = request.path_params["video_id"]
    title = current.account.videos[video_id].title if video_id in current.account.videos else ""
    fault = current.faults.draw("detail", video_id, title=title)
    expired = fault is not None and fault.fault == "expired_url"

    async def detail() -> Response:
        return data(described(current, _known(current, video_id), expired=expired))

    return await answered_with(request, fault, detail)


async def delete_video(request: Request) -> Response:
    """DELETE /v3/videos/{id}: gone for good."""
    current = simulator(request)
    video = _known(current, request.path_params["video_id"])
    current.account.delete_video(video)
    return data({"id": video.id, "deleted": True})


def _known(current: Simulator, video_id: str) -> Video:
    video = current.account.videos.get(video_id)
    if video is None or video.deleted_at is not None:
        raise ApiError("video_not_found", "Video not found")
    return video


def described(current: Simulator, video: Video, *, expired: bool = False) -> dict[str, Any]:
    """A video as get and list give it."""
    status = video.status(time.time())
    done, captions = status == "completed", video.order.get("caption") is not None
    delay_s = current.switches.scaled(current.switches.caption_delay_s)
    told = captions and current.switches.captions != "never" and time.time() >= (video.ends_at or 0) + delay_s
    ttl = -1.0 if expired else current.switches.scaled(current.switches.url_ttl_s)

    def address(name: str, given: bool = True) -> str | None:
        return current.files.address(video, name, ttl) if done and given else None

    burnt = captions and bool((video.order.get("caption") or {}).get("style"))
    ended = status in ("completed", "failed") and video.ends_at is not None
    return {
        "id": video.id,
        "title": video.title,
        "status": status,
        "created_at": int(video.created_at),
        "completed_at": int(video.ends_at or 0) if ended else None,
        "duration": video.duration_s if done else None,
        "video_url": address("video"),
        "captioned_video_url": address("captioned", burnt),
        "subtitle_url": address("subtitles.srt", told),
        "thumbnail_url": address("thumbnail.jpg"),
        "gif_url": address("preview.gif"),
        "video_page_url": f"{video.base_url}/videos/{video.id}" if done else None,
        "folder_id": video.order.get("folder_id"),
        "output_language": None,
        "failure_code": video.failure_code if status == "failed" else None,
        "failure_message": video.failure_message if status == "failed" else None,
    }


ROUTES = [
    route("POST", "/v3/videos", create_video),
    route("GET", "/v3/videos", list_videos),
    route("GET", "/v3/videos/{video_id}", get_video),
    route("DELETE", "/v3/videos/{video_id}", delete_video),
]
