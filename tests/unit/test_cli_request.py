"""What may follow --background, asked of providers that can and cannot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deckcast.avatars.ports import TRANSPARENT, Avatar
from deckcast.batches.models import MakeRequest
from deckcast.cli.request import MakeOptions, request_of
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.wiring import open_context


def asked(tmp_path: Path, can: bool = True, avatar_can: bool = True, **options: Any) -> MakeRequest:
    """The request of a call to the local provider, as if it (or its avatars) could or could not do without."""

    async def story() -> MakeRequest:
        async with open_context(Settings(data_dir=tmp_path / "data")) as parts:
            local = parts.providers["local"]
            known = tuple(replace(avatar, transparent=avatar_can) for avatar in await local.avatars())

            async def avatars() -> tuple[Avatar, ...]:
                return known

            local.capabilities = replace(local.capabilities, transparent=can)
            local.avatars = avatars  # type: ignore[method-assign]
            return await request_of(
                MakeOptions(deck=Path("a.pptx"), provider="local", **options), {"local": local}
            )

    return asyncio.run(story())


@pytest.mark.parametrize("word", ["transparent", "Transparent"])
def test_no_background_can_be_asked_for(tmp_path: Path, word: str) -> None:
    assert asked(tmp_path, background=word).background == TRANSPARENT


@pytest.mark.parametrize(("can", "avatar_can"), [(False, True), (True, False)])
def test_who_cannot_do_without_says_so_and_what_to_do(tmp_path: Path, can: bool, avatar_can: bool) -> None:
    with pytest.raises(CallError) as caught:
        asked(tmp_path, can, avatar_can, background=TRANSPARENT)
    assert caught.value.code == "not_transparent"
    assert "--background" in caught.value.next_step


def test_the_size_is_passed_on(tmp_path: Path) -> None:
    assert asked(tmp_path).size is None
    assert asked(tmp_path, size="large").size == "large"


def test_what_is_no_background_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CallError) as caught:
        asked(tmp_path, background="see-through")
    assert caught.value.code == "background_invalid"
