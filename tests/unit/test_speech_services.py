"""What is sent to the speech services, and what their answers mean."""

from __future__ import annotations

import json
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import httpx2
import pytest

from deckcast.kit.errors import AnswerLost, CallError
from deckcast.kit.settings import AzureSpeechSettings, ElevenLabsSettings, OpenAiSpeechSettings
from deckcast.kit.timing import Viseme
from deckcast.simulators.speech.faults import FAULTS, plan_from
from deckcast.simulators.speech.switches import Switches, switches_from
from deckcast.speech import azure, azure_socket, elevenlabs, openai
from deckcast.speech.azure_ssml import billed_chars, ssml
from deckcast.speech.azure_visemes import visemes
from deckcast.speech.elevenlabs_text import heard, written
from deckcast.speech.remote import plausible_marks
from deckcast.speech.remote_errors import Service, Trouble, failure
from deckcast.speech.remote_sound import is_whole
from deckcast.speech.script import Line

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")


def line(said: str, **more: Any) -> Line:
    return Line(0, len(said), said, tuple(range(len(said))), **more)


def answer(status: int, body: Any) -> httpx2.Response:
    return httpx2.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())


# Text


def test_elevenlabs_text_has_breaks_and_no_other_markup() -> None:
    text = "One <b>two</b> 3 < 4. Five"
    assert written(line(text, pauses=((22, 1.25),))) == ('One  b>two /b> 3 < 4. <break time="1.2s" /> Five')
    assert written(line("你好。再见", pauses=((3, 0.5),))) == '你好。 <break time="0.5s" /> 再见'


@pytest.mark.parametrize("tags_are_timed", [True, False])
def test_characters_become_words(tags_are_timed: bool) -> None:
    it = line("“One” two. three", pauses=((11, 1.0),))
    sent = written(it)
    told = [(letter, index / 10) for index, letter in enumerate(sent)]
    if not tags_are_timed:
        told = [each for each in told if not sent.index("<") <= round(each[1] * 10) <= sent.index(">")]
    third = sent.index("three") / 10
    assert heard(it, told) == ((1, 0.1), (6, 0.6), (11, third))


def test_characters_that_are_not_ours_are_passed_over() -> None:
    it = line("Costs 5 € now")
    told = [(letter, index / 10) for index, letter in enumerate("Costs five € now")]
    assert heard(it, told) == ((0, 0.0), (8, 1.1), (10, 1.3))
    assert heard(it, []) == ()
    assert [at for at, _ in heard(line("你好吗"), [("你", 0.0), ("好", 0.3), ("吗", 0.6)])] == [0, 1, 2]


def test_ssml_is_escaped_and_marked() -> None:
    it = line('A & B < "C"\x07. Now', pauses=((14, 0.6),), emphases=((4, 5),))
    document = ssml(it, "en-US-Ava'\"Neural", "en-US", 1.1)
    root = fromstring(document)
    assert "".join(root.itertext()) == 'A & B < "C" . Now'
    assert document.count('<emphasis level="moderate">B</emphasis>') == 1
    assert '<break time="600ms"/>Now' in document
    assert '<prosody rate="+10%">' in document
    assert "prosody" not in ssml(line("A"), "v", "en", 1.0)


def test_azure_counts_markup_and_wide_letters_twice() -> None:
    assert billed_chars(line("Hello"), 1.0) == 5
    assert billed_chars(line("你好 a"), 1.0) == 6
    assert billed_chars(line("Hi Ho", pauses=((3, 1.0),)), 1.0) == 5 + len('<break time="1000ms"/>')


# Times


def test_every_viseme_of_azure_is_a_mouth_shape() -> None:
    told = [(number, number / 10) for number in range(22)]
    shapes = visemes(told, 2.2)
    assert (shapes[0].start_s, shapes[-1].end_s) == (0.0, 2.2)
    assert all(one.end_s == two.start_s for one, two in pairwise(shapes))
    assert {each.viseme for each in shapes} == set(Viseme)


def test_what_is_made_in_the_throat_takes_the_next_shape_and_diphthongs_have_two() -> None:
    shapes = visemes([(0, 0.05), (12, 0.1), (11, 0.2), (21, 0.4), (0, 0.5)], 0.6)
    assert [each.viseme.value for each in shapes] == ["sil", "aa", "aa", "ih", "PP", "sil"]
    assert (shapes[2].end_s, shapes[0].start_s) == (pytest.approx(0.3), 0.0)


