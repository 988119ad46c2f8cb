"""A server that speaks just enough S3 to take a huge file: it counts the bytes, forgets them, and gives back zeros.

python -m bench.sink prints its port and serves until it is ended; GET /count says what came.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PIECE = bytearray(1 << 18)
ZEROS = bytes(1 << 18)


class Sink(ThreadingHTTPServer):
    """One object at a time: its metadata, and the size of each part."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.parts: dict[int, int] = {}
        self.metadata: dict[str, str] = {}
        self.is_whole = False

    @property
    def size_bytes(self) -> int:
        """Of the object, once it is whole."""
        return sum(self.parts.values())


class Handler(BaseHTTPRequestHandler):
    """The requests of a multipart upload, of a look, and of a fetch in ranges."""

    protocol_version = "HTTP/1.1"
    server: Sink

    def do_POST(self) -> None:
        self._forget_body()
        if "uploads" in self._query():
            self.server.metadata = {
                name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")
            }
            self._answer(
                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
            )
        else:
            self.server.is_whole = True
            self._answer("<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>")

    def do_PUT(self) -> None:
        number, size_bytes = int(self._query()["partNumber"][0]), self._forget_body()
        with self.server.lock:
            self.server.parts[number] = size_bytes
        self._answer("", ETag=f'"{number}"')

    def do_HEAD(self) -> None:
        self._give()

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/count":
            self._answer(json.dumps(list(self.server.parts.values())))
        else:
            self._give()

    def _give(self) -> None:
        if not self.server.is_whole:
            self._answer("", 404)
            return
        size = whole = self.server.size_bytes
        asked = self.headers.get("range")
        self.send_response(206 if asked else 200)
        if asked:
            first, last = map(int, asked.removeprefix("bytes=").split("-"))
            size = last - first + 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{whole}")
        about = {"ETag": '"1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT", **self.server.metadata}
        for name, value in {**about, "Content-Length": str(size)}.items():
            self.send_header(name, value)
        self.end_headers()
        while self.command == "GET" and size:
            size -= self.wfile.write(ZEROS[: min(size, len(ZEROS))])

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _forget_body(self) -> int:
        left = size = int(self.headers.get("content-length", 0))
        while left:
            left -= self.rfile.readinto(memoryview(PIECE)[: min(left, len(PIECE))])
        return size

    def _answer(self, text: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: it would be a line per part."""


if __name__ == "__main__":
    sink = Sink()
    print(sink.server_port, flush=True)
    try:
        sink.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
