"""Reading and saying numbers: only such as stand on the slide."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[-−–+]?\d[\d.,'’\u00a0\u202f ]*\d|[-−–+]?\d")
_SPACES = re.compile(r"[\s'’\u00a0\u202f]")


def said(value: float, decimal: str) -> str | None:
    """A chart's value in digits, or None where it would have to be rounded to be said."""
    if value != value or abs(value) >= 1e15:
        return None
    rounded = round(value, 2)
    if abs(rounded - value) > 1e-9 * max(1.0, abs(value)):
        return None
    text = f"{rounded:.2f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text).replace(".", decimal).replace("-", "−")


def measured(cells: list[str], decimal: str) -> list[float] | None:
    """The cells' numbers, where every cell holds just one and all have the same unit; else None."""
    values: list[float] = []
    units: set[str] = set()
    for cell in cells:
        found = _NUMBER.findall(cell)
        if len(found) != 1:
            return None
        units.add(re.sub(r"\s+", "", cell.replace(found[0], "")))
        value = _parsed(found[0], decimal)
        if value is None:
            return None
        values.append(value)
    return values if len(units) == 1 and values else None


def _parsed(text: str, decimal: str) -> float | None:
    plain = _SPACES.sub("", text).replace("−", "-").replace("–", "-")
    marks = [mark for mark in plain if mark in ".,"]
    if len(set(marks)) == 2:
        sign = marks[-1]
    elif len(marks) == 1 and not (marks[0] != decimal and re.search(r"[.,]\d{3}$", plain)):
        sign = marks[0]
    else:
        sign = ""
    for mark in ".,":
        if mark != sign:
            plain = plain.replace(mark, "")
    try:
        return float(plain.replace(sign, ".") if sign else plain)
    except ValueError:
        return None
