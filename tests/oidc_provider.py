"""A small OpenID Connect provider on this machine, that signs everybody in at once, with faults on request."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT = "deckcast-here"
SECRET = "a secret: with/odd+letters"


def _rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, auto_kid=False)


OWN_KEY, OTHER_KEY = _rsa("of-the-provider"), _rsa("of-the-provider")
EC_KEY = ECKey.generate_key("P-256", {"kid": "curved"}, auto_kid=False)


@dataclass
class Provider:
    """What it says and does. `claims` are of the user who is signed in; `fault` is one of:
    nonce, audience, issuer, expired, none, other_key, hmac, no_nonce, azp, at_hash, no_token, refused, denied,
    no_keys, odd_keys, other_issuer_described, plain_http, down, not_json."""

    fault: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "1", "email": "ann@example.org"})
    userinfo: dict[str, Any] | None = None
    auth_methods: list[str] | None = None
    signed_with_ec: bool = False
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    exchanges: list[dict[str, str]] = field(default_factory=list)

    def describe(self) -> dict[str, Any]:
        """What it says of itself."""
        base = "http://idp.example.org" if self.fault == "plain_http" else self.issuer
        said = {
            "issuer": f"{self.issuer}/other" if self.fault == "other_issuer_described" else self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        }
        if self.userinfo is not None:
            said["userinfo_endpoint"] = f"{self.issuer}/userinfo"
        if self.auth_methods is not None:
            said["token_endpoint_auth_methods_supported"] = self.auth_methods
        return said

    def authorize(self, asked: dict[str, str]) -> str:
        """Sign in, and say where the browser goes next."""
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
            "code",
            CLIENT,
            "S256",
        )
        assert "openid" in asked["scope"].split()
        back = {"state": asked["state"]}
        if self.fault == "denied":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            self.codes[back["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def exchange(self, form: dict[str, str], login: str | None) -> tuple[int, dict[str, Any]]:
        """Take a code, once, from whoever began the sign-in and knows the secret."""
        self.exchanges.append({**form, **({"login": login} if login else {})})
        asked = self.codes.pop(form["code"], None)
        known = login == f"{CLIENT}:{SECRET}" or (form.get("client_id"), form.get("client_secret")) == (
            CLIENT,
            SECRET,
        )
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proven = asked is not None and asked["code_challenge"] == _base64(digest)
        if (
            not proven
            or not known
            or asked["redirect_uri"] != form["redirect_uri"]
            or self.fault == "refused"
        ):
            return 400, {"error": "invalid_grant"}
        token = secrets.token_urlsafe(16)
        if self.fault == "no_token":
            return 200, {"access_token": token, "token_type": "Bearer"}
        return 200, {
            "access_token": token,
            "token_type": "Bearer",
            "id_token": self.id_token(asked["nonce"], token),
        }

    def id_token(self, nonce: str, access_token: str) -> str:
        """The word of the provider on who signed in, right or wrong."""
        at_hash = _base64(hashlib.sha256(access_token.encode()).digest()[:16])
        now = int(time.time())
        said: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        said |= {"nonce": nonce, "at_hash": at_hash, **self.claims}
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"},
            "audience": {"aud": "another"},
            "issuer": {"iss": "https://another.example.org"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "azp": {"aud": [CLIENT, "another"], "azp": "another"},
            "at_hash": {"at_hash": "another"},
        }
        said |= wrong.get(self.fault, {})
        if self.fault == "no_nonce":
            del said["nonce"]
        if self.fault == "none":
            return f"{_json64({'alg': 'none', 'kid': 'of-the-provider'})}.{_json64(said)}."
        if self.fault == "hmac":  # signed with what everybody knows: the public key, as if it were a password
            return _by_password(said, OWN_KEY.as_pem(private=False))
        if self.signed_with_ec:
            return jwt.encode({"alg": "ES256", "kid": "curved"}, said, EC_KEY)
        key = OTHER_KEY if self.fault == "other_key" else OWN_KEY
        return jwt.encode({"alg": "RS256", "kid": "of-the-provider"}, said, key)

    def answer(self, method: str, path: str, given: dict[str, str], login: str | None) -> tuple[int, Any]:
        """Status and JSON, or where to go."""
        self.calls.append(f"{method} {path}")
        if self.fault == "down":
            return 503, {}
        if self.fault == "not_json":
            return 200, None
        if path == "/.well-known/openid-configuration":
            return 200, self.describe()
        if path == "/authorize":
            return 302, self.authorize(given)
        if path == "/jwks" and self.fault in ("no_keys", "odd_keys"):
            return 200, {} if self.fault == "no_keys" else {"keys": ["odd"]}
        if path == "/jwks":
            odd = {"kty": "odd", "kid": "from-the-future"}
            return 200, {"keys": [odd, *(key.as_dict(private=False) for key in (EC_KEY, OWN_KEY))]}
        if path == "/token" and method == "POST":
            return self.exchange(given, login)
        return (200, self.userinfo) if path == "/userinfo" else (404, {})


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _json64(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _by_password(said: dict[str, Any], password: bytes) -> str:
    import hmac

    signed = f"{_json64({'alg': 'HS256', 'kid': 'of-the-provider'})}.{_json64(said)}"
    return f"{signed}.{_base64(hmac.new(password, signed.encode(), hashlib.sha256).digest())}"


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """Serve on a free port; `issuer` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._say(*provider.answer("GET", parts.path, _flat(parts.query), None))

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.answer("POST", self.path, _flat(form), self._login()))

        def _login(self) -> str | None:
            scheme, _, given = self.headers.get("Authorization", "").partition(" ")
            if scheme != "Basic":
                return None
            name, _, password = base64.b64decode(given).decode().partition(":")
            return f"{unquote(name)}:{unquote(password)}"

        def _say(self, status: int, said: Any) -> None:
            body = b"<html>" if said is None else json.dumps(said).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", said)
                body = b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()} if query else {}
