"""How long a phase of a slide takes: a straight line over the slide's seconds of film, and how far single slides are
from it. Fitted to what was measured before and in the batch itself.

The line is the weighted least-squares one, without negative parts, through

- the prior (what the provider is said to need, what this machine was measured to need), worth 0.25 ** n
  observations where n are known: it is gone as soon as there is anything better;
- history, the last slides of the same provider in earlier batches, worth at most `HISTORY` observations together;
- the batch's own slides, each worth one, half as much with every `HALF_LIFE` slides that ended after it;
- slides under way, each at the seconds it is thought to take in the end. Without them the first to end, which are
  the shortest, would make all look short.

Where the batch's slides, or the `RECENT` last of them (with those that have outlasted what was expected), differ from
what was before by more than `SURE` standard errors (z), the provider has changed: what was before is worth (SURE/z)⁴ of
what it was.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

HISTORY = 30.0
HALF_LIFE = 25.0
RECENT = 8
SURE = 2.5  # standard errors
ENOUGH = 5  # measured slides, before a model is trusted
DRIFT = 0.03  # how well a mean that was met before is met again, at best
PRIOR_DOUBT = 0.6
_OUTLIER = 12.0  # times what is usual: the machine slept, or nobody worked meanwhile
_PRIOR_RATIOS = (0.5, 0.65, 0.8, 0.95, 1.1, 1.3, 1.6)
_TAIL = 0.15  # of its seconds so far: what is left of a slide that has outlasted all others


@dataclass(frozen=True, slots=True)
class Measured:
    """One slide's seconds in a phase; `size_s` is its length as film."""

    size_s: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Model:
    """A phase takes `base_s` and `per_s` for each second of film; single slides take that times one of `ratios`
    (ascending, mean 1). `doubt` is the relative standard error of the line; `known` counts what it rests on."""

    base_s: float
    per_s: float = 0.0
    ratios: tuple[float, ...] = _PRIOR_RATIOS
    doubt: float = PRIOR_DOUBT
    known: int = 0

    @property
    def trusted(self) -> bool:
        """Whether enough was measured."""
        return self.known >= ENOUGH

    def expected_s(self, size_s: float) -> float:
        """Seconds that a slide of this length takes on average."""
        return self.base_s + self.per_s * size_s

    def left_s(self, size_s: float, so_far_s: float) -> float:
        """Seconds left on average of a slide that has taken `so_far_s` already."""
        expected_s = self.expected_s(size_s)
        longer = self.longer_than(so_far_s, expected_s)
        if not longer:
            return _TAIL * so_far_s
        return max(0.0, expected_s * sum(longer) / len(longer) - so_far_s)

    def longer_than(self, so_far_s: float, expected_s: float) -> Sequence[float]:
        """The ratios of slides that take longer than this."""
        if expected_s <= 0:
            return ()
        return self.ratios[bisect_right(self.ratios, so_far_s / expected_s) :]

    def final_s(self, size_s: float, so_far_s: float, draw: float, scale: float) -> float:
        """Seconds a slide takes in the end where it stands at `draw` (0..1) among those that are possible yet and
        all take `scale` times as long."""
        expected_s = self.expected_s(size_s) * scale
        longer = self.longer_than(so_far_s, expected_s)
        if not longer:
            return so_far_s * (1 + 2 * _TAIL * draw)
        return expected_s * longer[int(draw * len(longer))]


def fit(
    prior: Model, history: Sequence[Measured], own: Sequence[Measured], running: Sequence[Measured]
) -> Model:
    """The model of a phase: `own` in the order in which they ended, `running` with their seconds so far."""
    usual_s = _median([each.seconds for each in (*history, *own)])
    history, own = _without_outliers(history, usual_s), _without_outliers(own, usual_s)
    known = len(history) + len(own)
    if not known and not running:
        return prior
    sizes = [each.size_s for each in (*history, *own, *running)]
    size_s = sum(sizes) / len(sizes)
    old, recent = own[:-RECENT], own[-RECENT:]
    trust = min(_trust(history, own, running), _trust(history, recent, running))
    trust_old = _trust(old, recent, running)
    weighted = [(Measured(x, prior.expected_s(x)), 0.25**known / 2) for x in (0.5 * size_s, 1.5 * size_s)]
    weighted += [(each, trust * min(HISTORY, len(history)) / len(history)) for each in history]
    weighted += [
        (each, trust_old * 0.5 ** ((len(own) - place) / HALF_LIFE)) for place, each in enumerate(old, 1)
    ]
    weighted += [(each, 1.0) for each in recent]
    ratios = _ratios(prior, (history, old, recent))
    first = Model(*_line(weighted), ratios)
    ends = [Measured(each.size_s, each.seconds + first.left_s(each.size_s, each.seconds)) for each in running]
    line = _line([*weighted, *((each, min(1.0, known / ENOUGH)) for each in ends)])
    weight = sum(each for _, each in weighted)
    spread = math.sqrt(sum((ratio - 1) ** 2 for ratio in ratios) / len(ratios))
    doubt = math.hypot(DRIFT, spread / math.sqrt(max(1.0, weight)), PRIOR_DOUBT * 0.5**known)
    return Model(*line, ratios, doubt, known)


def _line(weighted: Sequence[tuple[Measured, float]]) -> tuple[float, float]:
    """Base and slope of the weighted least-squares line, neither of them negative."""
    whole = sum(weight for _, weight in weighted)
    x = sum(weight * each.size_s for each, weight in weighted) / whole
    y = sum(weight * each.seconds for each, weight in weighted) / whole
    xx = sum(weight * (each.size_s - x) ** 2 for each, weight in weighted)
    xy = sum(weight * (each.size_s - x) * (each.seconds - y) for each, weight in weighted)
    slope = max(0.0, xy / xx) if xx > 1e-9 else 0.0
    if slope * x > y:
        slope = y / x
    return y - slope * x, slope


def _ratios(prior: Model, groups: Sequence[Sequence[Measured]]) -> tuple[float, ...]:
    """How far single slides are from their group's own line; what is thought beforehand while little is known."""
    found: list[float] = []
    for group in groups:
        if len(group) >= ENOUGH:
            found += _off_line(group, _line([(each, 1.0) for each in group]))
    return tuple(sorted(found if len(found) >= 2 * ENOUGH else [*found, *prior.ratios]))


def _off_line(group: Sequence[Measured], line: tuple[float, float]) -> list[float]:
    lines = [(each.seconds, line[0] + line[1] * each.size_s) for each in group]
    return [seconds / expected_s for seconds, expected_s in lines if expected_s > 0]


def _trust(before: Sequence[Measured], recent: Sequence[Measured], running: Sequence[Measured]) -> float:
    """What all before is worth yet, 0..1, beside the most recent slides."""
    if len(before) < ENOUGH:
        return 1.0
    line = _line([(each, 1.0) for each in before])
    usual = _off_line(before, line)
    outlasting = [ratio for ratio in _off_line(running, line) if ratio > 1]
    news = [*_off_line(recent, line), *outlasting]
    if len(news) < 2:
        return 1.0
    spread = max(0.05, math.sqrt(sum((ratio - 1) ** 2 for ratio in usual) / len(usual)))
    error = spread * math.sqrt(1 / len(news) + 1 / len(before))
    z = (sum(news) / len(news) - 1) / error
    return min(1.0, (SURE / z) ** 4) if z else 1.0


def _without_outliers(group: Sequence[Measured], usual_s: float) -> list[Measured]:
    return [Measured(each.size_s, min(each.seconds, _OUTLIER * usual_s)) for each in group]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
