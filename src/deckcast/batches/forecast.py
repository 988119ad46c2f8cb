"""How far a batch is and when it will end, from how long its phases took: values only, no rows, no clock.

Work is measured in *seconds of place-holding*: of each slide, the seconds it spends in each of its phases
(batches.models.Phase), failed attempts with them, and for a film the seconds of joining it. Waiting for a place is
no work; what was there before is none either, and what failed is done. So the true progress of a batch at a moment,
known afterwards, is

    seconds worked up to the moment / seconds worked up to the end.

Here the numerator is known from rows. The denominator adds what is thought to be left (`Model`), so that

    share = worked / (worked + left).

What is left of a running phase is the mean of what such phases took that lasted longer than this one has so far,
less what it has run; where it has outlasted all of them, a part of its own seconds. So the share moves with the clock,
slower and slower where a slide takes longer than was thought, and reaches 1 with the batch's end alone. It falls only
where rows and the clock bring news that more is left than was thought: a job failed and is done again, slides outlast
what was expected of them, the provider has become slower. Such a fall is not hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deckcast.batches.forecast_models import Measured, Model, fit
from deckcast.batches.models import Phase


@dataclass(frozen=True, slots=True)
class SlideWork:
    """One slide's work: `size_s` seconds of film; the seconds `worked_s` in phases that it has left; the phase it is
    in, for `running_s` so far; and the phases `ahead` of it. `ended_s` is its end, seconds after the batch's start."""

    size_s: float
    worked_s: Mapping[Phase, float] = field(default_factory=dict)
    running: Phase | None = None
    running_s: float = 0.0
    ahead: tuple[Phase, ...] = ()
    ended_s: float | None = None

    @property
    def done_s(self) -> float:
        """Seconds worked so far."""
        return sum(self.worked_s.values()) + self.running_s


@dataclass(frozen=True, slots=True)
class Others:
    """What else wants the account's places: jobs alive and jobs queued, of other batches."""

    alive: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Places:
    """How many slides can be in a phase at once: in one of words, at the account, in the machine's own work."""

    words: int = 1
    account: int = 1
    machine: int = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """A batch's work and what is known of such work. `join_s` is what is left of the film's joining,
    `joined_s` what is behind it; `paused_s` is how long the account still rests, `is_failing` whether its calls
    have been failing."""

    slides: tuple[SlideWork, ...] = ()
    models: Mapping[Phase, Model] = field(default_factory=dict)
    places: Places = Places()
    others: Others = Others()
    join_s: float = 0.0
    joined_s: float = 0.0
    paused_s: float = 0.0
    is_failing: bool = False

    @property
    def done_s(self) -> float:
        """Seconds worked so far."""
        return sum(slide.done_s for slide in self.slides) + self.joined_s

    @property
    def left_s(self) -> float:
        """Seconds of work thought to be left."""
        return sum(sum(self.left_in(slide).values()) for slide in self.slides) + self.join_s

    @property
    def share(self) -> float:
        """How much of the work is done, 0..1; 1 where there is none."""
        done, left = self.done_s, self.left_s
        return done / (done + left) if left > 0 else 1.0

    def left_in_phase(self, phase: Phase) -> float:
        """Seconds thought to be left in a phase, of all slides."""
        return sum(self.left_in(slide).get(phase, 0.0) for slide in self.slides)

    def left_in(self, slide: SlideWork) -> dict[Phase, float]:
        """Seconds that a slide is thought to need yet, by phase."""
        left = {phase: self.models[phase].expected_s(slide.size_s) for phase in slide.ahead}
        if slide.running is not None:
            model = self.models[slide.running]
            so_far_s = slide.worked_s.get(slide.running, 0.0) + slide.running_s
            left[slide.running] = model.left_s(slide.size_s, so_far_s)
        return left


def forecast(
    slides: Sequence[SlideWork],
    priors: Mapping[Phase, Model],
    history: Mapping[Phase, Sequence[Measured]],
    **more: object,
) -> Forecast:
    """The forecast of a batch: models from priors, history and the batch's own slides; `more` as in `Forecast`."""
    models = {phase: _model(phase, prior, history.get(phase, ()), slides) for phase, prior in priors.items()}
    return Forecast(slides=tuple(slides), models=models, **more)  # type: ignore[arg-type]


def _model(phase: Phase, prior: Model, history: Sequence[Measured], slides: Sequence[SlideWork]) -> Model:
    ended = [
        (slide.ended_s or 0.0, Measured(slide.size_s, slide.worked_s[phase]))
        for slide in slides
        if phase in slide.worked_s and slide.running is not phase and phase not in slide.ahead
    ]
    own = [measured for _, measured in sorted(ended, key=lambda each: each[0])]
    before = [(slide.worked_s.get(phase, 0.0), slide) for slide in slides if slide.running is phase]
    running = [Measured(slide.size_s, spent + slide.running_s) for spent, slide in before]
    return fit(prior, history, own, running)
