"""One contract for every language model: the port over all four providers, through their simulator."""

from __future__ import annotations

import asyncio
import json
import pickle
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import BaseModel, Field, SecretStr

from deckcast.kit.errors import CallError, DeckcastError, WorkError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import LlmSettings
from deckcast.llm.model import AskedModel
from deckcast.llm.ports import Answer, Question, TokenPrices, cost_usd
from deckcast.llm.service import choose, open_model
from deckcast.simulators.llm import running

MODELS = ("openai:gpt-5.2", "anthropic:claude-sonnet-5", "gemini:gemini-3-flash", "ollama:gemma3")
SLIDE = {
    "slide": {
        "title": "Growth in Europe",
        "paragraphs": ["Sales rose by 12 percent", "New stores in Lyon"],
        "language": "en",
        "charts": [{"kind": "bar", "title": "Sales", "series": [{"name": "EU", "values": [1, 2]}]}],
    },
    "target": {"language": "de", "words": 40, "least": 25, "most": 60},
}
MATTER = f"The slide:\n```json\n{json.dumps(SLIDE)}\n```"


SERVED: list[str] = []


class Kind(StrEnum):
    CONTENT = "content"
    CHART = "chart"


class Part(BaseModel):
    """A form inside the form."""

    title: str


class Form(BaseModel):
    """Everything that forms of Deckcast have: choices, bounds, lists, what may be missing, forms inside."""

    kind: Kind
    key_points: list[str] = Field(min_length=1, max_length=4)
    shows: str = ""
    weight: float = Field(ge=0.2, le=2)
    narrative: str = Field(min_length=20, description="What is spoken.")
    remark: str | None = None
    parts: list[Part] = []


@dataclass
class World:
    """A simulator at an address, and what the model waited."""

    base_url: str
    waited_s: list[float] = field(default_factory=list)

    def model(self, name: str, key: str = "sim-1", **settings: Any) -> AskedModel:
        """A model that waits for nothing."""
        given = LlmSettings(
            model=name,
            api_key=None if name.startswith("ollama") else SecretStr(key),
            base_url=self.base_url,
            **settings,
        )
        chosen = choose(given)
        assert chosen is not None
        retries = Retries(tries=4, asked_tries=8, longest_asked_s=120, sleep=self._sleep)
        return AskedModel(chosen, given, retries=retries)

    async def _sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)
        await asyncio.sleep(0)

    def ledger(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base_url}/_ledger") as answer:
            return dict(json.load(answer))


@pytest.fixture(scope="module", autouse=True)
def served() -> Iterator[None]:
    """One simulator for all stories; each begins with an empty ledger and its own faults."""
    with running() as base_url:
        SERVED.append(base_url)
        yield
        SERVED.clear()


def told(story: Callable[[World], Awaitable[None]], *rules: dict[str, Any], **plan: Any) -> None:
    """Run a story over a simulator with these faults."""
    for method, path, body in (("POST", "_reset", {}), ("PUT", "_faults", {"rules": list(rules), **plan})):
        content = json.dumps(body).encode()
        urllib.request.urlopen(
            urllib.request.Request(f"{SERVED[0]}/{path}", data=content, method=method)
        ).close()
    asyncio.run(story(World(SERVED[0])))  # type: ignore[arg-type]


def question(text: str = MATTER, picture: Path | None = None) -> Question[Form]:
    return Question("You look at slides.", text, Form, picture)


async def asked(world: World, name: str, **settings: Any) -> Answer[Form]:
    model = world.model(name, **settings)
    try:
        return await model.ask(question())
    finally:
        await model.close()


def failing(name: str, *rules: dict[str, Any], key: str = "sim-1", **plan: Any) -> tuple[DeckcastError, int]:
    """The error of one question, and how many calls it took."""
    found: list[Any] = []

    async def story(world: World) -> None:
        with pytest.raises(DeckcastError) as raised:
            await asked(world, name, key=key)
        found.extend((raised.value, world.ledger()["asked"]))

    told(story, *rules, **plan)
    return found[0], found[1]


def always(fault: str, **more: Any) -> tuple[dict[str, Any], ...]:
    return tuple({"call": call, "fault": fault, **more} for call in ("ask", "repair"))


