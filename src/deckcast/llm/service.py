"""Opening the language model that the settings name."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.settings import LlmSettings
from deckcast.llm.ports import LanguageModel

INSTALL = (
    "Run scripts/setup.sh again; in an environment of your own: pip install -e '.[llm]' in Deckcast's folder."
)


@dataclass(frozen=True, slots=True)
class Provider:
    """Who answers: `base_url` is its own address, `version` the path that clients add or expect there."""

    name: str
    base_url: str
    version: str
    version_in_url: bool
    needs_key: bool = True


PROVIDERS = {
    "openai": Provider("OpenAI", "https://api.openai.com", "/v1", True),
    "anthropic": Provider("Anthropic", "https://api.anthropic.com", "/v1", False),
    "gemini": Provider("Gemini", "https://generativelanguage.googleapis.com", "/v1beta", False),
    "ollama": Provider("Ollama", "http://127.0.0.1:11434", "/v1", True, needs_key=False),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A model chosen by the settings: `shape` is the provider's key in PROVIDERS."""

    shape: str
    model: str
    base_url: str
    api_key: str

    @property
    def name(self) -> str:
        """The model as the settings name it."""
        return f"{self.shape}:{self.model}"

    @property
    def provider(self) -> Provider:
        """Who answers."""
        return PROVIDERS[self.shape]

    @property
    def offline(self) -> bool:
        """Whether it runs on this machine: Ollama passes its `-cloud` models on to others."""
        return _is_loopback(urlsplit(self.base_url).hostname or "") and not self.model.endswith("-cloud")


def open_model(settings: LlmSettings) -> LanguageModel | None:
    """The model of the settings, None where they name none; no call is made yet. Close it when done.

    Raises CallError settings_invalid, llm_key_missing; MachineError llm_missing.
    """
    chosen = choose(settings)
    if chosen is None:
        return None
    try:
        from deckcast.llm.model import AskedModel  # takes a second

        return AskedModel(chosen, settings)
    except ImportError as error:
        raise MachineError(
            "llm_missing", "The language models' library is not installed.", next_step=INSTALL
        ) from error


def choose(settings: LlmSettings) -> Choice | None:
    """The settings understood, None where they name no model.

    Raises CallError settings_invalid, llm_key_missing.
    """
    if not (settings.model or "").strip():
        return None
    shape, _, model = (part.strip() for part in (settings.model or "").partition(":"))
    shape = shape.lower()
    if shape not in PROVIDERS or not model:
        raise CallError(
            "settings_invalid",
            f"DECKCAST_LLM__MODEL is “{settings.model}”, which names no model.",
            next_step=f"Write it as <provider>:<model>, the provider one of {', '.join(PROVIDERS)}; "
            "for example ollama:gemma3.",
        )
    return Choice(shape, model, _address(shape, settings.base_url), _key(shape, settings))


def _key(shape: str, settings: LlmSettings) -> str:
    key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
    if not key and PROVIDERS[shape].needs_key:
        raise CallError(
            "llm_key_missing",
            f"There is no API key for {PROVIDERS[shape].name}.",
            next_step="Set DECKCAST_LLM__API_KEY, or leave DECKCAST_LLM__MODEL empty: the built-in rules need "
            "no model.",
        )
    if not (key.isascii() and key.isprintable()):
        raise CallError(
            "llm_key_invalid",
            "DECKCAST_LLM__API_KEY holds signs that no API key has.",
            next_step="Copy the key anew.",
        )
    return key or "none"


def _address(shape: str, given: str | None) -> str:
    """The base URL as the provider's client takes it, whether or not the version stands at its end."""
    provider = PROVIDERS[shape]
    url = (given or "").strip().rstrip("/") or provider.base_url
    if not _usable(url):
        raise CallError(
            "settings_invalid",
            f"DECKCAST_LLM__BASE_URL is “{given}”, which is no address.",
            next_step="Write it like http://127.0.0.1:11434.",
        )
    if provider.version_in_url:
        return url if urlsplit(url).path else url + provider.version
    return url.removesuffix(provider.version)


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
