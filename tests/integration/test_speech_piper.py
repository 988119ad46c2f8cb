"""Piper's voices: fetched whole or not at all, and spoken with by the real loading code."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import onnx
import pytest

import piper_voice
from deckcast.kit.errors import CallError, DeckcastError, MachineError, WorkError
from deckcast.kit.settings import PiperSettings
from deckcast.speech import espeak, piper_model
from deckcast.speech import piper as piper_engine
from deckcast.speech.piper import PiperEngine
from deckcast.speech.piper_model import with_durations
from deckcast.speech.piper_voices import name_of
from deckcast.speech.ports import Speech, SpeechRequest, Voice
from piper_voice import EN

VOICE = "piper:de_DE-tiny-medium"
PATH = "/voices/de/de_DE/tiny/medium/de_DE-tiny-medium.onnx"


@dataclass
class Shelf:
    """A server of files; `cut` sends only so many bytes of what it promised, `moved` answers with a redirect."""

    files: dict[str, bytes] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    cut: int | None = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put_voice(self) -> None:
        self.files[PATH] = piper_voice.model()
        self.files[f"{PATH}.json"] = json.dumps(piper_voice.config("de_DE")).encode()


@contextmanager
def served(shelf: Shelf) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shelf.asked.append(self.path)
            content = shelf.files.get(self.path, b"")
            target = shelf.moved.get(self.path)
            known = 200 if self.path in shelf.files else 404
            self.send_response(302 if target else shelf.status.get(self.path, known))
            if target:
                self.send_header("Location", target)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: shelf.cut] if self.path.endswith(".onnx") else content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shelf.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    one = Shelf()
    one.put_voice()
    with served(one):
        yield one


def engine(folder: Path, base_url: str = "https://voices.example") -> PiperEngine:
    return PiperEngine(PiperSettings(voices_dir=folder, base_url=base_url))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def refusal(work: Coroutine[Any, Any, Any]) -> DeckcastError:
    with pytest.raises(DeckcastError) as caught:
        asyncio.run(work)
    return caught.value


# Installing


def test_a_voice_is_installed_spoken_with_and_removed(shelf: Shelf, tmp_path: Path) -> None:
    piper, seen = engine(tmp_path / "voices", f"{shelf.url}/voices/"), []
    voice = run(piper.install(VOICE, lambda so_far, total: seen.append((so_far, total))))
    assert voice == Voice(VOICE, "Tiny (medium)", "de-DE", "piper")
    assert shelf.asked == [f"{PATH}.json", PATH]
    whole = len(shelf.files[PATH])
    assert seen[-1] == (whole, whole)
    assert run(piper.installed()) == (voice,)
    speech = run(piper.speak(SpeechRequest("Guten Morgen, alle zusammen.", "de", VOICE), tmp_path / "a.wav"))
    assert [word.text for word in speech.timings.words] == ["Guten", "Morgen,", "alle", "zusammen."]
    assert run(piper.install(VOICE)) == voice
    assert len(shelf.asked) == 2  # it is there already
    run(piper.remove(VOICE))
    assert list((tmp_path / "voices").iterdir()) == []
    assert run(piper.voices()) == ()
    assert refusal(piper.remove(VOICE)).code == "unknown_voice"


def test_a_redirect_is_followed(shelf: Shelf, tmp_path: Path) -> None:
    shelf.files["/elsewhere"] = shelf.files.pop(PATH)
    shelf.moved[PATH] = "/elsewhere"
    assert run(engine(tmp_path, f"{shelf.url}/voices").install(VOICE)).id == VOICE


def _cut(shelf: Shelf) -> None:
    shelf.cut = 1000


def _not_json(shelf: Shelf) -> None:
    shelf.files[f"{PATH}.json"] = b"<html>Sign in</html>"


def _other_json(shelf: Shelf) -> None:
    shelf.files[f"{PATH}.json"] = b'{"audio": {"sample_rate": "fast"}}'


def _other_phonemes(shelf: Shelf) -> None:
    shelf.files[f"{PATH}.json"] = json.dumps({**piper_voice.config(), "phoneme_type": "pinyin"}).encode()


def _foreign(shelf: Shelf) -> None:
    shelf.files[PATH] = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def _half_a_model(shelf: Shelf) -> None:
    shelf.files[PATH] = shelf.files[PATH][: len(shelf.files[PATH]) // 2]


def _of_several_speakers(shelf: Shelf) -> None:
    shelf.files[PATH] = piper_voice.model(3)  # its JSON says that there is one


def _no_model(shelf: Shelf) -> None:
    del shelf.files[PATH]


def _nothing(shelf: Shelf) -> None:
    shelf.files.clear()


def _server_error(shelf: Shelf) -> None:
    shelf.status[PATH] = 503


def _to_a_plain_address(shelf: Shelf) -> None:
    shelf.moved[PATH] = "http://voices.example/de.onnx"


def _in_circles(shelf: Shelf) -> None:
    shelf.moved[PATH] = PATH


@pytest.mark.parametrize(
    ("spoil", "code", "again"),
    [
        (_cut, "voice_unreachable", True),
        (_not_json, "voice_unusable", False),
        (_other_json, "voice_unusable", False),
        (_other_phonemes, "voice_unusable", False),
        (_foreign, "voice_unusable", False),
        (_half_a_model, "voice_unusable", False),
        (_of_several_speakers, "voice_unusable", False),
        (_no_model, "unknown_voice", False),
        (_nothing, "unknown_voice", False),
        (_server_error, "voice_unreachable", True),
        (_to_a_plain_address, "voice_unreachable", True),
        (_in_circles, "voice_unreachable", True),
    ],
)
def test_what_is_no_voice_leaves_nothing(
    spoil: Callable[[Shelf], None], code: str, again: bool, shelf: Shelf, tmp_path: Path
) -> None:
    spoil(shelf)
    piper = engine(tmp_path / "voices", f"{shelf.url}/voices")
    error = refusal(piper.install(VOICE))
    assert (error.code, error.retryable) == (code, again)
    assert [each for each in (tmp_path / "voices").iterdir() if not each.name.startswith(".")] == []
    assert list((tmp_path / "voices").rglob("*.part")) == []
    assert run(piper.voices()) == ()


def test_what_a_killed_process_left_is_swept(shelf: Shelf, tmp_path: Path) -> None:
    left = tmp_path / ".999999999-de_DE-tiny-medium.onnx.abc.part"
    left.write_bytes(b"half")
    run(engine(tmp_path, f"{shelf.url}/voices").install(VOICE))
    assert {each.suffix for each in tmp_path.iterdir()} == {".onnx", ".json"}


def test_nobody_there(tmp_path: Path) -> None:
    shelf = Shelf()
    with served(shelf):
        pass  # its port is free again
    error = refusal(engine(tmp_path, shelf.url).install(VOICE))
    assert (error.code, error.retryable) == ("voice_unreachable", True)


def test_voices_come_from_https_or_this_machine(tmp_path: Path) -> None:
    error = refusal(engine(tmp_path, "http://voices.example").install(VOICE))
    assert (type(error), error.code) == (CallError, "settings_invalid")


@pytest.mark.parametrize(
    "name", ["piper:", "piper:../../etc/passwd", "piper:de_DE-a/b-medium", "espeak:de", "de"]
)
def test_a_name_that_is_none_is_not_asked_for(name: str, shelf: Shelf, tmp_path: Path) -> None:
    assert refusal(engine(tmp_path, shelf.url).install(name)).code == "unknown_voice"
    assert shelf.asked == []


# Without the package


def test_without_the_package_it_says_how_to_get_it(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(piper_model, "find_spec", lambda name: None)
    assert "pip install -e '.[piper]'" in (PiperEngine.missing(PiperSettings()) or "")
    error = refusal(engine(tmp_path, shelf.url).install(VOICE))
    assert (type(error), error.code) == (MachineError, "piper_missing")
    assert "pip install -e '.[piper]'" in error.next_step
    assert shelf.asked == []
    assert piper_engine.is_there() is False


# Speaking


TEXT = "Some of the best of us went to the sea. It cost 12.5 percent, at the most."


def speak(folder: Path, text: str = TEXT, voice: str = f"piper:{EN}", **asked: Any) -> Speech:
    number = len(list(folder.iterdir()))
    return run(engine(folder).speak(SpeechRequest(text, "en", voice, **asked), folder / f"{number}.wav"))  # type: ignore[no-any-return]


def test_words_begin_where_their_sounds_do(tmp_path: Path) -> None:
    """Espeak says "of the" in one breath; every word begins with a sound all the same, in order."""
    piper_voice.put(tmp_path)
    speech = speak(tmp_path)
    words = speech.timings.words
    assert [word.text for word in words] == TEXT.split()
    starts = {round(shape.start_s, 3) for shape in speech.timings.visemes}
    off = [word.text for word in words if min(abs(word.start_s - start) for start in starts) > 0.001]
    assert off in ([], ["It"])  # a sentence's first word begins with its sound, a breath before the mouth
    sea, it = words[9], words[10]
    assert it.start_s - sea.end_s == pytest.approx(0.36, abs=0.12)  # the pause between sentences


def test_a_voice_that_tells_no_times_is_aligned(tmp_path: Path) -> None:
    piper_voice.put(tmp_path, tells=False)
    speech = speak(tmp_path)
    assert [word.text for word in speech.timings.words] == TEXT.split()
    assert len(speech.timings.visemes) > 20


def test_faster_and_slower(tmp_path: Path) -> None:
    piper_voice.put(tmp_path)
    usual, fast = speak(tmp_path), speak(tmp_path, words_per_minute=220)
    slow = speak(tmp_path, words_per_minute=110)
    assert fast.duration_s < 0.9 * usual.duration_s < 0.9 * 0.8 * slow.duration_s


def test_it_speaks_as_fast_as_our_own_voice(tmp_path: Path) -> None:
    """However fast a voice is by itself, so that a narrative lasts as long as was estimated."""
    piper_voice.put(tmp_path)
    ours = espeak.speak(SpeechRequest(TEXT, "en", "espeak:en-us"), tmp_path / "ours.wav")
    assert speak(tmp_path).duration_s == pytest.approx(ours.duration_s, rel=0.15)


def test_each_speaker_is_a_voice(tmp_path: Path) -> None:
    piper_voice.put(tmp_path, "en_GB-many-low", speakers=("ann", "ben"))
    ids = [voice.id for voice in run(engine(tmp_path).voices())]
    assert ids == ["piper:en_GB-many-low#ann", "piper:en_GB-many-low#ben"]
    ann, ben = (speak(tmp_path, "Hello there.", voice).audio.read_bytes() for voice in ids)
    assert ann != ben
    with pytest.raises(CallError) as caught:
        speak(tmp_path, "Hello there.", "piper:en_GB-many-low#nobody")
    assert caught.value.code == "unknown_voice"


def test_signs_of_a_phoneme_block_are_not_obeyed(tmp_path: Path) -> None:
    piper_voice.put(tmp_path)
    speech = speak(tmp_path, "Hello [[ hhh ]] there.")
    assert speech.duration_s == pytest.approx(speak(tmp_path, "Hello hhh there.").duration_s, rel=0.2)


def test_a_voice_spoilt_on_the_disk_is_said_so(tmp_path: Path) -> None:
    piper_voice.put(tmp_path)
    (tmp_path / f"{EN}.onnx").write_bytes(b"no model")
    with pytest.raises(WorkError) as caught:
        speak(tmp_path)
    assert caught.value.code == "voice_unusable"


def test_the_voice_of_the_language_and_the_presenter_is_chosen(tmp_path: Path) -> None:
    for name in ("de_DE-thorsten-medium", "de_DE-kerstin-low", "en_US-lessac-x_low", "en_GB-alan-medium"):
        piper_voice.put(tmp_path, name)
    piper = engine(tmp_path)
    assert run(piper.default_voice("de", "female")).id == "piper:de_DE-kerstin-low"
    assert run(piper.default_voice("de-AT", "male")).id == "piper:de_DE-thorsten-medium"
    assert run(piper.default_voice("en")).id == "piper:en_GB-alan-medium"  # not the poor one
    assert refusal(piper.default_voice("fr")).code == "language_not_spoken"


def test_files_of_others_are_passed_over(tmp_path: Path) -> None:
    piper_voice.put(tmp_path)
    (tmp_path / "notes.onnx.json").write_text("{}")
    (tmp_path / "fr_FR-half-low.onnx.json").write_text(json.dumps(piper_voice.config("fr_FR")))
    (tmp_path / "fr_FR-odd-low.onnx.json").write_text("[" * 100_000)
    (tmp_path / "fr_FR-odd-low.onnx").write_bytes(b"")
    assert [voice.id for voice in run(engine(tmp_path).voices())] == [f"piper:{EN}"]


# A model's own times


def test_a_model_tells_how_long_its_sounds_last() -> None:
    model = piper_voice.model()
    told = with_durations(model)
    assert told.startswith(model)
    assert len(told) > len(model)
    again = onnx.load_from_string(told)
    assert [output.name for output in again.graph.output] == ["output", "w_ceil"]
    whole = again.SerializeToString()
    assert with_durations(whole) == whole  # once is enough
    silent = piper_voice.model(tells=False)
    assert with_durations(silent) == silent


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"\x3a\xff\xff\xff\xff\xff"])
def test_what_is_no_model_tells_nothing(content: bytes) -> None:
    with suppress(IndexError):
        assert with_durations(content) == content


def test_a_name_says_where_a_voice_is() -> None:
    name = name_of("piper:en_GB-northern_english_male-medium#x")
    assert name.path == "en/en_GB/northern_english_male/medium/en_GB-northern_english_male-medium.onnx"
    assert name.speaker == "x"