@pytest.mark.parametrize("name", MODELS)
def test_an_answer_comes_in_the_form_and_is_counted(name: str) -> None:
    async def story(world: World) -> None:
        answer = await asked(world, name)
        assert answer.value.kind is Kind.CHART
        assert answer.value.key_points == ["Sales rose by 12 percent", "New stores in Lyon"]
        assert "Growth in Europe" in answer.value.narrative
        ledger = world.ledger()
        (call,) = ledger["calls"]
        assert (call["provider"], call["model"]) == tuple(name.split(":"))
        assert (call["title"], call["pictures"], call["repair"]) == ("Growth in Europe", 0, False)
        assert answer.usage.input_tokens == ledger["input_tokens"] > 0
        assert answer.usage.output_tokens == ledger["output_tokens"] > 0

    told(story)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_arrives(name: str, kind: str, tmp_path: Path) -> None:
    picture = tmp_path / "slide.picture"
    Image.new("RGB", (64, 36), "navy").save(picture, kind)

    async def story(world: World) -> None:
        for sees in (True, False):
            model = world.model(name, sees_pictures=sees)
            await model.ask(question(picture=picture))
            await model.close()
        assert [call["pictures"] for call in world.ledger()["calls"]] == [1, 0]

    told(story)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("fault", ["wrong_form", "malformed_json", "empty"])
def test_an_answer_in_a_wrong_form_is_repaired_once_and_both_are_paid(name: str, fault: str) -> None:
    async def story(world: World) -> None:
        answer = await asked(world, name)
        ledger = world.ledger()
        assert [call["repair"] for call in ledger["calls"]] == [False, True]
        assert ledger["questions"] == 1
        assert answer.usage.output_tokens == sum(call["output_tokens"] for call in ledger["calls"])
        assert answer.value.narrative

    told(story, {"call": "ask", "fault": fault})


@pytest.mark.parametrize("name", MODELS)
def test_an_answer_that_stays_in_a_wrong_form_is_given_up(name: str) -> None:
    error, calls = failing(name, *always("wrong_form"))
    assert (error.code, type(error), error.retryable, calls) == ("llm_malformed", WorkError, True, 2)


@pytest.mark.parametrize("name", MODELS)
def test_what_answers_of_no_use_have_cost_is_told(name: str) -> None:
    async def story(world: World) -> None:
        with pytest.raises(WorkError) as raised:
            await asked(world, name, usd_per_million_input_tokens=1000, usd_per_million_output_tokens=1000)
        assert raised.value.spent_usd > 0
        assert pickle.loads(pickle.dumps(raised.value)).spent_usd == raised.value.spent_usd

    told(story, *always("wrong_form"))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    "fault", ["error_before", "error_after", "drop_before", "drop_after", "malformed_body", "rate_limit"]
)
def test_what_clears_by_itself_is_tried_again(name: str, fault: str) -> None:
    async def story(world: World) -> None:
        answer = await asked(world, name)
        assert answer.value.narrative
        assert world.ledger()["asked"] == 3
        assert len(world.waited_s) == 2

    told(story, {"call": "ask", "fault": fault, "nth": [1, 2]})


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("fault", "code", "kind", "retryable"),
    [
        ("wrong_key", "llm_key_invalid", CallError, False),
        ("no_credit", "llm_no_credit", CallError, False),
        ("unknown_model", "llm_unknown_model", CallError, False),
        ("context_too_long", "llm_context_exceeded", WorkError, False),
        ("rejected", "llm_request_refused", WorkError, False),
        ("refusal", "llm_refused", WorkError, False),
    ],
)
def test_what_no_repetition_mends_fails_at_once_in_our_words(
    name: str, fault: str, code: str, kind: type[DeckcastError], retryable: bool
) -> None:
    error, calls = failing(name, *always(fault))
    assert (error.code, type(error), error.retryable) == (code, kind, retryable)
    assert calls == 1
    assert error.message.endswith((".", "”."))
    assert error.next_step
    assert error.__cause__ is not None


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(
    ("fault", "code", "calls"),
    [
        ("error_before", "llm_unreachable", 4),
        ("drop_after", "llm_unreachable", 4),
        ("malformed_body", "llm_unreachable", 4),
        ("rate_limit", "llm_busy", 8),
        ("cut_off", "llm_malformed", None),
    ],
)
def test_what_does_not_clear_is_given_up_and_may_be_tried_later(
    name: str, fault: str, code: str, calls: int | None
) -> None:
    error, made = failing(name, *always(fault))
    assert (error.code, type(error), error.retryable) == (code, WorkError, True)
    assert calls is None or made == calls


@pytest.mark.parametrize("name", MODELS[:3])
@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("wrong", "llm_key_invalid"),
        ("sim-no-access", "llm_key_invalid"),
        ("sim-no-credit", "llm_no_credit"),
        ("sim-no-model", "llm_unknown_model"),
    ],
)
def test_a_key_says_what_is_wrong_with_it(name: str, key: str, code: str) -> None:
    assert failing(name, key=key)[0].code == code


