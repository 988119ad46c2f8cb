"""The voice fits the presenter; the film's captions carry the language that is spoken."""

from __future__ import annotations

import pytest

from deckcast.avatars.local.rig import characters
from deckcast.batches.films import Part, film_language
from deckcast.batches.models import MakeRequest
from deckcast.batches.orders import find_voice
from deckcast.db.models import ItemRow, SlideClipRow, SlideRow, SpeechRow
from deckcast.kit.errors import CallError


def test_every_presenter_says_which_voice_fits() -> None:
    genders = {character.id: character.gender for character in characters()}
    assert genders == {"maya": "female", "daniel": "male", "amara": "female"}


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_without_a_named_voice_it_is_the_presenters(language: str) -> None:
    woman, man = find_voice(None, language, "female"), find_voice(None, language, "male")
    assert woman.id != man.id
    assert find_voice(None, language) in (woman, man)
    assert woman.language == man.language


def test_a_named_voice_is_taken_whoever_presents() -> None:
    assert find_voice("espeak:de", "en", "female").id == "espeak:de"
    with pytest.raises(CallError) as caught:
        find_voice("nobody", "en", "female")
    assert caught.value.code == "unknown_voice"


def test_a_request_written_before_voices_had_genders_can_be_read() -> None:
    request = MakeRequest("local", "maya", "#FFFFFF", voice_gender="female")
    data = request.to_json()
    assert MakeRequest.from_json(data) == request
    del data["voice_gender"]
    assert MakeRequest.from_json(data).voice_gender is None


def spoken(language: str, seconds: float) -> Part:
    speech = SpeechRow(language=language, duration_s=seconds)
    return Part(ItemRow(), SlideRow(), SlideClipRow(), speech)


def test_the_film_is_in_the_language_that_most_of_it_is_spoken_in() -> None:
    silent = Part(ItemRow(), SlideRow(), SlideClipRow(), None)
    assert film_language("fr", [spoken("de", 9), spoken("en", 5), spoken("en", 5), silent]) == "en"
    assert film_language("fr", [silent]) == "fr"
