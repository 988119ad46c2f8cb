"""The routes of result files, as from an object store: signed addresses that expire."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from deckcast.simulators.faults import Rule
from deckcast.simulators.heygen.calls import Simulator, answered_with, route, simulator
from deckcast.simulators.heygen.files import subtitles
from deckcast.simulators.heygen.models import Video
from deckcast.simulators.wire import CutShort

_HTML = "<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


async def download(request: Request) -> Response:
    """GET /files/{video_id}/{name}: the video, its captions, thumbnail or preview."""
    current = simulator(request)
    video_id, name = request.path_params["video_id"], request.path_params["name"]
    expires, signature = (request.query_params.get(part, "") for part in ("Expires", "Signature"))
    if not current.files.valid(video_id, name, expires, signature):
        return _store_error(403, "AccessDenied", "Request has expired")
    video = current.account.videos[video_id]
    if video.deleted_at is not None:
        return _store_error(404, "NoSuchKey", "The specified key does not exist.")
    if name == "subtitles.srt":
        return PlainTextResponse(
            subtitles(video, current.switches.captions), media_type="application/x-subrip"
        )
    if name in ("thumbnail.jpg", "preview.gif"):
        return FileResponse(await current.files.picture(video, name.rsplit(".", 1)[1]))
    fault = current.faults.draw("download", video_id, title=video.title)

    async def send() -> Response:
        return await _film(current, video, fault)

    return await answered_with(request, fault, send)


async def _film(current: Simulator, video: Video, fault: Rule | None) -> Response:
    wrong = fault.fault if fault else ""
    if wrong == "expired":
        return _store_error(403, "AccessDenied", "Request has expired")
    if wrong == "html":
        return HTMLResponse(_HTML)
    path = await current.files.film(
        video, foreign=wrong == "foreign", share=0.6 if wrong == "wrong_length" else 1.0
    )
    kind = "video/webm" if video.transparent else "video/mp4"
    if wrong in ("truncated", "short"):
        content = path.read_bytes()
        whole = CutShort(content, media_type=kind)
        return whole if wrong == "truncated" else Response(content[: len(content) // 2], media_type=kind)
    return FileResponse(path, media_type=kind)


def _store_error(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")


ROUTES = [route("GET", "/files/{video_id}/{name}", download, keyed=False)]
