"""One way to order a batch, for a command and for the API: what cannot be spoken or paid is refused before anything
is planned."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from decimal import Decimal

from deckcast.avatars.ports import AvatarProvider, Balance
from deckcast.batches import money, quotas, repository
from deckcast.batches.context import current
from deckcast.batches.estimates import summary_of
from deckcast.batches.models import BatchKind, MakeRequest, Step
from deckcast.batches.money import tightest
from deckcast.batches.plan import plan_batch
from deckcast.batches.prices import BatchSummary
from deckcast.batches.speeches import ready_to_speak
from deckcast.db import switches
from deckcast.db.models import PresentationRow
from deckcast.kit.errors import CallError


async def order_batch(
    presentation: PresentationRow, kind: BatchKind, request: MakeRequest, *, beside: bool = False
) -> tuple[str, BatchSummary]:
    """The id of the batch that makes this, and what it would do; whoever works for its scope takes it up.

    Raises as `plan_batch`; CallError over_cap, provider_no_credit, paid_work_off, quota_exceeded, unknown_voice,
    language_not_spoken.
    """
    context = current()
    if kind.goes_to(Step.SPEECH):
        await ready_to_speak(presentation.id, request.voice)
    provider = context.providers.get(request.provider)
    paid = provider if provider is not None and provider.capabilities.paid else None
    balance = await paid.balance() if paid is not None else None
    limits = await _limits_of(presentation.owner)

    planned: BatchSummary | None = None

    def check_new(summary: BatchSummary) -> None:
        nonlocal planned
        planned = summary
        limits.check(summary, pays=bool(paid is not None and kind.draws and summary.to_generate))
        check_cost(summary, request, paid, balance)

    batch_id = await plan_batch(presentation, kind, request, beside=beside, check=check_new)
    if (
        planned is None
    ):  # an open batch goes on: another scope may have left it, and it may have spent of the balance
        async with context.db.write() as session:
            await repository.give_to_scope(session, presentation.id, context.scope)
        planned = await summary_of(batch_id)
        check_cost(planned, request, paid, None)
    if paid is not None:
        await context.accounts[paid.name].resume()
    return batch_id, planned


@dataclass(frozen=True, slots=True)
class _Limits:
    """What stands against a new batch of an owner's: no paid work, no room left; and what is left of the day in USD
    (None: no cap)."""

    paid_work_off: CallError | None
    no_room: CallError | None
    left_today_usd: Decimal | None

    def check(self, summary: BatchSummary, *, pays: bool) -> None:
        """Raises CallError paid_work_off, quota_exceeded, over_cap."""
        if self.no_room is not None and summary.to_generate:
            raise self.no_room
        if self.paid_work_off is not None and (pays or summary.cost_usd):
            raise self.paid_work_off
        left = self.left_today_usd
        if left is not None and summary.cost_usd > left:
            raise CallError(
                "over_cap",
                f"This would cost about ${summary.cost_usd:.2f}, and ${left:.2f} is left of what may be spent today.",
                next_step="Name fewer slides, or wait until tomorrow (UTC). Nothing was submitted.",
                facts={"estimated_cost_usd": float(summary.cost_usd), "left_today_usd": float(left)},
            )


async def _limits_of(owner: str) -> _Limits:
    settings = current().settings
    async with current().db.read() as session:
        return _Limits(
            paid_work_off=await _refusal(switches.allow_paid_order(session)),
            no_room=await _refusal(quotas.check_storage(session, owner, settings.quotas)),
            left_today_usd=await money.left_today_usd(session, owner, settings.money),
        )


async def _refusal(allowed: Awaitable[None]) -> CallError | None:
    try:
        await allowed
    except CallError as error:
        return error
    return None


def check_cost(
    summary: BatchSummary, request: MakeRequest, provider: AvatarProvider | None, balance: Balance | None
) -> None:
    """Refuse, before anything is spent, what the caps or the balance at a paid provider do not allow.

    Raises CallError over_cap, provider_no_credit, with the figures.
    """
    cap = tightest([request.cap_usd, current().settings.money.max_per_batch_usd])
    if cap is not None and summary.cost_usd > cap:
        raise CallError(
            "over_cap",
            f"This would cost about ${summary.cost_usd:.2f}, more than the ${cap:.2f} you allow.",
            next_step="Allow more (--max-cost), or name fewer slides (--slides). Nothing was submitted.",
            facts={"estimated_cost_usd": float(summary.cost_usd), "cap_usd": float(cap)},
        )
    if provider is None or balance is None:
        return
    cost = summary.provider_usd
    enough = balance.amount >= (cost if balance.unit == "usd" else Decimal(0)) or not cost
    if not enough or (cost and not balance.amount):
        raise CallError(
            "provider_no_credit",
            f"This would cost about ${cost:.2f}, and the {provider.name} account has {balance.amount:.2f} "
            f"{balance.unit} left.",
            next_step="Top the account up, or name fewer slides (--slides). Nothing was submitted.",
            facts={"estimated_cost_usd": float(cost), "balance": float(balance.amount), "unit": balance.unit},
        )
