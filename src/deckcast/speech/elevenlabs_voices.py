"""ElevenLabs' models and voices, as far as Deckcast needs to know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deckcast.speech.ports import Voice

_MOST_CHARS = 5000  # of one request, whatever a model takes: the answer stays small, a repeat cheap
_MULTILINGUAL_V2 = frozenset((
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "fi", "fil", "fr", "hi", "hr", "id", "it", "ja", "ko", "ms",
    "nl", "pl", "pt", "ro", "ru", "sk", "sv", "ta", "tl", "tr", "uk", "zh",
))  # fmt: skip
_ENGLISH = frozenset(("en",))
_V2_5 = _MULTILINGUAL_V2 | {"hu", "nb", "nn", "no", "vi"}


@dataclass(frozen=True, slots=True)
class Model:
    """What a model takes: characters at once, languages (None: all that may be asked), the language as a field,
    break tags, and the texts and requests before and after."""

    name: str
    max_chars: int = 2500
    languages: frozenset[str] | None = None
    takes_language: bool = False
    breaks: bool = True
    stitches: bool = True

    def speaks(self, language: str) -> bool:
        """Whether it speaks a language, by the first part of its tag."""
        return self.languages is None or language in self.languages or language in ("und", "mul")


_MODELS = (
    Model("eleven_multilingual_v2", _MOST_CHARS, _MULTILINGUAL_V2),
    Model("eleven_flash_v2_5", _MOST_CHARS, _V2_5, takes_language=True),
    Model("eleven_turbo_v2_5", _MOST_CHARS, _V2_5, takes_language=True),
    Model("eleven_flash_v2", _MOST_CHARS, _ENGLISH),
    Model("eleven_turbo_v2", _MOST_CHARS, _ENGLISH),
    Model("eleven_monolingual_v1", _MOST_CHARS, _ENGLISH),
    Model("eleven_v3", 3000, breaks=False, stitches=False, takes_language=True),
)


def model_of(name: str) -> Model:
    """A model by its id; one that is not known here is asked for little at once."""
    return next((model for model in _MODELS if model.name == name), Model(name))


@dataclass(frozen=True, slots=True)
class Listed:
    """A voice of the account, and the language that it was made for: it speaks all of the model's."""

    voice: Voice
    made_for: str


def voice_of(item: Any, model: Model) -> Listed | None:
    """A voice of the list, None for what is none."""
    if not (isinstance(item, dict) and item.get("voice_id")):
        return None
    labels = item.get("labels")
    labels = labels if isinstance(labels, dict) else {}
    gender = str(labels.get("gender") or "").lower()
    voice = Voice(
        f"elevenlabs:{item['voice_id']}",
        str(item.get("name") or item["voice_id"]),
        "en" if model.languages == _ENGLISH else "",
        "elevenlabs",
        gender=gender if gender in ("female", "male") else None,
    )
    return Listed(voice, str(labels.get("language") or "").lower().replace("_", "-").split("-")[0])