@pytest.mark.parametrize(
    "told",
    [
        [(4, 0.5), (6, 0.2)],
        [(4, 0.5), (6, 9.0)],
        [(0, 0.0), (0, 0.5)],
        [],
        [(4, n / 1000) for n in range(30)],
    ],
)
def test_visemes_that_cannot_be_true(told: list[tuple[int, float]]) -> None:
    assert visemes(told, 1.0) == ()


def test_marks_that_cannot_be_true() -> None:
    good = tuple((n * 5, n * 0.4) for n in range(10))
    assert plausible_marks(good, 4.0) == good
    assert plausible_marks((*good, (60, 9.0)), 4.0) == good  # one of them is beyond the end
    assert plausible_marks(tuple((n, 3 - s) for n, s in good), 4.0) == ()
    assert plausible_marks(tuple((n, s / 100) for n, s in good), 4.0) == ()
    assert plausible_marks((), 4.0) == ()


def test_words_are_found_in_their_order() -> None:
    said = "A cat & a cat's tail"
    words = [("A", 0.0), ("cat", 0.1), ("&", 0.2), ("gone", 0.3), ("a", 0.4), ("cat's", 0.5), ("tail", 0.6)]
    found = azure.word_marks(said, words)
    assert found == ((0, 0.0), (2, 0.1), (6, 0.2), (8, 0.4), (10, 0.5), (16, 0.6))


def test_how_short_a_whole_speech_can_be() -> None:
    text = "The quick brown fox jumps over the lazy dog, again and again."
    natural_s = len(text) / 16
    assert is_whole(natural_s, text, 165)
    assert is_whole(natural_s / 1.3, text, 165)
    assert not is_whole(natural_s / 2, text, 165)
    assert is_whole(natural_s / 1.8, text, 300)
    assert not is_whole(0.0, "Hi", 165)
    assert not is_whole(1.5, "今日は天気がとても良いですね。散歩に行きましょう。", 165)
    assert is_whole(4.0, "今日は天気がとても良いですね。散歩に行きましょう。", 165)


# Errors


@pytest.mark.parametrize(
    ("status", "error", "code", "retryable"),
    [
        (401, {"code": "invalid_api_key"}, "speech_key_invalid", False),
        (429, {"code": "insufficient_quota"}, "speech_no_credit", False),
        (429, {"code": "rate_limit_exceeded"}, "speech_busy", True),
        (400, {"code": "invalid_value", "param": "voice"}, "unknown_voice", False),
        (400, {"code": "content_policy_violation"}, "speech_refused", False),
        (404, {"code": "model_not_found"}, "speech_failed", False),
        (500, {"code": None}, "speech_failed", True),
        (503, {}, "speech_busy", True),
        (413, {}, "speech_failed", False),
    ],
)
def test_openai_errors(status: int, error: dict[str, Any], code: str, retryable: bool) -> None:
    found = openai.refusal(answer(status, {"error": error}), 3.0)
    assert (found.code, found.retryable, found.retry_after_s) == (code, retryable, 3.0)


@pytest.mark.parametrize(
    ("status", "detail", "code", "retryable"),
    [
        (401, {"status": "invalid_api_key", "message": "Invalid API key"}, "speech_key_invalid", False),
        (401, {"status": "quota_exceeded"}, "speech_no_credit", False),
        (402, {"code": "payment_required", "type": "payment_required"}, "speech_no_credit", False),
        (403, {"status": "only_for_creator+"}, "speech_no_credit", False),
        (404, {"status": "voice_not_found"}, "unknown_voice", False),
        (422, [{"msg": "Field required", "loc": ["body", "text"]}], "speech_failed", False),
        (429, {"status": "too_many_concurrent_requests"}, "speech_busy", True),
        (429, {"status": "system_busy"}, "speech_busy", True),
        (400, {"status": "content_against_policy"}, "speech_refused", False),
        (500, "Internal Server Error", "speech_failed", True),
    ],
)
def test_elevenlabs_errors(status: int, detail: Any, code: str, retryable: bool) -> None:
    found = elevenlabs.refusal(answer(status, {"detail": detail}), None)
    assert (found.code, found.retryable) == (code, retryable)


