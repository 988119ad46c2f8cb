"""What Schemathesis is told beside the description of the API: decks to upload, and refusals that no schema tells of.
It is loaded by Schemathesis itself (`hooks` in the configuration that fuzzing.py writes)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

UPLOADS = ("createPresentation", "replaceDeck")
NOT_IN_A_SCHEMA = {
    "idempotency_key_reused": "keys are drawn from few, and the same one names two calls",
    "deck_unknown_format": "what makes bytes a deck is not said in a schema",
    "deck_broken": "as above",
    "version_not_found": "versions are counted for each slide",
    "slides_invalid": "ids of slides are ids, but of no slide of the presentation",
    "unknown_avatar": "avatars are listed by each provider",
    "unknown_voice": "voices are listed by each engine",
    "background_invalid": "pictures are listed by what is there",
    "pronunciation_invalid": "a word may stand in the list once, however it is spaced",
    "job_not_found": "jobs are the provider's",
    "hook_url_refused": "which hosts the internet reaches is not said in a schema",
    "range_not_satisfiable": "how long a file is stands in no schema",
    "over_cap": "0 is a cap, and nothing paid costs less",
}
"""Codes of errors with which a request that fits the description may be refused, and why."""

DECK = Path(os.environ["DECKCAST_FUZZ_DECK"]).read_bytes()


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Every other upload is a real deck."""
    operation = context.operation
    if operation is None or operation.definition.raw.get("operationId") not in UPLOADS:
        return body
    if isinstance(body, dict) and isinstance(body.get("file"), bytes) and len(body["file"]) % 2 == 0:
        return {**body, "file": DECK}
    return body


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """A refusal of what fits the description counts only where the description could have said so."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    return response.json().get("code") not in NOT_IN_A_SCHEMA
