"""Charts, tables and SmartArt: the data behind a slide's drawings."""

from __future__ import annotations

import math
from typing import Any

from pptx.oxml.ns import qn

from deckcast.decks.models import Chart, Series, Table
from deckcast.decks.shapes import safe_xml
from deckcast.decks.words import clean

_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_KINDS = {
    "area": "area", "area3D": "area", "bar": "bar", "bar3D": "bar", "bubble": "bubble", "doughnut": "doughnut",
    "line": "line", "line3D": "line", "ofPie": "pie", "pie": "pie", "pie3D": "pie", "radar": "radar",
    "scatter": "scatter", "stock": "stock", "surface": "surface", "surface3D": "surface",
}  # fmt: skip
_MAX_POINTS = 5_000
_MAX_DEPTH = 20


def table_of(shape: Any) -> Table:
    """The cells' texts; merged cells repeat nothing."""
    table = shape.table
    rows = tuple(tuple(clean(cell.text) for cell in row.cells) for row in table.rows)
    return Table(rows, has_header=bool(table.first_row))


def chart_of(shape: Any) -> Chart:
    """A chart's series from the values cached in its XML; kinds in one chart are joined, as in `bar and line`."""
    space = shape.chart._chartSpace
    area = space.find(f".//{_C}plotArea")
    plots = (
        [plot for plot in area if plot.tag.startswith(_C) and plot.tag.endswith("Chart")]
        if area is not None
        else []
    )
    kinds = list(dict.fromkeys(_KINDS.get(plot.tag[len(_C) : -len("Chart")], "chart") for plot in plots))
    elements = [element for plot in plots for element in plot.findall(f"{_C}ser")]
    categories = max((_categories(element) for element in elements), key=len, default=())
    series = tuple(_series(element, number) for number, element in enumerate(elements, start=1))
    return Chart(" and ".join(kinds) or "chart", _chart_title(space, series), categories, series)


def _chart_title(space: Any, series: tuple[Series, ...]) -> str:
    title = space.find(f"{_C}chart/{_C}title")
    if title is not None:
        text = clean("".join(part.text or "" for part in title.iter(f"{_A}t")))
        if text:
            return text
    deleted = space.find(f"{_C}chart/{_C}autoTitleDeleted")
    automatic = title is not None or (deleted is not None and deleted.get("val") == "0")
    return series[0].name if automatic and len(series) == 1 else ""


def _series(element: Any, number: int) -> Series:
    name = clean(" ".join(value.text or "" for value in element.iterfind(f"{_C}tx//{_C}v")))
    values = element.find(f"{_C}val")
    if values is None:
        values = element.find(f"{_C}yVal")
    return Series(name or f"Series {number}", tuple(_number(text) for text in _points(values)))


def _categories(element: Any) -> tuple[str, ...]:
    for name in ("cat", "xVal"):
        found = element.find(f"{_C}{name}")
        if found is not None:
            return tuple(clean(text or "") for text in _points(found))
    return ()


def _points(holder: Any) -> list[str | None]:
    """The cached points by index; of several levels of categories, the innermost."""
    if holder is None:
        return []
    level = holder.find(f".//{_C}lvl")
    points = list((level if level is not None else holder).iter(f"{_C}pt"))
    count = holder.find(f".//{_C}ptCount")
    size = int(count.get("val", 0)) if count is not None else len(points)
    texts: list[str | None] = [None] * min(max(size, 0), _MAX_POINTS)
    for point in points:
        index = int(point.get("idx", -1))
        if 0 <= index < len(texts):
            texts[index] = point.findtext(f"{_C}v")
    return texts


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is None or math.isfinite(value) else None


def smartart_of(shape: Any, part: Any) -> list[tuple[int, str]]:
    """SmartArt's paragraphs with their indent, in the order of its outline; empty for any other frame."""
    ids = shape._element.find(f".//{_DGM}relIds")
    if ids is None:
        return []
    data = safe_xml(part.related_part(ids.get(f"{_REL}dm")).blob)
    points = {point.get("modelId"): point for point in data.iter(f"{_DGM}pt")}
    below: dict[str, list[tuple[int, str]]] = {}
    for link in data.iter(f"{_DGM}cxn"):
        if link.get("type", "parOf") == "parOf":
            order = int(link.get("srcOrd", 0))
            below.setdefault(link.get("srcId"), []).append((order, link.get("destId")))
    roots = [key for key, point in points.items() if point.get("type") == "doc"]
    found: list[tuple[int, str]] = []
    for root in roots:
        _outline(root, 0, points, below, found)
    return found


def _outline(
    key: str,
    depth: int,
    points: dict[str, Any],
    below: dict[str, list[tuple[int, str]]],
    found: list[tuple[int, str]],
) -> None:
    if depth > _MAX_DEPTH or len(found) > _MAX_POINTS:
        return
    for _, child in sorted(below.get(key, [])):
        point = points.get(child)
        if point is None:
            continue
        for paragraph in point.iter(qn("a:p")):
            text = clean("".join(part.text or "" for part in paragraph.iter(qn("a:t"))))
            if text:
                found.append((depth, text))
        _outline(child, depth + 1, points, below, found)
