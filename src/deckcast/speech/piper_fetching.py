"""Fetching a Piper voice: streamed into temporary files, checked, and there whole or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx2

from deckcast.kit.children import run_limited
from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.files import disk_errors, sweep_parts, written_whole
from deckcast.speech.piper_model import check
from deckcast.speech.piper_voices import MAX_CONFIG_BYTES, VoiceName, config_in, files_of, unusable

MAX_MODEL_BYTES = 1 << 30
MAX_REDIRECTS = 5
CHECK_TIMEOUT_S = 180.0
_TIMEOUT = httpx2.Timeout(60.0, connect=15.0)
_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Progress = Callable[[int, int | None], None]
"""Told of bytes fetched so far, and of how many there are where that is known."""

for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


async def fetch_voice(base_url: str, name: VoiceName, folder: Path, progress: Progress) -> None:
    """Put a voice's two files into the folder; after a failure nothing of it is there.

    Raises CallError unknown_voice, settings_invalid; WorkError voice_unreachable (trying again may help),
    voice_unusable; MachineError piper_missing, disk_full, not_writable.
    """
    base_url = base_url.rstrip("/")
    if not _is_allowed(base_url, base_url):
        raise CallError(
            "settings_invalid",
            "Voices are fetched from https addresses only.",
            next_step="Correct DECKCAST_SPEECH__PIPER__BASE_URL.",
        )
    await asyncio.to_thread(sweep_parts, folder)
    model, config = files_of(folder, name)
    fetch = _Fetch(base_url, name)
    with written_whole(model) as new_model, written_whole(config) as new_config:
        await fetch.into(new_config, f"{name.path}.json", MAX_CONFIG_BYTES, lambda so_far, total: None)
        await asyncio.to_thread(config_in, new_config)
        await fetch.into(new_model, name.path, MAX_MODEL_BYTES, progress)
        await _try(new_model, new_config, name)


async def _try(model: Path, config: Path, name: VoiceName) -> None:
    try:
        await run_limited(check, (model, config), timeout_s=CHECK_TIMEOUT_S)
    except WorkError as error:  # also where the child died of it
        raise unusable(name.file) from error


class _Fetch:
    """Fetches one voice's files."""

    def __init__(self, base_url: str, name: VoiceName) -> None:
        self._base_url = base_url
        self._name = name

    async def into(self, target: Path, path: str, max_bytes: int, progress: Progress) -> None:
        """Stream a file into `target`, following redirects to allowed addresses."""
        url = f"{self._base_url}/{path}"
        try:
            async with httpx2.AsyncClient(timeout=_TIMEOUT, follow_redirects=False) as client:
                for _ in range(MAX_REDIRECTS + 1):
                    headers = {"Accept-Encoding": "identity"}
                    async with client.stream("GET", url, headers=headers) as response:
                        if response.status_code not in _REDIRECTS:
                            self._check(response.status_code)
                            await self._save(response, target, max_bytes, progress)
                            return
                        url = urljoin(url, response.headers.get("Location", ""))
                    if not _is_allowed(url, self._base_url):
                        raise self._unreachable("It was sent to an address that is not https.")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._unreachable("The connection broke.") from error
        raise self._unreachable("It was sent from address to address too often.")

    async def _save(
        self, response: httpx2.Response, target: Path, max_bytes: int, progress: Progress
    ) -> None:
        told = response.headers.get("Content-Length", "")
        total = int(told) if told.isdigit() else None
        if (total or 0) > max_bytes:
            raise unusable(self._name.file)
        received = 0
        with disk_errors(target):
            file = await asyncio.to_thread(target.open, "wb")
            try:
                async for piece in response.aiter_raw():
                    received += len(piece)
                    if received > max_bytes:
                        raise unusable(self._name.file)
                    await asyncio.to_thread(file.write, piece)
                    progress(received, total)
            finally:
                await asyncio.to_thread(file.close)
        if total is not None and received != total:
            raise self._unreachable("Only a part of it came.")

    def _check(self, status: int) -> None:
        if status in (404, 410):
            raise CallError(
                "unknown_voice",
                f"There is no voice {self._name.file} to be fetched.",
                next_step="Its name is language_REGION-name-quality, such as de_DE-thorsten-medium.",
            )
        if status != 200:
            raise self._unreachable(f"The server answers with status {status}.")

    def _unreachable(self, reason: str) -> WorkError:
        return WorkError(
            "voice_unreachable",
            f"The voice {self._name.file} could not be fetched. {reason}",
            next_step="Try again.",
            retryable=True,
        )


def _is_allowed(url: str, base_url: str) -> bool:
    """Https; or this machine itself, where voices are fetched from it anyway."""
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        return parts.scheme == "http" and parts.hostname in _LOOPBACK and base.hostname in _LOOPBACK
    except ValueError:
        return False
