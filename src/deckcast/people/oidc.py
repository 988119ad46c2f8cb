"""Sign-in by OpenID Connect: authorization code with PKCE. The provider's word counts only when it is signed by a key
of its own, meant for us, about this sign-in, and not expired.

Protocol: openid.net/specs/openid-connect-core-1_0.html and connect-discovery; checks of claims are Authlib's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import structlog
from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from deckcast.kit.errors import CallError, MachineError
from deckcast.kit.settings import OidcSettings

log = structlog.get_logger(__name__)

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
SCOPE = "openid profile email"
CLOCKS_DIFFER_S = 60
DESCRIPTION_HOLDS_S = 3600.0
WITHIN_S = 10.0
LONGEST_SUBJECT = 255  # as the protocol bounds it
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What must come back in a sign-in, or be shown to the provider; known to the browser that signs in alone."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for; `name` is what it calls them."""

    issuer: str
    subject: str
    name: str


def open_oidc(settings: OidcSettings) -> OpenIdConnect | None:
    """The configured provider; None without one. Raises CallError settings_invalid."""
    if settings.issuer is None:
        return None
    if not settings.client_id or not _is_safe(settings.issuer):
        raise CallError(
            "settings_invalid",
            "OpenID Connect needs an issuer with https and a client id.",
            next_step="Set DECKCAST_OIDC__ISSUER and DECKCAST_OIDC__CLIENT_ID as the provider shows them.",
        )
    return OpenIdConnect(settings, settings.issuer, settings.client_id)


class OpenIdConnect:
    """One provider, as it describes itself; nothing is asked of it before somebody signs in."""

    def __init__(self, settings: OidcSettings, issuer: str, client_id: str) -> None:
        self._settings = settings
        self._issuer = issuer
        self._client_id = client_id
        self._description: dict[str, Any] = {}
        self._described_at = 0.0

    async def begin(self, redirect_uri: str) -> tuple[str, Attempt]:
        """Where the browser is sent, and what is kept in it meanwhile. Raises MachineError oidc_unreachable."""
        described = await self._describe()
        attempt = Attempt(generate_token(32), generate_token(32), generate_token(64))
        url = prepare_grant_uri(
            described["authorization_endpoint"],
            client_id=self._client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=attempt.state,
            nonce=attempt.nonce,
            code_challenge=create_s256_code_challenge(attempt.verifier),
            code_challenge_method="S256",
        )
        return str(url), attempt

    async def finish(self, code: str, attempt: Attempt, redirect_uri: str) -> Vouched:
        """Exchange the code that came back, and check whom the provider vouches for.

        Raises CallError sign_in_failed, sign_in_not_allowed; MachineError oidc_unreachable.
        """
        described = await self._describe()
        granted = await self._exchange(described, code, attempt, redirect_uri)
        keys = await _ask("GET", described["jwks_uri"])
        claims = self._checked(granted, keys, attempt)
        if "email" not in claims and _is_safe(described.get("userinfo_endpoint")):
            claims |= await self._more(described, granted, claims["sub"])
        self._check_domain(claims)
        name = claims.get("preferred_username") or claims.get("email") or claims.get("name") or "user"
        return Vouched(self._issuer, claims["sub"], str(name))

    async def _describe(self) -> dict[str, Any]:
        if not self._description or time.monotonic() > self._described_at + DESCRIPTION_HOLDS_S:
            url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            found = await _ask("GET", url)
            used = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self._issuer or not all(_is_safe(found.get(name)) for name in used):
                raise _unreachable("it describes itself as another one, or without https")
            self._description, self._described_at = found, time.monotonic()
        return self._description

    async def _exchange(
        self, described: dict[str, Any], code: str, attempt: Attempt, redirect_uri: str
    ) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        secret = self._settings.client_secret
        ways = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if secret is not None and "client_secret_basic" in ways:
            login = (quote(self._client_id, safe=""), quote(secret.get_secret_value(), safe=""))
            return await _ask("POST", described["token_endpoint"], data=form, auth=login)
        form["client_id"] = self._client_id
        if secret is not None:
            form["client_secret"] = secret.get_secret_value()
        return await _ask("POST", described["token_endpoint"], data=form)

    def _checked(self, granted: dict[str, Any], keys: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        """The claims of the ID token, every one of which was checked."""
        try:
            token = jwt.decode(str(granted.get("id_token")), _signing(keys), algorithms=ALGORITHMS)
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={
                    "client_id": self._client_id,
                    "nonce": attempt.nonce,
                    "access_token": granted.get("access_token"),
                },
            )
            claims.validate(leeway=CLOCKS_DIFFER_S)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("id_token.refused", kind=type(error).__name__, claim=getattr(error, "claim", None))
            raise sign_in_failed("its answer cannot be trusted") from error
        subject = claims["sub"]
        if (
            not isinstance(subject, str)
            or not subject.isprintable()
            or not 0 < len(subject) <= LONGEST_SUBJECT
        ):
            raise sign_in_failed("it does not say whom it means")
        return dict(claims)

    async def _more(self, described: dict[str, Any], granted: dict[str, Any], subject: str) -> dict[str, Any]:
        """What the provider says of the user besides, where it says it of this user."""
        bearer = {"Authorization": f"Bearer {granted.get('access_token')}"}
        told = await _ask("GET", described["userinfo_endpoint"], headers=bearer)
        return told if told.get("sub") == subject else {}

    def _check_domain(self, claims: dict[str, Any]) -> None:
        allowed = {each.lower().lstrip("@") for each in self._settings.allowed_domains}
        name, _, domain = str(claims.get("email") or "").lower().rpartition("@")
        if allowed and not (name and domain in allowed and claims.get("email_verified") is True):
            raise CallError(
                "sign_in_not_allowed",
                "This server is not open to your e-mail address, or the address is not verified.",
                next_step="Ask who runs the server.",
            )


