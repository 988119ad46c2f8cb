"""What `avatars`, `voices` and `status` print, for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deckcast.cli.lists import list_avatars
from deckcast.cli.outcome import count
from deckcast.cli.status import run_status
from deckcast.cli.voices import list_voices
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


def test_avatars_are_listed_with_their_pictures(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list_avatars(settings, None, None, tmp_path / "faces", as_json=False) == 0
    said = capsys.readouterr().out
    assert all(name in said for name in ("maya", "daniel", "amara"))
    assert "faces" in said
    assert list_avatars(settings, "local", None, None, as_json=True) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert [item["gender"] for item in items] == ["female", "male", "female"]
    assert all(Path(item["preview"]).read_bytes().startswith(b"\x89PNG") for item in items)
    assert list_avatars(settings, "local", "MAYA", None, as_json=True) == 0
    assert [item["id"] for item in json.loads(capsys.readouterr().out)["items"]] == ["maya"]


def test_a_provider_without_a_key_says_what_it_needs(settings: Settings) -> None:
    with pytest.raises(CallError) as caught:
        list_avatars(settings, "heygen", None, None, as_json=True)
    assert caught.value.code == "provider_not_configured"
    assert "DECKCAST_HEYGEN__API_KEY" in caught.value.message


def test_voices_of_one_language(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    list_voices(settings, None, None, "de", as_json=True)
    assert {item["language"] for item in json.loads(capsys.readouterr().out)["items"]} == {"de"}
    with pytest.raises(CallError) as caught:
        list_voices(settings, None, None, "tlh", as_json=False)
    assert caught.value.code == "language_not_spoken"


@pytest.mark.parametrize(
    ("provider", "code"), [("local", "unknown_voice"), ("heygen", "provider_not_configured")]
)
def test_a_provider_that_does_not_speak_says_so(settings: Settings, provider: str, code: str) -> None:
    with pytest.raises(CallError) as caught:
        list_voices(settings, provider, None, None, as_json=True)
    assert caught.value.code == code


def test_status_before_anything_was_made(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_status(settings, None, as_json=False) == 0
    assert "deckcast make" in capsys.readouterr().out
    with pytest.raises(CallError) as caught:
        run_status(settings, "talk.pptx", as_json=False)
    assert caught.value.code == "presentation_not_found"


def test_one_is_not_many() -> None:
    assert (count(1, "slide"), count(8, "slide")) == ("1 slide", "8 slides")
