"""Characters as data: a folder with `character.json` and `rig.svg`, no code.

A rig is a drawing 1000 units wide and high. Everything before `<g id="eyes">` lies under the moving parts,
everything after `<g id="mouth">` over them. The eyes hold two drawings (`eyes-open`, `eyes-closed`) of the same
paths, the mouth fifteen (`mouth-<viseme>`, in `mouths.svg` unless the rig draws its own). What lies between two
drawings is made by mixing their numbers.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deckcast.kit.errors import CallError
from deckcast.kit.fingerprint import file_sha256
from deckcast.kit.timing import Viseme

RIG_UNITS = 1000
CHARACTERS_DIR = Path(__file__).parent / "characters"
VISEMES: tuple[Viseme, ...] = tuple(Viseme)

_SVG = "http://www.w3.org/2000/svg"
_NUMBER = re.compile(r"(?<![\w#.-])-?\d+(?:\.\d+)?")
ElementTree.register_namespace("", _SVG)


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody the local presenter can draw."""

    id: str
    name: str
    description: str
    gender: str | None = None


@dataclass(frozen=True, slots=True)
class Anchors:
    """Where the face's parts are, in rig units; the motion is built on them."""

    eyes_box: tuple[float, float, float, float]
    mouth_box: tuple[float, float, float, float]
    brows_y: float
    mouth_y: float
    chin_y: float
    still_y: float
    face_half_width: float
    reach: float


class Drawings:
    """Drawings of the same paths which differ in their numbers only, and every mixture of them."""

    def __init__(self, sources: list[str]) -> None:
        skeletons = {_NUMBER.sub("\0", source) for source in sources}
        if len(skeletons) != 1:
            raise ValueError("the drawings of one part must have the same elements and path commands")
        self._pieces = skeletons.pop().split("\0")
        self.numbers: NDArray[np.float64] = np.array(
            [[float(number) for number in _NUMBER.findall(source)] for source in sources]
        )

    def mix(self, weights: NDArray[np.float64]) -> str:
        """The SVG of a mixture; `weights` has one number per drawing and sums to 1."""
        return self.fill(weights @ self.numbers)

    def fill(self, numbers: NDArray[np.float64]) -> str:
        """The SVG with these numbers in its places."""
        words = [f"{number:.2f}" for number in numbers] + [""]
        return "".join(piece + word for piece, word in zip(self._pieces, words, strict=True))


@dataclass(frozen=True, slots=True)
class Rig:
    """A loaded character. `jaws` holds the jaw drop (0 to 1) of each of the fifteen visemes."""

    character: Character
    anchors: Anchors
    head: str
    under: str
    over: str
    mouth_transform: str
    mouths: Drawings
    jaws: NDArray[np.float64]
    eyes: Drawings

    def document(self, content: str, box: tuple[float, float, float, float], width: int, height: int) -> str:
        """A whole SVG showing `content` in the given part of rig space (x0, y0, x1, y1), in pixels."""
        x0, y0, x1, y1 = box
        view = f"{x0:.4f} {y0:.4f} {x1 - x0:.4f} {y1 - y0:.4f}"
        size = f'width="{width}" height="{height}" preserveAspectRatio="none"'
        return f'<svg xmlns="{_SVG}" viewBox="{view}" {size}>{self.head}{content}</svg>'

    def still(self, size: int, viseme: Viseme = Viseme.SIL, lid: float = 0.0) -> str:
        """A whole SVG of the bust at rest, `size` pixels wide, with one viseme and the lids 0 open to 1 closed."""
        weights = np.eye(len(VISEMES))[VISEMES.index(viseme)]
        content = self.under + self.eyes_at(lid, (0.0, 0.0)) + self.mouth(weights) + self.over
        return self.document(content, (0, 0, RIG_UNITS, RIG_UNITS), size, size)

    def mouth(self, weights: NDArray[np.float64]) -> str:
        """The SVG of a mouth; `weights` over the fifteen visemes."""
        return f'<g transform="{self.mouth_transform}">{self.mouths.mix(weights)}</g>'

    def eyes_at(self, lid: float, gaze: tuple[float, float]) -> str:
        """The SVG of both eyes; lid 0 open to 1 closed, gaze in rig units."""
        drawing = self.eyes.mix(np.array([1.0 - lid, lid]))
        moved = f'class="gaze" transform="translate({gaze[0]:.2f} {gaze[1]:.2f})"'
        return re.sub(r'class="gaze" transform="[^"]*"', moved, drawing)


