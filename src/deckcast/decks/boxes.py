"""Where a slide's content stands, so that the presenter can stand elsewhere."""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from deckcast.decks.models import Box
from deckcast.decks.places import Frame
from deckcast.decks.shapes import Node, choose_alternates, leaves, nodes_of, placeholder

Boxes = tuple[Box, ...]

_WHOLE = 0.85
_FURNITURE = ("dt", "sldNum")
_FILLS = tuple(qn(f"a:{name}") for name in ("solidFill", "gradFill", "blipFill", "pattFill"))


def content_boxes(slide: Any, nodes: list[Node], frame: Frame) -> tuple[Boxes, Boxes, Boxes]:
    """Boxes of what is drawn (pictures, charts, tables, shapes), frames of text that stands free, and furniture.

    A frame is as large as its author drew it, not as its letters are. Backgrounds over the whole slide are
    left out, except a picture that is all there is. Furniture is the date and the slide's number.
    """
    solid: list[Box] = []
    frames: list[Box] = []
    furniture: list[Box] = []
    own = leaves(nodes)
    words = any(_has_text(node.shape) for node in own)
    for node in own:
        box = frame.box(node.rect.left, node.rect.top, node.rect.width, node.rect.height)
        if box is None:
            continue
        if placeholder(node.shape) in _FURNITURE:
            furniture.append(box)
        elif _is_plain_text(node.shape):
            frames += [box] if _has_text(node.shape) else []
        elif not _covers_slide(node, frame) or (not words and _is_picture(node.shape)):
            solid.append(box)
    solid.extend(_inherited(slide, frame))
    return tuple(solid), tuple(frames), tuple(furniture)


def _inherited(slide: Any, frame: Frame) -> list[Box]:
    """Logos and other pictures that stand on the layout or the master."""
    layout = slide.slide_layout
    sources = []
    if _shows_below(slide):
        sources.append(layout)
        if _shows_below(layout):
            sources.append(layout.slide_master)
    boxes = []
    for source in sources:
        choose_alternates(source._element)
        for node in leaves(nodes_of(source.shapes)):
            if _is_picture(node.shape) and not _covers_slide(node, frame) and not placeholder(node.shape):
                box = frame.box(node.rect.left, node.rect.top, node.rect.width, node.rect.height)
                if box is not None:
                    boxes.append(box)
    return boxes


def _shows_below(slide: Any) -> bool:
    return slide._element.get("showMasterSp") not in ("0", "false")


def _covers_slide(node: Node, frame: Frame) -> bool:
    seen_width = min(node.rect.right, frame.width) - max(node.rect.left, 0)
    seen_height = min(node.rect.bottom, frame.height) - max(node.rect.top, 0)
    return seen_width >= _WHOLE * frame.width and seen_height >= _WHOLE * frame.height


def _is_picture(shape: Any) -> bool:
    return bool(shape._element.tag in (qn("p:pic"), qn("p:graphicFrame")))


def _has_text(shape: Any) -> bool:
    return bool(getattr(shape, "has_text_frame", False) and shape.text_frame.text.strip())


def _is_plain_text(shape: Any) -> bool:
    """Text without a visible shape around it; an empty placeholder, which is never drawn, counts too."""
    if shape._element.tag != qn("p:sp"):
        return False
    properties = shape._element.find(qn("p:spPr"))
    filled = properties is not None and any(properties.find(tag) is not None for tag in _FILLS)
    line = properties.find(qn("a:ln")) if properties is not None else None
    outlined = line is not None and line.find(qn("a:solidFill")) is not None
    styled = shape._element.find(qn("p:style")) is not None
    unfilled = properties is not None and properties.find(qn("a:noFill")) is not None
    return not filled and not outlined and not (styled and not unfilled)