@pytest.mark.parametrize("refusal", [openai.refusal, elevenlabs.refusal, azure.refusal])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"error": 1, "detail": null}', b"\xff"])
def test_an_error_in_no_known_form(refusal: Any, body: bytes) -> None:
    assert refusal(answer(502, body), None).code == "speech_failed"
    assert refusal(answer(401, body), None).code == "speech_key_invalid"


@pytest.mark.parametrize(
    ("code", "reason", "trouble"),
    [
        (1007, "Unsupported voice en-XX", Trouble.VOICE),
        (1007, "SSML parsing error: 0x80045003", Trouble.REQUEST),
        (4429, "", Trouble.BUSY),
        (1013, "try again later", Trouble.BUSY),
        (1008, "Quota exceeded", Trouble.CREDIT),
        (1008, "Authentication failed", Trouble.KEY),
        (1011, "Internal", Trouble.FAULT),
        (1006, "", Trouble.LOST),
        (1000, "", Trouble.LOST),
    ],
)
def test_why_azure_closes_its_socket(code: int, reason: str, trouble: Trouble) -> None:
    assert azure_socket._by_close(code, reason) is trouble


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_is_a_sentence_with_a_next_step_and_is_documented(trouble: Trouble) -> None:
    error = failure(Service("Acme", "ACME_KEY", "ACME_URL"), trouble)
    assert "Acme" in error.message
    assert error.message.endswith(".")
    assert error.next_step
    assert "{" not in str(error)
    assert f"`{error.code}`" in PAGE
    assert not (error.retryable and isinstance(error, CallError))
    assert isinstance(error, AnswerLost) == (trouble in (Trouble.FAULT, Trouble.LOST, Trouble.UNREADABLE))


def test_a_quote_is_short_and_holds_no_key() -> None:
    said = "Incorrect API key: sk-abcdefghijklmnopqrstuvwxyz, see https://a.example/x\n" + "word " * 80
    text = str(failure(Service("Acme", "K", "U"), Trouble.KEY, said))
    assert "abcdef" not in text
    assert "example" not in text
    assert "\n" not in text
    assert len(text) < 350


def test_what_is_missing_is_named() -> None:
    missing = openai.OpenAiEngine.missing(OpenAiSpeechSettings())
    assert missing == "DECKCAST_SPEECH__OPENAI__API_KEY is not set."
    assert "ELEVENLABS__API_KEY" in (elevenlabs.ElevenLabsEngine.missing(ElevenLabsSettings()) or "")
    assert azure.AzureEngine.missing(AzureSpeechSettings()) == (
        "DECKCAST_SPEECH__AZURE__API_KEY and DECKCAST_SPEECH__AZURE__REGION are not set."
    )
    assert azure.AzureEngine.missing(AzureSpeechSettings(api_key="k", region="westeurope")) is None


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("westeurope", "wss://westeurope.tts.speech.microsoft.com/cognitiveservices/websocket/v1"),
        ("chinaeast2", "wss://chinaeast2.tts.speech.azure.cn/cognitiveservices/websocket/v1"),
        ("usgovvirginia", "wss://usgovvirginia.tts.speech.azure.us/cognitiveservices/websocket/v1"),
    ],
)
def test_each_region_has_its_address(region: str, address: str) -> None:
    engine = azure.AzureEngine(AzureSpeechSettings(api_key="k", region=region))
    assert engine._socket_address() == address


# The simulator


def test_every_fault_and_switch_of_the_simulator_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "speech.md").read_text(encoding="utf-8")
    names = {name for call, ways in FAULTS.items() for name in (call, *ways)}
    names |= {item.name for item in fields(Switches)}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_a_fault_that_does_not_exist_is_refused() -> None:
    assert plan_from({"rules": [{"call": "speech", "fault": "short", "engine": "azure"}]}).rules
    with pytest.raises(ValueError, match=r"docs/speech\.md"):
        plan_from({"rules": [{"call": "connect", "fault": "short"}]})
    with pytest.raises(ValueError, match="azure_busy"):
        switches_from({"azure_busy": "never"})
