"""A tiny Piper voice, made here: it hums a tone for each sound, as long as the sound lasts; 20 KB, and loads as any."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from deckcast.kit.settings import PiperSettings
from deckcast.speech.piper import PiperEngine
from deckcast.speech.ports import SpeechEngine

RATE, HOP = 22_050, 64
EN = "en_US-tiny-medium"
IDS = 256
_LETTERS = range(14, 166)
_MARKS = (120, 121, 122, 123)  # of stress and length


def config(language: str = "en_US", speakers: tuple[str, ...] = ()) -> dict[str, object]:
    """What the JSON file of a voice says."""
    return {
        "audio": {"sample_rate": RATE, "quality": "medium"},
        "espeak": {"voice": {"en_US": "en-us"}.get(language, language[:2])},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
        "num_symbols": IDS,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": {name: number for number, name in enumerate(speakers)},
        "hop_length": HOP,
    }


def model(speakers: int = 1, *, tells: bool = True) -> bytes:
    """The voice itself: how long and how loud each sound is, a table; without `tells` nobody can know how long."""
    lasting = np.full(IDS, 15.5, np.float32)  # frames of 64 samples; punctuation
    lasting[list(_LETTERS)] = 19.5
    lasting[list(_MARKS)] = 3.5
    lasting[[0, 1, 2, 3]] = 3.5  # rests between sounds, beginning, end, space
    loud = np.zeros(IDS, np.float32)
    loud[list(_LETTERS)], loud[0] = 0.5, 0.3
    constants = {
        "lasting": lasting,
        "loud": loud,
        "pitch": np.array([180.0 + 60 * number for number in range(max(1, speakers))], np.float32),
        "zero": np.array(0, np.int64),
        "one": np.array(1, np.int64),
        "first": np.array([0], np.int64),
        "hop": np.array(HOP, np.int64),
        "hops": np.ones((1, HOP), np.float32),
        "flat": np.array([-1], np.int64),
        "column": np.array([-1, 1], np.int64),
        "shape": np.array([1, 1, 1, -1], np.int64),
        "turn": np.array(2 * np.pi / RATE, np.float32),
    }
    node = helper.make_node
    nodes = [
        node("Reshape", ["input", "flat"], ["ids"]),
        node("Gather", ["scales", "one"], ["pace"]),
        node("Gather", ["lasting", "ids"], ["usual"]),
        node("Mul", ["usual", "pace"], ["paced"]),
        node("Ceil" if tells else "Round", ["paced"], ["w_ceil"]),
        node("Cast", ["w_ceil"], ["frames"], to=TensorProto.INT64),
        node("CumSum", ["frames", "zero"], ["ends"]),
        node("ReduceSum", ["frames"], ["count"], keepdims=0),
        node("Range", ["zero", "count", "one"], ["frame"]),
        node("Reshape", ["frame", "column"], ["frame_column"]),
        node("GreaterOrEqual", ["frame_column", "ends"], ["past"]),
        node("Cast", ["past"], ["past_number"], to=TensorProto.INT64),
        node("ReduceSum", ["past_number", "one_axis"], ["place"], keepdims=0),
        node("Gather", ["ids", "place"], ["id_of_frame"]),
        node("Gather", ["loud", "id_of_frame"], ["level"]),
        node("Reshape", ["level", "column"], ["level_column"]),
        node("Mul", ["level_column", "hops"], ["levels"]),
        node("Reshape", ["levels", "flat"], ["envelope"]),
        node("Mul", ["count", "hop"], ["samples"]),
        node("Range", ["zero", "samples", "one"], ["sample"]),
        node("Cast", ["sample"], ["time"], to=TensorProto.FLOAT),
        node("Gather", ["pitch", "sid" if speakers > 1 else "first"], ["tone"]),
        node("Mul", ["time", "turn"], ["turned"]),
        node("Mul", ["turned", "tone"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("Mul", ["wave", "envelope"], ["audio"]),
        node("Reshape", ["audio", "shape"], ["output"]),
    ]
    value = helper.make_tensor_value_info
    inputs = [
        value("input", TensorProto.INT64, [1, "phonemes"]),
        value("input_lengths", TensorProto.INT64, [1]),
        value("scales", TensorProto.FLOAT, [3]),
    ]
    if speakers > 1:
        inputs.append(value("sid", TensorProto.INT64, [1]))
    kept = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    kept.append(numpy_helper.from_array(np.array([1], np.int64), "one_axis"))
    outputs = [value("output", TensorProto.FLOAT, [1, 1, 1, "samples_out"])]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, kept)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def put(folder: Path, name: str = EN, *, speakers: tuple[str, ...] = (), tells: bool = True) -> None:
    """Put the voice into a folder under a name."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model(len(speakers) or 1, tells=tells))
    said = json.dumps(config(name.partition("-")[0], speakers))
    (folder / f"{name}.onnx.json").write_text(said, encoding="utf-8")


@asynccontextmanager
async def piper(folder: Path) -> AsyncIterator[SpeechEngine]:
    """Piper with this voice."""
    put(folder)
    engine = PiperEngine(PiperSettings(voices_dir=folder))
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def piper_without_times(folder: Path) -> AsyncIterator[SpeechEngine]:
    """Piper with a voice that does not tell how long its sounds last."""
    put(folder, tells=False)
    engine = PiperEngine(PiperSettings(voices_dir=folder))
    try:
        yield engine
    finally:
        await engine.close()
