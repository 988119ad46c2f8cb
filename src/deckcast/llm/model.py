"""The port over pydantic-ai, which speaks to every provider. Importing this takes a second: see service.open_model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx2
import pydantic_ai
import structlog
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, NativeOutput, ToolOutput, UserContent
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from deckcast.kit.errors import DeckcastError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import LlmSettings
from deckcast.llm.failures import failure
from deckcast.llm.pictures import read_picture
from deckcast.llm.ports import Answer, Question, TokenPrices, Usage, cost_usd
from deckcast.llm.service import Choice

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 10.0
REPAIRS = 1

pydantic_ai.BANNER_ENABLED = False  # it would print itself into a person's terminal

T = TypeVar("T", bound=BaseModel)


class AskedModel:
    """A language model (ports.LanguageModel) of any provider that pydantic-ai speaks to."""

    def __init__(self, chosen: Choice, settings: LlmSettings, *, retries: Retries | None = None) -> None:
        self.name = chosen.name
        self.offline = chosen.offline
        self.sees_pictures = settings.sees_pictures
        self.prices = TokenPrices(
            settings.usd_per_million_input_tokens, settings.usd_per_million_output_tokens
        )
        self.max_concurrent = settings.max_concurrent
        self._chosen = chosen
        self._timeout_s = settings.timeout_s
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(settings.timeout_s, connect=CONNECT_TIMEOUT_S),
            limits=httpx2.Limits(max_connections=settings.max_concurrent),
            follow_redirects=False,
            trust_env=not chosen.offline,  # no proxy stands between us and this machine
        )
        self._model = _Patient(
            _built(chosen, self._http), chosen, settings, retries or patience(settings.max_concurrent)
        )

    async def ask(self, question: Question[T]) -> Answer[T]:
        """See ports.LanguageModel."""
        matter: list[UserContent] = [question.text]
        if question.picture is not None and self.sees_pictures:
            content, kind = await asyncio.to_thread(read_picture, question.picture)
            matter.append(BinaryContent(content, media_type=kind))
        agent: Agent[object, T] = Agent(
            self._model,
            output_type=self._output(question.form),
            instructions=question.instructions,
            retries=REPAIRS,
        )
        settings = ModelSettings(
            max_tokens=question.max_output_tokens,
            timeout=self._timeout_s,
            max_retries=0,  # ours count, not the SDK's
            thinking=False,  # it would use up max_tokens
        )
        used = RunUsage()
        try:
            result = await agent.run(matter, model_settings=settings, usage=used)
        except DeckcastError as error:
            error.spent_usd = cost_usd(_usage(used), self.prices)
            raise
        except Exception as error:  # whatever a foreign library raises is translated, once
            ours = failure(error, self._chosen.provider.name, self._chosen.model)
            ours.spent_usd = cost_usd(_usage(used), self.prices)
            raise ours from error
        return Answer(result.output, _usage(used))

    async def close(self) -> None:
        """See ports.LanguageModel."""
        await self._http.aclose()

    def _output(self, form: type[T]) -> Any:
        """Ollama holds small models to a form by its grammar; all others do best when given a tool."""
        if self._chosen.shape == "ollama" and self._model.profile.get("supports_json_schema_output"):
            return NativeOutput(form)
        return ToolOutput(form)


def _usage(used: RunUsage) -> Usage:
    return Usage(used.input_tokens, used.output_tokens)


class _Patient(WrapperModel):
    """Every single call waits for its place, is repeated where that can help, and fails in our words."""

    def __init__(self, wrapped: Model, chosen: Choice, settings: LlmSettings, retries: Retries) -> None:
        super().__init__(wrapped)
        self._chosen = chosen
        self._places = asyncio.Semaphore(settings.max_concurrent)
        self._retries = retries
        self._longest_s = settings.timeout_s

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        async def once() -> ModelResponse:
            try:
                async with asyncio.timeout(self._longest_s):  # a server that drips must end too
                    return await self.wrapped.request(messages, model_settings, model_request_parameters)
            except Exception as error:
                ours = failure(error, self._chosen.provider.name, self._chosen.model)
                log.warning("language_model.call_failed", provider=self._chosen.shape, code=ours.code)
                raise ours from error

        async with self._places:
            return await self._retries.run(once)


def patience(max_concurrent: int, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> Retries:
    """Faults are tried six times (half a minute), a busy provider is waited out for some minutes. Where nothing
    succeeds any more, the questions that come later fail soon."""
    return Retries(
        tries=6,
        asked_tries=24,
        asked_budget=24.0 * max_concurrent,
        longest_asked_s=120.0,
        budget=4.0 * max_concurrent,
        refill_per_s=max_concurrent / 20,
        refill_per_success=1.0,
        sleep=sleep,
    )


def _built(chosen: Choice, http: httpx2.AsyncClient) -> Model:
    """The library's model. Key and address are given, so that those in the SDKs' own variables do not count."""
    if chosen.shape == "anthropic":
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        client = AsyncAnthropic(api_key=chosen.api_key, base_url=chosen.base_url, http_client=http)
        return AnthropicModel(chosen.model, provider=AnthropicProvider(anthropic_client=client))
    if chosen.shape == "gemini":
        from pydantic_ai.models.google import GoogleModel
        from pydantic_ai.providers.google import GoogleProvider

        google = GoogleProvider(api_key=chosen.api_key, base_url=chosen.base_url, http_client=http)
        return GoogleModel(chosen.model, provider=google)
    if chosen.shape == "ollama":
        from pydantic_ai.models.ollama import OllamaModel
        from pydantic_ai.providers.ollama import OllamaProvider

        ollama = OllamaProvider(base_url=chosen.base_url, api_key=chosen.api_key, http_client=http)
        return OllamaModel(chosen.model, provider=ollama)
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    openai = OpenAIProvider(base_url=chosen.base_url, api_key=chosen.api_key, http_client=http)
    return OpenAIChatModel(chosen.model, provider=openai)
