"""The description of the API (OpenAPI), as generators of clients read it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from deckcast.api.guard import SESSION_COOKIE
from deckcast.api.links import links_from
from deckcast.api.problems import MEDIA_TYPE, Problem, problems

REF = "#/components/schemas/Problem"
TEMPLATE = "#/components/schemas/{model}"
EVERYWHERE = (421, 503)  # called under a foreign name; the database is away
UNSAFE = ("post", "put", "patch", "delete")  # refused with 403 where another site's page calls
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A user's token, `dct_…`. At the server's own machine none is needed while there are no users.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The page's session.",
    },
}
PROVES_ITSELF = ("signIn", "receiveWebhook")  # their 401 is about what they are sent


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
        description="Turns slide decks into films: see docs/api.md.",
    )
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    schemas = components.setdefault("schemas", {})
    own = Problem.model_json_schema(by_alias=True, mode="serialization", ref_template=TEMPLATE)
    schemas.update(own.pop("$defs", {}))
    schemas["Problem"] = own
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    for path in schema.get("paths", {}).values():
        for method, operation in path.items():
            _complete(method, operation)
    return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Describe what any call can be answered, refused values as problem details, who may call, and what comes next."""
    responses = operation.setdefault("responses", {})
    if "422" in responses:
        responses["422"]["content"] = {MEDIA_TYPE: {"schema": {"$ref": REF}}}
    for status in (*EVERYWHERE, *((403,) if method in UNSAFE else ())):
        responses.setdefault(str(status), problems(status)[status])
    if "401" in responses and operation["operationId"] not in PROVES_ITSELF:
        operation["security"] = [{name: []} for name in SECURITY_SCHEMES]
    links = links_from(operation["operationId"])
    if links:
        min(responses.items())[1]["links"] = links
