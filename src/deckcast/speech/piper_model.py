"""A Piper voice loaded, with one thread; and how long each sound lasts, which its model knows and does not tell.

A voice predicts how long every sound lasts and rounds it up, in its one Ceil node; that value is made an output of
the model as it is read. A model is a protocol buffer (onnx.proto): what is appended to one is merged into it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from deckcast.kit.errors import DeckcastError, MachineError
from deckcast.speech.mastering import Samples
from deckcast.speech.piper_voices import config_in, unusable

if TYPE_CHECKING:
    from piper import PiperVoice

INSTALL = "scripts/setup.sh brings it; in an environment of your own: pip install -e '.[piper]' in Deckcast's folder"
_GRAPH, _NODE, _GRAPH_OUTPUT = 7, 1, 12  # fields of ModelProto and GraphProto
_NODE_OUTPUT, _NODE_KIND, _VALUE_NAME = 2, 4, 1  # of NodeProto and ValueInfoProto
_FIXED_BYTES = {1: 8, 5: 4}
_LONGEST_NODE = 4096  # a constant among the nodes may hold megabytes
_INPUTS = frozenset(("input", "input_lengths", "scales"))


def is_there() -> bool:
    """Whether the package piper-tts is installed."""
    return find_spec("piper") is not None and find_spec("onnxruntime") is not None


def need_piper() -> None:
    """Raises MachineError piper_missing."""
    if not is_there():
        raise MachineError("piper_missing", "Piper is not installed.", next_step=f"{INSTALL}.")


def load(model: Path, config_file: Path) -> PiperVoice:
    """The voice, for one thread; blocks, run it in a child. Raises MachineError piper_missing, WorkError
    voice_unusable."""
    need_piper()
    from piper import PiperConfig, PiperVoice

    onnxruntime: Any = import_module("onnxruntime")
    onnxruntime.set_default_logger_severity(4)
    onnxruntime.set_seed(1)  # the same words sound the same again
    config = config_in(config_file)
    try:
        content = model.read_bytes()
        session = _session(content)
        names = {each.name for each in session.get_inputs()}
        wanted = _INPUTS | {"sid"} if config["num_speakers"] > 1 else _INPUTS
        if names != wanted:
            raise unusable(model.stem)  # a model, and no voice
        return PiperVoice(session=session, config=PiperConfig.from_dict(config))
    except DeckcastError:
        raise
    except Exception as error:  # whatever Piper and the runtime make of a file that is no voice
        raise unusable(model.stem) from error


def check(model: Path, config_file: Path) -> None:
    """Load a voice and have it make a sound; blocks, run it in a child. Raises as `load`."""
    voice = load(model, config_file)
    some = list(json.loads(config_file.read_text(encoding="utf-8"))["phoneme_id_map"])[:8]
    samples, _ = sound_of(voice, voice.phonemes_to_ids(some))
    if not len(samples):
        raise unusable(model.stem)


def sound_of(
    voice: PiperVoice, ids: list[int], length_scale: float = 1.0, speaker: int | None = None
) -> tuple[Samples, list[int] | None]:
    """The sound of phoneme ids, and how many samples each of them lasts where the voice tells.

    `length_scale` is against the voice's own pace. Raises WorkError voice_unusable.
    """
    from piper import SynthesisConfig

    pace = SynthesisConfig(speaker_id=speaker, length_scale=voice.config.length_scale * length_scale)
    try:
        made: Any = voice.phoneme_ids_to_audio(ids, pace, include_alignments=True)
    except Exception as error:
        raise unusable("Piper speaks with") from error
    audio, lasting = made if isinstance(made, tuple) else (made, None)
    samples = np.atleast_1d(np.asarray(audio, np.float32))
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise unusable("Piper speaks with")
    return samples, _plausible(lasting, len(ids), len(samples))


def _plausible(lasting: Any, ids: int, samples: int) -> list[int] | None:
    if lasting is None or np.shape(lasting) != (ids,):
        return None
    counts = [int(each) for each in lasting]
    return counts if min(counts) >= 0 and abs(sum(counts) - samples) <= 0.02 * samples + 512 else None


def _session(content: bytes) -> Any:
    onnxruntime: Any = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        told = with_durations(content)
        return onnxruntime.InferenceSession(told, options, providers=["CPUExecutionProvider"])
    except Exception:  # noqa: BLE001 - a model that is built in another way speaks all the same
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def with_durations(model: bytes) -> bytes:
    """The model with its only Ceil node's value as one more output; as it was where there is no such thing.

    Raises IndexError where it is cut off.
    """
    data = memoryview(model)
    for number, start, end in _fields(data, 0, len(data)):
        if number == _GRAPH:
            value = _untold(data, start, end)
            return (
                model + _field(_GRAPH, _field(_GRAPH_OUTPUT, _field(_VALUE_NAME, value))) if value else model
            )
    return model


def _untold(data: memoryview, start: int, end: int) -> bytes:
    """The name of the value that the graph's only Ceil node makes, where it is not an output already."""
    made: list[bytes] = []
    told: set[bytes] = set()
    for number, first, last in _fields(data, start, end):
        if number == _NODE and last - first < _LONGEST_NODE:
            parts = [(each, bytes(data[one:two])) for each, one, two in _fields(data, first, last)]
            if (_NODE_KIND, b"Ceil") in parts:
                made += [value for each, value in parts if each == _NODE_OUTPUT]
        elif number == _GRAPH_OUTPUT:
            told |= {
                bytes(data[one:two]) for each, one, two in _fields(data, first, last) if each == _VALUE_NAME
            }
    return made[0] if len(made) == 1 and made[0] not in told else b""


def _fields(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each field of a message that has a length; others are passed over."""
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 2:
            length, at = _varint(data, at)
            yield key >> 3, at, at + length
            at += length
        elif kind == 0:
            _, at = _varint(data, at)
        elif kind in _FIXED_BYTES:
            at += _FIXED_BYTES[kind]
        else:
            raise IndexError("not a protocol buffer")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _field(number: int, content: bytes) -> bytes:
    length, head = len(content), bytearray([number << 3 | 2])
    while length > 127:
        head.append(length & 127 | 128)
        length >>= 7
    head.append(length)
    return bytes(head) + content
