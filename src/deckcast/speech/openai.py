"""OpenAI's speech, or another service of its shape: a fixed list of voices, every language, no timings."""

from __future__ import annotations

from pathlib import Path

import httpx2

from deckcast.kit.children import run_in_child
from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import OpenAiSpeechSettings
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource, Voice
from deckcast.speech.remote import NATURAL_WPM, Account, Json, saved, spoken_by_lines
from deckcast.speech.remote_errors import Service, Trouble, by_status, failure
from deckcast.speech.remote_sound import heard_s, is_whole
from deckcast.speech.script import Line
from deckcast.speech.takes import Take

_SERVICE = Service("OpenAI", "DECKCAST_SPEECH__OPENAI__API_KEY", "DECKCAST_SPEECH__OPENAI__BASE_URL")
_MAX_CHARS = {"tts-1": 4096, "tts-1-hd": 4096}
_SAFE_CHARS = 1200  # 2,000 tokens at the most, which some scripts fill with little more than one letter each
_GENDERS = {
    "marin": "female", "cedar": "male", "alloy": None, "ash": "male", "ballad": "male", "coral": "female",
    "echo": "male", "fable": None, "nova": "female", "onyx": "male", "sage": "female", "shimmer": "female",
    "verse": "male",
}  # fmt: skip
_NOT_OF_TTS1 = frozenset(("marin", "cedar", "ballad", "verse"))
_LANGUAGES = frozenset((
    "af", "ar", "az", "be", "bg", "bs", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr",
    "gl", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "kk", "kn", "ko", "lt", "lv", "mi", "mk", "mr",
    "ms", "nb", "ne", "nl", "nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "ta", "th", "tl",
    "tr", "uk", "und", "ur", "vi", "zh",
))  # fmt: skip


class OpenAiEngine:
    """OpenAI's speech behind the speech port."""

    name = "openai"

    def __init__(
        self, settings: OpenAiSpeechSettings, *, retries: Retries | None = None, patience_s: float = 60.0
    ) -> None:
        self._settings = settings
        self._address = f"{settings.base_url.rstrip('/')}/audio/speech"
        self._is_openai = settings.base_url == OpenAiSpeechSettings().base_url
        self._takes_speed = settings.model.startswith("tts-1")
        self._account = Account(
            _SERVICE,
            settings.api_key,
            max_concurrent=settings.max_concurrent,
            headers=lambda key: {"Authorization": f"Bearer {key}"},
            refusal=refusal,
            usd_per_million_chars=settings.usd_per_million_chars,
            retries=retries,
            patience_s=patience_s,
        )
        self.version = f"openai-{settings.model}/1"
        self.capabilities = SpeechCapabilities(
            offline=False,
            timing=TimingSource.NONE,
            max_chars=_MAX_CHARS.get(settings.model, _SAFE_CHARS),
            max_concurrent=settings.max_concurrent,
            usd_per_million_chars=settings.usd_per_million_chars,
        )

    @staticmethod
    def missing(settings: OpenAiSpeechSettings) -> str | None:
        """What is not configured, in words; None where all is there."""
        return None if settings.api_key else f"{_SERVICE.key_setting} is not set."

    async def voices(self) -> tuple[Voice, ...]:
        """The voices of the configured model: OpenAI's list is fixed, there is no call for it. Another service of
        this shape is asked for its own."""
        names = list(_GENDERS) if self._is_openai else await self._listed_elsewhere() or list(_GENDERS)
        return tuple(
            Voice(f"{self.name}:{name}", name, "", self.name, gender=_GENDERS.get(name))
            for name in names
            if not (self._takes_speed and name in _NOT_OF_TTS1)
        )

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The first voice of the gender; raises CallError `language_not_spoken`."""
        if language.strip().lower().replace("_", "-").split("-")[0] not in {*_LANGUAGES, ""}:
            raise CallError(
                "language_not_spoken",
                f"OpenAI does not speak the language “{language}”.",
                next_step="Choose a voice of another engine with --voice; `deckcast voices` lists them.",
            )
        voices = await self.voices()
        return next((voice for voice in voices if gender in (None, voice.gender)), voices[0])

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a WAV file, as the port says; a voice that is not listed is left to the service."""

        async def take(line: Line, folder: Path) -> tuple[Take, int]:
            sound = folder / "sound.wav"

            async def understood(_: None) -> Take:
                if is_whole(await run_in_child(heard_s, sound), line.said, request.words_per_minute):
                    return Take(line, sound)
                raise failure(_SERVICE, Trouble.UNREADABLE)

            return await self._account.paid(
                lambda: self._say(line, request, sound), understood, len(line.said)
            )

        return await spoken_by_lines(request, out, self.capabilities, take)

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()

    async def _listed_elsewhere(self) -> list[str]:
        """The names at `/audio/voices`, as several self-hosted servers have it; none where there is no such call."""
        try:
            answer = await self._account.repeated(lambda: self._account.get(f"{self._address[:-6]}voices"))
        except DeckcastError as error:
            if error.retryable or error.code == "speech_key_invalid":
                raise
            return []
        items = answer.get("voices") if isinstance(answer, dict) else None
        names = [item.get("id") if isinstance(item, dict) else item for item in items or ()]
        return [name for name in names if isinstance(name, str) and name]

    async def _say(self, line: Line, request: SpeechRequest, sound: Path) -> None:
        body = self._order(line.said, request)
        async with self._account.answer("POST", self._address, json=body) as response:
            await saved(response, sound)

    def _order(self, text: str, request: SpeechRequest) -> Json:
        name = request.voice.strip().partition(":")[2]
        voice: object = {"id": name} if name.startswith("voice_") else name
        order: Json = {
            "model": self._settings.model,
            "voice": voice,
            "input": text,
            "response_format": "wav",
        }
        if self._takes_speed and request.words_per_minute != NATURAL_WPM:
            order["speed"] = round(min(4.0, max(0.25, request.words_per_minute / NATURAL_WPM)), 2)
        return order


def refusal(response: httpx2.Response, retry_after_s: float | None) -> DeckcastError:
    """What an answer of OpenAI's that is no success means, by the code in it, else by its status."""
    try:
        error = response.json()["error"]
        code, param, said = (str(error.get(name) or "") for name in ("code", "param", "message"))
    except (ValueError, TypeError, KeyError, AttributeError):
        code = param = said = ""
    trouble = by_status(response.status_code)
    if code in ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"):
        trouble = Trouble.CREDIT
    elif code == "content_policy_violation":
        trouble = Trouble.REFUSED
    elif response.status_code in (400, 404, 422) and param == "voice":
        trouble = Trouble.VOICE
    elif response.status_code == 404:
        trouble = Trouble.REQUEST  # a model that the account does not have, or another address
    return failure(_SERVICE, trouble, said, retry_after_s)
