"""The routes of batches of videos and of many states at once."""

from __future__ import annotations

import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from deckcast.simulators.heygen.answers import ApiError, data, invalid, page_start, whole_number
from deckcast.simulators.heygen.calls import (
    Simulator,
    answered,
    answered_once,
    check_credit,
    json_body,
    route,
    simulator,
)
from deckcast.simulators.heygen.models import Batch, Video
from deckcast.simulators.heygen.videos import made, speech_of

MAX_AT_ONCE = 100
_BULK = {"pending": "queued", "processing": "processing", "completed": "completed", "failed": "failed"}
_BULK_V1 = {**_BULK, "pending": "waiting"}


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
                video = await _item_made(current, request, order, (batch.id, index))
                batch.items.append({"item_index": index, "video_id": video.id})
            except ApiError as refusal:
                error = {"code": refusal.code, "message": refusal.message}
                batch.items.append({"item_index": index, "error": error})
        current.account.save("batches", batch)
        return data({"batch_id": batch.id, "status": "processing", "total_items": len(orders)})

    title = str(body.get("title") or "")
    return await answered_once(request, "submit", make, obeys=current.switches.batch_keys, title=title)


async def _item_made(current: Simulator, request: Request, order: Any, place: tuple[str, int]) -> Video:
    if not isinstance(order, dict):
        raise invalid("videos must hold objects", "videos")
    return made(current, request, order, await speech_of(current, order), place)


async def get_batch(request: Request) -> Response:
    """GET /v3/videos/batches/{id}."""
    current = simulator(request)
    batch = _known_batch(current, request.path_params["batch_id"])

    async def detail() -> Response:
        items = [_item(current, item) for item in batch.items]
        states = [item["status"] for item in items]
        query = request.query_params
        limit = whole_number(query.get("limit"), "limit", MAX_AT_ONCE, MAX_AT_ONCE)
        start = page_start(query)
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
        return data(rows, has_more=False, next_token=None)

    return await answered(request, "status", "statuses", listing)


def _row(current: Simulator, video_id: str) -> dict[str, Any]:
    video = current.account.videos.get(video_id)
    if video is None or video.deleted_at is not None:
        return {"video_id": video_id, "status": "not_found", "error": None}
    words = _BULK if current.switches.status_words == "v3" else _BULK_V1
    return {"video_id": video_id, "status": words[video.status(time.time())], "error": _failure(video)}


ROUTES = [  # before those of single videos, whose id would match too
    route("GET", "/v3/videos/statuses", statuses),
    route("POST", "/v3/videos/batches", create_batch),
    route("GET", "/v3/videos/batches/{batch_id}", get_batch),
]
