"""Bytes that no client sends: the server answers with a refusal or hangs up, shows nothing of its inside, and lives."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from structlog.testing import capture_logs

from api_rows import filmed
from serving import Server, story

HANGS_S = 60
WAITS_S = 10
AT_ONCE = 16
OPEN = b"Host: localhost\r\n"
CLOSE = OPEN + b"Connection: close\r\n"
JSON = CLOSE + b"Content-Type: application/json\r\n"
AT = b"/api/presentations/pre_1"
WORDS = b"/api/slides/sli_11/narrative"

TARGETS = (
    *(
        b"/api/presentations/%2e%2e%2f",
        b"/api/presentations/../../etc/passwd",
        b"//api/me",
        b"/api//me",
        b"//",
    ),
    *(
        b"/api/presentations/;x=1",
        b"/api/presentations/%00",
        b"/api/presentations/pre_1%00",
        b"/api/me;",
        b"*",
        b"/..",
    ),
    *(
        b"/api/slides/%2F..%2f/image",
        b"/api/slides/%ff%fe",
        b"/api/avatars/..%2f..%2fmaya/preview",
        b"/api/%c0%ae",
    ),
    *(
        b"/api/shared/..%5c..%5cfilm",
        b"/api/shared/" + b"%00" * 30,
        b"/api/me%0d%0aX-Mine:%20yes",
        b"/api/me#part",
    ),
    *(
        b"/%",
        b"/%zz",
        b"/api/%u0041",
        b"/\xff\xfe",
        b"/api/\xe2\x80\xae",
        b"/api/me\\",
        b"/api/me?%",
        b"/api/me?=&&;;",
    ),
    *(
        b"/" + b"a" * 60_000,
        b"/api/" + b"../" * 20_000,
        AT + b"?" + b"x" * 60_000,
        b"/?" + b"a[]=1&" * 10_000,
    ),
    *(
        b"/api/presentations?limit=" + b"9" * 5000,
        b"/api/presentations?limit=1e400",
        b"/api/presentations?limit=%D9%A1",
    ),
    *(
        b"/api/presentations?cursor=%00",
        b"/api/presentations?cursor=%ed%a0%80",
        b"/api/presentations?cursor=a&cursor=b",
    ),
    *(
        AT + b"/estimate?maxCostUsd=inf",
        AT + b"/estimate?maxCostUsd=1e999",
        AT + b"/estimate?selectedSlideIds=%00",
    ),
    *(AT + b"/avatar-videos?slideId=%00", AT + b"/film/media?download=%00", b"/api/oidc/login?to=//evil%00"),
    *(
        b"http://localhost/api/me",
        b"http://evil.example/api/me",
        b"http://[/api/me",
        b"ftp://x",
        b"localhost:80",
    ),
)
METHODS = (
    b"TRACE",
    b"CONNECT",
    b"HEAD",
    b"OPTIONS",
    b"PROPFIND",
    b"get",
    b"G\x00T",
    b"QUERY",
    b"PRI",
    b"M" * 5000,
)
HEADERS = (
    *(b"".join(b"X-%d: y\r\n" % number for number in range(5000)), b"X-Long: " + b"y" * 200_000 + b"\r\n"),
    *(
        b"X: a\x00b\r\n",
        b"X: a\rb\r\n",
        b"X : y\r\n",
        b"X: a\r\n folded\r\n",
        b": y\r\n",
        b"no colon\r\n",
        b"\xff: \xff\r\n",
    ),
    *(
        b"Authorization: Bearer \xff\xfe\r\n",
        b"Authorization: Bearer\r\n",
        b"Authorization: Bearer dct_\x01\r\n",
    ),
    *(
        b'Cookie: deckcast_session=\xff; =; ;;; a="\r\n',
        b"Cookie: deckcast_oidc=\xff.\xff.\xff\r\n",
        b"Cookie: \r\n",
    ),
    *(
        b"Range: bytes=" + b"9" * 5000 + b"-\r\n",
        b"Range: bytes=0-" + b"9" * 18 + b"\r\n",
        b"Range: \xff\r\n",
        b"Range: bytes=-\r\n",
    ),
    *(
        b"Range: bytes=" + b"0-0," * 2000 + b"\r\n",
        b"If-Range: \xff\r\n",
        b"If-None-Match: \xff\r\n",
        b"If-None-Match: *\r\n",
    ),
    *(
        b"Origin: \xff\r\n",
        b"Origin: http://[\r\n",
        b"Sec-Fetch-Site: \xff\r\n",
        b"Accept: \xff\r\n",
        b"Expect: nonsense\r\n",
    ),
    *(
        b"Upgrade: websocket\r\n",
        b"Upgrade: h2c\r\nHTTP2-Settings: x\r\n",
        b"X-Forwarded-For: \xff\r\n",
        b'Forwarded: for="[\r\n',
    ),
    *(
        b"traceparent: 00-\xff\r\n",
        b"Host: localhost\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1e3\r\n",
    ),
    *(
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: " + b"9" * 40 + b"\r\n",
        b"Transfer-Encoding: gzip\r\n",
    ),
)
KEYS = (b"\xff", b"", b"a b", b"k" * 5000, b"a\x00", b"\xe2\x80\xae")
BODIES = (
    *(
        b"[" * 100_000,
        b'{"text":' * 50_000,
        b'{"text": 1' + b"0" * 5000 + b"}",
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
    ),
    *(
        b'{"text": "a\\u0000b"}',
        b'{"text": "a", "text": 1}',
        b'\xef\xbb\xbf{"text": "a"}',
        b'{"text": "\xff"}',
        b"\x00",
        b"",
    ),
    *(
        b'{"text": "a", "ifVersion": 1' + b"0" * 400 + b"}",
        b'{"text": "a", "ifVersion": 1e400}',
        b"null",
        b'"text"',
        b"{",
    ),
    *(
        b'{"text": "a", "language": "\\ud800"}',
        b'{"\\ud800": 1, "text": "a"}',
        b'{"text": "' + b"a" * 2_000_000 + b'"}',
    ),
)
TYPES = (
    b"\xff",
    b"application/json; charset=utf-7",
    b"application/json; charset=\xff",
    b"text/xml",
    b"",
    b"json",
    b"a/b/c;;=",
)
CHUNKED = (
    b"zz\r\n",
    b"-1\r\n",
    b"F" * 40 + b"\r\n",
    b"5\r\nab",
    b"1\r\nabc\r\n0\r\n\r\n",
    b"0\r\nX: \x00\r\n\r\n",
    b"5;" + b"x" * 9000,
)
FORMS = (
    *(
        b"multipart/form-data",
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=" + b"x" * 5000,
    ),
    *(
        b"multipart/form-data; boundary=\xff",
        b"multipart/form-data; boundary=b; boundary=c",
        b"multipart/mixed; boundary=b",
    ),
    *(
        b"multipart/form-data; boundary=b",
        b'multipart/form-data; boundary="',
        b"multipart/form-data; boundary*=utf-8''b",
    ),
)
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename%s\r\n\r\n%%PDF-\x00\r\n--b--\r\n'
NAMES = (
    b'="a\x00b"',
    b'="../../x"',
    b'="\xff"',
    b"*=utf-8''%00%ff",
    b'="' + b"a" * 9000 + b'"',
    b"",
    b'=""',
    b'="\xe2\x80\xae"',
)


def with_body(method: bytes, target: bytes, body: bytes, head: bytes = JSON) -> bytes:
    return b"%s %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (method, target, head, len(body), body)


def requests() -> list[bytes]:
    """Whole requests; the server is to close the line after each."""
    at_media = AT + b"/film/media"
    form = CLOSE + b"Content-Type: %s\r\n"
    return [
        *(b"GET %s HTTP/1.1\r\n%s\r\n" % (target, CLOSE) for target in TARGETS),
        *(b"POST %s HTTP/1.1\r\n%s\r\n" % (target, CLOSE) for target in TARGETS),
        *(
            b"%s %s HTTP/1.1\r\n%s\r\n" % (each, target, CLOSE)
            for each in METHODS
            for target in (AT, at_media, b"*")
        ),
        *(
            b"GET %s HTTP/1.1\r\n%s%s\r\n" % (target, CLOSE, each)
            for each in HEADERS
            for target in (AT, at_media)
        ),
        *(
            with_body(b"POST", AT + b"/make-film", b"{}", JSON + b"Idempotency-Key: %s\r\n" % key)
            for key in KEYS
        ),
        *(with_body(b"PUT", WORDS, body) for body in BODIES),
        *(with_body(b"POST", AT + b"/shares", body) for body in BODIES),
        *(with_body(b"PATCH", AT, body) for body in BODIES),
        *(with_body(b"POST", b"/api/webhooks/heygen", body) for body in BODIES),
        *(
            with_body(b"PUT", WORDS, b'{"text": "a"}', CLOSE + b"Content-Type: %s\r\n" % each)
            for each in TYPES
        ),
        *(with_body(b"POST", b"/api/presentations", b"--b\r\n\r\n--b--\r\n", form % each) for each in FORMS),
        *(with_body(b"POST", b"/api/presentations", PART % each, form % FORMS[6]) for each in NAMES),
        *(
            b"PUT %s HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n%s" % (WORDS, JSON, each)
            for each in CHUNKED
        ),
        *(
            b"\x16\x03\x01\x02\x00",
            b"\r\n" * 10_000,
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET / HTTP/1.1\n\n",
            b"\x00" * 5000,
        ),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]


async def answer_to(server: Server, request: bytes) -> bytes:
    """All that the server says before it hangs up; what is unfinished is given up after a moment without an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(request)
        try:
            async with asyncio.timeout(WAITS_S):
                return await reader.read()
        except TimeoutError:  # it waits for more: there is none
            writer.write_eof()
            async with asyncio.timeout(HANGS_S):
                return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def check(server: Server, request: bytes) -> bool:
    """Whether it was answered."""
    answer = await answer_to(server, request)
    said = f"{request[:300]!r} was answered {answer[:600]!r}"
    assert re.match(rb"HTTP/1\.1 [1-4]\d\d ", answer) or not answer, said
    for inside in (b"Traceback", b"site-packages", b"X-Mine"):
        assert inside not in answer, said
    return bool(answer)


def test_bytes_that_no_client_sends(tmp_path: Path) -> None:
    async def told(server: Server) -> None:
        await filmed(server.parts)
        everything, answered = requests(), 0
        for first in range(0, len(everything), AT_ONCE):
            some = everything[first : first + AT_ONCE]
            answered += sum(await asyncio.gather(*(check(server, each) for each in some)))
        assert answered > len(everything) * 0.95
        assert (await server.client.get("/api/presentations/pre_1/film/media")).status_code == 200
        assert (await server.client.get("/readyz")).status_code == 200

    with capture_logs() as logs:
        story(tmp_path, told)
    assert [each for each in logs if each["event"] in ("request.failed", "request.answered_badly")] == []
