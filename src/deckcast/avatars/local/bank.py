"""The sprite bank of a character at one size: everything that is drawn from paths, drawn once and kept on disk.

Files of plain numbers, mapped into memory, not read. Their folder is named after the rig's files and the recipe
below. One process builds, others that want the same bank meanwhile wait for it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from deckcast.avatars.local.raster import Packed, Pixels, over, pack, render
from deckcast.avatars.local.rig import RIG_UNITS, VISEMES, Rig, load_rig, rig_hash
from deckcast.kit.files import disk_errors, written_whole

RECIPE = 2  # raise it when the pixels of a bank change for another reason than its rig
LIDS = (0.0, 0.2, 0.45, 0.75, 1.0)
GAZES = tuple(product((-5.0, -2.5, 0.0, 2.5, 5.0), (0.0, 2.5)))

_MOUTH_STEP = 1.6  # rig units: mouths that differ less everywhere count as one
_PART_NAMES = ("canvas", "mouths", "mouth_numbers", "eyes", "mouth_at", "eyes_at", "fine")


@dataclass(frozen=True, slots=True)
class Bank:
    """Sprites of one character, drawn `fine` times larger than shown; pixels as `raster.pack` makes them.

    `canvas` is the bust without mouth and eyes; `mouths` and `eyes` are opaque patches of it, with their places
    in `mouth_at` and `eyes_at` (row, column). `mouth_numbers` tells the mouths apart; eyes are ordered by lid,
    then gaze.
    """

    rig: Rig
    size: int
    fine: int
    canvas: Packed
    mouths: Packed
    mouth_numbers: NDArray[np.float32]
    mouth_at: tuple[int, int]
    eyes: Packed
    eyes_at: tuple[int, int]

    def mouths_for(self, track: NDArray[np.float64]) -> NDArray[np.intp]:
        """The mouth nearest to each row of a mouth track (frames, 15): indices into `mouths`."""
        wanted = (track @ self.rig.mouths.numbers).astype(np.float32)
        return np.array(
            [np.square(self.mouth_numbers - shape).sum(axis=1).argmin() for shape in wanted], dtype=np.intp
        )

    def eye_index(self, lid: float, gaze: tuple[float, float]) -> int:
        """The eyes nearest to a lid position (0 open, 1 closed) and a gaze in rig units."""
        level = min(range(len(LIDS)), key=lambda i: abs(LIDS[i] - lid))
        look = min(range(len(GAZES)), key=lambda i: abs(GAZES[i][0] - gaze[0]) + abs(GAZES[i][1] - gaze[1]))
        return level * len(GAZES) + look


def fine_for(size: int) -> int:
    """How many times larger than shown a bank is: finer steps for small pictures, bounded memory for all."""
    return 4 if size < 560 else 3 if size < 800 else 2 if size < 1300 else 1


def open_bank(character_id: str, size: int, cache_dir: Path) -> Bank:
    """The bank of a character for a bust of `size` × `size` pixels, built at first use (about 3 CPU-seconds).

    Raises CallError `unknown_avatar`; MachineError where the cache folder cannot be written.
    """
    rig = load_rig(character_id)
    folder = cache_dir / f"presenter-{character_id}-{size}-{RECIPE}-{rig_hash(character_id)}"
    complete = folder / "complete.npy"
    if not complete.exists():
        with _only_one(folder):
            if not complete.exists():
                for name, values in _build(rig, size).items():
                    _save(folder / f"{name}.npy", values)
                _save(complete, np.zeros(0))
    parts = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _PART_NAMES}
    return Bank(
        rig=rig,
        size=size,
        fine=int(parts["fine"]),
        canvas=parts["canvas"],
        mouths=parts["mouths"],
        mouth_numbers=np.asarray(parts["mouth_numbers"]),
        mouth_at=(int(parts["mouth_at"][0]), int(parts["mouth_at"][1])),
        eyes=parts["eyes"],
        eyes_at=(int(parts["eyes_at"][0]), int(parts["eyes_at"][1])),
    )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One process at a time; where files cannot be locked, several, which write the same bytes."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _save(path: Path, values: NDArray[np.generic]) -> None:
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.save(file, values)


def _build(rig: Rig, size: int) -> dict[str, NDArray[np.generic]]:
    artist = _Artist(rig, size)
    mixes = _mouth_mixes(rig)
    mouths, mouth_at = artist.patches([rig.mouth(mix) for mix in mixes], rig.anchors.mouth_box)
    looks = [rig.eyes_at(lid, gaze) for lid in LIDS for gaze in GAZES]
    eyes, eyes_at = artist.patches(looks, rig.anchors.eyes_box)
    return {
        "canvas": artist.canvas(),
        "mouths": mouths,
        "mouth_numbers": (mixes @ rig.mouths.numbers).astype(np.float32),
        "mouth_at": np.array(mouth_at),
        "eyes": eyes,
        "eyes_at": np.array(eyes_at),
        "fine": np.array(artist.fine),
    }


def _mouth_mixes(rig: Rig) -> NDArray[np.float64]:
    """The visemes and enough mixtures of two that any step between them is smaller than the eye sees."""
    keys = np.eye(len(VISEMES))
    pairs = [
        part * keys[a] + (1 - part) * keys[b]
        for part in (0.5, 0.25, 0.75)
        for a, b in combinations(range(len(VISEMES)), 2)
    ]
    kept = list(keys)
    numbers = [key @ rig.mouths.numbers for key in keys]
    for mix in pairs:
        shape = mix @ rig.mouths.numbers
        if min(float(np.abs(shape - other).mean()) for other in numbers) > _MOUTH_STEP / 2:
            kept.append(mix)
            numbers.append(shape)
    return np.array(kept)


class _Artist:
    """Draws a rig for a bank. Where `fine` is 4 it draws at half of that and enlarges: the steps need to be fine,
    the detail does not."""

    def __init__(self, rig: Rig, size: int) -> None:
        self.fine = fine_for(size)
        self.rig = rig
        self._grow = 2 if self.fine == 4 else 1
        self._width = size * self.fine
        self._unit = self._width / RIG_UNITS
        whole = (0.0, 0.0, float(RIG_UNITS), float(RIG_UNITS))
        self._under = self._draw(rig.under, whole, self._width, self._width)
        self._over = self._draw(rig.over, whole, self._width, self._width)

    def canvas(self) -> Packed:
        """The bust at rest, without eyes and mouth: (width, width)."""
        edge = 2 * self.fine - 1
        picture = over(self._over, self._under)
        return pack(np.pad(picture, ((0, edge), (0, edge), (0, 0)), mode="edge"), self.fine)

    def patches(
        self, drawings: list[str], box: tuple[float, float, float, float]
    ) -> tuple[Packed, tuple[int, int]]:
        """One opaque patch per drawing: (drawings, height, width), and their place (row, column)."""
        left, top, right, bottom = (self._grow * round(edge * self._unit / self._grow) for edge in box)
        edge = 2 * self.fine
        right, bottom = right + edge, bottom + edge
        area = (slice(top, bottom), slice(left, right))
        under, above = self._under[area], self._over[area]
        exact = (left / self._unit, top / self._unit, right / self._unit, bottom / self._unit)
        out = np.empty((len(drawings), bottom - top - edge, right - left - edge), dtype=np.uint32)
        for i, drawing in enumerate(drawings):
            part = self._draw(drawing, exact, right - left, bottom - top)
            out[i] = pack(over(above, over(part, under)), self.fine)[:-1, :-1]
        return out, (top, left)

    def _draw(self, content: str, box: tuple[float, float, float, float], width: int, height: int) -> Pixels:
        document = self.rig.document(content, box, width // self._grow, height // self._grow)
        return render(document, self._grow)
