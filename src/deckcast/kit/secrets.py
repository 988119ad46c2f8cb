"""The server's own key, and secrets derived from it: what can be derived need not be kept."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from deckcast.kit.files import disk_errors
from deckcast.kit.settings import Settings

KEY_FILE = "secret.key"
KEY_BYTES = 32


def server_key(settings: Settings) -> bytes:
    """32 bytes that only this server knows: from SECRET_KEY, else from a file of the data folder that is made at its
    first use. Servers on several machines agree only where SECRET_KEY is set.

    Raises MachineError not_writable, disk_full.
    """
    if settings.secret_key is not None and settings.secret_key.get_secret_value():
        return hashlib.sha256(settings.secret_key.get_secret_value().encode()).digest()
    return hashlib.sha256(_kept(settings.data_dir / KEY_FILE)).digest()


def derived(key: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose; who knows them knows neither the key nor those of another purpose."""
    return hmac.digest(key, purpose.encode(), "sha256")


def _kept(path: Path) -> bytes:
    """The file's content. Who finds it empty fills it, under its lock: of two who start at once one does."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            key = file.read()
            if len(key) < KEY_BYTES:  # new, or cut off by a crash before anybody used it
                key = secrets.token_bytes(KEY_BYTES)
                file.seek(0)
                file.write(key)
                os.fsync(file.fileno())
            return key


def sign_of_life(settings: Settings, nonce: str) -> str:
    """What a server with this key answers to a nonce. Raises MachineError as `server_key`."""
    return hmac.digest(derived(server_key(settings), "sign of life"), nonce.encode(), "sha256").hex()
