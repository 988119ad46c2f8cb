"""The routes of videos, batches and their states."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deckcast.simulators.heygen.account import Batch, Video
from deckcast.simulators.heygen.answers import ApiError, data, invalid, page, whole_number
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
from deckcast.simulators.heygen.orders import check, duration_s, new_video

MAX_AT_ONCE = 100
_BULK = {"pending": "queued", "processing": "processing", "completed": "completed", "failed": "failed"}
_BULK_V1 = {**_BULK, "pending": "pending"}


async def create_video(request: Request) -> Response:
    """POST /v3/videos."""
    order = await json_body(request)
    current = simulator(request)

    async def make() -> Response:
        await asyncio.sleep(current.switches.scaled(current.switches.create_s))
        check_credit(request)
        if current.account.alive() >= current.switches.max_concurrent:
            raise too_many(current.switches)
        video = await _made(current, request, order)
        return data(
            {"video_id": video.id, "status": "waiting", "output_format": order.get("output_format") or "mp4"}
        )

    title, audio = str(order.get("title") or ""), _speech_name(current, order)
    return await answered_once(request, "submit", make, title=title, audio=audio)


def _speech_name(current: Simulator, order: dict[str, Any]) -> str:
    asset = current.account.assets.get(str(order.get("audio_asset_id")))
    return asset.filename if asset else str(order.get("audio_url") or "")


async def _made(
    current: Simulator, request: Request, order: dict[str, Any], batch: tuple[str, int] | None = None
) -> Video:
    account, switches = current.account, current.switches
    check(order, account, switches)
    audio = order.get("audio_asset_id") or None
    if order.get("audio_url"):
        audio = (await fetch_audio(account, str(order["audio_url"]))).id
    speech = _speech_name(current, order)
    fate = current.faults.draw(
        "job",
        account.assets[audio].sha256 if audio else str(order.get("script")),
        title=order.get("title") or "",
        audio=speech,
    )
    length = duration_s(order, account, audio)
    video = new_video(
        order,
        account,
        switches,
        audio=audio,
        key=idempotency_key(request),
        base_url=_base(request),
        fate=fate,
    )
    left = switches.balance_usd - account.spent_usd()
    if video.price_usd > left:
        raise ApiError("insufficient_credit", f"{length:.1f} s of video cost more than is left")
    if batch is not None:
        video.batch_id, video.item_index = batch
    account.add_video(video)
    current.announcer.expect(video)
    return video


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


async def list_videos(request: Request) -> Response:
    """GET /v3/videos: newest first; a page goes on where the last one ended, whatever is made in between."""
    account = simulator(request).account
    query = request.query_params
    limit = whole_number(query.get("limit"), "limit", 10, 100)
    token = query.get("token") or f"p{len(account.videos)}"
    if not (token.startswith("p") and token[1:].isdigit()):
        raise invalid("token is not a page token", "token")

    async def listing() -> Response:
        now, wanted = time.time(), query.get("title", "").lower()
        found = [
            (index, video)
            for index, video in list(enumerate(account.videos.values()))[: int(token[1:])][::-1]
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
        request, "list", f"{query.get('title')}:{token}", listing, title=query.get("title", "")
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
    video.deleted_at = time.time()
    current.account.save("videos", video)
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
        "subtitle_url": address("subtitles.srt", captions),
        "thumbnail_url": address("thumbnail.jpg"),
        "gif_url": address("preview.gif"),
        "video_page_url": f"{video.base_url}/videos/{video.id}" if done else None,
        "folder_id": video.order.get("folder_id"),
        "output_language": None,
        "failure_code": video.failure_code if status == "failed" else None,
        "failure_message": video.failure_message if status == "failed" else None,
    }


async def create_batch(request: Request) -> Response:
    """POST /v3/videos/batches: up to 100 create bodies; each is made or refused by itself."""
    body = await json_body(request)
    current = simulator(request)
    orders = body.get("videos")
    if not isinstance(orders, list) or not 1 <= len(orders) <= MAX_AT_ONCE:
        raise invalid(f"videos must hold 1 to {MAX_AT_ONCE} items", "videos")

    async def make() -> Response:
        check_credit(request)
        batch = Batch(
            f"batch_{secrets.token_hex(12)}", body.get("title"), time.time(), body.get("callback_url"), []
        )
        for index, order in enumerate(orders):
            try:
                video = await _made(current, request, order, (batch.id, index))
                batch.items.append({"item_index": index, "video_id": video.id})
            except ApiError as refusal:
                error = {"code": refusal.code, "message": refusal.message}
                batch.items.append({"item_index": index, "error": error})
        current.account.save("batches", batch)
        return data({"batch_id": batch.id, "status": "processing", "total_items": len(orders)})

    title = str(body.get("title") or "")
    return await answered_once(request, "submit", make, obeys=current.switches.batch_keys, title=title)


async def get_batch(request: Request) -> Response:
    """GET /v3/videos/batches/{id}."""
    current = simulator(request)
    batch = _known_batch(current, request.path_params["batch_id"])

    async def detail() -> Response:
        items = [_item(current, item) for item in batch.items]
        states = [item["status"] for item in items]
        query = request.query_params
        limit = whole_number(query.get("limit"), "limit", 100, 100)
        start = int((query.get("token") or "p0")[1:])
        more = start + limit < len(items)
        ended = all(state in ("completed", "failed") for state in states)
        failed = ended and all(state == "failed" for state in states)
        return data(
            {
                "batch_id": batch.id,
                "status": "failed" if failed else "completed" if ended else "processing",
                "title": batch.title,
                "total_items": len(items),
                "counts_by_status": {state: states.count(state) for state in sorted(set(states))},
                "created_at": int(batch.created_at),
                "items": items[start : start + limit],
                "has_more": more,
                "next_token": f"p{start + limit}" if more else None,
            }
        )

    return await answered(request, "status", batch.id, detail, title=batch.title or "")


def _known_batch(current: Simulator, batch_id: str) -> Batch:
    batch = current.account.batches.get(batch_id)
    if batch is None:
        raise ApiError("resource_not_found", "Batch not found")
    return batch


def _item(current: Simulator, item: dict[str, Any]) -> dict[str, Any]:
    if "error" in item:
        return {**item, "video_id": None, "status": "failed"}
    video = current.account.videos[item["video_id"]]
    return {**item, "status": _BULK[video.status(time.time())], "error": _failure(video)}


def _failure(video: Video) -> dict[str, Any] | None:
    if video.status(time.time()) != "failed":
        return None
    return {"code": video.failure_code, "message": video.failure_message}


async def statuses(request: Request) -> Response:
    """GET /v3/videos/statuses: up to 100 videos, named or by their batches."""
    current = simulator(request)
    if not current.switches.bulk_statuses:
        raise ApiError("resource_not_found", "Not found")
    video_ids = [part for part in request.query_params.get("video_ids", "").split(",") if part]
    batch_ids = [part for part in request.query_params.get("batch_ids", "").split(",") if part]
    if not video_ids and not batch_ids:
        raise invalid("video_ids or batch_ids is required", "video_ids")

    async def listing() -> Response:
        rows = [_row(current, video_id) for video_id in video_ids]
        for batch_id in batch_ids:
            batch = current.account.batches.get(batch_id)
            rows += [
                {**_item(current, item), "batch_id": batch_id} for item in (batch.items if batch else [])
            ] or [{"video_id": None, "status": "not_found", "batch_id": batch_id}]
        if len(rows) > MAX_AT_ONCE:
            raise invalid(f"at most {MAX_AT_ONCE} videos can be asked for at once", "video_ids")
        return page(rows, {}, most=MAX_AT_ONCE, usual=MAX_AT_ONCE)

    return await answered(request, "status", "statuses", listing)


def _row(current: Simulator, video_id: str) -> dict[str, Any]:
    video = current.account.videos.get(video_id)
    if video is None or video.deleted_at is not None:
        return {"video_id": video_id, "status": "not_found", "error": None}
    words = _BULK if current.switches.status_words == "v3" else _BULK_V1
    return {"video_id": video_id, "status": words[video.status(time.time())], "error": _failure(video)}


ROUTES = [
    route("GET", "/v3/videos/statuses", statuses),
    route("POST", "/v3/videos/batches", create_batch),
    route("GET", "/v3/videos/batches/{batch_id}", get_batch),
    route("POST", "/v3/videos", create_video),
    route("GET", "/v3/videos", list_videos),
    route("GET", "/v3/videos/{video_id}", get_video),
    route("DELETE", "/v3/videos/{video_id}", delete_video),
]
