"""The speech engines behind HTTP when things go wrong at their services, and what they ask of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from deckcast.kit.errors import CallError, DeckcastError, MachineError, WorkError
from deckcast.kit.marks import parse
from deckcast.kit.retry import Retries
from deckcast.kit.settings import OpenAiSpeechSettings
from deckcast.simulators.speech import running
from deckcast.speech.openai import OpenAiEngine
from deckcast.speech.ports import Speech, SpeechRequest
from speech_services import VOICES, Service, opened, service

TEXT = "Our revenue grew by twelve percent this year, thanks to many new customers."
every_service = pytest.mark.parametrize("name", VOICES)


async def speak(it: Service, folder: Path, text: str = TEXT, voice: str = "", **more: Any) -> Speech:
    """What the engine makes of an English text; nothing but the file may be left in the folder."""
    folder.mkdir(exist_ok=True)
    request = SpeechRequest(text, "en", voice or VOICES[it.engine.name], **more)
    try:
        return await it.engine.speak(request, folder / "speech.wav")
    finally:
        assert {each.name for each in folder.iterdir()} <= {"speech.wav"}


def run(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    asyncio.run(whole())


def check_words(speech: Speech, text: str = TEXT) -> None:
    """Every word is timed, in order and within the sound."""
    words = speech.timings.words
    assert [word.text for word in words] == parse(text).text.split()
    assert all(0 <= word.start_s < word.end_s <= speech.duration_s + 1e-6 for word in words)
    assert speech.timings.visemes[-1].end_s == speech.duration_s


# What is got over


@every_service
@pytest.mark.parametrize(
    ("fault", "counted"),
    [
        ("rate_limit", 1),
        ("drop_before", 2),
        ("error_before", 2),
        ("error_after", 2),
        ("drop_after", 2),
        ("truncated", 2),
        ("short", 2),
        ("not_audio", 2),
    ],
)
def test_a_fault_is_got_over_and_counted(name: str, fault: str, counted: int, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "speech", "fault": fault, "nth": 1}
        async with service(name, rule) as it:
            speech = await speak(it, tmp_path)
            check_words(speech)
            assert [each["fault"] for each in it.asked()] == [fault, ""]
            once = it.asked()[1]["billed_chars"]
            assert speech.billed_chars == counted * once
            assert it.ledger()["billed_chars"] <= speech.billed_chars

    run(story)


@every_service
@pytest.mark.parametrize("fault", ["hang_before", "hang_after"])
def test_what_hangs_is_given_up_and_asked_again(name: str, fault: str, tmp_path: Path) -> None:
    async def story() -> None:
        rule = {"call": "speech", "fault": fault, "nth": 1, "seconds": 1500}
        async with service(name, rule, patience_s=0.2) as it:
            speech = await speak(it, tmp_path, "Hi.")
            assert [each["fault"] for each in it.asked()][-1] == ""
            assert speech.billed_chars > it.asked()[-1]["billed_chars"]

    run(story)


@pytest.mark.parametrize("name", ["elevenlabs", "azure"])
@pytest.mark.parametrize("fault", ["wrong_timings", "no_timings"])
def test_wrong_times_are_not_believed(name: str, fault: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with service(name, {"call": "speech", "fault": fault, "nth": 2}) as it:
            right = await speak(it, tmp_path / "right")
            wrong = await speak(it, tmp_path / "wrong")
            check_words(wrong)
            assert wrong.duration_s == pytest.approx(right.duration_s)
            pairs = zip(right.timings.words, wrong.timings.words, strict=True)
            assert max(abs(one.start_s - two.start_s) for one, two in pairs) < 0.35
            assert [each["fault"] for each in it.asked()] == ["", fault]

    run(story)


@every_service
def test_a_service_that_fails_every_third_time_speaks_all(name: str, tmp_path: Path) -> None:
    texts = [f"This is slide number {number} of a deck that is spoken whole." for number in range(10)]

    async def story() -> None:
        ways = (
            "rate_limit",
            "error_before",
            "error_after",
            "drop_before",
            "drop_after",
            "short",
            "truncated",
        )
        plan = {"rate": 0.3, "seed": 5, "ways": ways}
        async with service(name, plan=plan, switches={"tells_retry_after": False}) as it:
            speeches = await asyncio.gather(
                *(speak(it, tmp_path / str(place), text) for place, text in enumerate(texts))
            )
            for speech, text in zip(speeches, texts, strict=True):
                check_words(speech, text)
            assert len(it.asked()) > len(texts)
            assert sum(speech.billed_chars for speech in speeches) >= it.ledger()["billed_chars"]

    run(story)


@every_service
def test_no_more_at_once_than_the_settings_say(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with service(name, max_concurrent=2, switches={"answer_s": 10}) as it:
            await asyncio.gather(*(speak(it, tmp_path / str(place)) for place in range(5)))
            ledger = it.ledger()
            assert ledger["engines"][name]["max_at_once"] == 2
            assert len(ledger["requests"]) == 5

    run(story)


@pytest.mark.parametrize("name", ["openai", "elevenlabs"])  # Azure's closed socket tells no time to wait
def test_the_wait_that_is_asked_for_is_waited(name: str, tmp_path: Path) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def story() -> None:
        rule = {"call": "speech", "fault": "rate_limit", "nth": 1}
        async with service(name, rule, switches={"speed": 1.0, "retry_after_s": 7}) as it:
            it.engine._account._retries = Retries(sleep=sleep, backoff_s=lambda tries: 0.5)  # type: ignore[attr-defined]
            await speak(it, tmp_path)
            assert waited == [7.5]

    run(story)


# What is not


@every_service
@pytest.mark.parametrize(
    ("key", "text", "voice", "code"),
    [
        ("wrong", TEXT, "", "speech_key_invalid"),
        ("sim-no-access", TEXT, "", "speech_key_invalid"),
        ("schlüssel", TEXT, "", "speech_key_invalid"),
        ("sim-no-credit", TEXT, "", "speech_no_credit"),
        ("sim-key", TEXT, "nobody", "unknown_voice"),
        ("sim-key", f"{TEXT} [moderated]", "", "speech_refused"),
    ],
)
def test_what_no_repeat_can_help(
    name: str, key: str, text: str, voice: str, code: str, tmp_path: Path
) -> None:
    if (name, code) == ("azure", "speech_refused"):
        code = "speech_failed"  # it has no word for a text that it does not like

    async def story() -> None:
        async with service(name, key=key) as it:
            with pytest.raises(DeckcastError) as caught:
                await speak(it, tmp_path, text, f"{name}:{voice}" if voice else "")
            error = caught.value
            assert (error.code, error.retryable) == (code, False)
            assert isinstance(
                error, CallError if code not in ("speech_refused", "speech_failed") else WorkError
            )
            assert error.next_step
            assert key not in str(error)
            assert len(it.asked()) <= 1
            assert it.ledger()["billed_chars"] == 0

    run(story)


@every_service
def test_a_service_that_stays_broken(name: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with service(name, {"call": "speech", "fault": "error_before"}) as it:
            with pytest.raises(WorkError) as caught:
                await speak(it, tmp_path)
            assert (caught.value.code, caught.value.retryable) == ("speech_failed", True)
            assert len(it.asked()) == 6

    run(story)


@every_service
def test_a_service_that_is_not_there(name: str, tmp_path: Path) -> None:
    with running() as address:
        pass

    async def story() -> None:
        it = Service(opened(name, address), address)
        with pytest.raises(WorkError) as caught:
            await speak(it, tmp_path)
        assert (caught.value.code, caught.value.retryable) == ("speech_unreachable", True)
        await it.engine.close()

    run(story)


@every_service
def test_what_fails_on_this_machine_is_not_paid_again(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise MachineError("disk_full", "The disk is full.", retryable=True)

    monkeypatch.setattr(f"deckcast.speech.{name}.is_whole", full)

    async def story() -> None:
        async with service(name) as it:
            with pytest.raises(MachineError):
                await speak(it, tmp_path)
            assert len(it.asked()) == 1

    run(story)


@pytest.mark.parametrize("name", ["elevenlabs", "azure"])
def test_the_list_of_voices_is_asked_for_again(name: str) -> None:
    async def story() -> None:
        async with service(name, {"call": "voices", "fault": "drop_before", "nth": 1}) as it:
            assert len(await it.engine.voices()) > 5
            assert it.ledger()["calls"][f"{name} voices"] == 2

    run(story)


# What each is asked


def test_elevenlabs_lists_every_page_of_voices() -> None:
    async def story() -> None:
        async with service("elevenlabs", switches={"elevenlabs_page_size": 4}) as it:
            assert len({voice.id for voice in await it.engine.voices()}) == 6
            assert it.ledger()["calls"]["elevenlabs voices"] == 2
            german = await it.engine.default_voice("de-AT", "male")
            assert (german.name, german.gender, german.language) == ("Jonas", "male", "")

    run(story)


@pytest.mark.parametrize("timed", [True, False])
def test_elevenlabs_pauses_by_tags_and_longer_by_silence(timed: bool, tmp_path: Path) -> None:
    text = "The first thing. [pause 2s] The second thing. [pause 5s] And the third thing."

    async def story() -> None:
        async with service("elevenlabs", switches={"elevenlabs_breaks_timed": timed}) as it:
            speech = await speak(it, tmp_path, text)
            check_words(speech, text)
            first, second = it.asked()
            assert first["text"] == 'The first thing. <break time="2.0s" /> The second thing.'
            assert first["order"]["next_text"] == "And the third thing."
            assert second["text"] == "And the third thing."
            assert len(second["order"]["previous_request_ids"]) == 1
            words = speech.timings.words
            assert 1.9 < words[3].start_s - words[2].end_s < 2.8
            assert 4.9 < words[6].start_s - words[5].end_s < 5.5
            assert speech.billed_chars == len(first["text"]) + len(second["text"])

    run(story)


def test_elevenlabs_without_a_history_is_asked_without_it(tmp_path: Path) -> None:
    async def story() -> None:
        switches = {"elevenlabs_keeps_history": False, "elevenlabs_tells_cost": False}
        async with service("elevenlabs", switches=switches) as it:
            speech = await speak(it, tmp_path, "The first thing. [pause 5s] The second thing.")
            assert [each["fault"] for each in it.asked()] == ["", "refusal", ""]
            assert it.asked()[2]["order"]["previous_text"] == "The first thing."
            assert speech.billed_chars == it.ledger()["billed_chars"]

    run(story)


def test_elevenlabs_v3_is_not_asked_for_what_it_has_not(tmp_path: Path) -> None:
    async def story() -> None:
        async with service("elevenlabs", model="eleven_v3") as it:
            await speak(it, tmp_path, "The first thing. [pause 1s] The second thing.", words_per_minute=300)
            assert [each["text"] for each in it.asked()] == ["The first thing.", "The second thing."]
            order = it.asked()[1]["order"]
            assert order == {"model_id": "eleven_v3", "language_code": "en", "voice_settings": {"speed": 1.2}}

    run(story)


def test_azure_speaks_turn_after_turn_on_one_connection(tmp_path: Path) -> None:
    async def story() -> None:
        async with service("azure") as it:
            text = "The *first* thing & <so on>. [pause 8s] The second thing."
            check_words(await speak(it, tmp_path, text), text)
            calls = it.ledger()["calls"]
            assert (calls["azure connect"], calls["azure speech"]) == (1, 2)
            assert '<emphasis level="moderate">first</emphasis>' in it.asked()[0]["order"]["ssml"]

    run(story)


@pytest.mark.parametrize("fault", ["rate_limit", "error_before", "drop_before"])
def test_azure_connects_again(fault: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with service("azure", {"call": "connect", "fault": fault, "nth": 1}) as it:
            check_words(await speak(it, tmp_path))
            assert it.ledger()["calls"]["azure connect"] == 2
            assert len(it.asked()) == 1

    run(story)


@pytest.mark.parametrize("busy", ["handshake", "close"])
def test_azure_with_fewer_places_than_we_think(busy: str, tmp_path: Path) -> None:
    async def story() -> None:
        switches = {"azure_busy": busy, "max_concurrent": 1, "tells_retry_after": False}
        async with service("azure", switches=switches, max_concurrent=2) as it:
            await asyncio.gather(*(speak(it, tmp_path / str(place)) for place in range(2)))
            assert it.ledger()["engines"]["azure"]["max_at_once"] == 1

    run(story)


def test_azure_in_a_language_without_mouth_shapes(tmp_path: Path) -> None:
    async def story() -> None:
        async with service("azure", switches={"azure_visemes": False}) as it:
            speech = await speak(it, tmp_path)
            check_words(speech)
            assert len(speech.timings.visemes) > 30

    run(story)


def test_openai_is_told_the_pace_where_the_model_takes_it(tmp_path: Path) -> None:
    async def story() -> None:
        async with service("openai", model="tts-1") as it:
            usual = await speak(it, tmp_path, voice="openai:nova")
            fast = await speak(it, tmp_path, voice="openai:nova", words_per_minute=247)
            assert [each["order"].get("speed") for each in it.asked()] == [None, 1.5]
            assert fast.duration_s < 0.8 * usual.duration_s
        async with service("openai", switches={"openai_wav_length": "true"}) as it:
            await speak(it, tmp_path, words_per_minute=240)
            assert "speed" not in it.asked()[0]["order"]

    run(story)


def test_another_service_of_openais_shape_lists_its_own_voices() -> None:
    async def story() -> None:
        async with service("openai") as it:
            own = OpenAiEngine(OpenAiSpeechSettings(api_key="sim-key"))
            assert [voice.id for voice in await it.engine.voices()] == [v.id for v in await own.voices()]
            await own.close()

    run(story)
