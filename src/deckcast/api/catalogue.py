"""Who can make, present and speak: avatar providers, avatars and voices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from deckcast.api.caller import Caller
from deckcast.api.inputs import LanguageTag, Name
from deckcast.api.parts import Parts
from deckcast.api.problems import problems
from deckcast.api.shapes import Shape
from deckcast.avatars.ports import Avatar, Balance, Capabilities
from deckcast.batches.catalogue import LOCAL, Catalogue, EngineState, ProviderState

router = APIRouter(prefix="/api", tags=["catalogue"])

PREVIEW_KEPT_S = 86_400
Provider = Annotated[Name | None, Query(max_length=100, description="An avatar provider's name.")]


def catalogue(request: Request, parts: Parts) -> Catalogue:
    """The lists of this process, made with the first call."""
    state = request.app.state
    if not hasattr(state, "catalogue"):
        state.catalogue = Catalogue(parts)
    return cast(Catalogue, state.catalogue)


Lists = Annotated[Catalogue, Depends(catalogue)]


class BalanceShape(Shape):
    """What is left on an account. A credit is not a dollar."""

    amount: float
    unit: str

    @classmethod
    def of(cls, balance: Balance | None) -> BalanceShape | None:
        """A balance as JSON."""
        return cls(amount=float(balance.amount), unit=balance.unit) if balance else None


class AccountState(Shape):
    """How an account at a provider stands: paused where it keeps failing, or a person has to act."""

    paused: bool
    code: str | None
    message: str | None
    until: datetime | None


class CapabilitiesShape(Shape):
    """What a provider can do. `usd_per_second` is its price, rounded up to whole steps of `billing_step_s`."""

    takes_audio: bool
    takes_text: bool
    transparent: bool
    webhooks: bool
    can_cancel: bool
    max_concurrent: int
    max_script_chars: int | None
    max_audio_s: float | None
    typical_render_s: float
    usd_per_second: float
    billing_step_s: float

    @classmethod
    def of(cls, can: Capabilities) -> CapabilitiesShape:
        """Capabilities as JSON."""
        return cls(
            takes_audio=can.takes_audio,
            takes_text=can.takes_text,
            transparent=can.transparent,
            webhooks=can.webhooks,
            can_cancel=can.can_cancel,
            max_concurrent=can.max_concurrent,
            max_script_chars=can.max_script_chars,
            max_audio_s=can.max_audio_s,
            typical_render_s=can.typical_render_s,
            usd_per_second=float(can.rate_card.usd_per_second),
            billing_step_s=can.rate_card.billing_step_s,
        )


class ProviderShape(Shape):
    """An avatar provider. One that is not configured says what is missing, and nothing else."""

    name: str
    is_default: bool
    configured: bool
    what_is_missing: str | None
    paid: bool | None
    capabilities: CapabilitiesShape | None
    account: AccountState | None
    balance: BalanceShape | None

    @classmethod
    def of(cls, state: ProviderState, default: str) -> ProviderShape:
        """A provider as it stands."""
        can = state.capabilities
        account = AccountState(
            paused=state.paused_until is not None,
            code=state.code,
            message=state.message,
            until=state.paused_until,
        )
        return cls(
            name=state.name,
            is_default=state.name == default,
            configured=can is not None,
            what_is_missing=state.lacks,
            paid=can.paid if can else None,
            capabilities=CapabilitiesShape.of(can) if can else None,
            account=account if can else None,
            balance=BalanceShape.of(state.balance),
        )


class AvatarShape(Shape):
    """Somebody who can present. `transparent`: the presenter can be had without a background."""

    id: str
    name: str
    description: str
    provider: str
    preview_url: str | None
    gender: str | None
    transparent: bool

    @classmethod
    def of(cls, avatar: Avatar) -> AvatarShape:
        """An avatar as JSON; pictures of our own characters are drawn here."""
        seen = avatar.preview if (avatar.preview or "").startswith("https://") else None
        if avatar.provider == LOCAL:
            seen = f"/api/avatars/{avatar.id}/preview"
        return cls(
            id=avatar.id,
            name=avatar.name,
            description=avatar.description,
            provider=avatar.provider,
            preview_url=seen,
            gender=avatar.gender,
            transparent=avatar.transparent,
        )


class VoiceShape(Shape):
    """Somebody who can speak. `by` is a speech engine's name or an avatar provider's, whose videos alone have this
    voice; `language` is empty where the voice speaks every language."""

    id: str
    name: str
    language: str
    gender: str | None
    by: str
    quality_limited: bool = False
    note: str = ""


class EngineShape(Shape):
    """How a speech engine stands: what it lacks, or why it does not say which voices it has."""

    name: str
    configured: bool
    what_is_missing: str | None
    code: str | None
    message: str | None

    @classmethod
    def of(cls, state: EngineState) -> EngineShape:
        """An engine as it stands."""
        return cls(
            name=state.name,
            configured=state.lacks is None,
            what_is_missing=state.lacks,
            code=state.error.code if state.error else None,
            message=state.error.message if state.error else None,
        )


class Providers(Shape):
    """Every avatar provider, the one that makes videos where nobody names one first."""

    items: tuple[ProviderShape, ...]


class Avatars(Shape):
    """Everybody who can present through a provider."""

    items: tuple[AvatarShape, ...]


class Voices(Shape):
    """Voices, and the speech engines that they are of (none for a provider's own)."""

    items: tuple[VoiceShape, ...]
    engines: tuple[EngineShape, ...] = Field(default=())


@router.get("/providers", operation_id="listProviders", responses=problems(401, 503))
async def list_providers(caller: Caller, parts: Parts, lists: Lists) -> Providers:
    """The avatar providers: what they can do, what they lack, how their accounts stand."""
    default = parts.settings.avatar.provider
    return Providers(items=tuple(ProviderShape.of(each, default) for each in await lists.providers()))


@router.get("/avatars", operation_id="listAvatars", responses=problems(401, 404, 422, 502, 503))
async def list_avatars(caller: Caller, lists: Lists, provider: Provider = None) -> Avatars:
    """Everybody who can present through a provider, or through the one of the settings."""
    return Avatars(items=tuple(AvatarShape.of(each) for each in await lists.avatars(provider)))


@router.get(
    "/avatars/{avatar_id}/preview",
    operation_id="getAvatarPreview",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}, **problems(401, 404, 422, 503)},
)
async def get_avatar_preview(
    avatar_id: Annotated[str, Path(pattern=r"^[a-z0-9_-]{1,64}$")], caller: Caller, lists: Lists
) -> Response:
    """A picture (PNG) of one of Deckcast's own presenters."""
    picture = await lists.preview(avatar_id)
    headers = {"Cache-Control": f"private, max-age={PREVIEW_KEPT_S}"}
    return Response(picture, media_type="image/png", headers=headers)


@router.get("/voices", operation_id="listVoices", responses=problems(401, 404, 422, 502, 503))
async def list_voices(
    caller: Caller,
    lists: Lists,
    provider: Provider = None,
    language: Annotated[LanguageTag | None, Query()] = None,
) -> Voices:
    """The voices of Deckcast's speech engines; with `provider`, the avatar provider's own."""
    if provider is not None:
        theirs = await lists.provider_voices(provider, language)
        return Voices(
            items=tuple(
                VoiceShape(
                    id=f"{provider}:{each.id}",
                    name=each.name,
                    language=each.language,
                    gender=each.gender,
                    by=provider,
                )
                for each in theirs
            )
        )
    ours, engines = await lists.voices(language)
    return Voices(
        items=tuple(
            VoiceShape(
                id=each.id,
                name=each.name,
                language=each.language,
                gender=each.gender,
                by=each.engine,
                quality_limited=each.quality_limited,
                note=each.note,
            )
            for each in ours
        ),
        engines=tuple(EngineShape.of(each) for each in engines),
    )
