"""ElevenLabs: voices of an account, speech with the time of every character, pieces that hear one another."""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from deckcast.kit.children import run_in_child
from deckcast.kit.errors import CallError, DeckcastError, WorkError
from deckcast.kit.files import disk_errors
from deckcast.kit.retry import Retries
from deckcast.kit.settings import ElevenLabsSettings
from deckcast.speech.elevenlabs_text import heard, written
from deckcast.speech.elevenlabs_voices import Listed, model_of, voice_of
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource, Voice
from deckcast.speech.remote import NATURAL_WPM, Account, Json, plausible_marks, spoken_by_lines
from deckcast.speech.remote_errors import Service, Trouble, by_status, failure
from deckcast.speech.remote_sound import heard_s, is_whole
from deckcast.speech.script import Line
from deckcast.speech.takes import Take

_SERVICE = Service(
    "ElevenLabs", "DECKCAST_SPEECH__ELEVENLABS__API_KEY", "DECKCAST_SPEECH__ELEVENLABS__BASE_URL"
)
_OUTPUT_FORMAT = "mp3_44100_128"  # the best that every plan allows
_LONGEST_BREAK_S = 3.0
_STITCHED, _STITCH_WITHIN_S = 3, 2 * 3600 - 300
_MOST_PAGES = 100
_SLOWEST, _FASTEST = 0.7, 1.2


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back for one line: its words with their seconds, the request's id, and what it cost."""

    marks: tuple[tuple[int, float], ...]
    request_id: str
    chars: int | None


class ElevenLabsEngine:
    """An ElevenLabs account behind the speech port."""

    name = "elevenlabs"

    def __init__(
        self, settings: ElevenLabsSettings, *, retries: Retries | None = None, patience_s: float = 60.0
    ) -> None:
        self._model = model_of(settings.model)
        self._base = settings.base_url.rstrip("/")
        self._account = Account(
            _SERVICE,
            settings.api_key,
            max_concurrent=settings.max_concurrent,
            headers=lambda key: {"xi-api-key": key},
            refusal=refusal,
            usd_per_million_chars=settings.usd_per_million_chars,
            retries=retries,
            patience_s=patience_s,
        )
        self.version = f"elevenlabs-{settings.model}/1"
        self.capabilities = SpeechCapabilities(
            offline=False,
            timing=TimingSource.CHARACTERS,
            max_chars=self._model.max_chars,
            max_concurrent=settings.max_concurrent,
            stitches=self._model.stitches,
            pauses=self._model.breaks,
            usd_per_million_chars=settings.usd_per_million_chars,
        )

    @staticmethod
    def missing(settings: ElevenLabsSettings) -> str | None:
        """What is not configured, in words; None where all is there."""
        return None if settings.api_key else f"{_SERVICE.key_setting} is not set."

    async def voices(self) -> tuple[Voice, ...]:
        """Every voice of the account, to the last page."""
        return tuple(listed.voice for listed in await self._listed())

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        """The account's first voice of the gender, one made for the language before others; raises CallError
        `language_not_spoken`, `unknown_voice` where the account has no voice."""
        wanted = language.strip().lower().replace("_", "-").split("-")[0] or "en"
        if not self._model.speaks(wanted):
            raise CallError(
                "language_not_spoken",
                f"ElevenLabs' model {self._model.name} does not speak the language “{language}”.",
                next_step="Choose another model with DECKCAST_SPEECH__ELEVENLABS__MODEL, or another engine.",
            )
        listed = await self._listed()
        if not listed:
            raise failure(_SERVICE, Trouble.VOICE, "the account has no voices")
        fitting = [each for each in listed if gender in (None, each.voice.gender)] or listed
        return next((each.voice for each in fitting if each.made_for == wanted), fitting[0].voice)

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        """Speak to a WAV file, as the port says."""
        earlier: list[tuple[str, float]] = []

        async def take(line: Line, folder: Path) -> tuple[Take, int]:
            sound = folder / "sound.mp3"
            chars = len(written(line))

            async def understood(answer: _Answer) -> _Answer:
                duration_s = await run_in_child(heard_s, sound)
                if not is_whole(duration_s, line.said, request.words_per_minute):
                    raise failure(_SERVICE, Trouble.UNREADABLE)
                return replace(answer, marks=plausible_marks(answer.marks, duration_s))

            answer, billed = await self._account.paid(
                lambda: self._stitched(line, request, sound, earlier), understood, chars
            )
            if answer.request_id:
                earlier.append((answer.request_id, time.monotonic()))
            known = billed if answer.chars is None else billed - chars + answer.chars
            return Take(line, sound, answer.marks), known

        return await spoken_by_lines(request, out, self.capabilities, take, longest_pause_s=_LONGEST_BREAK_S)

    async def close(self) -> None:
        """Close the connections."""
        await self._account.close()

    async def _listed(self) -> list[Listed]:
        found: list[Listed] = []
        token = ""
        for _ in range(_MOST_PAGES):
            page = await self._page(token)
            found += [each for item in page["voices"] if (each := voice_of(item, self._model)) is not None]
            token = str(page.get("next_page_token") or "")
            if not token or not page.get("has_more"):
                break
        return found

    async def _page(self, token: str) -> Json:
        params = {"page_size": "100", **({"next_page_token": token} if token else {})}
        page = await self._account.repeated(lambda: self._account.get(f"{self._base}/v2/voices", **params))
        if not (isinstance(page, dict) and isinstance(page.get("voices"), list)):
            raise failure(_SERVICE, Trouble.UNREADABLE)
        return page

    async def _stitched(
        self, line: Line, request: SpeechRequest, sound: Path, earlier: list[tuple[str, float]]
    ) -> _Answer:
        fresh = [name for name, at in earlier if time.monotonic() - at < _STITCH_WITHIN_S][-_STITCHED:]
        ids = fresh if self._model.stitches else []
        try:
            return await self._say(line, request, sound, ids)
        except WorkError as error:
            if not ids or error.retryable or error.code != "speech_failed":
                raise
        return await self._say(line, request, sound, [])  # an account that keeps no history knows no ids

    async def _say(self, line: Line, request: SpeechRequest, sound: Path, ids: list[str]) -> _Answer:
        voice = request.voice.strip().partition(":")[2]
        if not re.fullmatch(r"[A-Za-z0-9_\-]+", voice):
            raise failure(_SERVICE, Trouble.VOICE)
        url = f"{self._base}/v1/text-to-speech/{voice}/with-timestamps"
        order = self._order(line, request, ids)
        async with self._account.answer(
            "POST", url, params={"output_format": _OUTPUT_FORMAT}, json=order
        ) as response:
            await response.aread()
        cost = response.headers.get("character-cost", "")
        return _Answer(
            heard(line, _unpacked(response, sound)),
            response.headers.get("request-id", ""),
            int(cost) if cost.isascii() and cost.isdigit() else None,
        )

    def _order(self, line: Line, request: SpeechRequest, ids: list[str]) -> Json:
        order: Json = {"text": written(line), "model_id": self._model.name}
        if self._model.stitches:
            order |= {"previous_text": line.before} if line.before and not ids else {}
            order |= {"next_text": line.after} if line.after else {}
            order |= {"previous_request_ids": ids} if ids else {}
        if self._model.takes_language and request.language:
            order["language_code"] = request.language.replace("_", "-").split("-")[0].lower()
        if request.words_per_minute != NATURAL_WPM:
            speed = request.words_per_minute / NATURAL_WPM
            order["voice_settings"] = {"speed": round(min(_FASTEST, max(_SLOWEST, speed)), 2)}
        return order