@pytest.mark.parametrize("name", MODELS)
def test_retry_after_is_obeyed_and_a_longer_one_goes_to_the_caller(name: str) -> None:
    async def story(world: World) -> None:
        await asked(world, name)
        assert len(world.waited_s) == 2
        assert all(seconds >= 30 for seconds in world.waited_s)

    told(story, {"call": "ask", "fault": "rate_limit", "nth": [1, 2]}, retry_after_s=30)
    error, calls = failing(name, {"call": "ask", "fault": "rate_limit", "nth": [1]}, retry_after_s=3600)
    assert (error.code, error.retry_after_s, calls) == ("llm_busy", 3600, 1)


@pytest.mark.parametrize("name", MODELS)
def test_a_server_that_hangs_is_left(name: str) -> None:
    async def story(world: World) -> None:
        answer = await asked(world, name, timeout_s=0.5)
        assert answer.value.narrative
        assert world.ledger()["asked"] == 2

    told(story, {"call": "ask", "fault": "hang_before", "nth": [1], "seconds": 5})


@pytest.mark.parametrize("name", MODELS)
def test_an_account_that_stays_busy_is_given_up(name: str) -> None:
    error, calls = failing(name, busy_for_s=1000, retry_after_s=7)
    assert (error.code, error.retry_after_s, calls) == ("llm_busy", 7, 8)


@pytest.mark.parametrize("name", MODELS)
def test_keys_and_addresses_of_the_sdks_own_variables_do_not_count(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for prefix in ("OPENAI", "ANTHROPIC", "OLLAMA", "GOOGLE", "GEMINI"):
        monkeypatch.setenv(f"{prefix}_API_KEY", "another")
        monkeypatch.setenv(f"{prefix}_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")

    async def story(world: World) -> None:
        assert (await asked(world, name)).value.narrative
        (call,) = world.ledger()["calls"]
        assert (call["provider"], call["status"]) == (name.split(":")[0], 200)

    told(story)


def test_nobody_listening_is_said_in_words() -> None:
    with running() as base_url:
        world = World(base_url)
    with pytest.raises(WorkError) as raised:
        asyncio.run(asked(world, "openai:gpt-5.2"))
    assert raised.value.code == "llm_unreachable"
    assert len(world.waited_s) == 3


def test_no_more_calls_at_once_than_allowed() -> None:
    async def story(world: World) -> None:
        model = world.model("openai:gpt-5.2", max_concurrent=3)
        texts = [MATTER.replace("Growth", f"Growth {number}") for number in range(12)]
        await asyncio.gather(*(model.ask(question(text)) for text in texts))
        await model.close()
        ledger = world.ledger()
        assert (ledger["asked"], ledger["questions"], ledger["most_at_once"]) == (12, 12, 3)

    with running({"answer_s": 0.05}) as base_url:  # of its own: nothing else is counted there
        asyncio.run(story(World(base_url)))


@pytest.mark.parametrize("name", MODELS)
def test_a_third_of_all_calls_failing_loses_no_question(name: str) -> None:
    async def story(world: World) -> None:
        model = world.model(name)
        texts = [MATTER.replace("Growth", f"Growth {number}") for number in range(20)]
        answers = await asyncio.gather(*(model.ask(question(text)) for text in texts))
        await model.close()
        assert [f"Growth {n} in" in answer.value.narrative for n, answer in enumerate(answers)] == [True] * 20
        assert world.ledger()["asked"] > 22

    told(story, rate=0.33, seed=3)


def test_a_model_is_opened_from_the_settings_and_knows_its_price() -> None:
    settings = LlmSettings(
        model="ollama:gemma3",
        usd_per_million_input_tokens=Decimal(1),
        usd_per_million_output_tokens=Decimal(4),
        max_concurrent=2,
    )
    model = open_model(settings)
    assert model is not None
    assert (model.name, model.offline, model.max_concurrent) == ("ollama:gemma3", True, 2)
    assert model.prices == TokenPrices(Decimal(1), Decimal(4))
    asyncio.run(model.close())

    async def story(world: World) -> None:
        answer = await asked(world, "openai:gpt-5.2")
        expected = Decimal(answer.usage.input_tokens + 4 * answer.usage.output_tokens) / 1_000_000
        assert cost_usd(answer.usage, model.prices) == expected

    told(story)


def test_a_picture_that_cannot_be_read_fails_in_words(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        model = world.model("openai:gpt-5.2")
        with pytest.raises(WorkError) as raised:
            await model.ask(question(picture=tmp_path / "none.png"))
        await model.close()
        assert raised.value.code == "image_unreadable"
        assert world.ledger()["asked"] == 0

    told(story)
