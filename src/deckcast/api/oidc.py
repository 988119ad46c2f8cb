"""Sign-in by OpenID Connect: out to the provider, and back with what it says."""

from __future__ import annotations

import hmac
import re
import time
from dataclasses import asdict
from typing import Annotated, cast
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from deckcast.api import page
from deckcast.api.caller import is_https
from deckcast.api.parts import Parts
from deckcast.api.people import set_session
from deckcast.api.problems import problems
from deckcast.batches.context import Context
from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.secrets import derived, server_key
from deckcast.kit.settings import Settings
from deckcast.people.oidc import Attempt, OpenIdConnect, Vouched, sign_in_failed
from deckcast.people.service import user_by_oidc
from deckcast.people.sessions import open_session

COOKIE = "deckcast_oidc"
MINUTES = 10
SIGN_IN_ERROR = "signInError"
_PATH_OF_OURS = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

router = APIRouter(prefix="/api/oidc", tags=["people"], default_response_class=RedirectResponse)

Word = Annotated[str | None, Query(max_length=4000)]


@router.get("/login", operation_id="signInByProvider", status_code=303, responses=problems(404, 422, 503))
async def login(request: Request, parts: Parts, to: Annotated[str, Query(max_length=1000)] = "/") -> Response:
    """Go to the sign-in provider; afterwards the browser is led to `to`, a path of this server. What does not work
    leads a browser back to the page, with `signInError=CODE` in the query."""
    provider, ours = _provider(request), to if _PATH_OF_OURS.fullmatch(to) else "/"
    try:
        url, attempt = await provider.begin(_our_address(request, parts.settings))
    except (CallError, MachineError) as error:
        return _back(request, ours, error)
    response = RedirectResponse(url, 303)
    _keep(response, parts, attempt, ours)
    return response


@router.get(
    "/callback", operation_id="signedInByProvider", status_code=303, responses=problems(403, 404, 422, 503)
)
async def callback(
    request: Request,
    parts: Parts,
    state: Word = None,
    code: Word = None,
    error: Word = None,
    iss: Word = None,
) -> Response:
    """The sign-in provider sends the browser back here. Opens a session where all is right; else the browser is led to
    the page, with `signInError=CODE` in the query."""
    provider, to = _provider(request), "/"
    try:
        attempt, to = _kept(request, parts)
        vouched = await _vouched(
            request, parts, provider, attempt, state=state, code=code, error=error, iss=iss
        )
        user = await user_by_oidc(parts.db, vouched.issuer, vouched.subject, vouched.name)
    except (CallError, MachineError) as refusal:
        return _back(request, to, refusal)
    response = RedirectResponse(to, 303)
    set_session(response, parts.settings, await open_session(parts.db, user, parts.settings.session_days))
    https = is_https(parts.settings)
    response.delete_cookie(_cookie(parts.settings), path="/", secure=https, httponly=True, samesite="lax")
    return response


async def _vouched(
    request: Request,
    parts: Context,
    provider: OpenIdConnect,
    attempt: Attempt,
    *,
    state: str | None,
    code: str | None,
    error: str | None,
    iss: str | None,
) -> Vouched:
    """Whom the provider vouches for. Raises CallError sign_in_failed, sign_in_not_allowed; MachineError
    oidc_unreachable."""
    if not hmac.compare_digest((state or "").encode(), attempt.state.encode()):
        raise sign_in_failed("it was begun elsewhere")
    if error is not None or not code:
        raise sign_in_failed("the provider did not let you in")
    if iss is not None and iss != parts.settings.oidc.issuer:
        raise sign_in_failed("another provider answered")
    return await provider.finish(code, attempt, _our_address(request, parts.settings))


def _back(request: Request, to: str, error: CallError | MachineError) -> Response:
    """A browser goes back to the page, which says why in its own words; a program is told by the error itself."""
    if not page.is_served(request.app) or "text/html" not in request.headers.get("accept", ""):
        raise error
    path, _, query = to.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != SIGN_IN_ERROR]
    return RedirectResponse(f"{path}?{urlencode([*kept, (SIGN_IN_ERROR, error.code)])}", 303)


def _provider(request: Request) -> OpenIdConnect:
    found = cast("OpenIdConnect | None", request.app.state.oidc)
    if found is None:
        raise CallError("oidc_not_configured", "This server has no sign-in provider.")
    return found


def _our_address(request: Request, settings: Settings) -> str:
    """Where the provider sends the browser back to; the same in both calls, as the protocol wants it."""
    base = settings.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return f"{base.rstrip('/')}/api/oidc/callback"


def _cookie(settings: Settings) -> str:
    return f"__Host-{COOKIE}" if is_https(settings) else COOKIE


def _key(parts: Context) -> OctKey:
    return OctKey.import_key(derived(server_key(parts.settings), "oidc"))


def _keep(response: Response, parts: Context, attempt: Attempt, to: str) -> None:
    """What has to come back stays in this browser, signed, for some minutes."""
    claims = {**asdict(attempt), "to": to, "exp": int(time.time()) + MINUTES * 60}
    response.set_cookie(
        _cookie(parts.settings),
        jwt.encode({"alg": "HS256"}, claims, _key(parts)),
        max_age=MINUTES * 60,
        path="/",
        secure=is_https(parts.settings),
        httponly=True,
        samesite="lax",
    )


def _kept(request: Request, parts: Context) -> tuple[Attempt, str]:
    """What was kept. Raises CallError sign_in_failed where it is not there, too old or not ours."""
    try:
        token = jwt.decode(
            request.cookies.get(_cookie(parts.settings), ""), _key(parts), algorithms=["HS256"]
        )
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(token.claims)
    except (JoseError, ValueError) as error:
        raise sign_in_failed("it took too long, or was begun in another browser") from error
    claims = token.claims
    return Attempt(claims["state"], claims["nonce"], claims["verifier"]), claims["to"]
