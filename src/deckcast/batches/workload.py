"""The work of batches, from their rows: what each slide has behind and ahead of it, and what such work took before."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from deckcast.avatars.ports import AvatarProvider
from deckcast.batches import forecast_repository
from deckcast.batches.context import current
from deckcast.batches.forecast import Forecast, Others, Places, SlideWork, forecast
from deckcast.batches.forecast_models import Measured, Model, fit
from deckcast.batches.forecast_repository import Rows, Spent
from deckcast.batches.forecast_schedule import eta_s
from deckcast.batches.models import ENDED, SILENCE_S, BatchKind, MakeRequest, Phase, Step, phase_of
from deckcast.batches.orders import avatar_order, said, speaks_itself
from deckcast.db.accounts import ProviderAccountRow
from deckcast.db.models import BatchRow, ItemRow

# What this machine was measured to need (bench/), per slide and per second of film.
_JOIN = Model(base_s=1.0, per_s=0.01)
_WORDS_S, _WORDS_BUILT_IN_S = 8.0, 0.1
_SPEECH, _CLIP = Model(0.5, 0.05), Model(1.0, 0.08)
_FETCH_S, _TAKE_S = 2.0, 0.3  # a video from a provider, one from our own presenter


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known besides the batches' own rows."""

    spent: Mapping[str, Sequence[Spent]]
    joins: Sequence[Measured]
    jobs: Sequence[tuple[str, str | None, bool, int]]
    accounts: Mapping[str, ProviderAccountRow]


async def forecasts_of(session: AsyncSession, rows: Rows, at: datetime) -> dict[str, Forecast]:
    """The forecast of each batch at a moment; how many queries it takes depends on the providers in use only."""
    open_ones = [batch for batch in rows.batches.values() if batch.state not in ENDED]
    known = await _known(session, {str(batch.request.get("provider", "")) for batch in open_ones})
    forecasts = {batch_id: Forecast() for batch_id in rows.batches}
    for batch in open_ones:
        forecasts[batch.id] = _forecast(batch, rows.items[batch.id], known, at)
    return forecasts


async def _known(session: AsyncSession, providers: set[str]) -> _Known:
    if not providers:
        return _Known({}, (), (), {})
    return _Known(
        spent={name: await forecast_repository.spent_with(session, name) for name in sorted(providers)},
        joins=await forecast_repository.joins(session),
        jobs=await forecast_repository.jobs_of(session),
        accounts=await forecast_repository.accounts(session),
    )


async def expected_range(
    session: AsyncSession, provider: AvatarProvider | None, slides: Sequence[SlideWork], *, film: bool
) -> tuple[float, float]:
    """The shortest and longest likely time, in seconds, of a batch that is not begun: `film` where its clips are
    joined. It rests on what such work took before; on what is generally known where there was none."""
    name = provider.name if provider is not None else ""
    known = await _known(session, {name})
    size_s = sum(slide.size_s for slide in slides)
    begun = forecast(
        slides,
        priors_of(provider),
        forecast_repository.history_of(known.spent[name]),
        places=places_of(provider),
        others=_others(known, name, besides=None),
        join_s=fit(_JOIN, known.joins, (), ()).expected_s(size_s) if film else 0.0,
    )
    return await asyncio.to_thread(eta_s, begun)


def _others(known: _Known, provider: str, besides: str | None) -> Others:
    jobs = [each for each in known.jobs if each[0] == provider and (besides is None or each[1] != besides)]
    return Others(
        alive=sum(count for _, _, is_alive, count in jobs if is_alive),
        queued=sum(count for _, _, is_alive, count in jobs if not is_alive),
    )


def _forecast(batch: BatchRow, items: Sequence[ItemRow], known: _Known, at: datetime) -> Forecast:
    kind, name = BatchKind(batch.kind), str(batch.request.get("provider", ""))
    provider, account = current().providers.get(name), known.accounts.get(name)
    rests_s = (account.paused_until - at).total_seconds() if account and account.paused_until else 0.0
    join_s, joined_s = _joining(kind, batch, items, known.joins, at)
    return forecast(
        [_slide_work(item, batch, kind, provider, at) for item in items],
        priors_of(provider),
        forecast_repository.history_of(known.spent[name], besides=batch.id),
        places=places_of(provider),
        others=_others(known, name, besides=batch.id),
        join_s=join_s,
        joined_s=joined_s,
        paused_s=max(0.0, rests_s),
        is_failing=account is not None and account.failures > 0,
    )