@cache
def characters() -> tuple[Character, ...]:
    """Everybody who can present, in the order of their `order` fields."""
    found = []
    for path in CHARACTERS_DIR.glob("*/character.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        character = Character(path.parent.name, data["name"], data["description"], data.get("gender"))
        found.append((data["order"], character))
    return tuple(character for _, character in sorted(found, key=lambda item: (item[0], item[1].id)))


def find_character(character_id: str) -> Character:
    """The character of an id; raises CallError `unknown_avatar`."""
    for character in characters():
        if character.id == character_id:
            return character
    raise CallError(
        "unknown_avatar",
        f"There is no presenter called {character_id!r}.",
        next_step=f"Choose one of: {', '.join(character.id for character in characters())}.",
    )


def rig_hash(character_id: str) -> str:
    """Changes whenever one of the files that a character is drawn from does."""
    folder = CHARACTERS_DIR / find_character(character_id).id
    paths = (folder / "rig.svg", folder / "character.json", CHARACTERS_DIR / "mouths.svg")
    return "-".join(file_sha256(path)[:12] for path in paths)


def load_rig(character_id: str) -> Rig:
    """Read a character's files; raises CallError `unknown_avatar`, ValueError for a rig that is not one."""
    character = find_character(character_id)
    folder = CHARACTERS_DIR / character.id
    data: dict[str, Any] = json.loads((folder / "character.json").read_text(encoding="utf-8"))
    root = ElementTree.parse(folder / "rig.svg").getroot()
    shared = ElementTree.parse(CHARACTERS_DIR / "mouths.svg").getroot()
    parts = list(root)
    ids = [part.get("id") for part in parts]
    eyes_at, mouth_at = ids.index("eyes"), ids.index("mouth")
    heads = [part for part in parts if part.tag in (f"{{{_SVG}}}style", f"{{{_SVG}}}defs")]
    mouths = [_part(root, shared, f"mouth-{viseme}") for viseme in VISEMES]
    eyes = [_part(root, root, f"eyes-{state}") for state in ("open", "closed")]
    return Rig(
        character=character,
        anchors=Anchors(**data["anchors"]),
        head=_text(heads),
        under=_text([part for part in parts[:eyes_at] if part not in heads]),
        over=_text([part for part in parts[mouth_at + 1 :] if part not in heads]),
        mouth_transform=parts[mouth_at].get("transform", ""),
        mouths=Drawings([_text(list(mouth)) for mouth in mouths]),
        jaws=np.array([float(mouth.get("data-jaw", "0")) for mouth in mouths]),
        eyes=Drawings([_text(list(state)) for state in eyes]),
    )


def _part(root: ElementTree.Element, fallback: ElementTree.Element, part_id: str) -> ElementTree.Element:
    for tree in (root, fallback):
        for element in tree.iter(f"{{{_SVG}}}g"):
            if element.get("id") == part_id:
                return element
    raise ValueError(f"the rig has no group {part_id}")


def _text(elements: list[ElementTree.Element]) -> str:
    """The elements as SVG, without the blank text between them (it would count as a difference)."""
    for element in elements:
        for part in element.iter():
            part.tail = None
            if part.text and not part.text.strip():
                part.text = None
    texts = (ElementTree.tostring(element, encoding="unicode") for element in elements)
    return "".join(texts).replace(f' xmlns="{_SVG}"', "")
