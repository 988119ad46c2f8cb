"""Voices of an avatar provider's own: who may be asked for one, and what counts as the same video."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deckcast.avatars.ports import Capabilities
from deckcast.batches import context
from deckcast.batches.models import MakeRequest
from deckcast.batches.orders import our_voice, speaks_itself, spending_s, words_fingerprint
from deckcast.batches.plan import check_limits, wanted_video
from deckcast.cli.request import MakeOptions, request_of
from deckcast.db.models import ItemRow
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.speech.service import open_engines
from deckcast.videos.models import Layout, PixelBox, Placement, Shape
from heygen_answers import HeyGen

CORNER = asdict(
    Placement(Layout.CORNER, PixelBox(0, 0, 1920, 1080), PixelBox(1400, 700, 300, 300), Shape.CIRCLE)
)
ALONE = {**CORNER, "layout": "none", "presenter": None}
REQUEST = MakeRequest("heygen", "ada", "#FFFFFF", voice="heygen:v1", voice_gender="female")


@pytest.fixture
def heygen(tmp_path: Path) -> Iterator[HeyGen]:
    """HeyGen with one voice, beside a presenter that takes speech only."""
    double = HeyGen(tmp_path)
    mute = SimpleNamespace(name="local", capabilities=replace(double.provider.capabilities, takes_text=False))
    parts: Any = SimpleNamespace(
        settings=Settings(data_dir=tmp_path),
        providers={"local": mute, "heygen": double.provider},
        not_configured={"other": "It needs a key."},
        engines=open_engines(Settings(data_dir=tmp_path)),
    )
    context.use(parts)
    yield double
    context.use(None)


def item(
    text: str = "Good morning.", placement: dict[str, Any] = CORNER, estimated_s: float = 2.0
) -> ItemRow:
    narrative = {"text": text, "language": "en", "source": "notes", "say": []}
    return ItemRow(
        slide_id="sld_1",
        number=1,
        placement=placement,
        narrative=narrative,
        estimated_s=estimated_s,
        reused=False,
        warnings=[],
    )


def asked(voice: str | None, **options: Any) -> MakeRequest:
    call = MakeOptions(deck=Path("talk.pptx"), provider="heygen", voice=voice, **options)
    return asyncio.run(request_of(call, context.current().providers))


def test_a_voice_of_the_provider_is_named_with_its_provider(heygen: HeyGen) -> None:
    assert asked("heygen:v1").provider_voice == "v1"
    assert asked("espeak:de").provider_voice is None
    assert asked(None).provider_voice is None
    assert replace(REQUEST, voice="heygen:with:colons").provider_voice == "with:colons"


@pytest.mark.parametrize(
    ("voice", "options", "code", "help_"),
    [
        ("heygen:nobody", {}, "unknown_voice", "deckcast voices --provider heygen"),
        ("heygen:", {}, "unknown_voice", "deckcast voices --provider heygen"),
        ("v1", {}, "unknown_voice", "deckcast voices"),
        ("local:v1", {}, "unknown_voice", "deckcast voices"),
        ("other:v1", {}, "voice_of_other_provider", "--provider other"),
        ("heygen:v1", {"layout": "none"}, "voice_needs_presenter", "layout"),
    ],
)
def test_a_voice_that_cannot_be_heard_is_refused(
    heygen: HeyGen, voice: str, options: dict[str, Any], code: str, help_: str
) -> None:
    with pytest.raises(CallError) as caught:
        asked(voice, **options)
    assert caught.value.code == code
    assert help_ in caught.value.next_step


def test_the_provider_speaks_what_is_said_where_it_draws(heygen: HeyGen) -> None:
    provider = heygen.provider
    assert speaks_itself(REQUEST, provider, item())
    assert not speaks_itself(REQUEST, provider, item(text=""))
    assert not speaks_itself(REQUEST, provider, item(placement=ALONE))
    assert not speaks_itself(replace(REQUEST, voice=None), provider, item())
    assert our_voice(REQUEST, "en").id.startswith("espeak:")


def test_another_text_language_or_voice_is_another_video(heygen: HeyGen) -> None:
    anew, german = item(), item()
    anew.nonce = "anew"
    german.narrative = {**(german.narrative or {}), "language": "de"}
    videos = [
        wanted_video(REQUEST, item()),
        wanted_video(REQUEST, item(text="Good evening.")),
        wanted_video(REQUEST, german),
        wanted_video(replace(REQUEST, voice="heygen:v2"), item()),
        wanted_video(REQUEST, anew),
        wanted_video(replace(REQUEST, voice="espeak:en-us"), item()),
    ]
    assert None not in videos
    assert len(set(videos)) == len(videos)


def test_layout_and_number_make_no_other_video(heygen: HeyGen) -> None:
    beside = {**CORNER, "layout": "beside"}
    moved = item(placement=beside)
    moved.number = 7
    assert wanted_video(REQUEST, moved) == wanted_video(REQUEST, item())
    assert words_fingerprint(REQUEST, heygen.provider, item(text="")) is None


def test_more_money_is_set_aside_for_a_voice_whose_pace_is_not_known() -> None:
    assert spending_s(REQUEST, 10.0) == 15.0
    assert spending_s(replace(REQUEST, voice=None), 10.0) == 10.0


def test_a_text_or_a_speech_over_the_limit_is_refused_and_what_is_made_already_is_not(heygen: HeyGen) -> None:
    long, ours = item(text="word " * 1001), replace(REQUEST, voice=None)
    can: Capabilities = heygen.provider.capabilities
    assert can.max_script_chars == 5000
    with pytest.raises(CallError) as caught:
        check_limits(REQUEST, heygen.provider, [item(), long])
    assert caught.value.code == "too_long_for_provider"
    assert "5000 characters" in caught.value.message
    check_limits(ours, heygen.provider, [long])
    with pytest.raises(CallError):
        check_limits(ours, heygen.provider, [item(estimated_s=601.0)])
    long.reused = True
    check_limits(REQUEST, heygen.provider, [long])
