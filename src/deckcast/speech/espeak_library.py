"""The espeak-ng library by ctypes: text in, sound and timed phonemes out.

The library's state is global to the process: a lock guards it, and heavy work belongs in a child process.
Layouts and constants follow espeak-ng's public header `speak_lib.h` (1.52).
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from deckcast.kit.errors import MachineError, WorkError

SAMPLE_RATE = 22_050

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEMES_IN_IPA, _DO_NOT_EXIT = 0x0001, 0x0002, 0x8000
_CHARS_UTF8 = 1  # without the SSML and phoneme flags, so no markup in the text is ever obeyed
_SSML = 0x10  # only for stress, everything else escaped
_STRESSED, _UNSTRESSED = '<emphasis level="strong">', "</emphasis>"
_RATE, _PITCH_RANGE, _WORD_GAP = 1, 4, 7
_EVENT_END, _EVENT_WORD, _EVENT_SENTENCE, _EVENT_PHONEME = 0, 1, 2, 7
_PHONEME_FIELD_BYTES = 8


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _VoiceRecord(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.POINTER(ctypes.c_ubyte)),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True)
class Phone:
    """One phoneme from `start` (sample at 22,050 Hz); `ipa` is empty for a pause."""

    start: int
    ipa: str


@dataclass(frozen=True, slots=True)
class Mark:
    """The word at character `position` of the given text starts at `start` (sample at 22,050 Hz)."""

    start: int
    position: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """What espeak made of one piece of text: mono floats in −1..1 at 22,050 Hz, phonemes and word marks."""

    samples: NDArray[np.float32]
    phones: tuple[Phone, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """A voice file of espeak: its own language code, name and file (`gmw/en-US`)."""

    code: str
    name: str
    file: str


class Library:
    """The loaded library. Get it by `library()`; there is one per process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pieces: list[NDArray[np.int16]] = []
        self._phones: list[Phone] = []
        self._marks: list[Mark] = []
        try:
            self._c: Any = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path().encode()
        except (OSError, RuntimeError) as error:
            raise MachineError(
                "speech_engine_missing",
                "The built-in speech engine (espeak-ng) cannot be loaded.",
                next_step="Install Deckcast again, so that the package espeakng-loader comes whole.",
            ) from error
        options = _PHONEME_EVENTS | _PHONEMES_IN_IPA | _DO_NOT_EXIT
        if self._c.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, options) != SAMPLE_RATE:
            raise MachineError(
                "speech_engine_missing", "The built-in speech engine (espeak-ng) did not start."
            )
        self._callback = _Callback(self._collect)  # kept alive: the library holds only its address
        self._c.espeak_SetSynthCallback(self._callback)
        self._c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceRecord))

    def synthesize(
        self,
        voice: str,
        text: str,
        words_per_minute: int,
        pitch_range: int,
        stressed: Sequence[tuple[int, int]] = (),
    ) -> Utterance:
        """Speak `text` by an espeak voice (`en-us+f2`, `roa/fr`), the characters `stressed` (start, end) with
        stress; raises WorkError `speech_failed`."""
        markup, places = _marked_up(text, stressed)
        data = markup.encode("utf-8")
        flags = _CHARS_UTF8 | (_SSML if stressed else 0)
        with self._lock:
            self._pieces, self._phones, self._marks = [], [], []
            if self._c.espeak_SetVoiceByName(voice.encode()) != 0:
                raise WorkError("speech_failed", f"The speech engine has no voice named {voice}.")
            self._c.espeak_ng_SetRandSeed(1)  # its breath noise is random: the same request, the same sound
            self._c.espeak_SetParameter(_RATE, words_per_minute, 0)
            self._c.espeak_SetParameter(_PITCH_RANGE, pitch_range, 0)
            self._c.espeak_SetParameter(_WORD_GAP, 0, 0)
            status = self._c.espeak_Synth(data, ctypes.c_size_t(len(data) + 1), 0, 0, 0, flags, None, None)
            self._c.espeak_Synchronize()
            if status != 0:
                raise WorkError(
                    "speech_failed", "The speech engine could not speak this text.", retryable=True
                )
            pcm = np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)
            marks = tuple(
                Mark(mark.start, places[min(max(0, mark.position), len(places) - 1)]) for mark in self._marks
            )
            return Utterance((pcm / 32768).astype(np.float32), tuple(self._phones), marks)

    def voices(self) -> tuple[ListedVoice, ...]:
        """Every language voice in espeak's data, without the variants."""
        with self._lock:
            return tuple(self._listed())

    def _listed(self) -> Iterator[ListedVoice]:
        records = self._c.espeak_ListVoices(None)
        index = 0
        while records[index]:
            record = records[index].contents
            # a priority byte, then the code and a zero
            code = ctypes.string_at(ctypes.addressof(record.languages.contents) + 1)
            yield ListedVoice(code.decode(), record.name.decode().strip(), record.identifier.decode())
            index += 1

    def _collect(self, wave: Any, count: int, events: Any) -> int:
        if count > 0 and wave:
            self._pieces.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            event = events[index]
            if event.type == _EVENT_PHONEME:
                self._phones.append(Phone(event.sample, _phoneme(event)))
            elif event.type in (_EVENT_WORD, _EVENT_SENTENCE):
                self._marks.append(Mark(event.sample, event.text_position - 1))
            index += 1
        return 0


def _marked_up(text: str, stressed: Sequence[tuple[int, int]]) -> tuple[str, list[int]]:
    """The text as it is given to espeak, and for each of its characters, and for its end, that of `text`."""
    if not stressed:
        return text, list(range(len(text) + 1))
    starts, ends = {start for start, _ in stressed}, {end for _, end in stressed}
    markup, places = "", []
    for place, letter in enumerate([*text, ""]):
        closing = _UNSTRESSED if place in ends else ""
        opening = _STRESSED if place in starts else ""
        part = closing + opening + escape(letter)
        markup += part
        places += [place] * len(part)
    return markup, [*places, len(text)]


def _phoneme(event: _Event) -> str:
    """The event's IPA: up to 8 bytes without a closing zero, perhaps cut within a character."""
    address = ctypes.addressof(event) + _Event.id.offset
    raw = ctypes.string_at(address, _PHONEME_FIELD_BYTES).split(b"\0", 1)[0]
    text = raw.decode("utf-8", errors="ignore")
    return "" if text.startswith("(") else text  # "(en)" tells of a change of language, it has no sound


@cache
def library() -> Library:
    """This process's espeak-ng; raises MachineError `speech_engine_missing`."""
    return Library()
