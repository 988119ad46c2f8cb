"""Where a slide's shapes stand, and in which order a person reads them.

Positions are floats in EMU on the slide, groups resolved; the XML's order is the drawing order, not the reading one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx.oxml.ns import qn
from pptx.util import Emu

from deckcast.decks.places import Rect, reading_order

_AC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Node:
    """One shape with its upright rectangle on the slide; a group has children."""

    shape: Any
    rect: Rect
    children: tuple[Node, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a group's inner coordinates to the slide's."""

    x: float = 1.0
    y: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def apply(self, left: float, top: float, width: float, height: float) -> Rect:
        return Rect(self.left + left * self.x, self.top + top * self.y, width * self.x, height * self.y)


def choose_alternates(tree: Any) -> None:
    """Replace each AlternateContent by its best branch, since the reader of the shapes does not know them."""
    for alternate in list(tree.iter(f"{_AC}AlternateContent")):
        parent = alternate.getparent()
        if parent is None or parent.tag not in (qn("p:spTree"), qn("p:grpSp")):
            continue
        choices = alternate.findall(f"{_AC}Choice")
        fallback = alternate.find(f"{_AC}Fallback")
        plain = [choice for choice in choices if choice.get("Requires") in ("a14", "p14")]
        branch = plain[0] if plain else fallback if fallback is not None and len(fallback) else None
        if branch is None and choices:
            branch = choices[0]
        place = parent.index(alternate)
        parent.remove(alternate)
        for offset, child in enumerate(list(branch) if branch is not None else []):
            parent.insert(place + offset, child)


def nodes_of(shapes: Iterable[Any]) -> list[Node]:
    """The visible shapes as a tree with positions on the slide; shapes without a position are left out."""
    return _nodes(shapes, _Scale(), 0)


def _nodes(shapes: Iterable[Any], scale: _Scale, depth: int) -> list[Node]:
    nodes: list[Node] = []
    for shape in shapes:
        if _is_hidden(shape):
            continue
        place = _place(shape)
        if place is None:
            continue
        rect = _upright(scale.apply(*place), float(getattr(shape, "rotation", 0.0) or 0.0))
        children: tuple[Node, ...] = ()
        if shape._element.tag == qn("p:grpSp") and depth < _MAX_DEPTH:
            children = tuple(_nodes(shape.shapes, _inner_scale(shape, scale, place), depth + 1))
        nodes.append(Node(shape, rect, children))
    return nodes


def _is_hidden(shape: Any) -> bool:
    names = shape._element.xpath("./*/p:cNvPr")
    return bool(names) and names[0].get("hidden") in ("1", "true")


def _place(shape: Any) -> tuple[float, float, float, float] | None:
    place = (shape.left, shape.top, shape.width, shape.height)
    if any(value is None for value in place):
        return None
    left, top, width, height = (float(Emu(value)) for value in place)
    return left, top, width, height


def _inner_scale(group: Any, outer: _Scale, place: tuple[float, float, float, float]) -> _Scale:
    """A group maps its inner rectangle (chOff, chExt) onto its own place."""
    rect = outer.apply(*place)
    transform = group._element.find(f"{qn('p:grpSpPr')}/{qn('a:xfrm')}")
    offset = transform.find(qn("a:chOff")) if transform is not None else None
    extent = transform.find(qn("a:chExt")) if transform is not None else None
    if offset is None or extent is None:
        return outer
    x = rect.width / (float(extent.get("cx", 0)) or place[2] or 1.0)
    y = rect.height / (float(extent.get("cy", 0)) or place[3] or 1.0)
    return _Scale(x, y, rect.left - float(offset.get("x", 0)) * x, rect.top - float(offset.get("y", 0)) * y)


def _upright(rect: Rect, degrees: float) -> Rect:
    """The upright rectangle around a turned one."""
    if not degrees % 180:
        return rect
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    width = rect.width * cosine + rect.height * sine
    height = rect.width * sine + rect.height * cosine
    return Rect(rect.left + (rect.width - width) / 2, rect.top + (rect.height - height) / 2, width, height)


def leaves(nodes: Iterable[Node]) -> list[Node]:
    """All shapes that are not groups."""
    found: list[Node] = []
    for node in nodes:
        found.extend(leaves(node.children) if node.children else [node])
    return found


def in_reading_order(nodes: Iterable[Node], *, right_to_left: bool = False) -> list[Node]:
    """The shapes that are not groups, as a person reads them; a group is read in one go."""
    found: list[Node] = []
    for node in reading_order(list(nodes), lambda item: item.rect, right_to_left=right_to_left):
        if node.children:
            found.extend(in_reading_order(node.children, right_to_left=right_to_left))
        else:
            found.append(node)
    return found


def placeholder(shape: Any) -> str:
    """The kind of placeholder (`title`, `body`, `sldNum`, …; `obj` where none is noted), or nothing."""
    found = shape._element.xpath("./*/p:nvPr/p:ph")
    return str(found[0].get("type", "obj")) if found else ""


def safe_xml(blob: bytes) -> Any:
    """Parse a part's XML without entities, network or DTDs."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(blob, parser)
