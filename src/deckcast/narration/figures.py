"""Tables and charts in sentences; every number spoken stands on the slide."""

from __future__ import annotations

import re

from deckcast.kit.slides import ChartContent, SeriesContent
from deckcast.narration.numbers import measured, said
from deckcast.narration.phrases import Phrases
from deckcast.narration.wording import cleaned, has_words, listed, sentence

_SMALL_ROWS, _SMALL_COLUMNS = 4, 4
_MOST_SERIES = 3
_MOST_READ = 3
_MOST_MEASURED = 2
_UNNAMED = re.compile(
    r"^(series|datenreihe|série|serie|reeks|系列|データ系列|سلسلة|column|spalte|y)\s*\d*$", re.I
)
_IN_TIME = re.compile(
    r"^((19|20)\d\d|\W*(q|t|h|s|kw|fy|cw|w)\W?\d{1,4}\b.*|.*\b(19|20)\d\d|(jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug"
    r"|sep|oct|okt|nov|dec|dez)\w*\.?|\d{1,2}\s?月|.*年)$",
    re.IGNORECASE,
)

_DAY_NUMBER = re.compile(r"\d{5}(\.\d+)?$")  # how charts store a date; the slide shows it in another form

Reading = list[tuple[str, float]]
"""Categories with their values, empty ones left out."""


def table_sentences(rows: tuple[tuple[str, ...], ...], table: Phrases) -> list[str]:
    """A small table row by row; a larger one by its columns and its highest and lowest values."""
    grid = [[cleaned(cell, table) for cell in row] for row in rows if any(has_words(cell) for cell in row)]
    if len(grid) < 2 or len(grid[0]) < 2:
        return [sentence(listed([cell for row in grid for cell in row if cell], table), table)]
    head, body = grid[0], grid[1:]
    small = len(body) <= _SMALL_ROWS and len(head) <= _SMALL_COLUMNS
    if small:
        return [sentence(_row(head, row, table), table) for row in body]
    columns = listed([cell for cell in head[1:] if cell], table)
    template = table.table_by if head[0] else table.table
    named = columns and any(_IN_TIME.match(cell) or re.search(r"[^\W\d_]", cell) for cell in head[1:])
    parts = [sentence(template.format(columns=columns, key=head[0]), table)] if named else []
    return parts + _measured_columns(head, body, table)


def _row(head: list[str], row: list[str], table: Phrases) -> str:
    """`Berlin: Sales 12, Staff 4`; with two columns `Berlin: 12`."""
    if len(head) == 2:
        pairs = [cell for cell in row[1:] if cell]
    else:
        pairs = [f"{name} {cell}".strip() for name, cell in zip(head[1:], row[1:], strict=False) if cell]
    return row[0] + (table.colon if row[0] and pairs else "") + listed(pairs, table)


def _measured_columns(head: list[str], body: list[list[str]], table: Phrases) -> list[str]:
    lines = [row for row in body if row and not _is_total(row[0], table) and row[0]]
    found: list[str] = []
    for index, name in enumerate(head[1:], start=1):
        cells = [row[index] if index < len(row) else "" for row in lines]
        values = measured(cells, table.decimal)
        if values is None or len(values) < 2 or len(found) == _MOST_MEASURED or not name:
            continue
        high, low = max(values), min(values)
        if values.count(high) == 1 and values.count(low) == 1 and table.extremes:
            top, bottom = values.index(high), values.index(low)
            text = table.extremes.format(
                series=name,
                high=lines[top][0],
                high_value=cells[top],
                low=lines[bottom][0],
                low_value=cells[bottom],
            )
            found.append(sentence(text, table))
    return found


def _is_total(name: str, table: Phrases) -> bool:
    return any(name.lower().startswith(word) for word in ("total", *table.total_words))


