"""What STORAGE_URL and its settings say, checked before anything is asked of a bucket."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from deckcast.kit.errors import CallError
from deckcast.kit.settings import StorageSettings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9_\-.]+(/[A-Za-z0-9_\-.]+)*")
_R2 = ".r2.cloudflarestorage.com"


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket that speaks S3, and the keys to it. `endpoint` has no path; buckets are named in the path. Links begin
    with `public_endpoint`, where browsers know the store by another address."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    public_endpoint: str | None = None

    @property
    def is_encrypted(self) -> bool:
        """Whether the way there is (https)."""
        return self.endpoint.startswith("https:")


def bucket_address(url: str, settings: StorageSettings) -> BucketAddress:
    """The bucket behind `s3://bucket/prefix`. Raises CallError storage_url_invalid, naming what is wrong."""
    bucket, prefix = _place(url)
    key_id, secret = settings.access_key_id, settings.secret_access_key
    if not key_id or not secret or not secret.get_secret_value():
        name = "SECRET_ACCESS_KEY" if key_id else "ACCESS_KEY_ID"
        raise invalid(f"DECKCAST_STORAGE__{name} is missing", "Set it to the key of the bucket's account.")
    if settings.endpoint is None and not settings.region:
        raise invalid(
            "DECKCAST_STORAGE__REGION is missing",
            "Name the bucket's region, or the store's address in DECKCAST_STORAGE__ENDPOINT.",
        )
    own = settings.endpoint or f"https://s3.{settings.region}.amazonaws.com"
    endpoint = _endpoint(own, "DECKCAST_STORAGE__ENDPOINT", settings.allow_http)
    public = settings.public_endpoint
    if public is not None:
        public = _endpoint(public, "DECKCAST_STORAGE__PUBLIC_ENDPOINT", False)
    region = settings.region or ("auto" if endpoint.endswith(_R2) else "us-east-1")
    return BucketAddress(bucket, prefix, endpoint, region, key_id, secret.get_secret_value(), public)


def invalid(what: str, next_step: str) -> CallError:
    """The error of a setting that names no storage; it never repeats an address, which may hold a key."""
    return CallError("storage_url_invalid", f"The storage cannot be used: {what}.", next_step=next_step)


def _place(url: str) -> tuple[str, str]:
    parts = _split(url, "DECKCAST_STORAGE_URL")
    shape = "Write it as s3://bucket/prefix."
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        step = "Give keys as DECKCAST_STORAGE__ACCESS_KEY_ID and DECKCAST_STORAGE__SECRET_ACCESS_KEY."
        raise invalid("DECKCAST_STORAGE_URL holds a key", step)
    if parts.query or parts.fragment:
        raise invalid("DECKCAST_STORAGE_URL goes on after the prefix", shape)
    if not _BUCKET.fullmatch(parts.netloc):
        raise invalid("DECKCAST_STORAGE_URL names no bucket that could exist", shape)
    prefix = parts.path.strip("/")
    if prefix and (not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/"))):
        step = "Use letters, digits, dots, dashes and underscores, with / between."
        raise invalid("the prefix in DECKCAST_STORAGE_URL has other signs than a key may have", step)
    return parts.netloc, prefix


def _endpoint(url: str, name: str, allow_http: bool) -> str:
    parts = _split(url, name)
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise invalid(f"{name} is no address of a server", "Write it as https://host.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise invalid(f"{name} goes on after the host", "Write the bucket into DECKCAST_STORAGE_URL only.")
    if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname):
        raise invalid(f"{name} is not encrypted", "Use https; http is for a store on this machine only.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_usual = parts.port in (None, {"https": 443, "http": 80}[parts.scheme])
    return f"{parts.scheme}://{host}" + ("" if is_usual else f":{parts.port}")


def _split(url: str, name: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise invalid(f"{name} is no address", "Correct it.") from error
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
