"""The phrase tables: what a presenter says around the slide's own words, one TOML file per language."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Any

from deckcast.narration.abbreviations import Abbreviations, abbreviations


@dataclass(frozen=True, slots=True)
class Phrases:
    """Templates without their closing stop. The defaults add no words: they serve every other language.

    Lists are variants, taken in turn by slide number. `stop` ends a sentence, `comma` parts a list, `last`
    adds its last item; `decimal` is the decimal sign.
    """

    stop: str = "."
    comma: str = ", "
    colon: str = ": "
    last: str = "{head}, {last}"
    space: str = " "
    decimal: str = ","
    about: str = ""
    first_openings: tuple[str, ...] = ("{title}",)
    openings: tuple[str, ...] = ("{title}",)
    last_openings: tuple[str, ...] = ("{title}",)
    closing_words: tuple[str, ...] = ()
    agenda_words: tuple[str, ...] = ()
    summary_words: tuple[str, ...] = ()
    agenda: str = "{items}"
    lists: tuple[str, ...] = ("{items}",)
    first_points: tuple[str, ...] = ("{point}",)
    last_points: tuple[str, ...] = ("{point}",)
    chart: str = "{title}"
    chart_alone: str = ""
    any_chart: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    value: str = ""
    rise: str = ""
    fall: str = ""
    level: str = ""
    peak: str = ""
    extremes: str = ""
    extremes_alone: str = ""
    plain_extremes: str = ""
    plain_extremes_alone: str = ""
    shares: str = ""
    plain_shares: str = ""
    table: str = "{columns}"
    table_by: str = "{columns}"
    picture: str = "{text}"
    total_words: tuple[str, ...] = ("total",)
    abbreviations: Abbreviations = field(default_factory=Abbreviations)


@cache
def phrases(language: str) -> Phrases:
    """The table of a BCP 47 tag's language, or the wordless one with the stops that its script uses."""
    code = language.lower().replace("_", "-").split("-")[0]
    code = {"no": "nb", "nn": "nb", "cmn": "zh", "yue": "zh"}.get(code, code)
    file = resources.files("deckcast.narration").joinpath("phrases", f"{code}.toml")
    if not code.isalpha() or not file.is_file():
        return Phrases(stop=_STOPS.get(code, "."), decimal="." if code in _POINT_DECIMALS else ",")
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    unknown = set(data) - {item.name for item in fields(Phrases)}
    if unknown:
        raise ValueError(f"{code}.toml names unknown phrases: {sorted(unknown)}")
    values: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in data.items()
    }
    return Phrases(**values, abbreviations=abbreviations(code))


_STOPS = {"hi": "।", "mr": "।", "ne": "।", "bn": "।", "pa": "।", "as": "।", "or": "।", "ur": "۔", "hy": "։", "am": "።",
          "my": "။"}  # fmt: skip
_POINT_DECIMALS = frozenset(
    (
        "",
        "hi",
        "mr",
        "ne",
        "bn",
        "pa",
        "gu",
        "ta",
        "te",
        "kn",
        "ml",
        "ur",
        "th",
        "he",
        "ms",
        "sw",
        "cy",
        "ga",
        "mt",
    )
)