def priors_of(provider: AvatarProvider | None) -> dict[Phase, Model]:
    """What each phase is thought to take where nothing was measured yet."""
    paid = provider is not None and provider.capabilities.paid
    typical_s = provider.capabilities.typical_render_s if provider is not None else 0.0
    words = Model(_WORDS_S if current().model is not None else _WORDS_BUILT_IN_S)
    crowd = 1.0 if paid else 2.0  # all of it is done on this machine: a core is waited for
    return {
        Phase.ANALYSIS: words,
        Phase.NARRATIVE: words,
        Phase.SPEECH: _crowded(_SPEECH, crowd),
        Phase.AVATAR_VIDEO: Model(typical_s) if paid else Model(typical_s * 0.3, typical_s * 0.07),
        Phase.PUBLISHING: Model(_FETCH_S if paid else _TAKE_S),
        Phase.CLIP: _crowded(_CLIP, crowd),
    }


def _crowded(model: Model, times: float) -> Model:
    return Model(model.base_s * times, model.per_s * times)


def places_of(provider: AvatarProvider | None) -> Places:
    """How many slides can be in each phase at once."""
    settings = current().settings
    account = provider.capabilities.max_concurrent if provider is not None else 1
    if provider is not None and provider.capabilities.paid:
        account = min(account, settings.avatar.batch.max_concurrent)
    return Places(words=settings.llm.max_concurrent, account=account, machine=settings.workers * 2)


def _joining(
    kind: BatchKind, batch: BatchRow, items: Sequence[ItemRow], joins: Sequence[Measured], at: datetime
) -> tuple[float, float]:
    """Seconds left and behind of joining the film."""
    if kind is not BatchKind.PRESENTATION_VIDEO or batch.cancelled_at is not None:
        return 0.0, 0.0
    model, size_s = fit(_JOIN, joins, (), ()), sum(item.estimated_s for item in items)
    ends = [item.ended_at for item in items if item.ended_at is not None]
    if len(ends) < len(items) or not ends:
        return model.expected_s(size_s), 0.0
    joined_s = max(0.0, (at - max(ends)).total_seconds())
    return model.left_s(size_s, joined_s), joined_s


def _slide_work(
    item: ItemRow, batch: BatchRow, kind: BatchKind, provider: AvatarProvider | None, at: datetime
) -> SlideWork:
    size_s = item.estimated_s or SILENCE_S
    worked_s = {Phase(phase): float(seconds) for phase, seconds in item.worked_s.items()}
    if item.ended_at is not None:
        ended_s = (item.ended_at - batch.created_at).total_seconds()
        return SlideWork(size_s, worked_s, ended_s=ended_s)
    running = phase_of(item.step, item.status)
    running_s = (
        max(0.0, (at - item.phase_began_at).total_seconds()) if running and item.phase_began_at else 0.0
    )
    wanted = _wanted(item, MakeRequest.from_json(batch.request), kind, provider)
    order = tuple(Phase)
    behind = order.index(running) if running else _waits_for(item) - 1
    ahead = tuple(phase for phase in wanted if order.index(phase) > behind)
    return SlideWork(size_s, worked_s, running, running_s, ahead)


def planned_work(
    item: ItemRow, kind: BatchKind, request: MakeRequest, provider: AvatarProvider | None
) -> SlideWork:
    """The work of a slide that is planned and not begun."""
    return SlideWork(item.estimated_s or SILENCE_S, ahead=tuple(_wanted(item, request, kind, provider)))


def _waits_for(item: ItemRow) -> int:
    """The place, in the order of phases, of the next one that a waiting slide can be in."""
    order = tuple(Phase)
    if item.error_code or item.step == Step.CLIP:
        return order.index(Phase.CLIP)
    if item.step == Step.AVATAR_VIDEO:
        return order.index(Phase.AVATAR_VIDEO)
    if item.step == Step.SPEECH:
        return order.index(Phase.SPEECH)
    return 0


def _wanted(
    item: ItemRow, request: MakeRequest, kind: BatchKind, provider: AvatarProvider | None
) -> list[Phase]:
    """The phases of a slide from its beginning to its end in this kind of batch. Of one that is reused, the clip may
    have to be composed anew; where it is there too, the slide ends without work."""
    wanted = [Phase(step) for step in item.todo]
    speaks = bool(said(item) or item.todo)
    if kind.goes_to(Step.SPEECH) and not item.reused:
        theirs = provider is not None and kind.draws and speaks_itself(request, provider, item)
        if speaks and not theirs:
            wanted.append(Phase.SPEECH)
        if kind.draws and provider is not None:
            placement = item.placement or {"presenter": None}
            if avatar_order(request, provider, placement, speaks) is not None:
                wanted += [Phase.AVATAR_VIDEO, Phase.PUBLISHING]
    if kind.goes_to(Step.CLIP):
        wanted.append(Phase.CLIP)
    return wanted
