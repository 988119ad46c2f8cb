"""The voice fits the presenter; the film's captions carry the language that is spoken."""

from __future__ import annotations

from deckcast.avatars.local.rig import characters
from deckcast.batches.films import Part, film_language
from deckcast.db.models import ItemRow, SlideClipRow, SlideRow, SpeechRow
from deckcast.speech.choice import suited
from deckcast.speech.ports import Voice


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


def test_who_spoke_before_goes_on_while_listed_and_of_the_gender() -> None:
    new, old = (
        Voice("x:new", "new", "", "x", gender="female"),
        Voice("x:old", "old", "", "x", gender="female"),
    )
    man = Voice("x:man", "man", "", "x", gender="male")
    assert suited([new, old, man], "en", "female") == new
    assert suited([new, old, man], "en", "female", ["x:old"]) == old
    assert suited([new, man], "en", "female", ["x:gone", "x:old"]) == new
    assert suited([new, old, man], "en", "male", ["x:old"]) == man
