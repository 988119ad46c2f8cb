"""What work would do, cost and last, before it is ordered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from deckcast.api.batch_reports import Failure
from deckcast.api.batch_shapes import MOST_USD, BatchAvatarVideoRequest, LeavesMachine, leaves_machine
from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller
from deckcast.api.catalogue import BalanceShape, Lists
from deckcast.api.inputs import PresentationId
from deckcast.api.parts import Parts
from deckcast.api.presentation_shapes import Notice
from deckcast.api.problems import problems
from deckcast.api.rates import LookRate
from deckcast.api.shapes import Shape
from deckcast.batches import starting
from deckcast.batches.estimates import BatchEstimate
from deckcast.batches.models import BatchKind, MakeRequest
from deckcast.kit.errors import InputError, WorkError

router = APIRouter(prefix="/api", route_class=BoundedRoute, tags=["batches"])


class Wished(BatchAvatarVideoRequest):
    """What is estimated: the body of an order, as a query."""

    ai_mark: bool | None = None
    regenerate_existing: bool = False  # a query has words alone, and no JSON values
    max_cost_usd: Annotated[float, Field(ge=0, le=MOST_USD)] | None = None
    kind: BatchKind | None = Field(None, description="Left out: avatar videos, and each kind under `kinds`.")


class Costs(Shape):
    """Prices in USD: of the avatar videos, of the questions to a language model, of the speech, of all."""

    videos_usd: float
    words_usd: float
    speech_usd: float
    total_usd: float


class SlideWarning(Notice):
    """What will not come out as one might expect of a slide."""

    slide_id: str
    slide_number: int


class KindEstimate(Shape):
    """What a batch of a kind would do now. Where it cannot be ordered, `error` says why, and the rest is null or 0."""

    kind: BatchKind
    label: str
    total_slides: int = 0
    to_generate: int = 0
    skipped: int = Field(0, description="Slides for which it is there already.")
    estimated_cost_usd: float = 0.0
    costs: Costs | None = None
    time_s: tuple[float, float] | None = Field(None, description="Shortest and longest likely time.")
    duration_s: float | None = Field(None, description="Length of the slides in the film.")
    leaves_machine: tuple[LeavesMachine, ...] = ()
    error: Failure | None = None
    warnings: tuple[SlideWarning, ...] = ()

    @classmethod
    def of(cls, estimate: BatchEstimate) -> KindEstimate:
        """An estimate as JSON."""
        summary = estimate.summary
        return cls(
            kind=estimate.kind,
            label=estimate.kind.label,
            total_slides=summary.total,
            to_generate=summary.to_generate,
            skipped=summary.skipped,
            estimated_cost_usd=float(summary.cost_usd),
            costs=Costs(
                videos_usd=float(summary.provider_usd),
                words_usd=float(summary.words_usd),
                speech_usd=float(summary.speech_usd),
                total_usd=float(summary.cost_usd),
            ),
            time_s=estimate.time_s,
            duration_s=estimate.duration_s or None,
            leaves_machine=leaves_machine(estimate.leaving),
            warnings=tuple(
                SlideWarning(slide_id=item.slide_id, slide_number=item.number, **each)
                for item in estimate.warned
                for each in item.warnings
            ),
        )


class EstimateShape(KindEstimate):
    """The estimate, what is left on a paid provider's account, and what may still be spent (null: no cap)."""

    presentation_id: str
    provider: str | None
    avatar_id: str | None
    balance: BalanceShape | None
    cap_usd: float | None = Field(description="What a batch may cost at most.")
    left_today_usd: float | None
    kinds: tuple[KindEstimate, ...] | None


@router.get(
    "/presentations/{presentation_id}/estimate",
    operation_id="getEstimate",
    responses=problems(401, 404, 409, 422, 429, 502, 503),
    dependencies=[LookRate],
)
async def estimate(
    presentation_id: PresentationId,
    wished: Annotated[Wished, Query()],
    caller: Caller,
    parts: Parts,
    lists: Lists,
) -> EstimateShape:
    """What a batch would make, what is there already, what it would cost, how long it would take, and what would leave
    the machine. Nothing is written."""
    of_kinds = [await _of_kind(caller.owner, presentation_id, each, wished) for each in _kinds(wished)]
    chosen = wished.kind or BatchKind.ALL_AVATAR_VIDEOS
    main, request = next(each for each in of_kinds if each[0].kind is chosen)
    provider = parts.providers.get(request.provider) if request else None
    budget = await starting.budget_of(caller.owner)
    return EstimateShape(
        **dict(main),
        presentation_id=presentation_id,
        provider=request.provider or None if request else None,
        avatar_id=request.avatar or None if request else None,
        balance=BalanceShape.of(await lists.balance(provider)) if provider is not None else None,
        cap_usd=budget.per_batch_usd,
        left_today_usd=budget.left_today_usd,
        kinds=tuple(each for each, _ in of_kinds) if wished.kind is None else None,
    )


def _kinds(wished: Wished) -> list[BatchKind]:
    return list(BatchKind) if wished.kind is None else [wished.kind]


async def _of_kind(
    owner: str, presentation_id: str, kind: BatchKind, wished: Wished
) -> tuple[KindEstimate, MakeRequest | None]:
    """The estimate for a kind; where all kinds are estimated, one that cannot be ordered hides no other."""
    await starting.ready(owner, presentation_id, to_work=False)
    try:
        estimated = await starting.estimated(
            owner, presentation_id, kind, wished.asked(), slide_ids=wished.selected_slide_ids
        )
    except (InputError, WorkError) as error:
        if wished.kind is not None:
            raise
        why = Failure(code=error.code, message=str(error), retryable=error.retryable)
        return KindEstimate(kind=kind, label=kind.label, error=why), None
    return KindEstimate.of(estimated), estimated.request
