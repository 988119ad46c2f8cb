"""Which model the settings name, and what is said where they name none that can be."""

from __future__ import annotations

import sys

import pytest
from pydantic import SecretStr

from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.settings import LlmSettings
from deckcast.llm.service import choose, open_model

KEY = SecretStr("a-key")


def chosen(model: str, base_url: str | None = None) -> tuple[str, str, bool]:
    choice = choose(LlmSettings(model=model, api_key=KEY, base_url=base_url))
    assert choice is not None
    return choice.name, choice.base_url, choice.offline


@pytest.mark.parametrize("model", [None, "", "  "])
def test_no_model_is_no_model(model: str | None) -> None:
    assert open_model(LlmSettings(model=model)) is None


@pytest.mark.parametrize(
    ("model", "name", "base_url", "offline"),
    [
        ("openai:gpt-5.2", "openai:gpt-5.2", "https://api.openai.com/v1", False),
        ("anthropic:claude-x", "anthropic:claude-x", "https://api.anthropic.com", False),
        ("Gemini: gemini-3", "gemini:gemini-3", "https://generativelanguage.googleapis.com", False),
        ("ollama:gemma3:4b", "ollama:gemma3:4b", "http://127.0.0.1:11434/v1", True),
        ("ollama:gpt-oss-cloud", "ollama:gpt-oss-cloud", "http://127.0.0.1:11434/v1", False),
    ],
)
def test_a_provider_and_a_model(model: str, name: str, base_url: str, offline: bool) -> None:
    assert chosen(model) == (name, base_url, offline)


@pytest.mark.parametrize(
    ("model", "given", "taken"),
    [
        ("openai:m", "http://localhost:8000", "http://localhost:8000/v1"),
        ("openai:m", "http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("openai:m", "https://gate.example/llm", "https://gate.example/llm"),
        ("ollama:m", "http://10.0.0.7:11434", "http://10.0.0.7:11434/v1"),
        ("anthropic:m", "http://[::1]:8000/v1", "http://[::1]:8000"),
        ("gemini:m", "http://localhost:8000/v1beta", "http://localhost:8000"),
    ],
)
def test_an_address_may_or_may_not_end_with_the_version(model: str, given: str, taken: str) -> None:
    assert chosen(model, given)[1] == taken


@pytest.mark.parametrize(
    ("base_url", "offline"),
    [("http://localhost:1", True), ("http://[::1]:1", True), ("http://10.0.0.7:1", False)],
)
def test_only_this_machine_is_offline(base_url: str, offline: bool) -> None:
    assert chosen("openai:m", base_url)[2] is offline


@pytest.mark.parametrize("model", ["gpt-5.2", "mistral:large", "openai:", ":gpt", "openai"])
def test_a_model_that_cannot_be_is_refused_in_words(model: str) -> None:
    with pytest.raises(CallError) as raised:
        open_model(LlmSettings(model=model, api_key=KEY))
    assert raised.value.code == "settings_invalid"
    assert model in raised.value.message
    assert "openai, anthropic, gemini, ollama" in raised.value.next_step


@pytest.mark.parametrize(
    "base_url", ["localhost:8000", "ftp://x", "http://", "http://x:port", "http://x:99999"]
)
def test_an_address_that_cannot_be_is_refused_in_words(base_url: str) -> None:
    with pytest.raises(CallError) as raised:
        choose(LlmSettings(model="openai:m", api_key=KEY, base_url=base_url))
    assert raised.value.code == "settings_invalid"
    assert base_url in raised.value.message


@pytest.mark.parametrize("model", ["openai:m", "anthropic:m", "gemini:m"])
@pytest.mark.parametrize("key", [None, SecretStr(" ")])
def test_a_missing_key_is_named(model: str, key: SecretStr | None) -> None:
    with pytest.raises(CallError) as raised:
        open_model(LlmSettings(model=model, api_key=key))
    assert raised.value.code == "llm_key_missing"
    assert "DECKCAST_LLM__API_KEY" in raised.value.next_step


def test_a_key_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(CallError) as raised:
        choose(LlmSettings(model="openai:m", api_key=SecretStr("schlüssel")))
    assert raised.value.code == "llm_key_invalid"


def test_a_missing_library_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "deckcast.llm.model", raising=False)
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(MachineError) as raised:
        open_model(LlmSettings(model="ollama:m"))
    assert raised.value.code == "llm_missing"
    assert "pip install -e '.[llm]'" in raised.value.next_step
