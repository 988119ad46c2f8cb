"""The web page: its files, beside the API on the same port, where it has been built."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from deckcast import __file__ as package
from deckcast.kit.settings import Settings

FOLDER = Path(package).parent / "web_page"
HASHED = "assets/"  # names there change with their content
FOREVER = "public, max-age=31536000, immutable"
NOT_THE_PAGES = ("api", "healthz", "readyz", "metrics")


def add_page(app: FastAPI, settings: Settings, folder: Path = FOLDER) -> None:
    """Serve the page for every path that no route takes and that is not the API's. Where it was not built, only the API
    is served."""
    if (folder / "index.html").is_file():
        app.router.default = Page(folder, content_policy(settings), otherwise=app.router.default)


def is_served(app: FastAPI) -> bool:
    """Whether the app serves the page."""
    return isinstance(app.router.default, Page)


class Page:
    """Answers with the page's files, and with the page itself for its own addresses (`/presentations/…`)."""

    def __init__(self, folder: Path, policy: str, otherwise: ASGIApp) -> None:
        self._folder = folder.resolve()
        self._headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection that no route has taken."""
        answer = self._answer(scope) if scope["type"] == "http" else None
        await (answer or self._otherwise)(scope, receive, send)

    def _answer(self, scope: Scope) -> FileResponse | None:
        path = scope["path"].removeprefix("/")
        if scope["method"] not in ("GET", "HEAD") or path.split("/")[0] in NOT_THE_PAGES:
            return None
        file = self._file(path)
        if file is not None:
            kept = FOREVER if path.startswith(HASHED) else "no-cache"
            return FileResponse(file, headers={"Cache-Control": kept})
        if path.startswith(HASHED):
            return None
        return FileResponse(self._folder / "index.html", headers=self._headers)

    def _file(self, path: str) -> Path | None:
        """A file of the page; looked for at each call, because the page may be built anew while it is served."""
        try:
            file = (self._folder / path).resolve()
            ours = file.is_relative_to(self._folder) and file.is_file()
        except (OSError, ValueError):  # a name that no file can have
            return None
        return file if ours and file.name != "index.html" else None


def content_policy(settings: Settings) -> str:
    """What the page may load: its own files, and pictures and films by signed links of the storage and of providers.
    Scripts are its own alone; its components set styles as they go."""
    endpoint = urlsplit(settings.storage.endpoint or "")
    storage = f" {endpoint.scheme}://{endpoint.netloc}" if endpoint.scheme == "http" else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob: https:{storage}",
            f"media-src 'self' blob: https:{storage}",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
