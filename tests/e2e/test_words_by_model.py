"""`deckcast narrate` and `deckcast analyze` as a person runs them, with a language model behind a real server."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from command import Machine, Ran
from conftest import long
from decks import write_deck_without_notes
from llm_simulated import charged_usd, language_model, ledger, set_faults

SECOND = "Clocks plan 2"
ANALYSIS, NARRATIVE = "analyse one slide", "what a presenter says aloud"
FORM = "malformed_json"


def about(question: str, title: str) -> str:
    """The questions of one kind about the slide of this title, and no other's that names it as its neighbour."""
    return f'*{question}*"title": "{title}"*'


def always(fault: str, text: str) -> list[dict[str, Any]]:
    return [{"call": call, "fault": fault, "text": text} for call in ("ask", "repair")]


def statuses(ran: Ran) -> list[str]:
    return [slide["status"] for slide in ran.result["slides"]]


def texts(ran: Ran) -> list[str]:
    return [slide["narrative"]["text"] for slide in ran.result["slides"]]


def rows(machine: Machine, query: str) -> list[Any]:
    with sqlite3.connect(machine.data_dir / "deckcast.db") as database:
        found = database.execute(query).fetchall()
    database.close()
    return found


def assert_settled(machine: Machine, url: str) -> None:
    """What the provider charged is what the rows say, and nothing is still set aside."""
    reserved, spent = rows(machine, "SELECT total(reserved_microusd), total(spent_microusd) FROM spend")[0]
    assert reserved == 0
    assert spent / 1e6 == pytest.approx(charged_usd(url), abs=1e-4)
    assert machine.leftovers() == []


@long
def test_fifty_slides_are_analysed_and_narrated_ten_at_once_and_then_never_again(machine: Machine) -> None:
    deck = write_deck_without_notes(machine.folder / "deck.pptx", 50)
    with language_model(machine, answer_s=0.4) as url:
        first = machine.run("narrate", deck, "--json")
        assert first.status == 0, first.stderr
        assert statuses(first) == ["completed"] * 50
        assert {slide["narrative"]["source"] for slide in first.result["slides"]} == {"written"}
        assert all(f"plan {number}" in text for number, text in enumerate(texts(first), start=1))
        seen = ledger(url)
        assert 1 < seen["most_at_once"] <= 10
        assert seen["asked"] == seen["questions"] > 101, (
            "the slides twice, the deck once, and the evening out"
        )
        assert first.result["cost_usd"] == pytest.approx(charged_usd(url), abs=1e-4)
        assert rows(machine, "SELECT count(*) FROM slide_analyses") == [(50,)]
        assert "openai:gpt-5.2" in rows(machine, "SELECT analysis FROM presentations")[0][0]
        again = machine.run("narrate", deck, "--json")
        assert (again.status, again.result["cost_usd"]) == (0, 0)
        assert statuses(again) == ["skipped"] * 50
        assert texts(again) == texts(first)
        assert ledger(url)["asked"] == seen["asked"]
        assert_settled(machine, url)


@long
def test_one_slide_fails_and_is_named_while_all_others_are_written(machine: Machine) -> None:
    deck = write_deck_without_notes(machine.folder / "deck.pptx", 4)
    failing = about(NARRATIVE, SECOND)
    once = {"call": "ask", "fault": FORM, "text": about(ANALYSIS, "Drums plan 3"), "times": 1}
    busy = {"call": "ask", "fault": "rate_limit", "text": about(NARRATIVE, "Engines plan 4"), "times": 2}
    rules = [*always(FORM, failing), once, busy]
    with language_model(machine, rules=rules, retry_after_s=0.2) as url:
        ran = machine.run("narrate", deck, "--json")
        assert (ran.status, ran.result["state"]) == (1, "partial"), ran.stderr
        assert statuses(ran) == ["completed", "failed", "completed", "completed"]
        failed = ran.result["slides"][1]
        assert (failed["error"]["code"], failed["narrative"]) == ("llm_malformed", None)
        assert "not the form that was asked for" in failed["error"]["message"]
        calls = ledger(url)["calls"]
        assert [call["fault"] for call in calls].count("rate_limit") == 2
        repaired = [call["repair"] for call in calls if call["title"] == "Drums plan 3"]
        assert repaired == [False, True, False], "its analysis is asked for, and repaired; then its narrative"
        assert ran.result["cost_usd"] == pytest.approx(charged_usd(url), abs=1e-4)
        set_faults(url)
        before = ledger(url)["asked"]
        mended = machine.run("narrate", deck, "--json")
        assert statuses(mended) == ["skipped", "completed", "skipped", "skipped"]
        assert ledger(url)["asked"] == before + 1, "its analysis is there, and there is nothing to even out"
        assert_settled(machine, url)