def _unpacked(response: httpx2.Response, sound: Path) -> list[tuple[str, float]]:
    """Write the sound to its file; returns the characters with their seconds, none where there are none."""
    try:
        answer = response.json()
        content = base64.b64decode(answer["audio_base64"], validate=True)
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise failure(_SERVICE, Trouble.UNREADABLE) from error
    with disk_errors(sound):
        sound.write_bytes(content)
    return _times(answer.get("alignment"))


def _times(alignment: Any) -> list[tuple[str, float]]:
    try:
        pairs = zip(alignment["characters"], alignment["character_start_times_seconds"], strict=True)
        return [(str(letter), float(second)) for letter, second in pairs]
    except (ValueError, TypeError, KeyError):
        return []


_CREDIT = frozenset((
    "quota_exceeded", "payment_required", "detected_unusual_activity", "subscription_required",
    "output_format_not_allowed", "only_for_creator+", "can_not_use_professional_voice", "voice_limit_reached",
))  # fmt: skip
_VOICE = frozenset(("voice_not_found", "voice_does_not_exist", "invalid_voice_id", "voice_access_denied"))
_REFUSED = frozenset((
    "content_against_policy", "content_moderation", "text_moderated", "moderation_failed", "blocked_content",
    "needs_captcha", "safety_violation",
))  # fmt: skip
_BUSY = frozenset((
    "too_many_concurrent_requests", "system_busy", "concurrent_limit_exceeded", "rate_limit_exceeded",
))  # fmt: skip


def refusal(response: httpx2.Response, retry_after_s: float | None) -> DeckcastError:
    """What an answer of ElevenLabs' that is no success means, by the word in it, else by its status."""
    words, said = _detail(response)
    trouble = by_status(response.status_code)
    for known, meant in (
        (_CREDIT, Trouble.CREDIT),
        (_VOICE, Trouble.VOICE),
        (_REFUSED, Trouble.REFUSED),
        (_BUSY, Trouble.BUSY),
    ):
        if words & known:
            trouble = meant
            break
    return failure(_SERVICE, trouble, said, retry_after_s)


def _detail(response: httpx2.Response) -> tuple[set[str], str]:
    """The words that say what is wrong, and the sentence."""
    try:
        detail = response.json()["detail"]
    except (ValueError, TypeError, KeyError):
        return set(), ""
    if isinstance(detail, list):  # of a request that does not fit the form: one entry for each field
        return set(), "; ".join(str(item.get("msg", "")) for item in detail if isinstance(item, dict))
    if not isinstance(detail, dict):
        return set(), str(detail)
    return {str(detail.get(name, "")) for name in ("status", "code", "type")}, str(detail.get("message", ""))
