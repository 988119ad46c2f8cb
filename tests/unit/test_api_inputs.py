"""What JSON calls a number is one; words and truth values are none, nor are numbers truth values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from deckcast.api.batch_shapes import WordsRequest
from deckcast.api.estimates import Wished
from deckcast.api.people import TokenWish
from deckcast.api.shares import NewShare
from deckcast.api.slides import NarrativeEdit, RestoredVersion


@pytest.mark.parametrize(
    "wrong",
    [
        {"maxCostUsd": "5"},
        {"maxCostUsd": True},
        {"maxCostUsd": float("nan")},
        {"regenerateExisting": 1},
        {"regenerateExisting": "true"},
        {"language": "deutsch-"},
        {"language": "de\n"},
    ],
)
def test_an_order_takes_values_as_json_has_them(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WordsRequest.model_validate(wrong)


@pytest.mark.parametrize("version", ["1", True, False, 1.5, -1])
def test_a_version_is_a_whole_number(version: object) -> None:
    with pytest.raises(ValidationError):
        NarrativeEdit.model_validate({"text": "", "ifVersion": version})


def test_values_that_are_right() -> None:
    order = WordsRequest.model_validate({"maxCostUsd": 5, "regenerateExisting": True, "language": "auto"})
    assert (order.max_cost_usd, order.regenerate_existing, order.language) == (5.0, True, "auto")
    assert NarrativeEdit.model_validate({"text": "", "ifVersion": 2.0}).if_version == 2


def test_a_query_has_words_alone() -> None:
    wished = Wished.model_validate({"maxCostUsd": "5", "regenerateExisting": "true", "language": "pt_BR"})
    assert (wished.max_cost_usd, wished.regenerate_existing) == (5.0, True)


def test_bounds_are_described() -> None:
    described = {
        **NarrativeEdit.model_json_schema()["properties"],
        **RestoredVersion.model_json_schema()["properties"],
    }
    assert described["ifVersion"]["anyOf"][0]["minimum"] == 0
    assert described["version"]["minimum"] == 1
    assert WordsRequest.model_json_schema()["properties"]["maxCostUsd"]["anyOf"][0]["maximum"] == 1_000_000
    assert TokenWish.model_json_schema()["properties"]["expiresInDays"]["anyOf"][0]["maximum"] == 3650
    assert NewShare.model_json_schema()["properties"]["expiresInS"]["minimum"] == 60
