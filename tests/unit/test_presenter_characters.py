"""Every character that ships has everything that the presenter needs."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from deckcast.avatars.local.bank import GAZES, LIDS
from deckcast.avatars.local.portrait import portrait
from deckcast.avatars.local.raster import render, to_image
from deckcast.avatars.local.render import characters, preview_png
from deckcast.avatars.local.rig import VISEMES, Drawings, load_rig
from deckcast.kit.errors import CallError
from deckcast.kit.timing import Viseme

IDS = [character.id for character in characters()]


def test_there_are_three_distinct_presenters() -> None:
    assert len(IDS) >= 3
    assert len({character.name for character in characters()}) == len(IDS)
    assert all(character.description for character in characters())


def test_an_unknown_presenter_is_refused_and_the_others_named() -> None:
    with pytest.raises(CallError) as caught:
        preview_png("nobody", 64)
    assert caught.value.code == "unknown_avatar"
    assert all(name in caught.value.next_step for name in IDS)


@pytest.mark.parametrize("character_id", IDS)
def test_every_viseme_has_a_mouth_of_its_own(character_id: str) -> None:
    rig = load_rig(character_id)
    numbers = rig.mouths.numbers
    assert numbers.shape[0] == len(VISEMES) == 15
    for one in range(15):
        for other in range(one):
            assert np.abs(numbers[one] - numbers[other]).max() > 0.5, (VISEMES[one], VISEMES[other])
    assert rig.jaws[VISEMES.index(Viseme.SIL)] == rig.jaws[VISEMES.index(Viseme.PP)] == 0
    assert rig.jaws.argmax() == VISEMES.index(Viseme.AA)


@pytest.mark.parametrize("character_id", IDS)
def test_every_state_of_the_eyes_can_be_drawn(character_id: str) -> None:
    rig = load_rig(character_id)
    pictures = [
        render(rig.document(rig.eyes_at(lid, gaze), rig.anchors.eyes_box, 80, 26))
        for lid in LIDS
        for gaze in GAZES
    ]
    assert all(picture[..., 3].max() > 0 for picture in pictures)
    assert np.abs(pictures[0] - pictures[len(GAZES)]).max() > 30
    assert np.abs(pictures[0] - pictures[len(GAZES) - 1]).max() > 30


@pytest.mark.parametrize("character_id", IDS)
def test_the_portrait_that_is_kept_shows_the_rig_as_it_is(character_id: str) -> None:
    drawn = np.asarray(to_image(load_rig(character_id).still(96)).convert("RGBa"), np.float32)
    kept = np.asarray(portrait(character_id, 96).convert("RGBa"), np.float32)
    assert np.abs(drawn - kept).mean() < 2, "draw it anew: python -m deckcast.avatars.local.portrait"


@pytest.mark.parametrize("character_id", IDS)
def test_moving_parts_stay_in_their_boxes(character_id: str) -> None:
    rig = load_rig(character_id)
    x0, y0, x1, y1 = rig.anchors.mouth_box
    for index in range(15):
        picture = render(rig.document(rig.mouth(np.eye(15)[index]), (x0, y0, x1, y1), 76, 54))
        edge = np.concatenate((picture[0], picture[-1], picture[:, 0], picture[:, -1]))
        assert edge[:, 3].max() < 8


@pytest.mark.parametrize("character_id", IDS)
def test_a_bust_fits_a_circle_and_stands_on_the_bottom(character_id: str) -> None:
    with Image.open(io.BytesIO(preview_png(character_id, 100))) as image:
        assert image.size == (100, 100)
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    y, x = np.nonzero(alpha[:58] > 40)
    assert np.hypot(x - 50, y - 50).max() < 46
    assert alpha[-1, 20:80].min() == 255


def test_drawings_mix_their_numbers_and_refuse_others() -> None:
    drawings = Drawings(['<path d="M 0 0 L 10 -4"/>', '<path d="M 2 0 L 20 4"/>'])
    assert drawings.mix(np.array([0.5, 0.5])) == '<path d="M 1.00 0.00 L 15.00 0.00"/>'
    with pytest.raises(ValueError, match="same elements"):
        Drawings(['<path d="M 0 0 L 1 1"/>', '<path d="M 0 0 C 1 1"/>'])
