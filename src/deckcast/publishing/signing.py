"""Links that open one object of a bucket for a while: query signing of AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
The storage library signs links too, but without the headers that a browser shall see.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlsplit

from deckcast.publishing.address import BucketAddress

MAX_S = 7 * 24 * 3600
_ALGORITHM = "AWS4-HMAC-SHA256"


def signed_link(
    address: BucketAddress, path: str, expires_s: float, at: datetime, headers: dict[str, str] | None = None
) -> str:
    """An address that opens `path` (within the bucket) for `expires_s` seconds (1 s to 7 days) from `at` (UTC).

    `headers` are what the answer shall say ("response-content-type": "video/mp4").
    """
    endpoint = address.public_endpoint or address.endpoint
    host = urlsplit(endpoint).netloc
    place = f"/{address.bucket}/{quote(path, safe='/-_.~')}"
    time, scope = at.strftime("%Y%m%dT%H%M%SZ"), f"{at:%Y%m%d}/{address.region}/s3/aws4_request"
    fields = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{address.access_key_id}/{scope}",
        "X-Amz-Date": time,
        "X-Amz-Expires": str(max(1, min(MAX_S, int(expires_s)))),
        "X-Amz-SignedHeaders": "host",
        **(headers or {}),
    }
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(fields.items()))
    request = "\n".join(("GET", place, query, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"))
    to_sign = "\n".join((_ALGORITHM, time, scope, hashlib.sha256(request.encode()).hexdigest()))
    key = f"AWS4{address.secret_access_key}".encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return f"{endpoint}{place}?{query}&X-Amz-Signature={key.hex()}"


def saved_as(filename: str) -> str:
    """The Content-Disposition that makes a browser save a file under a name (RFC 6266)."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
