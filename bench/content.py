"""The media that every contender of the composing benchmark gets: slide pictures, speech, presenter videos."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from bench.decks import write_deck
from bench.machine import ROOT

LEAD_S, TAIL_S = 0.4, 0.6


@dataclass(frozen=True)
class Part:
    """The media of one slide, as paths; every contender composes the same."""

    slide: str
    speech: str
    presenter: str
    frames: int


def prepare(folder: Path, content: str) -> list[Part]:
    """Read a deck (the sample's, or one of so many slides), speak its notes and let the presenter say them."""
    from deckcast.decks.service import read_deck
    from deckcast.kit.settings import LimitSettings
    from deckcast.speech.espeak import speak
    from deckcast.speech.espeak_voices import default_voice
    from deckcast.speech.ports import SpeechRequest

    deck = ROOT / "samples" / "deckcast.pptx"
    if content != "sample":
        deck = folder / "deck.pptx"
        write_deck(deck, int(content))
    scratch = folder / "scratch"
    scratch.mkdir()
    read = read_deck(deck, folder, LimitSettings(), scratch, allow_unsandboxed=True)
    parts = []
    for number, slide in enumerate(one for one in read.slides if one.image and one.notes.strip()):
        wav, video = folder / f"{number}.wav", folder / f"{number}.presenter.mp4"
        speech = speak(SpeechRequest(slide.notes, "en-US", default_voice("en-US").id), wav)
        (folder / f"{number}.timings.json").write_text(json.dumps(speech.timings.to_json()))
        frames = math.ceil((speech.duration_s + LEAD_S + TAIL_S) * 25)
        parts.append(Part(str(slide.image), str(wav), str(video), frames))
    present(folder, parts)
    return parts


def present(folder: Path, parts: list[Part]) -> None:
    """Draw the presenter videos, with the idle time that the clips' pauses need."""
    from deckcast.avatars.local.render import render_presenter_video
    from deckcast.avatars.ports import AvatarVideoRequest
    from deckcast.kit.timing import SpeechTimings

    for number, part in enumerate(parts):
        timings = SpeechTimings.from_json(json.loads((folder / f"{number}.timings.json").read_text()))
        request = AvatarVideoRequest(
            "maya", 480, 480, background="#E8EEF7", audio=Path(part.speech), timings=timings,
            lead_s=LEAD_S, tail_s=TAIL_S,
        )  # fmt: skip
        render_presenter_video(request, Path(part.presenter), folder.parent / "bank")
