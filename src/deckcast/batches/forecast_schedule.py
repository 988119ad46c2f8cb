"""When a batch will end: what is left of it, played through many times on the places there are.

Each time, every phase that is left takes an expected time times one of the ratios that were measured, and all slides
together are somewhat faster or slower, as well as their models are known. Slides take places in their order, each as
soon as one is free: first for words and speech, then at the account, then on this machine. The seed is fixed: the same
rows at the same moment give the same range.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence

from deckcast.batches.forecast import Forecast, SlideWork
from deckcast.batches.models import Phase

PLAYS = 60
FEWEST_PLAYS = 15
SLIDES_PLAYED = (
    6000  # about what a server may spend a tenth of a second on: hundreds of slides even each other out
)
LOW, HIGH = 0.03, 0.97
SLACK_S = 1.0  # polling, and steps between phases
_MUCH = 0.2  # of what is left: a phase that has to be known before an end is named
_FAILING = 1.25  # how much longer it may last at an account whose calls have been failing
_BEFORE = (Phase.ANALYSIS, Phase.NARRATIVE, Phase.SPEECH)
_AFTER = (Phase.PUBLISHING, Phase.CLIP)


def eta_when_trusted(forecast: Forecast) -> tuple[float, float] | None:
    """`eta_s`; None until at least five slides, of this batch or of earlier ones with the same provider, were measured
    in every phase that makes a fifth or more of what is left."""
    much = forecast.left_s * _MUCH
    unknown = [phase for phase, model in forecast.models.items() if not model.trusted]
    if any(forecast.left_in_phase(phase) >= much > 0 for phase in unknown):
        return None
    return eta_s(forecast)


def eta_s(forecast: Forecast) -> tuple[float, float]:
    """The shortest and longest likely time until the batch's end, seconds."""
    draw = random.Random(20261123)
    plays = min(PLAYS, max(FEWEST_PLAYS, SLIDES_PLAYED // max(1, len(forecast.slides))))
    ends = sorted(_play(forecast, draw) for _ in range(plays))
    low, high = ends[int(LOW * plays)], ends[min(plays - 1, int(HIGH * plays))]
    worse = _FAILING if forecast.is_failing else 1.0
    return max(0.0, low * 0.98 - SLACK_S), high * 1.02 * worse + 2 * SLACK_S


def _play(forecast: Forecast, draw: random.Random) -> float:
    """The batch's end in one play, seconds from now."""
    scales = {phase: math.exp(draw.gauss(0.0, model.doubt)) for phase, model in forecast.models.items()}
    lasts = [_lasts(forecast, slide, scales, draw) for slide in forecast.slides]
    lasts = [each for each in lasts if each]
    places = forecast.places
    words_at = _through([(0.0, _sum(each, _BEFORE[:2])) for each in lasts], places.words)
    ready = _through(_pairs(words_at, [_sum(each, _BEFORE[2:]) for each in lasts]), places.machine)
    at_account = [each.get(Phase.AVATAR_VIDEO, 0.0) for each in lasts]
    rendered = _render(forecast, _pairs(ready, at_account), [_alive(each) for each in lasts], draw)
    ends = _through(_pairs(rendered, [_sum(each, _AFTER) for each in lasts]), places.machine)
    return max(ends, default=0.0) + forecast.join_s * draw.uniform(0.7, 1.4)


_ALIVE = "alive"


def _lasts(
    forecast: Forecast, slide: SlideWork, scales: dict[Phase, float], draw: random.Random
) -> dict[str, float]:
    """Seconds left of a slide by phase in this play; none where it has ended. One that is at the account already is
    marked."""
    left: dict[str, float] = {}
    if slide.running is not None:
        so_far_s = slide.worked_s.get(slide.running, 0.0) + slide.running_s
        final_s = forecast.models[slide.running].final_s(
            slide.size_s, so_far_s, draw.random(), scales[slide.running]
        )
        left[slide.running] = max(0.0, final_s - so_far_s)
        if slide.running is Phase.AVATAR_VIDEO:
            left[_ALIVE] = 1.0
    for phase in slide.ahead:
        left[phase] = forecast.models[phase].final_s(slide.size_s, 0.0, draw.random(), scales[phase])
    return left


def _alive(left: dict[str, float]) -> bool:
    return _ALIVE in left


def _sum(left: dict[str, float], phases: Sequence[Phase]) -> float:
    return sum(left.get(phase, 0.0) for phase in phases)


def _pairs(ready: Sequence[float], lasts: Sequence[float]) -> list[tuple[float, float]]:
    return list(zip(ready, lasts, strict=True))


def _through(works: Sequence[tuple[float, float]], places: int) -> list[float]:
    """When each of these works (from when it can begin, for how long) ends, on so many places."""
    free, ends = [0.0] * places, [0.0] * len(works)
    for index in sorted(range(len(works)), key=lambda each: works[each][0]):
        begin, lasts = works[index]
        if lasts <= 0:
            ends[index] = begin
            continue
        ends[index] = max(begin, free[0]) + lasts
        heapq.heapreplace(free, ends[index])
    return ends


def _render(
    forecast: Forecast, works: Sequence[tuple[float, float]], alive: Sequence[bool], draw: random.Random
) -> list[float]:
    """As `_through`, at the account: what is alive there goes on, others' jobs have their places, and while the
    account rests nothing new begins."""
    model = forecast.models.get(Phase.AVATAR_VIDEO)
    usual_s = model.expected_s(_usual_size(forecast.slides)) if model else 0.0
    ends = [begin + lasts if at_it else 0.0 for (begin, lasts), at_it in zip(works, alive, strict=True)]
    busy = [end for end, at_it in zip(ends, alive, strict=True) if at_it]
    busy += [usual_s * draw.random() for _ in range(forecast.others.alive)]
    busy = sorted(busy)[-max(1, forecast.places.account) :]
    free = [0.0] * (max(1, forecast.places.account) - len(busy)) + busy
    heapq.heapify(free)
    queue = sorted(
        (index for index in range(len(works)) if not alive[index]), key=lambda each: works[each][0]
    )
    places_of_others = sorted(draw.randint(0, len(queue)) for _ in range(forecast.others.queued))
    for place, index in enumerate(queue):
        while places_of_others and places_of_others[0] <= place:
            places_of_others.pop(0)
            heapq.heapreplace(free, free[0] + usual_s)
        begin, lasts = works[index]
        if lasts <= 0:
            ends[index] = begin
            continue
        ends[index] = max(begin, free[0], forecast.paused_s) + lasts
        heapq.heapreplace(free, ends[index])
    return ends


def _usual_size(slides: Sequence[SlideWork]) -> float:
    return sum(slide.size_s for slide in slides) / len(slides) if slides else 10.0
