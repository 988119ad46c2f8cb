"""Piper's voices in their folder: each is a model and, beside it, a JSON file that says how it is to be used."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckcast.kit.errors import CallError, WorkError
from deckcast.speech.ports import Voice

PREFIX = "piper"
MAX_CONFIG_BYTES = 4 << 20
MOST_LISTED_SPEAKERS = 120  # a voice of a thousand speakers is listed as one
_NAME = re.compile(r"([a-z]{2,3})_([A-Z]{2,3}|[0-9]{3})-([A-Za-z0-9_]{1,64})-([a-z]{1,10}|x_low)")
_PHONEMES = ("espeak", "text")  # the others need more packages
_FEMALE = frozenset(("alba", "amy", "cori", "eva_k", "jenny_dioco", "kathleen", "kerstin", "kristin", "lessac",
                     "ljspeech", "paola", "ramona", "siwis", "southern_english_female"))  # fmt: skip
_MALE = frozenset(("alan", "carlfm", "danny", "davefx", "gilles", "joe", "karlsson", "northern_english_male",
                   "riccardo", "ryan", "thorsten", "thorsten_emotional", "tom"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class VoiceName:
    """`de_DE-thorsten-medium`, taken apart; `speaker` where the voice has several (`…#p239`)."""

    language: str
    region: str
    name: str
    quality: str
    speaker: str | None = None

    @property
    def file(self) -> str:
        """The name of its files, without their endings."""
        return f"{self.language}_{self.region}-{self.name}-{self.quality}"

    @property
    def path(self) -> str:
        """Where the model is, below the address that voices are fetched from."""
        folder = f"{self.language}/{self.language}_{self.region}/{self.name}/{self.quality}"
        return f"{folder}/{self.file}.onnx"


def name_of(voice_id: str) -> VoiceName:
    """The parts of `piper:de_DE-thorsten-medium` or `piper:en_GB-vctk-medium#p239`; CallError unknown_voice."""
    prefix, _, rest = voice_id.strip().partition(":")
    file, _, speaker = rest.partition("#")
    match = _NAME.fullmatch(file)
    if prefix.lower() != PREFIX or match is None:
        raise unknown_voice(voice_id)
    return VoiceName(match[1], match[2], match[3], match[4], speaker or None)


def unknown_voice(voice_id: str) -> CallError:
    """The error for a voice that is not in the folder, or that no voice can be called."""
    return CallError(
        "unknown_voice",
        f"There is no Piper voice “{voice_id}” here.",
        next_step="`deckcast voices` lists the voices; `deckcast voices --install piper:de_DE-thorsten-medium` "
        "fetches one of that name.",
    )


def unusable(name: str) -> WorkError:
    """The error for files that are no voice, or none that can speak here."""
    return WorkError(
        "voice_unusable",
        f"The files of the voice {name} are not a voice that Piper can speak with here.",
        next_step="Choose another voice, or install it again; `deckcast voices` lists those there are.",
    )


def files_of(folder: Path, name: VoiceName) -> tuple[Path, Path]:
    """Its model and its JSON file, whether they are there or not."""
    return folder / f"{name.file}.onnx", folder / f"{name.file}.onnx.json"


def installed(folder: Path) -> tuple[Voice, ...]:
    """Every voice in the folder that can be used, each of its speakers by itself, in order of their names."""
    found: list[Voice] = []
    for path in sorted(folder.glob("*.onnx.json")):
        try:
            name = name_of(f"{PREFIX}:{path.name.removesuffix('.onnx.json')}")
            if files_of(folder, name)[0].is_file():
                found += _voices(name, config_in(path))
        except (CallError, WorkError):
            continue  # a file of somebody else's
    return tuple(found)


def config_in(path: Path) -> dict[str, Any]:
    """A voice's JSON file, checked. Raises WorkError voice_unusable."""
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise unusable(path.name)
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise unusable(path.name) from error
    if not _is_usable(config):
        raise unusable(path.name)
    return dict(config)


def speaker_number(config: dict[str, Any], name: VoiceName) -> int | None:
    """The number of the speaker asked for; None for the voice's own. Raises CallError unknown_voice."""
    if name.speaker is None:
        return None
    number = _speakers(config).get(name.speaker)
    if number is None:
        raise unknown_voice(f"{PREFIX}:{name.file}#{name.speaker}")
    return number


def _is_usable(config: Any) -> bool:
    if not isinstance(config, dict):
        return False
    audio, espeak, ids = config.get("audio"), config.get("espeak"), config.get("phoneme_id_map")
    rate = audio.get("sample_rate") if isinstance(audio, dict) else None
    return (
        isinstance(rate, int)
        and 8000 <= rate <= 48000
        and isinstance(espeak, dict)
        and isinstance(espeak.get("voice"), str)
        and all(isinstance(config.get(each), int) for each in ("num_symbols", "num_speakers"))
        and config.get("phoneme_type", "espeak") in _PHONEMES
        and isinstance(ids, dict)
        and {"_", "^", "$"} <= ids.keys()
        and all(isinstance(each, list) and all(isinstance(one, int) for one in each) for each in ids.values())
    )


def _speakers(config: dict[str, Any]) -> dict[str, int]:
    speakers = config.get("speaker_id_map")
    if config["num_speakers"] < 2 or not isinstance(speakers, dict):
        return {}
    return {str(name): number for name, number in speakers.items() if isinstance(number, int)}


def _voices(name: VoiceName, config: dict[str, Any]) -> list[Voice]:
    speakers = list(_speakers(config))
    shown = name.name.replace("_", " ").title()
    return [
        Voice(
            id=f"{PREFIX}:{name.file}" + (f"#{speaker}" if speaker else ""),
            name=f"{shown}{f', {speaker}' if speaker else ''} ({name.quality.replace('_', ' ')})",
            language=f"{name.language}-{name.region}",
            engine=PREFIX,
            quality_limited=name.quality == "x_low",
            gender="female" if name.name in _FEMALE else "male" if name.name in _MALE else None,
        )
        for speaker in (speakers if 1 < len(speakers) <= MOST_LISTED_SPEAKERS else [""])
    ]
