"""How the server keeps a WebSocket."""

from __future__ import annotations

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

CLIENT_MESSAGE_BYTES = 4096  # clients have nothing to say
CLOSE_WITHIN_S = 5.0


class ClientSocket(WebSocketsSansIOProtocol):
    """uvicorn waits without end for a client that reads nothing; this lets it go when the socket is to close."""

    async def send(self, message: ASGISendEvent) -> None:
        """Send; a close does not wait for what was sent before to be read."""
        closing = message["type"] == "websocket.close"
        if closing:
            self.writable.set()
        await super().send(message)
        if closing:
            self._let_go()

    def keepalive_timeout(self) -> None:
        """The client has not answered a ping."""
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        """The server stops."""
        super().shutdown()
        self._let_go()

    def _let_go(self) -> None:
        self.loop.call_later(CLOSE_WITHIN_S, self.transport.abort)
