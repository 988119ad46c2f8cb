"""Answers in HeyGen's shapes."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

_STATUS = {
    "unauthorized": 401,
    "insufficient_credit": 402,
    "forbidden": 403,
    "plan_upgrade_required": 403,
    "video_not_found": 404,
    "avatar_not_found": 404,
    "voice_not_found": 404,
    "asset_not_found": 404,
    "webhook_not_found": 404,
    "resource_not_found": 404,
    "request_in_progress": 409,
    "resource_not_ready": 409,
    "rate_limit_exceeded": 429,
    "quota_exceeded": 429,
    "internal_error": 500,
    "gateway_timeout": 504,
}


class ApiError(Exception):
    """A refusal in the documented form; its status follows from the code (400 where nothing else is known)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        param: str | None = None,
        status: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.param = param
        self.status = status or _STATUS.get(code, 400)
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer that says so."""
        error = {"code": self.code, "message": self.message}
        if self.param:
            error["param"] = self.param
        return JSONResponse({"error": error}, self.status, self.headers)


def invalid(message: str, param: str | None = None) -> ApiError:
    """The refusal of a value."""
    return ApiError("invalid_parameter", message, param=param)


def data(value: Any, **more: Any) -> Response:
    """An answer: the value under "data"."""
    return JSONResponse({"data": value, **more})


def page(items: list[dict[str, Any]], query: Any, *, most: int, usual: int) -> Response:
    """One page of a list: `limit` (1 to `most`) items from the opaque `token` on."""
    limit = whole_number(query.get("limit"), "limit", usual, most)
    start = page_start(query)
    more = start + limit < len(items)
    return data(items[start : start + limit], has_more=more, next_token=f"p{start + limit}" if more else None)


def page_start(query: Any, usual: int = 0) -> int:
    """Where the page of the query's `token` starts; raises ApiError invalid_parameter."""
    token = query.get("token") or f"p{usual}"
    if not (token.startswith("p") and token[1:].isdigit()):
        raise invalid("token is not a page token", "token")
    return int(token[1:])


def whole_number(text: str | None, name: str, usual: int, most: int) -> int:
    """A number from the query, 1 to `most`; raises ApiError invalid_parameter."""
    if text is None:
        return usual
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid(f"{name} must be between 1 and {most}", name)
    return int(text)
