"""The description of the API is one that clients can be generated from: valid, complete, and the same every time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from deckcast.api.app import create_app
from deckcast.api.description import TAGS
from deckcast.api.examples import EXAMPLES
from deckcast.api.problems import STATUSES
from deckcast.batches.context import Context
from deckcast.batches.models import BatchKind, BatchState, ImportState, Status, Step
from deckcast.kit.settings import Settings

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
PUBLIC = {
    *("getHealth", "getReadiness", "receiveWebhook", "validateWebhook", "signIn", "signOut"),
    *("signInByProvider", "signedInByProvider"),
    *("getShared", "getSharedMedia", "getSharedPoster", "getSharedCaptionsVtt", "getSharedCaptionsSrt"),
}
ORDERS = {
    *("analyzeAllSlides", "generateAllNarratives", "generateAllAudio", "generateAllAvatarVideos", "makeFilm"),
    *("analyzeSlide", "generateNarrative", "generateAudio", "generateAvatarVideo", "retryFailed"),
}
ONCE = {*ORDERS, "createPresentation", "cancelBatch", "resolveAvatarVideo"}
NO_EXAMPLE = {"Health", "Readiness", "WebhookReceived", "Providers", "Avatars", "Voices"}


def described() -> dict[str, Any]:
    parts = cast(Context, SimpleNamespace(settings=Settings(data_dir=Path("nowhere"))))
    return create_app(parts).openapi()


@cache
def schema() -> dict[str, Any]:
    return described()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what is said of it."""
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def by_id(name: str) -> dict[str, Any]:
    return next(each for _, _, each in operations() if each["operationId"] == name)


