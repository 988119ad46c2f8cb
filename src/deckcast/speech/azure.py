"""Azure Speech: many voices for each language, and the mouth's shapes with the sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2

from deckcast.kit.errors import CallError, DeckcastError
from deckcast.kit.retry import Retries
from deckcast.kit.settings import AzureSpeechSettings
from deckcast.speech.azure_socket import AzureSocket, Turn
from deckcast.speech.azure_ssml import billed_chars, ssml
from deckcast.speech.azure_visemes import visemes
from deckcast.speech.choice import suited
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource, Voice
from deckcast.speech.remote import NATURAL_WPM, Account, plausible_marks, spoken_by_lines
from deckcast.speech.remote_errors import Service, Trouble, by_status, failure
from deckcast.speech.remote_sound import is_whole
from deckcast.speech.script import Line
from deckcast.speech.takes import Take

_SERVICE = Service("Azure Speech", "DECKCAST_SPEECH__AZURE__API_KEY", "DECKCAST_SPEECH__AZURE__REGION")
_MAX_CHARS = 4000  # about five minutes; a turn is cut off after ten
_LONGEST_BREAK_S = 5.0
_SLOWEST, _FASTEST = 0.5, 2.0


class AzureEngine:
    """An Azure Speech resource behind the speech port."""

    name = "azure"
    version = "azure/1"

    def __init__(
        self, settings: AzureSpeechSettings, *, retries: Retries | None = None, patience_s: float = 60.0
    ) -> None:
        self._base = (settings.base_url or _address_of(settings.region or "")).rstrip("/")
        self._account = Account(
            _SERVICE,
            settings.api_key,
            max_concurrent=settings.max_concurrent,
            headers=lambda key: {"Ocp-Apim-Subscription-Key": key},
            refusal=refusal,
            usd_per_million_chars=settings.usd_per_million_chars,
            retries=retries,
            patience_s=patience_s,
        )
        self._listed: tuple[Voice, ...] = ()
        self._pace: dict[str, int] = {}
        self.capabilities = SpeechCapabilities(
            offline=False,
            timing=TimingSource.VISEMES,
            max_chars=_MAX_CHARS,
            max_concurrent=settings.max_concurrent,
            pauses=True,
            emphasis=True,
            usd_per_million_chars=settings.usd_per_million_chars,
        )

    @staticmethod
    def missing(settings: AzureSpeechSettings) -> str | None:
        """What is not configured, in words; None where all is there."""
        lacks = [] if settings.api_key else [_SERVICE.key_setting]
        lacks += [] if settings.region or settings.base_url else ["DECKCAST_SPEECH__AZURE__REGION"]
        verb = "is" if len(lacks) == 1 else "are"
        return f"{' and '.join(lacks)} {verb} not set." if lacks else None

    async def voices(self) -> tuple[Voice, ...]:
        """Every voice of the resource's region that is not retired."""
        url = f"{self._base}/cognitiveservices/voices/list"
        items = await self._account.repeated(lambda: self._account.get(url))
        if not isinstance(items, list):
            raise failure(_SERVICE, Trouble.UNREADABLE)
        listed = [item for item in items if isinstance(item, dict) and _is_alive(item)]
        self._pace = {
            f"{self.name}:{item['ShortName']}": int(item["WordsPerMinute"])
            for item in listed
            if str(item.get("WordsPerMinute", "")).isdigit() and int(item["WordsPerMinute"])
        }
        self._listed = tuple(_voice(item) for item in listed)
        return self._listed

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """A voice of the language's region, else of the language; raises CallError `language_not_spoken`."""
        found = suited(await self._known(), language, gender)
        if found is not None:
            return found
        raise CallError(
            "language_not_spoken",
            f"Azure Speech does not speak the language “{language}” in this region.",
            next_step="Choose a voice of another engine with --voice; `deckcast voices` lists them.",
        )

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a WAV file, as the port says: one connection, one turn for each line."""
        voice = next((each for each in await self._known() if each.id == request.voice.strip()), None)
        if voice is None:
            raise failure(_SERVICE, Trouble.VOICE)
        rate = request.words_per_minute / self._pace.get(voice.id, NATURAL_WPM)
        rate = min(_FASTEST, max(_SLOWEST, rate))
        socket = AzureSocket(self._account, self._socket_address())

        async def take(line: Line, folder: Path) -> tuple[Take, int]:
            sound = folder / "sound.wav"
            document = ssml(line, voice.id.partition(":")[2], voice.language, rate)

            async def understood(turn: Turn) -> Take:
                if is_whole(turn.duration_s, line.said, request.words_per_minute):
                    return _take(line, sound, turn)
                raise failure(_SERVICE, Trouble.UNREADABLE)

            return await self._account.paid(
                lambda: socket.say(document, sound), understood, billed_chars(line, rate)
            )

        try:
            return await spoken_by_lines(
                request, out, self.capabilities, take, longest_pause_s=_LONGEST_BREAK_S
            )
        finally:
            await socket.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()

    async def _known(self) -> tuple[Voice, ...]:
        return self._listed or await self.voices()

    def _socket_address(self) -> str:
        scheme, _, rest = self._base.partition("://")
        return f"{'ws' if scheme == 'http' else 'wss'}://{rest}/cognitiveservices/websocket/v1"


def _address_of(region: str) -> str:
    name = region.strip().lower()
    ending = (
        "azure.cn"
        if name.startswith("china")
        else "azure.us"
        if name.startswith("usgov")
        else "microsoft.com"
    )
    return f"https://{name}.tts.speech.{ending}"


def _take(line: Line, sound: Path, turn: Turn) -> Take:
    return Take(
        line,
        sound,
        plausible_marks(word_marks(line.said, turn.words), turn.duration_s),
        visemes(turn.visemes, turn.duration_s),
    )


def word_marks(said: str, words: list[tuple[str, float]]) -> tuple[tuple[int, float], ...]:
    """(character, second) of the words that are found in the text in their order."""
    marks: list[tuple[int, float]] = []
    at = 0
    for word, second in words:
        place = said.find(word, at) if word else -1
        if place >= 0:
            marks.append((place, second))
            at = place + len(word)
    return tuple(marks)


def _is_alive(item: dict[str, Any]) -> bool:
    return bool(item.get("ShortName") and item.get("Locale")) and item.get("Status") != "Deprecated"


def _voice(item: dict[str, Any]) -> Voice:
    gender = str(item.get("Gender") or "").lower()
    return Voice(
        f"azure:{item['ShortName']}",
        f"{item.get('DisplayName') or item['ShortName']}, {item.get('LocaleName') or item['Locale']}",
        str(item["Locale"]),
        "azure",
        gender=gender if gender in ("female", "male") else None,
    )


def refusal(response: httpx2.Response, retry_after_s: float | None) -> DeckcastError:
    """What an answer of Azure's to a read that is no success means."""
    trouble = by_status(response.status_code)
    if response.status_code == 404:
        trouble = Trouble.REQUEST
    return failure(_SERVICE, trouble, response.text, retry_after_s)
