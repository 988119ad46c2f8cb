"""Who somebody is, sessions of the page, and tokens."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from deckcast.api.bodies import BoundedRoute
from deckcast.api.caller import Caller, CallerIdentity, SignedInBy, is_https, session_cookie
from deckcast.api.inputs import NUMBER, Body
from deckcast.api.paging import Page
from deckcast.api.parts import Parts
from deckcast.api.problems import problems
from deckcast.api.rates import SignInRate
from deckcast.api.shapes import Shape
from deckcast.kit.clock import now
from deckcast.kit.errors import CallError
from deckcast.kit.settings import Settings
from deckcast.people import models, service, sessions

log = structlog.get_logger(__name__)

router = APIRouter(prefix="/api", route_class=BoundedRoute, tags=["people"])

TokenId = Annotated[str, Path(max_length=64, pattern=r"^[a-z]+_[0-9a-f]+$", description="A token's id.")]


class Features(Shape):
    """What the operator has switched on."""

    batch_avatar_videos: bool


class Bounds(Shape):
    """What a user may have, spend and ask for at most; null means no bound."""

    presentations: int | None
    storage_bytes: int | None
    deck_size_bytes: int
    slides: int
    max_per_batch_usd: float | None
    max_per_day_usd: float | None
    batches_per_minute: int
    uploads_per_hour: int


class Me(Shape):
    """Who calls. `isLocal`: the server has no users, and whoever is at its machine needs no login. `signedInBy` says
    how it is known who calls; `oidcLabel` is what the sign-in provider is called, null without one."""

    id: str
    name: str
    is_local: bool
    login_needed: bool
    signed_in_by: SignedInBy
    ends_at: datetime | None
    oidc_label: str | None
    features: Features
    bounds: Bounds


class SignIn(Body):
    """A token, to sign in to the page with."""

    token: str = Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")


class SignedIn(Shape):
    """A session was opened; its cookie came with this answer."""

    name: str
    expires_at: datetime


class TokenWish(Body):
    """What a new token is to be called, and after how many days it ends; null: never."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
    expires_in_days: Annotated[int, Field(ge=1, le=3650), NUMBER] | None = None


class Token(Shape):
    """A token, without what it is made of; `last4` are its last letters."""

    id: str
    name: str
    last4: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class MadeToken(Token):
    """A new token. `token` is shown this once, and kept nowhere."""

    token: str


@router.get("/me", operation_id="getMe", responses=problems(401))
async def get_me(caller: Caller, parts: Parts) -> Me:
    """Who you are, and what you may do here."""
    settings = parts.settings
    is_local = caller.signed_in_by == "local"
    return Me(
        id=caller.owner,
        name=caller.name,
        is_local=is_local,
        login_needed=not is_local,
        signed_in_by=caller.signed_in_by,
        ends_at=caller.ends_at,
        oidc_label=settings.oidc.label if settings.oidc.issuer else None,
        features=Features(batch_avatar_videos=settings.features.batch_avatar_videos),
        bounds=_bounds(settings),
    )


def _bounds(settings: Settings) -> Bounds:
    money = settings.money
    return Bounds(
        presentations=settings.quotas.presentations,
        storage_bytes=settings.quotas.storage_bytes,
        deck_size_bytes=settings.limits.deck_size_bytes,
        slides=settings.limits.slides,
        max_per_batch_usd=None if money.max_per_batch_usd is None else float(money.max_per_batch_usd),
        max_per_day_usd=None if money.max_per_day_usd is None else float(money.max_per_day_usd),
        batches_per_minute=settings.rates.batches_per_minute,
        uploads_per_hour=settings.rates.uploads_per_hour,
    )


@router.post(
    "/sessions",
    operation_id="signIn",
    status_code=201,
    responses=problems(401, 403, 422, 429),
    dependencies=[SignInRate],
)
async def sign_in(body: SignIn, response: Response, parts: Parts) -> SignedIn:
    """Sign in to the page with a token. The answer sets a cookie that scripts cannot read."""
    opened = await sessions.sign_in(parts.db, body.token, parts.settings.session_days)
    set_session(response, parts.settings, opened)
    return SignedIn(name=opened.user.name, expires_at=opened.expires_at)


def set_session(response: Response, settings: Settings, opened: models.NewSession) -> None:
    """Give the browser the session's cookie."""
    response.set_cookie(
        session_cookie(settings),
        opened.secret,
        max_age=int((opened.expires_at - now()).total_seconds()),
        path="/",
        secure=is_https(settings),
        httponly=True,
        samesite="lax",
    )
    log.info("session.opened", user_id=opened.user.id)


@router.delete("/sessions/current", operation_id="signOut", status_code=204, responses=problems(403))
async def sign_out(request: Request, parts: Parts) -> Response:
    """Sign out: the session ends on the server, and the browser forgets its cookie. Without one, nothing happens."""
    name = session_cookie(parts.settings)
    given = request.cookies.get(name)
    if given:
        await sessions.sign_out(parts.db, given)
    response = Response(status_code=204)
    response.delete_cookie(name, path="/", secure=is_https(parts.settings), httponly=True, samesite="lax")
    return response


@router.get("/tokens", operation_id="listTokens", responses=problems(401))
async def list_tokens(caller: Caller, parts: Parts) -> Page[Token]:
    """Your tokens that are not revoked, the newest first; all of them are on one page."""
    found = await service.tokens_of(parts.db, caller.owner)
    return Page(items=tuple(Token(**_shown(each)) for each in found))


@router.post("/tokens", operation_id="makeToken", status_code=201, responses=problems(401, 403, 409, 422))
async def make_token(body: TokenWish, caller: Caller, parts: Parts) -> MadeToken:
    """A new token for a program of yours. This answer is the only one that shows it."""
    ends = None if body.expires_in_days is None else now() + timedelta(days=body.expires_in_days)
    made = await service.make_token(parts.db, _user_id(caller), body.name, ends)
    return MadeToken(**_shown(made.token), token=made.secret)


@router.delete(
    "/tokens/{token_id}", operation_id="revokeToken", status_code=204, responses=problems(401, 403, 404, 422)
)
async def revoke_token(token_id: TokenId, caller: Caller, parts: Parts) -> Response:
    """Revoke a token of yours: it opens nothing from now on, and the sessions that it opened have ended."""
    await service.revoke_token(parts.db, token_id, caller.owner)
    return Response(status_code=204)


def _shown(token: models.Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in Token.model_fields}


def _user_id(caller: CallerIdentity) -> str:
    if caller.signed_in_by == "local":
        raise CallError(
            "tokens_need_a_user",
            "The local user needs no token.",
            next_step="For programs elsewhere, add a user: deckcast user add NAME",
        )
    return caller.owner