def sign_in_failed(why: str) -> CallError:
    """Nobody is signed in: something about the provider's answer was not right."""
    return CallError("sign_in_failed", f"The sign-in did not work: {why}.", next_step="Sign in again.")


def _signing(keys: dict[str, Any]) -> KeySet:
    """The provider's keys for signatures; it may have others."""
    given = keys["keys"]
    usable = [
        key for key in given if key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP")
    ]
    return KeySet.import_key_set({"keys": usable})


async def _ask(method: str, url: str, **more: Any) -> dict[str, Any]:
    """A JSON object from the provider. Raises CallError sign_in_failed where it refuses; MachineError
    oidc_unreachable where it does not answer like one."""
    near = urlsplit(url).hostname in _THIS_MACHINE
    try:
        async with httpx2.AsyncClient(timeout=WITHIN_S, trust_env=not near) as client:
            answer = await client.request(method, url, **more)
        if answer.status_code != httpx2.codes.OK:
            log.warning("oidc.refused", path=urlsplit(url).path, status=answer.status_code)
        if answer.status_code in (400, 401, 403):
            raise sign_in_failed("the provider refused it")
        found = answer.json() if answer.status_code == httpx2.codes.OK else None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise _unreachable("it does not answer as it should") from error
    if not isinstance(found, dict):
        raise _unreachable("it does not answer as it should")
    return found


def _is_safe(url: Any) -> bool:
    """Whether nobody on the way can read along or answer in place of the one who is asked."""
    try:
        parts = urlsplit(str(url))
        near = parts.hostname in _THIS_MACHINE
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and near))


def _unreachable(why: str) -> MachineError:
    return MachineError(
        "oidc_unreachable",
        f"The sign-in provider cannot be used: {why}.",
        next_step="Try again later; who runs the server looks at DECKCAST_OIDC__ISSUER.",
        retryable=True,
    )
