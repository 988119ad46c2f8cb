"""A line to a server that a test can hold or cut: it passes bytes on, as they are, both ways."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_READ_BYTES = 65536


class Line:
    """Listens on a port of its own and passes on to another. `hold(words)` keeps back what holds these bytes on its
    way there, until `go_on()`; `cut()` ends all WebSockets and lets none through, until `mend()`."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._held: bytes | None = None
        self._goes = threading.Condition()
        self._cut = False
        self._sockets: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def hold(self, words: bytes) -> None:
        self._held = words

    def go_on(self) -> None:
        with self._goes:
            self._held = None
            self._goes.notify_all()

    def cut(self) -> None:
        self._cut = True
        for each in list(self._sockets):
            _end(each)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self.go_on()
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):  # it is closed: the test is over
            while True:
                here = self._listener.accept()[0]
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        with here, suppress(OSError), socket.create_connection(("127.0.0.1", self._there)) as there:
            for each in (here, there):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._pass_back, args=(there, here), daemon=True).start()
            while said := here.recv(_READ_BYTES):
                if b"upgrade: websocket" in said.lower():
                    if self._cut:
                        break
                    self._sockets.add(here)
                with self._goes:
                    self._goes.wait_for(lambda said=said: self._held is None or self._held not in said)  # type: ignore[misc]
                there.sendall(said)
            _end(there)
        self._sockets.discard(here)

    def _pass_back(self, there: socket.socket, here: socket.socket) -> None:
        with suppress(OSError):
            while said := there.recv(_READ_BYTES):
                here.sendall(said)
        _end(here)


def _end(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line to a port of this machine."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()