def walk(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a description."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(each)


def test_it_is_valid_and_the_same_every_time() -> None:
    OpenAPIV31SpecValidator(schema()).validate()
    assert json.dumps(described()) == json.dumps(schema())
    assert schema()["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = {each["$ref"] for each in walk(schema()) if isinstance(each.get("$ref"), str)}
    there = {f"#/components/schemas/{name}" for name in schema()["components"]["schemas"]}
    messages = {f"#/components/schemas/{name}Message" for name in ("Snapshot", "Change", "Progress")}
    assert used | messages == there


def test_every_operation_says_what_it_is() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(ids)) == len(ids)
    for _, _, operation in operations():
        name = operation["operationId"]
        assert re.fullmatch("[a-z]+([A-Z][a-z]*)+", name), name
        assert operation["summary"].replace(" ", "").lower() == name.lower()
        assert len(operation["description"]) > 15, name
        assert len(operation["tags"]) == 1, name
    assert {operation["tags"][0] for _, _, operation in operations()} == set(TAGS)


def test_parameters_are_bounded_and_explained() -> None:
    for path, _, operation in operations():
        for each in operation.get("parameters", []):
            said = each["schema"]
            if each["in"] == "path":
                assert each["required"]
                assert "pattern" in said or path.startswith("/api/webhooks"), (path, each["name"])
            assert each["in"] != "header" or each["name"].istitle()
            assert "null" not in json.dumps(said), (path, each["name"])
        named = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert named == set(re.findall("{(.+?)}", path)), path


def test_refusals_are_declared_where_they_come() -> None:
    for path, method, operation in operations():
        responses, name = operation["responses"], operation["operationId"]
        for status, said in responses.items():
            if status >= "400" and name != "getReadiness":
                assert said["content"] == PROBLEM, (name, status)
        assert ("401" in responses) == (name not in PUBLIC or name in ("signIn", "receiveWebhook")), name
        if "{" in path:
            assert {"404", "422"} <= set(responses), name
        if operation.get("requestBody"):
            assert {"422", "413", "408"} <= set(responses), name
        if method in ("post", "put", "patch", "delete"):
            assert "403" in responses, name
        if name in ORDERS:
            assert {"202", "402", "409", "429", "503"} <= set(responses), name
        assert {"421", "503"} <= set(responses), name
    for name in ("createPresentation", "replaceDeck", "signIn"):
        assert "429" in by_id(name)["responses"]
    declared = {int(status) for _, _, each in operations() for status in each["responses"]}
    assert set(STATUSES.values()) - declared - {405, 500} == set()


def test_who_may_call_is_declared() -> None:
    schemes = schema()["components"]["securitySchemes"]
    assert {(each["type"], each.get("scheme"), each.get("in")) for each in schemes.values()} == {
        ("http", "bearer", None),
        ("apiKey", None, "cookie"),
    }
    for _, _, operation in operations():
        asked = [] if operation["operationId"] in PUBLIC else [{name: []} for name in schemes]
        assert operation.get("security", []) == asked, operation["operationId"]


def test_calls_that_start_work_take_a_key() -> None:
    keyed = {
        operation["operationId"]
        for _, _, operation in operations()
        for each in operation.get("parameters", [])
        if each["name"] == "Idempotency-Key" and each["in"] == "header" and each["description"]
    }
    assert keyed == ONCE
    for name in ONCE:
        assert "Idempotent-Replayed" in min(by_id(name)["responses"].items())[1]["headers"]


def test_answers_that_can_be_kept_have_tags_and_refusals_say_when_to_come_back() -> None:
    for _, _, operation in operations():
        responses = operation["responses"]
        if "304" in responses:
            assert "ETag" in responses["200"]["headers"], operation["operationId"]
        if "429" in responses:
            assert "Retry-After" in responses["429"]["headers"]


def test_names_are_plain() -> None:
    names = set(schema()["components"]["schemas"])
    assert [each for each in names if not re.fullmatch("([A-Z][a-z]+)+", each)] == []
    assert [each for each in names if re.search("(^Body|Input$|Output$|.Shape$|^Page)", each)] == [
        "PresenterShape"
    ]
    titles = [each["title"] for each in walk(schema()["components"]) if isinstance(each.get("title"), str)]
    of_examples = {each["title"] for each in walk(EXAMPLES) if isinstance(each.get("title"), str)}
    assert set(titles) <= of_examples


@pytest.mark.parametrize("values", [BatchKind, BatchState, ImportState, Status, Step])
def test_states_are_named_values(values: Any) -> None:
    schemas = schema()["components"]["schemas"]
    assert schemas[values.__name__]["enum"] == [str(each) for each in values]


def test_states_are_never_just_text() -> None:
    for name, said in schema()["components"]["schemas"].items():
        for field in ("state", "kind", "status", "step"):
            if name not in ("Analysis", "EventMessage", "Health", "Readiness", "Problem"):
                assert said.get("properties", {}).get(field, {}).get("type") != "string" or (
                    "enum" in said["properties"][field]
                ), (name, field)


def test_answers_have_all_their_fields() -> None:
    """Where something is missing the field is null: clients need no second check."""
    sent = {"Problem", "Check", "Readiness"}
    asked = {each for each in bodies().values() if each} | {"Pronunciation"}
    for name, said in schema()["components"]["schemas"].items():
        if name not in sent | asked and said.get("type") == "object":
            assert set(said.get("required", ())) == set(said["properties"]), name
    for name in asked:
        said = schema()["components"]["schemas"][name]
        assert said["additionalProperties"] is False
        assert not any("default" in each for each in said["properties"].values()), name


def bodies() -> dict[str, str]:
    """By operation, the schema of its JSON body."""
    found = {}
    for _, _, operation in operations():
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            said = json.dumps(content["application/json"]["schema"])
            (name,) = re.findall(r"schemas/(\w+)", said)
            found[operation["operationId"]] = name
    return found


def answers() -> dict[str, str]:
    """By operation, the schema of its JSON answer."""
    found = {}
    for _, _, operation in operations():
        status, said = min(operation["responses"].items())
        content = said.get("content", {}).get("application/json", {}).get("schema")
        if status < "300" and content:
            names = re.findall(r"schemas/(\w+)", json.dumps(content))
            assert len(names) == 1, operation["operationId"]
            found[operation["operationId"]] = names[0]
    return found


def test_bodies_and_answers_have_examples_that_fit() -> None:
    wanted = {*bodies().values(), *answers().values()}
    assert wanted - set(EXAMPLES) == NO_EXAMPLE
    for name, example in EXAMPLES.items():
        assert schema()["components"]["schemas"][name]["examples"] == [example]
        whole = {"$ref": f"#/components/schemas/{name}", "components": schema()["components"]}
        Draft202012Validator(whole, format_checker=FormatChecker()).validate(example)
        if name in answers().values():
            assert set(example) == set(schema()["components"]["schemas"][name]["properties"]), name


def test_files_have_types() -> None:
    for name in ("createPresentation", "replaceDeck"):
        form = by_id(name)["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert form["properties"]["file"]["format"] == "binary"
        assert form["required"] == ["file"]
    files = {
        "getSlideImage": "image/", "getSlideAudio": "audio/", "getSlideClip": "video/", "getAvatarVideoMedia": "video/",
        "getFilmMedia": "video/", "getFilmPoster": "image/", "getFilmCaptionsVtt": "text/vtt",
        "getSharedMedia": "video/", "getAvatarPreview": "image/png",
    }  # fmt: skip
    for name, kind in files.items():
        content = by_id(name)["responses"]["200"]["content"]
        assert content, name
        assert all(each.startswith(kind) for each in content), (name, list(content))


def test_the_socket_is_told_of() -> None:
    said = schema()["info"]["description"]
    assert "/api/presentations/{presentation_id}/events?since=SEQ" in said
    for message in re.findall(r"`(\w+Message)`", said):
        assert message in schema()["components"]["schemas"]
    assert len(set(re.findall(r"`(\w+Message)`", said))) == 3


def test_every_code_that_is_answered_is_explained() -> None:
    page = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    said = " ".join(operation["description"] for _, _, operation in operations())
    codes = {each for each in STATUSES if isinstance(each, str)} | set(
        re.findall(r"`([a-z]+(?:_[a-z]+)+)`", said)
    )
    assert {each for each in codes if f"`{each}`" not in page} == set()
