"""Puts the presenter on the background, frame after frame, from the sprite bank: no path is drawn here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from deckcast.avatars.local.acting import Move
from deckcast.avatars.local.bank import Bank
from deckcast.avatars.local.cutout import straight
from deckcast.avatars.local.flow import area_of, breath_field, fields_of
from deckcast.avatars.local.raster import Packed, to_yuv
from deckcast.avatars.local.rig import RIG_UNITS
from deckcast.avatars.ports import TRANSPARENT
from deckcast.kit.errors import CallError

Plane = NDArray[np.uint8]
_MARGIN = 48  # rig units around the bending area that a move may fetch from
_CLEAR = (256 - np.arange(256) * 256 // 255).astype(np.uint16)  # alpha to how much shows through, of 256


def background_planes(background: str, width: int, height: int) -> tuple[Plane, ...]:
    """Y, Cb, Cr of a colour "#RRGGBB" or of a picture that fills the frame (colour planes half as large); for
    TRANSPARENT those of black, and an alpha of 0.

    Raises CallError `background_invalid`.
    """
    if background == TRANSPARENT:
        return *background_planes("#000000", width, height), np.zeros((height, width), dtype=np.uint8)
    try:
        if background.startswith("#"):
            colour = bytes.fromhex(background[1:])
            if len(colour) != 3:
                raise ValueError(background)
            y, u, v = np.rint(to_yuv(np.frombuffer(colour, dtype=np.uint8).astype(np.float32))).astype(
                np.uint8
            )
            half = (height // 2, width // 2)
            return np.full((height, width), y), np.full(half, u), np.full(half, v)
        with Image.open(Path(background)) as image:
            fitted = ImageOps.fit(image.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    except (OSError, ValueError) as error:
        raise CallError(
            "background_invalid",
            f"The background {background!r} is neither a colour nor a picture that can be read.",
            next_step='Give a colour such as "#FFFFFF" or the path of a PNG or JPEG file.',
        ) from error
    yuv = to_yuv(np.asarray(fitted, dtype=np.float32))
    halves = yuv.reshape(height // 2, 2, width // 2, 2, 3).mean(axis=(1, 3))
    luma, blue, red = (
        np.rint(plane).astype(np.uint8) for plane in (yuv[..., 0], halves[..., 1], halves[..., 2])
    )
    return luma, blue, red


class Stage:
    """One presenter before one background. `planes` is the present frame: Y, Cb, Cr, and alpha where the
    background is TRANSPARENT (colours not multiplied by it)."""

    def __init__(self, bank: Bank, width: int, height: int, background: str) -> None:
        self._bank = bank
        self._fine = bank.fine
        self._unit = bank.size / RIG_UNITS
        self._behind = background_planes(background, width, height)
        colours = [int(plane[0, 0]) for plane in self._behind] if background.startswith("#") else []
        self._clear = background == TRANSPARENT
        self._tints = [((colour * _CLEAR + 128) >> 8).astype(np.uint8) for colour in colours]
        self._ready = self._clear or bool(self._tints)  # drawings are laid on the background, then moved
        self.planes = tuple(np.array(plane) for plane in self._behind)
        self._left = (width - bank.size) // 4 * 2
        self._top = (height - bank.size) // 2 * 2
        self._area = area = area_of(bank.rig.anchors, bank.size, self._hair_top())
        self._fields = fields_of(bank.rig.anchors, bank.size, area).reshape(len(Move), -1)
        self._shape = ((area.bottom - area.top) // 2, (area.right - area.left) // 2)
        self._margin = round(_MARGIN * self._unit) * bank.fine
        self._head, self._origin, self._places = self._crop()
        if self._ready:
            self._head = self._lay(self._head)
        self._patches: dict[tuple[str, int], Packed] = {}
        self._body: dict[int, tuple[Plane, ...]] = {}
        self._body_top = self._shoulders()
        self._breath: int | None = None

    def draw(self, moves: NDArray[np.float64], mouth: int, eyes: int) -> None:
        """Make `planes` show the given moves (in the order of `Move`) and the bank's mouth and eyes."""
        bank = self._bank
        self._paste(self._laid("eyes", eyes), bank.eyes_at)
        self._paste(self._laid("mouths", mouth), bank.mouth_at)
        steps = round(float(moves[Move.BREATH]) * self._unit * self._fine * 2)
        self._show_body(steps)
        self._show_head(moves.astype(np.float32))

    def _hair_top(self) -> int:
        used = (self._bank.canvas[:: self._fine, :: self._fine] >> 24).any(axis=1)
        return int(used.argmax())

    def _crop(self) -> tuple[Packed, tuple[int, int], NDArray[np.intp]]:
        """A writable copy of the bending area with a margin (the moving parts are pasted into it), its place in
        the canvas, and where in the copy, counted flat, each pair of rows is found at rest."""
        area, fine, margin = self._area, self._fine, self._margin
        canvas = self._bank.canvas
        top, left = area.top * fine - margin, area.left * fine - margin
        height = (area.bottom - area.top) * fine + 2 * margin
        width = (area.right - area.left) * fine + 2 * margin
        head = np.zeros((height, width), dtype=np.uint32)
        rows = slice(max(top, 0), min(top + height, canvas.shape[0]))
        columns = slice(max(left, 0), min(left + width, canvas.shape[1]))
        head[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = canvas[
            rows, columns
        ]
        y = margin + fine * np.arange(area.bottom - area.top)
        x = margin + fine * np.arange(area.right - area.left)
        places = (y[:, None] * width + x[None, :]).reshape(self._shape[0], 2, 2 * self._shape[1])
        return head, (top, left), places

    def _lay(self, packed: Packed) -> Packed:
        """A drawing laid over a plain background, or made to stand on none, so that frames need only move it."""
        fine = self._fine
        if self._clear:
            return straight(packed, fine)
        laid = np.array(packed)
        pixels = laid.view(np.uint8).reshape(*laid.shape, 4)
        alpha = np.pad(pixels[..., 3], ((0, fine), (0, fine)), mode="edge")
        rows = alpha[:-fine].astype(np.uint16) + alpha[fine:]
        mean = ((rows[:, :-fine] + rows[:, fine:] + 2) >> 2).astype(np.uint8)
        for channel, through in enumerate((alpha[:-fine, :-fine], mean, mean)):
            tint = through.tobytes().translate(self._tints[channel].tobytes())
            pixels[..., channel] += np.frombuffer(tint, dtype=np.uint8).reshape(through.shape)
        return laid

    def _laid(self, kind: str, number: int) -> Packed:
        """A mouth or eyes from the bank, to be pasted; most are opaque as they are."""
        if (kind, number) not in self._patches:
            patch: Packed = getattr(self._bank, kind)[number]
            clear = self._ready and int((patch >> 24).min()) < 255
            # Its last lines would need to know what comes after them; nothing moves there.
            laid = self._lay(patch)[: -self._fine, : -self._fine] if clear else patch
            self._patches[kind, number] = laid
        return self._patches[kind, number]

    def _paste(self, patch: NDArray[np.uint32], at: tuple[int, int]) -> None:
        top, left = at[0] - self._origin[0], at[1] - self._origin[1]
        self._head[top : top + patch.shape[0], left : left + patch.shape[1]] = patch

    def _show_head(self, moves: NDArray[np.float32]) -> None:
        flow = np.rint((moves * np.float32(self._fine)) @ self._fields).astype(np.intp)
        down, right = flow.reshape(2, *self._shape)
        shift = (down * self._head.shape[1] + right).repeat(2, axis=1)
        places = (self._places + shift[:, None, :]).reshape(2 * self._shape[0], 2 * self._shape[1])
        pixels = self._head.take(places).view(np.uint8).reshape(*places.shape, 4)
        self._put(pixels, self._top + self._area.top, self._left + self._area.left, laid=self._ready)

    def _put(self, pixels: Plane, top: int, left: int, laid: bool = False) -> None:
        """Lay packed pixels over the background at an even place, unless it is in them already."""
        height, width = pixels.shape[:2]
        area = (slice(top, top + height), slice(left, left + width))
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        if self._clear:
            self.planes[3][area] = pixels[..., 3]
        if laid:
            self.planes[0][area] = pixels[..., 0]
            self.planes[1][half], self.planes[2][half] = pixels[::2, ::2, 1], pixels[::2, ::2, 2]
            return
        alpha = pixels[..., 3]
        self.planes[0][area] = pixels[..., 0] + self._through(0, area, alpha)
        rows = alpha[::2].astype(np.uint16) + alpha[1::2]
        alpha = ((rows[:, ::2] + rows[:, 1::2] + 2) >> 2).astype(np.uint8)
        for channel in (1, 2):
            self.planes[channel][half] = pixels[::2, ::2, channel] + self._through(channel, half, alpha)

    def _through(self, channel: int, area: tuple[slice, slice], alpha: Plane) -> Plane:
        """How much of the background shows through."""
        if self._tints:
            return self._tints[channel].take(alpha)
        shown: Plane = ((self._behind[channel][area] * _CLEAR.take(alpha) + 128) >> 8).astype(np.uint8)
        return shown

    def _shoulders(self) -> int:
        """The first row (even) that shows anything outside the bending area, however deep the breath."""
        rows = self._bank.canvas[:: self._fine] >> 24
        outside = np.ones(rows.shape[1], dtype=bool)
        outside[self._area.left * self._fine : self._area.right * self._fine] = False
        used = np.flatnonzero(rows[:, outside].any(axis=1))
        first = min(int(used[0]) if used.size else self._area.bottom, self._area.bottom)
        return max(0, first - round(8 * self._unit)) // 2 * 2

    def _show_body(self, steps: int) -> None:
        """Shoulders and chest, risen by `steps` half fine pixels; drawn at first use, then copied."""
        if steps == self._breath:
            return
        self._breath = steps
        top, left = self._top + self._body_top, self._left
        width = self._bank.size - self._bank.size % 2
        height = (self._bank.size - self._body_top) // 2 * 2
        area = (slice(top, top + height), slice(left, left + width))
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        parts = [plane[where] for plane, where in zip(self.planes, (area, half, half, area), strict=False)]
        if steps not in self._body:
            risen = self._risen(steps, height, width)
            if self._clear:
                risen = straight(risen.view(np.uint32)[..., 0], 1).view(np.uint8).reshape(risen.shape)
            self._put(risen, top, left, laid=self._clear)
            self._body[steps] = tuple(part.copy() for part in parts)
        for part, kept in zip(parts, self._body[steps], strict=True):
            part[:] = kept

    def _risen(self, steps: int, height: int, width: int) -> Plane:
        """Packed pixels of the body, each row mixed from the two fine rows nearest to where it comes from."""
        y = np.arange(self._body_top, self._body_top + height)
        from_row = y * self._fine + 0.5 * steps * breath_field(y / self._unit)
        from_row = np.clip(from_row, 0, self._bank.canvas.shape[0] - 1)
        upper = from_row.astype(int)
        lower = np.minimum(upper + 1, self._bank.canvas.shape[0] - 1)
        share = np.rint((from_row - upper) * 16).astype(np.uint16)[:, None, None]
        every = slice(0, width * self._fine, self._fine)
        first, second = (
            np.ascontiguousarray(self._bank.canvas[rows, every]).view(np.uint8).reshape(height, width, 4)
            for rows in (upper, lower)
        )
        mixed: Plane = ((first * (16 - share) + second * share + 8) >> 4).astype(np.uint8)
        return mixed
