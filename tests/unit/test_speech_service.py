"""Which engine and which voice speak: by the call, the settings, the language and the presenter."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from deckcast.kit.errors import CallError, WorkError
from deckcast.kit.settings import OpenAiSpeechSettings, Settings, SpeechSettings
from deckcast.speech.choice import fits, suited
from deckcast.speech.espeak import EspeakEngine
from deckcast.speech.ports import Speech, SpeechCapabilities, SpeechRequest, TimingSource, Voice
from deckcast.speech.service import SpeechEngines, open_engines


class Choir:
    """An engine with four voices, which may be away."""

    name = "azure"
    version = "choir/1"
    capabilities = SpeechCapabilities(offline=False, timing=TimingSource.NONE)

    def __init__(self) -> None:
        self.away = False
        self.said: list[SpeechRequest] = []

    async def voices(self) -> tuple[Voice, ...]:
        if self.away:
            raise WorkError("speech_unreachable", "The choir is away.", retryable=True)
        rows = [
            ("Us", "en-US", "male"),
            ("Gb", "en-GB", "female"),
            ("De", "de-DE", "female"),
            ("Fr", "fr-FR", None),
        ]
        return tuple(Voice(f"azure:{name}", name, tag, "azure", gender=gender) for name, tag, gender in rows)

    async def default_voice(self, language: str, gender: str | None = None) -> Voice:
        raise AssertionError("the service chooses among the voices that it knows")

    async def speak(self, request: SpeechRequest, out: Path) -> Speech:
        self.said.append(request)
        raise WorkError("speech_failed", "The choir only hums.")

    async def close(self) -> None:
        self.away = True


def engines(default: str = "azure", voice: str | None = None, loaded: bool = True) -> SpeechEngines:
    built = SpeechEngines(
        {"espeak": EspeakEngine(), "azure": Choir()}, {"openai": "the key is not set."}, default, voice
    )
    if loaded:
        asyncio.run(built.load())
    return built


@pytest.mark.parametrize(
    ("language", "gender", "voice"),
    [
        ("en", None, "azure:Us"), ("en-US", "male", "azure:Us"), ("en-GB", None, "azure:Gb"),
        ("en", "female", "azure:Gb"), ("de-AT", "male", "azure:De"), ("fr", None, "azure:Fr"),
        ("", None, "azure:Us"),
    ],
)  # fmt: skip
def test_the_voice_suits_language_and_presenter(language: str, gender: str | None, voice: str) -> None:
    assert engines().voice(None, language, gender).id == voice


def test_a_language_that_the_engine_does_not_speak_is_spoken_by_the_built_in_voice_and_said_so() -> None:
    voice = engines().voice(None, "pl", "female")
    assert voice.id == "espeak:pl+f2"
    assert "Azure" in voice.note
    assert not engines("espeak").voice(None, "pl").note
    with pytest.raises(CallError) as caught:
        engines().voice(None, "tlh")
    assert caught.value.code == "language_not_spoken"


@pytest.mark.parametrize("setting", ["azure:Gb", "Gb", " Gb "])
def test_the_voice_of_the_settings_speaks_its_own_language(setting: str) -> None:
    assert engines(voice=setting).voice(None, "en-US", "male").id == "azure:Gb"
    assert engines(voice=setting).voice(None, "de").id == "azure:De"
    assert engines(voice=setting).voice("espeak:en-us", "en").id == "espeak:en-us"


@pytest.mark.parametrize(
    "voice", ["azure:Nobody", "nobody", "nobody:at-all", "espeak:xx", "", "azure:", "azure:gb"]
)
def test_an_unknown_voice(voice: str) -> None:
    with pytest.raises(CallError) as caught:
        engines().voice(voice, "en")
    assert caught.value.code == "unknown_voice"


def test_other_variants_of_the_built_in_voices_are_known() -> None:
    voice = engines().voice("espeak:de+m3", "de")
    assert (voice.id, voice.gender) == ("espeak:de+m3", "male")


def test_an_engine_without_its_key_says_what_is_missing() -> None:
    for ask in (lambda: engines().voice("openai:nova", "en"), lambda: engines("openai").default):
        with pytest.raises(CallError) as caught:
            ask()
        assert caught.value.code == "engine_not_configured"
        assert "the key is not set" in caught.value.message


def test_an_engine_that_is_away_does_not_stop_the_others_and_is_asked_again() -> None:
    built = engines(loaded=False)
    choir = built.configured["azure"]
    assert isinstance(choir, Choir)
    choir.away = True
    asyncio.run(built.load())
    assert built.voice("espeak:de", "de").id == "espeak:de"
    with pytest.raises(WorkError) as caught:
        built.voice(None, "en")
    assert caught.value.code == "speech_unreachable"
    choir.away = False
    asyncio.run(built.load())
    assert built.voice(None, "en").id == "azure:Us"


def test_a_request_goes_to_its_engine(tmp_path: Path) -> None:
    built = engines()
    request = SpeechRequest("Hello", "en", "azure:Us")
    with pytest.raises(WorkError):
        asyncio.run(built.speak(request, tmp_path / "a.wav"))
    assert built.configured["azure"].said == [request]  # type: ignore[attr-defined]
    assert built.version_of(built.voice("azure:Us", "en")) == "choir/1"
    assert built.engine_of(built.voice("espeak:de", "de")).name == "espeak"
    assert {voice.engine for voice in built.voices()} == {"espeak", "azure"}
    assert built.voices()[0].engine == "azure"
    with pytest.raises(CallError) as caught:
        asyncio.run(built.speak(SpeechRequest("Hello", "en", "openai:nova"), tmp_path / "a.wav"))
    assert caught.value.code == "engine_not_configured"
    asyncio.run(built.close())


def test_the_settings_decide_which_engines_there_are(tmp_path: Path) -> None:
    speech = SpeechSettings(engine="openai", openai=OpenAiSpeechSettings(api_key=SecretStr("k")))

    async def story() -> None:
        built = open_engines(Settings(_env_file=None, data_dir=tmp_path, speech=speech))  # type: ignore[call-arg]
        await built.load()
        assert {"espeak", "openai"} <= set(built.configured)
        assert {"elevenlabs", "azure"} <= set(built.not_configured)
        assert all(words.endswith(".") for words in built.not_configured.values())
        assert built.default.name == "openai"
        assert built.voice(None, "de", "female").engine == "openai"
        await built.close()

    asyncio.run(story())


def test_a_voice_without_a_language_speaks_them_all() -> None:
    every = Voice("x:a", "a", "", "x")
    assert fits(every, "sw")
    norwegian = Voice("x:b", "b", "nb-NO", "x")
    assert fits(norwegian, "no")
    assert suited([every, norwegian], "nn") == norwegian
    assert suited([norwegian], "de") is None


def test_an_engine_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckcast.speech.service._PATIENCE_S", 0.01)
    built = engines(loaded=False)

    async def silence() -> tuple[Voice, ...]:
        await asyncio.Event().wait()
        return ()

    monkeypatch.setattr(built.configured["azure"], "voices", silence)
    asyncio.run(built.load())
    with pytest.raises(WorkError) as caught:
        built.voice(None, "en")
    assert caught.value.code == "speech_unreachable"
