"""The description of the API (OpenAPI), as generators of clients read it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deckcast.api.examples import EXAMPLES
from deckcast.api.live import ChangeMessage, ProgressMessage, SnapshotMessage
from deckcast.api.operations import SECURITY_SCHEMES, complete
from deckcast.api.problems import Problem
from deckcast.api.schemas import add_models, tidied

ABOUT = """Turns slide decks into films with a talking presenter: upload a deck, have the avatar videos of all slides
and the film made, watch the work, fetch what came of it.

**Who calls.** Programs send a token, `Authorization: Bearer dct_…`. At the server's own machine nobody signs in while
there are no users. What is somebody else's is 404, as if it were not there.

**Work is ordered, not waited for.** Calls that start work answer 202 with a batch. Follow it by
`GET /api/presentations/{presentation_id}/status`, or by the WebSocket
`/api/presentations/{presentation_id}/events?since=SEQ`: it sends a `SnapshotMessage` (or, with `since`, what happened
after that `seq`), then a `ChangeMessage` for every change and a `ProgressMessage` now and then, as JSON; the schemas of
these names are below. It closes with 4401 when access ends, 4408 for who reads too slowly, 4429 where somebody has too
many, 1012 when the server restarts: come back with the last `seq`.

**Once.** A POST that starts work takes an `Idempotency-Key`: the same call with the same key is answered as the first
time, and starts nothing.

**Refusals** are problem details (RFC 9457) with a `code` that never changes its meaning.
"""
TAGS = {
    "presentations": "Decks that were uploaded, and how they are to be presented.",
    "slides": "Slides and the versions of their narratives.",
    "pronunciations": "How words are said.",
    "batches": "Work for many slides, or for one: estimate, order, watch, cancel, retry.",
    "status": "Where everything is.",
    "avatar videos": "Every attempt at a slide's avatar video.",
    "media": "Files of slides and avatar videos.",
    "film": "The film of a presentation, its captions and its poster.",
    "shares": "Links that open a film for whoever has them.",
    "catalogue": "Avatar providers, avatars and voices.",
    "people": "Who calls: sessions of the page, tokens, sign-in.",
    "hooks": "Calls to an address of yours when a batch has ended.",
    "webhooks": "Where avatar providers tell that a video is ready.",
    "health": "Whether the server lives, and whether it can work.",
}
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Have an app describe itself with Deckcast's problem details, for everything that it refuses."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=app.title,
        version=app.version,
        routes=app.routes,
        description=ABOUT,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    add_models(schemas, (Problem, SnapshotMessage, ChangeMessage, ProgressMessage))
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    for path in schema.get("paths", {}).values():
        for method, operation in path.items():
            complete(method, operation)
    found: dict[str, Any] = tidied(schema)
    for name, example in EXAMPLES.items():
        found["components"]["schemas"][name]["examples"] = [example]
    return found
