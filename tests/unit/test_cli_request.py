"""What may follow --background, asked of providers that can and cannot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.local.provider import LocalProvider
from deckcast.avatars.ports import TRANSPARENT, Avatar
from deckcast.cli.request import MakeOptions, request_of
from deckcast.kit.errors import CallError


def provider(tmp_path: Path, transparent: bool, avatar_transparent: bool = True) -> Any:
    """The local provider, as if it could or could not do without a background."""

    class Provider(LocalProvider):
        async def avatars(self) -> tuple[Avatar, ...]:
            return tuple(replace(one, transparent=avatar_transparent) for one in await super().avatars())

    async def never(_: str) -> None:
        raise AssertionError("nothing is rendered here")

    made = Provider(
        None,  # type: ignore[arg-type]  # no row is touched
        results=tmp_path, scratch=tmp_path, cache=tmp_path, max_concurrent=1, start_render=never,
    )  # fmt: skip
    made.capabilities = replace(made.capabilities, transparent=transparent)
    return made


def asked(made: Any, **options: Any) -> Any:
    return asyncio.run(
        request_of(MakeOptions(deck=Path("a.pptx"), provider="local", **options), {"local": made})
    )


@pytest.mark.parametrize("word", ["transparent", "Transparent"])
def test_no_background_can_be_asked_for(tmp_path: Path, word: str) -> None:
    assert asked(provider(tmp_path, True), background=word).background == TRANSPARENT


@pytest.mark.parametrize(("can", "avatar_can"), [(False, True), (True, False)])
def test_who_cannot_do_without_says_so_and_what_to_do(tmp_path: Path, can: bool, avatar_can: bool) -> None:
    with pytest.raises(CallError) as caught:
        asked(provider(tmp_path, can, avatar_can), background=TRANSPARENT)
    assert caught.value.code == "not_transparent"
    assert "--background" in caught.value.next_step


def test_the_size_is_passed_on(tmp_path: Path) -> None:
    assert asked(provider(tmp_path, True)).size is None
    assert asked(provider(tmp_path, True), size="large").size == "large"


def test_what_is_no_background_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        asked(provider(tmp_path, True), background="see-through")
    assert caught.value.code == "background_invalid"
