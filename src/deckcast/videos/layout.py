"""Where the presenter stands on a slide: in a corner that is truly empty, else beside the slide.

The presenter never covers content unless a corner was asked for. All functions are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from deckcast.videos.measures import (
    CLEARANCE,
    CORNERS,
    CUT_OUT_GROWTH,
    LOWER,
    MEASURES,
    beside,
    corner_box,
)
from deckcast.videos.models import HEIGHT, WIDTH, Corner, Layout, PixelBox, Placement, Shape, Size
from deckcast.videos.quiet import Ground

ContentBox = tuple[float, float, float, float]
Picture = NDArray[np.uint8]

WHOLE = PixelBox(0, 0, WIDTH, HEIGHT)

# What a deck's steadiness is weighed by, per slide and per change from one slide to the next.
_MOVE_COST = 5.0
_RESIZE_COST = 3.0
_SIZE_COST = 1.0
_CORNER_COST = {corner: float(rank) for rank, corner in enumerate(CORNERS)}
_BESIDE_COST = 30.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: a corner, an outline, a size; None where Deckcast chooses."""

    corner: Corner | None = None
    shape: Shape = Shape.CIRCLE
    size: Size | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sides in px of the presenter's box in a corner, best first; even numbers."""
        growth = CUT_OUT_GROWTH if self.shape is Shape.CUT_OUT else 1
        return tuple(round(size * growth / 2) * 2 for size in MEASURES[self.size].corner_px)

    @property
    def corners(self) -> tuple[Corner, ...]:
        """The corners to choose from: a cut-out is put in an upper one only where that was asked for."""
        if self.shape is not Shape.CUT_OUT:
            return CORNERS
        return tuple(corner for corner in CORNERS if corner in LOWER or corner is self.corner)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A corner that is free for a presenter of `size` px, the `rank`-th best size; corner None is the place
    beside the slide."""

    corner: Corner | None
    size: int
    rank: int = field(default=0, compare=False)


def place(
    boxes: Sequence[ContentBox],
    image: Picture | None,
    layout: Layout,
    corner: Corner | None = None,
    shape: Shape = Shape.CIRCLE,
    previous: Placement | None = None,
    size: Size | None = None,
) -> Placement:
    """Where slide and presenter stand on one slide.

    `boxes` are the content's (x, y, width, height) in fractions of the slide; `image` is the slide's picture
    (gray or RGB, uint8, any resolution), None where unknown. `corner` is the one asked for: AUTO takes it
    where it is free, CORNER takes it in any case. `size` is the one asked for: AUTO takes a smaller one where
    that is not free. `previous` is the placement of the slide before, kept where that is as free here.
    """
    wish = Wish(corner, shape, size)
    if layout is Layout.CORNER:
        return _in_corner(_asked_spot(boxes, image, wish, previous), shape)
    if layout is Layout.AUTO:
        spots = _spots(boxes, image, wish)
        return _resolve(min(spots, key=lambda spot: _cost(spot) + _move_cost(previous, spot)), wish)
    return _fixed(layout, wish)


def place_deck(
    slides: Iterable[tuple[Sequence[ContentBox], Picture | None]],
    layout: Layout,
    corner: Corner | None = None,
    shape: Shape = Shape.CIRCLE,
    size: Size | None = None,
) -> tuple[Placement, ...]:
    """Like `place` for a whole deck, choosing so that the presenter moves as seldom as possible.

    Slides are read one at a time, so a generator may load the pictures as it goes.
    """
    if layout is not Layout.AUTO:
        placed: list[Placement] = []
        for boxes, image in slides:
            placed.append(place(boxes, image, layout, corner, shape, placed[-1] if placed else None, size))
        return tuple(placed)
    wish = Wish(corner, shape, size)
    free = [_spots(boxes, image, wish) for boxes, image in slides]
    return tuple(_resolve(spot, wish) for spot in _steadiest(free))


def _fixed(layout: Layout, wish: Wish) -> Placement:
    cut_out = wish.shape is Shape.CUT_OUT
    if layout is Layout.BESIDE:
        return beside(wish.size, cut_out)
    if layout is Layout.FULL:
        return Placement(Layout.FULL, None, WHOLE, Shape.CUT_OUT if cut_out else Shape.SQUARE)
    return Placement(Layout.NONE, WHOLE, None, wish.shape)


def _resolve(spot: _Spot, wish: Wish) -> Placement:
    return _fixed(Layout.BESIDE, wish) if spot.corner is None else _in_corner(spot, wish.shape)


def _in_corner(spot: _Spot, shape: Shape) -> Placement:
    assert spot.corner is not None
    return Placement(Layout.CORNER, WHOLE, corner_box(spot.corner, spot.size, shape), shape, spot.corner)


def _spots(boxes: Sequence[ContentBox], image: Picture | None, wish: Wish) -> tuple[_Spot, ...]:
    """Every free spot, the place beside the slide always among them; the corner asked for alone if free."""
    ground = Ground(image) if image is not None else None
    free = [
        _Spot(corner, size, rank)
        for corner in wish.corners
        for rank, size in enumerate(wish.sizes)
        if _free(corner_box(corner, size, wish.shape), boxes, ground)
    ]
    wanted = [spot for spot in free if spot.corner is wish.corner]
    return (*(wanted or free), _Spot(None, 0))


def _free(box: PixelBox, boxes: Sequence[ContentBox], ground: Ground | None) -> bool:
    """Whether box and clearance meet no content and show only ground."""
    wide = PixelBox(
        box.x - CLEARANCE, box.y - CLEARANCE, box.width + 2 * CLEARANCE, box.height + 2 * CLEARANCE
    )
    return not any(_meets(wide, content) for content in boxes) and (ground is None or ground.quiet(wide))


def _meets(box: PixelBox, content: ContentBox) -> bool:
    return _overlap(box, content) is not None


def _overlap(box: PixelBox, content: ContentBox) -> tuple[float, float] | None:
    """Width and height in px that box and content share; None where they do not meet."""
    x, y, width, height = content
    across = min(box.x + box.width, (x + width) * WIDTH) - max(box.x, x * WIDTH)
    down = min(box.y + box.height, (y + height) * HEIGHT) - max(box.y, y * HEIGHT)
    return (across, down) if across >= 0 and down >= 0 else None


def _cost(spot: _Spot) -> float:
    if spot.corner is None:
        return _BESIDE_COST
    return _CORNER_COST[spot.corner] + _SIZE_COST * spot.rank


def _move_cost(previous: Placement | None, spot: _Spot) -> float:
    if previous is None or previous.presenter is None:
        return 0.0
    size = previous.presenter.width if previous.layout is Layout.CORNER else 0
    return _step_cost(_Spot(previous.corner, size), spot)


def _step_cost(before: _Spot, after: _Spot) -> float:
    """How much the eye minds the change from one slide's spot to the next one's."""
    if before == after or before.corner is None or after.corner is None:
        return 0.0
    return _MOVE_COST if before.corner is not after.corner else _RESIZE_COST


def _steadiest(free: Sequence[Sequence[_Spot]]) -> list[_Spot]:
    """The cheapest sequence of spots, one per slide (Viterbi). A slide beside which the presenter stands
    is passed through: the corner before it is remembered, so that the presenter comes back to it."""
    costs: dict[_Spot, float] = {_Spot(None, 0): 0.0}
    back: list[dict[_Spot, tuple[_Spot, _Spot]]] = []
    for spots in free:
        after: dict[_Spot, float] = {}
        via: dict[_Spot, tuple[_Spot, _Spot]] = {}
        for last, so_far in costs.items():
            for spot in spots:
                remembered = last if spot.corner is None else spot
                cost = so_far + _cost(spot) + _step_cost(last, spot)
                if cost < after.get(remembered, float("inf")):
                    after[remembered], via[remembered] = cost, (last, spot)
        costs = after
        back.append(via)
    state = min(costs, key=lambda spot: costs[spot])
    chosen: list[_Spot] = []
    for via in reversed(back):
        state, spot = via[state]
        chosen.append(spot)
    return chosen[::-1]


def _asked_spot(
    boxes: Sequence[ContentBox], image: Picture | None, wish: Wish, previous: Placement | None
) -> _Spot:
    """The corner asked for; where none was, a free one as AUTO takes it, else the least covering one."""
    spots = [spot for spot in _spots(boxes, image, wish) if spot.corner is not None]
    if wish.corner is not None:
        spots = [spot for spot in spots if spot.corner is wish.corner] or [_Spot(wish.corner, wish.sizes[0])]
    if spots:
        return min(spots, key=lambda spot: _cost(spot) + _move_cost(previous, spot))
    ground = Ground(image) if image is not None else None
    least = (_Spot(corner, wish.sizes[-1]) for corner in wish.corners)
    return min(least, key=lambda spot: _covered(spot, wish.shape, boxes, ground))


def _covered(spot: _Spot, shape: Shape, boxes: Sequence[ContentBox], ground: Ground | None) -> float:
    """How much content a spot would cover, for choosing the least."""
    assert spot.corner is not None
    box = corner_box(spot.corner, spot.size, shape)
    shared = [_overlap(box, content) or (0.0, 0.0) for content in boxes]
    area = sum(across * down for across, down in shared) / (box.width * box.height)
    return area + (ground.busyness(box) * 10 if ground else 0.0)
