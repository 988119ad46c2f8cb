"""Fingerprints: equal inputs, equal fingerprint, no need to make it again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any


def fingerprint(kind: str, **inputs: Any) -> str:
    """Hash of all inputs of an artefact (JSON values), as 32 hex digits; `kind` names the artefact and its recipe.

    Raise the number in `kind` ("speech/2") when the recipe changes so that old artefacts become stale.
    """
    text = json.dumps([kind, inputs], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
