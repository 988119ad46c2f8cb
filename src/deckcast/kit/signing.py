"""Secrets of the server's own: derived from one key, each for its purpose, so that nothing has to be kept."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from deckcast.kit.files import disk_errors
from deckcast.kit.settings import Settings


def derived_key(settings: Settings, purpose: str) -> bytes:
    """32 bytes that follow from SECRET_KEY, else from a file of the data folder that is made where it is missing.

    Servers that stand for one another need the same SECRET_KEY. Raises MachineError not_writable, disk_full.
    """
    given = settings.secret_key
    key = given.get_secret_value() if given is not None else _kept(settings.data_dir / "secret.key")
    return hmac.new(key.encode(), purpose.encode(), hashlib.sha256).digest()


def _kept(path: Path) -> str:
    with disk_errors(path):
        if not path.exists():
            mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
            mine.touch(mode=0o600)
            mine.write_text(secrets.token_hex(32), encoding="ascii")
            try:
                os.link(mine, path)  # whole or not at all, and the first one wins
            except FileExistsError:
                pass
            finally:
                mine.unlink()
        return path.read_text(encoding="ascii")
