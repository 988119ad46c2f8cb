"""Owners are enforced in the repositories: routes have no SQL, and say whose thing they mean before anything else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

API = Path(__file__).parents[2] / "src" / "deckcast" / "api"
OWNERS_IDS = {"presentation_id", "slide_id", "batch_id", "avatar_video_id", "hook_id", "token_id", "share_id"}
METHODS = {"get", "head", "post", "put", "patch", "delete", "options"}
OF_SESSIONS = {
    "get",
    "get_one",
    "scalar",
    "scalars",
    "execute",
    "stream",
    "stream_scalars",
    "merge",
    "refresh",
}

FILES = sorted(API.glob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def routes(tree: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    """Functions that answer a path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef) and any(map(_is_route, node.decorator_list)):
            yield node


def _is_route(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and isinstance(decorator.func.value, ast.Name)
        and decorator.func.value.id == "router"
        and decorator.func.attr in METHODS
    )


def given_to(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(each.value for each in call.keywords)]


def first_use_says_whose(route: ast.AsyncFunctionDef, name: str) -> bool:
    """Whether the first call that is given an id is given `caller.owner` with it."""
    calls = [
        node
        for node in ast.walk(ast.Module(route.body, []))
        if isinstance(node, ast.Call) and name in {ast.unparse(each) for each in given_to(node)}
    ]
    if not calls:
        return False
    first = min(calls, key=lambda node: (node.lineno, node.col_offset))
    return "caller.owner" in map(ast.unparse, given_to(first))


def unowned(tree: ast.AST) -> list[str]:
    """Routes, and ids of theirs, that do not say at once whose thing they mean."""
    return [
        f"{route.name}({argument.arg})"
        for route in routes(tree)
        for argument in route.args.args
        if argument.arg in OWNERS_IDS and not first_use_says_whose(route, argument.arg)
    ]


def test_every_route_says_whose_thing_it_means() -> None:
    found = [each for path in FILES for each in unowned(parsed(path))]
    assert found == []
    asked = [
        argument.arg
        for path in FILES
        for route in routes(parsed(path))
        for argument in route.args.args
        if argument.arg in OWNERS_IDS
    ]
    assert len(asked) > 40
    assert set(asked) == OWNERS_IDS


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("await cancel(batch_id)", ["r(batch_id)"]),
        ("await cancel(batch_id)\n    await check(caller.owner, batch_id)", ["r(batch_id)"]),
        ("await check(caller.owner, batch_id)\n    await cancel(batch_id)", []),
        ("return batch_id", ["r(batch_id)"]),
    ],
)
def test_the_check_sees_what_is_missing(body: str, found: list[str]) -> None:
    source = f"@router.post('/')\nasync def r(batch_id: str, caller: Caller) -> None:\n    {body}\n"
    assert unowned(ast.parse(source)) == found


def test_no_path_names_an_id_that_is_not_looked_at() -> None:
    """An owner's id in a path stands among the arguments of its route under the same name."""
    for path in FILES:
        for route in routes(parsed(path)):
            text = " ".join(ast.unparse(each) for each in route.decorator_list)
            named = {name for name in OWNERS_IDS if f"{{{name}}}" in text}
            assert named <= {argument.arg for argument in route.args.args}, route.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_routes_have_no_sql(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            assert not any(each.name.startswith("sqlalchemy") for each in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("sqlalchemy")
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "session"
        ):
            assert node.attr not in OF_SESSIONS, ast.unparse(node)
