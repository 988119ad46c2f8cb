"""What titles say in many languages: the words by which an agenda and an ending are told."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SAME = {"no": "nb", "nn": "nb", "cmn": "zh", "yue": "zh"}


def says(title: str, meaning: str, language: str) -> bool:
    """Whether a title means `closing` or `agenda`: it is one of the words, or starts or ends with one."""
    plain = plain_of(title)
    whole, within = _words(meaning, language)
    return plain in whole or any(_at_an_edge(plain, word) for word in within)


def plain_of(text: str) -> str:
    """A text to compare: lower case, single spaces, no marks at its ends."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _EDGES.sub("", " ".join(folded.split()))


def _at_an_edge(title: str, word: str) -> bool:
    """Words end at a mark or space; scripts without spaces have no such ends."""
    if title.startswith(word):
        rest = title[len(word) :]
        if not rest or not rest[0].isalnum() or _unspaced(word[-1]):
            return True
    if title.endswith(word):
        before = title[: -len(word)]
        return not before or not before[-1].isalnum() or _unspaced(word[0])
    return False


def _unspaced(character: str) -> bool:
    return "\u3040" <= character <= "\u9fff"


@cache
def _table() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Meaning → way → language → words."""
    return tomllib.loads(resources.files("deckcast.analysis").joinpath("words.toml").read_text("utf-8"))


@cache
def _words(meaning: str, language: str) -> tuple[frozenset[str], tuple[str, ...]]:
    code = language.lower().replace("_", "-").split("-")[0]
    code = _SAME.get(code, code)
    tables = _table()[meaning]
    found = [
        [plain_of(word) for tag in dict.fromkeys((code, "en")) for word in tables[way].get(tag, [])]
        for way in ("whole", "within")
    ]
    return frozenset(found[0]) | frozenset(found[1]), tuple(found[1])
