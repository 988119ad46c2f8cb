"""Runs on virtual time: how long each slide of a deck really takes is drawn from a distribution, the places are taken
as the engine takes them, and at any moment the run says what its rows would say then."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from deckcast.batches.forecast import Forecast, Places, SlideWork, forecast
from deckcast.batches.forecast_models import Measured, Model
from deckcast.batches.models import Phase

PLACES = Places(words=10, account=5, machine=4)
ATTEMPTS = 3
PRIORS = {
    Phase.SPEECH: Model(0.5, 0.05),
    Phase.AVATAR_VIDEO: Model(600.0),
    Phase.PUBLISHING: Model(2.0),
    Phase.CLIP: Model(1.0, 0.08),
}
JOIN = Model(1.0, 0.01)

Render = Callable[[random.Random, float], float]
"""Seconds of one attempt for a slide of so many seconds of film."""


@dataclass(frozen=True, slots=True)
class Provider:
    """How a provider renders: `fails` is how often an attempt fails, at some moment of it; from the moment when a
    share of the slides (`slows_at`) is rendered, what begins takes `slows_by` times as long. `history` slides are known
    from before, at `history_scale` times what it takes now."""

    name: str
    render: Render
    fails: float = 0.0
    slows_at: float = 2.0
    slows_by: float = 1.0
    history: int = 60
    history_scale: float = 1.0


def _heavy(draw: random.Random, size_s: float) -> float:
    return 35.0 * math.exp(draw.gauss(0.0, 0.8))


def _by_length(draw: random.Random, size_s: float) -> float:
    return (8.0 + 2.5 * size_s) * draw.uniform(0.8, 1.25)


def _even(draw: random.Random, size_s: float) -> float:
    return draw.uniform(30.0, 60.0)


PROVIDERS = (
    Provider("even, 30 to 60 s", _even),
    Provider("by the slide's length, a fifth of noise", _by_length),
    Provider("three attempts of ten fail", _even, fails=0.3),
    Provider("even, no history", _even, history=0),
    Provider("even, history of a provider twice as slow", _even, history_scale=2.0),
    Provider("heavy-tailed (lognormal, sigma 0.8)", _heavy),
    Provider("half as fast from the middle on", _even, slows_at=0.5, slows_by=2.0),
)


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: its length as film, and when it was in which phase; `failed` attempts of its video end before it."""

    size_s: float
    spans: tuple[tuple[Phase, float, float], ...]

    @property
    def end_s(self) -> float:
        """When it has ended."""
        return self.spans[-1][2]


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run, known afterwards."""

    slides: tuple[Slide, ...]
    history: dict[Phase, list[Measured]]
    joined_at_s: float
    end_s: float

    def true_share(self, at_s: float) -> float:
        """Seconds worked up to a moment, over all."""
        spans = [(begin, end) for slide in self.slides for _, begin, end in slide.spans]
        spans.append((self.joined_at_s, self.end_s))
        whole = sum(end - begin for begin, end in spans)
        return sum(max(0.0, min(at_s, end) - begin) for begin, end in spans) / whole

    def forecast(self, at_s: float, models: Mapping[Phase, Model] | None = None) -> Forecast:
        """What the rows of that moment give, by the functions that progress is made with; or what they give to one
        who has other models."""
        film_s = sum(slide.size_s for slide in self.slides)
        join_s, joined_s = JOIN.expected_s(film_s), 0.0
        if at_s >= self.joined_at_s:
            joined_s = at_s - self.joined_at_s
            join_s = JOIN.left_s(film_s, joined_s)
        slides = [_seen(slide, at_s) for slide in self.slides]
        if models is not None:
            return Forecast(tuple(slides), models, PLACES, join_s=join_s, joined_s=joined_s)
        return forecast(slides, PRIORS, self.history, places=PLACES, join_s=join_s, joined_s=joined_s)

    def models_before(self) -> Mapping[Phase, Model]:
        """What was known when the run began."""
        return forecast([], PRIORS, self.history).models


def _seen(slide: Slide, at_s: float) -> SlideWork:
    """What can be seen of a slide at a moment: a failure to come cannot."""
    worked = {phase: end - begin for phase, begin, end in slide.spans if end <= at_s}
    if slide.end_s <= at_s:
        return SlideWork(slide.size_s, worked, ended_s=slide.end_s)
    now = next(((phase, begin) for phase, begin, end in slide.spans if begin <= at_s < end), None)
    running, running_s = (now[0], at_s - now[1]) if now else (None, 0.0)
    over = {*worked, running}
    ahead = tuple(phase for phase in PRIORS if phase not in over)
    if running is Phase.CLIP or (Phase.AVATAR_VIDEO in worked and Phase.PUBLISHING not in _phases(slide)):
        ahead = tuple(phase for phase in ahead if phase is Phase.CLIP and running is not Phase.CLIP)
    return SlideWork(slide.size_s, worked, running, running_s, ahead)


def _phases(slide: Slide) -> set[Phase]:
    return {phase for phase, _, _ in slide.spans}


def simulate(provider: Provider, count: int, seed: int) -> Run:
    """One run of so many slides."""
    draw = random.Random(f"{provider.name}:{count}:{seed}")
    sizes = [draw.uniform(4.0, 25.0) for _ in range(count)]
    speech = [PRIORS[Phase.SPEECH].expected_s(size) * draw.uniform(0.7, 1.6) for size in sizes]
    spoken = _through([(0.0, lasts) for lasts in speech], PLACES.machine)
    rendered, good = _render(provider, draw, sizes, [end for _, end in spoken])
    after = [
        (draw.uniform(1.0, 3.0), PRIORS[Phase.CLIP].expected_s(size) * draw.uniform(0.7, 1.6))
        for size in sizes
    ]
    works = [
        (end, sum(lasts) if ok else lasts[1])
        for (_, end), lasts, ok in zip(rendered, after, good, strict=True)
    ]
    ends = _through(works, PLACES.machine)
    slides = []
    for index, size in enumerate(sizes):
        begin, end = ends[index]
        spans = [(Phase.SPEECH, *spoken[index]), (Phase.AVATAR_VIDEO, *rendered[index])]
        if good[index]:
            spans.append((Phase.PUBLISHING, begin, begin + after[index][0]))
            begin += after[index][0]
        slides.append(Slide(size, (*spans, (Phase.CLIP, begin, end))))
    joined_at = max(slide.end_s for slide in slides)
    join_s = JOIN.expected_s(sum(sizes)) * draw.uniform(0.8, 1.3)
    return Run(tuple(slides), _history(provider, draw), joined_at, joined_at + join_s)


def _attempts(provider: Provider, draw: random.Random, size_s: float) -> tuple[float, bool]:
    """Seconds of all attempts at a video, and whether one came out."""
    whole = 0.0
    for _ in range(ATTEMPTS):
        lasts = provider.render(draw, size_s)
        if draw.random() >= provider.fails:
            return whole + lasts, True
        whole += lasts * draw.random()
    return whole, False


def _render(
    provider: Provider, draw: random.Random, sizes: Sequence[float], ready: Sequence[float]
) -> tuple[list[tuple[float, float]], list[bool]]:
    free, spans, good = [0.0] * PLACES.account, [(0.0, 0.0)] * len(sizes), [True] * len(sizes)
    ends: list[float] = []
    for index in sorted(range(len(sizes)), key=lambda each: ready[each]):
        begin = max(ready[index], free[0])
        lasts, good[index] = _attempts(provider, draw, sizes[index])
        if sum(end <= begin for end in ends) >= provider.slows_at * len(sizes):
            lasts *= provider.slows_by
        ends.append(begin + lasts)
        spans[index] = begin, begin + lasts
        heapq.heapreplace(free, begin + lasts)
    return spans, good


def _through(works: Sequence[tuple[float, float]], places: int) -> list[tuple[float, float]]:
    free, spans = [0.0] * places, [(0.0, 0.0)] * len(works)
    for index in sorted(range(len(works)), key=lambda each: works[each][0]):
        begin = max(works[index][0], free[0])
        spans[index] = begin, begin + works[index][1]
        heapq.heapreplace(free, spans[index][1])
    return spans


def _history(provider: Provider, draw: random.Random) -> dict[Phase, list[Measured]]:
    history: dict[Phase, list[Measured]] = {phase: [] for phase in PRIORS}
    for _ in range(provider.history):
        size = draw.uniform(4.0, 25.0)
        for phase in (Phase.SPEECH, Phase.CLIP):
            history[phase].append(Measured(size, PRIORS[phase].expected_s(size) * draw.uniform(0.7, 1.6)))
        history[Phase.PUBLISHING].append(Measured(size, draw.uniform(1.0, 3.0)))
        lasts = _attempts(provider, draw, size)[0] * provider.history_scale
        history[Phase.AVATAR_VIDEO].append(Measured(size, lasts))
    return history