def chart_sentences(chart: ChartContent, slide_title: str, table: Phrases) -> list[str]:
    """What kind of chart it is, of what, and per series its course or its highest and lowest value.

    Of a chart whose values are not known it is only said that the slide shows it.
    """
    title = cleaned(chart.title, table)
    named = [series for series in chart.series if not _UNNAMED.match(series.name.strip())]
    about = title if has_words(title) else listed([cleaned(s.name, table) for s in named], table)
    parts: list[str] = []
    kind = table.kinds.get(chart.kind, table.any_chart)
    if has_words(about) and about.casefold() != slide_title.casefold():
        parts.append(sentence(table.chart.format(kind=kind, title=about), table))
    elif table.chart_alone and not any(series.values for series in chart.series):
        parts.append(sentence(table.chart_alone.format(kind=kind), table))
    alone = len(chart.series) == 1
    for series in chart.series[:_MOST_SERIES]:
        name = cleaned(series.name, table)
        same = name.casefold() in (slide_title.casefold(), about.casefold()) or _UNNAMED.match(name)
        text = _course(chart, series, table.value if alone and same else name, table)
        if text:
            parts.append(sentence(text, table))
    return parts


def _course(chart: ChartContent, series: SeriesContent, name: str, table: Phrases) -> str:
    reading: Reading = [
        (cleaned(category, table), value)
        for category, value in zip(chart.categories, series.values, strict=False)
        if value is not None and value == value and has_words(category)
    ]
    if (
        len(reading) < 2
        or chart.kind == "scatter"
        or all(_DAY_NUMBER.match(category) for category, _ in reading)
    ):
        return ""
    if not table.rise:
        return _read_out(reading, "" if name == table.value else name, table) if len(reading) <= 6 else ""
    if chart.kind in ("pie", "doughnut"):
        return _extremes(reading, name, table.shares, table.plain_shares, table)
    if chart.kind in ("line", "area") or all(_IN_TIME.match(category) for category, _ in reading):
        return _trend(reading, name, table)
    if len(reading) <= _MOST_READ:
        return _read_out(reading, "" if name == table.value else name, table)
    return _extremes(reading, name, table.extremes, table.plain_extremes, table)


def _perhaps_percents(reading: Reading) -> bool:
    """Fractions below one mostly stand on the slide as per cent: 0.12 is not what the audience sees."""
    values = [value for _, value in reading]
    return all(abs(value) <= 1 for value in values) and any(value != int(value) for value in values)


def _read_out(reading: Reading, name: str, table: Phrases) -> str:
    pairs = [(category, said(value, table.decimal)) for category, value in reading]
    if any(number is None for _, number in pairs) or _perhaps_percents(reading):
        return ""
    items = listed([f"{category} {number}" for category, number in pairs], table)
    return f"{name}{table.colon}{items}" if name else items


def _trend(reading: Reading, name: str, table: Phrases) -> str:
    (first, start), (last, end) = reading[0], reading[-1]
    template = table.rise if end > start else table.fall if end < start else table.level
    numbers = said(start, table.decimal), said(end, table.decimal)
    if None in numbers or _perhaps_percents(reading):
        return _extremes(reading, name, "", table.plain_extremes, table)
    text = template.format(series=name, first=first, last=last, first_value=numbers[0], last_value=numbers[1])
    high = max(value for _, value in reading)
    peaks = [category for category, value in reading if value == high]
    number = said(high, table.decimal)
    if len(reading) > 2 and high > max(start, end) and len(peaks) == 1 and number and table.peak:
        text = sentence(text, table) + table.space + table.peak.format(high=peaks[0], high_value=number)
    return text


def _extremes(reading: Reading, name: str, template: str, plain: str, table: Phrases) -> str:
    values = [value for _, value in reading]
    high, low = max(values), min(values)
    if values.count(high) > 1 or values.count(low) > 1:
        return ""
    numbers = said(high, table.decimal), said(low, table.decimal)
    chosen = plain if None in numbers or _perhaps_percents(reading) or not template else template
    if name == table.value:
        chosen = {
            table.extremes: table.extremes_alone or table.extremes,
            table.plain_extremes: table.plain_extremes_alone or table.plain_extremes,
        }.get(chosen, chosen)
    return chosen.format(
        series=name, high=reading[values.index(high)][0], low=reading[values.index(low)][0],
        high_value=numbers[0], low_value=numbers[1],
    )  # fmt: skip