@long
def test_a_third_of_all_calls_fail_and_every_slide_is_written(machine: Machine) -> None:
    deck = write_deck_without_notes(machine.folder / "deck.pptx", 6)
    with language_model(machine, rate=0.3, seed=11, retry_after_s=0.1) as url:
        ran = machine.run("narrate", deck, "--json")
        assert ran.status == 0, ran.stderr
        assert statuses(ran) == ["completed"] * 6
        assert [slide["warnings"] for slide in ran.result["slides"]] == [[]] * 6
        seen = ledger(url)
        assert seen["asked"] > seen["questions"]


def test_with_a_wrong_key_every_sentence_says_what_to_do_and_nothing_is_made_up(machine: Machine) -> None:
    deck = write_deck_without_notes(machine.folder / "deck.pptx", 2)
    with language_model(machine) as url:
        machine.settings["DECKCAST_LLM__API_KEY"] = "wrong"
        for command, made in (("analyze", "analysis"), ("narrate", "narrative")):
            ran = machine.run(command, deck, "--json")
            assert (ran.status, ran.result["state"]) == (1, "failed"), ran.stderr
            for slide in ran.result["slides"]:
                assert (slide["error"]["code"], slide[made]) == ("llm_key_invalid", None)
                assert "Set DECKCAST_LLM__API_KEY" in slide["error"]["message"]
            assert "Traceback" not in ran.stderr
        assert ran.result["cost_usd"] == charged_usd(url) == 0
        assert (
            rows(machine, "SELECT text FROM narratives")
            == rows(machine, "SELECT id FROM slide_analyses")
            == []
        )
        assert rows(machine, "SELECT analysis FROM presentations") == [(None,)]
        machine.settings["DECKCAST_LLM__API_KEY"] = "sim-right"
        assert statuses(machine.run("narrate", deck, "--json")) == ["completed"] * 2
        assert_settled(machine, url)


def test_no_more_is_spent_than_is_allowed(machine: Machine) -> None:
    deck = write_deck_without_notes(machine.folder / "deck.pptx", 6, more="And so it goes on and on. " * 400)
    with language_model(machine, answer_s=0.3) as url:
        machine.settings["DECKCAST_LLM__USD_PER_MILLION_INPUT_TOKENS"] = "20"
        refused = machine.run("narrate", deck, "--json", "--max-cost", "0.01")
        assert (refused.status, refused.result["error"]["code"]) == (2, "over_cap")
        assert ledger(url)["asked"] == 0
        ran = machine.run("narrate", deck, "--json", "--max-cost", "0.70")
        seen = ledger(url)
        spent = (seen["input_tokens"] * 20 + seen["output_tokens"] * 10) / 1e6
        assert (ran.status, ran.result["state"]) == (1, "partial"), ran.stderr
        assert ran.result["cost_usd"] == pytest.approx(spent, abs=1e-4)
        assert spent <= 0.70
        errors = [slide["error"]["code"] for slide in ran.result["slides"] if slide["error"]]
        assert 0 < len(errors) < 6
        assert set(errors) == {"over_cap"}
        rest = machine.run("narrate", deck, "--json")
        assert statuses(rest).count("completed") == len(errors), "only these are written now"
        assert rows(machine, "SELECT total(reserved_microusd) FROM spend") == [(0,)]


@long
def test_analyses_alone(machine: Machine, tmp_path: Path) -> None:
    deck = write_deck_without_notes(tmp_path / "deck.pptx", 3)
    with language_model(machine, rules=always(FORM, about(ANALYSIS, SECOND))) as url:
        ran = machine.run("analyze", deck, "--json")
        assert (ran.status, ran.result["state"]) == (1, "partial"), ran.stderr
        assert statuses(ran) == ["completed", "failed", "completed"]
        assert ran.result["slides"][1]["error"]["code"] == "llm_malformed"
        assert ran.result["slides"][0]["analysis"]["analyst"] == "openai:gpt-5.2"
        assert ran.result["deck_analysis"]["analyst"] == "openai:gpt-5.2"
        assert ran.result["cost_usd"] == pytest.approx(charged_usd(url), abs=1e-4)
        set_faults(url)
        before = ledger(url)["asked"]
        mended = machine.run("analyze", deck, "--json")
        assert statuses(mended) == ["skipped", "completed", "skipped"]
        assert ledger(url)["asked"] == before + 2, "the slide, and the deck that it is part of"
        done = machine.run("analyze", deck, "--json")
        assert (statuses(done), ledger(url)["asked"]) == (["skipped"] * 3, before + 2)
        assert_settled(machine, url)
