"""The voice fits the presenter; the film's captions carry the language that is spoken."""

from __future__ import annotations

from deckcast.avatars.local.rig import characters
from deckcast.batches.films import Part, film_language
from deckcast.db.models import ItemRow, SlideClipRow, SlideRow, SpeechRow


def test_every_presenter_says_which_voice_fits() -> None:
    genders = {character.id: character.gender for character in characters()}
    assert genders == {"maya": "female", "daniel": "male", "amara": "female"}


def spoken(language: str, seconds: float) -> Part:
    speech = SpeechRow(language=language, duration_s=seconds)
    return Part(ItemRow(), SlideRow(), SlideClipRow(), speech)


def test_the_film_is_in_the_language_that_most_of_it_is_spoken_in() -> None:
    silent = Part(ItemRow(), SlideRow(), SlideClipRow(), None)
    assert film_language("fr", [spoken("de", 9), spoken("en", 5), spoken("en", 5), silent]) == "en"
    assert film_language("fr", [silent]) == "fr"
