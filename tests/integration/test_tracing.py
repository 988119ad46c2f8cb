"""Spans arrive at a receiver that speaks OTLP, name routes and steps, and hold no words."""

from __future__ import annotations

import asyncio
import builtins
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deckcast.batches import context, engine
from deckcast.batches.stopping import Stopping
from deckcast.kit import tracing
from deckcast.kit.errors import CallError, WorkError
from serving import Server, story


class Received(list[Any]):
    """Spans, as protocol buffers."""

    def named(self, name: str) -> dict[str, Any]:
        (found,) = [span for span in self if span.name == name]
        values = {each.key: each.value for each in found.attributes}
        return {key: getattr(value, value.WhichOneof("value")) for key, value in values.items()}


@contextmanager
def receiver() -> Iterator[tuple[str, Received]]:
    """A collector of traces on a free port."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    spans = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            import gzip

            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(scope.spans)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", spans
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_requests_arrive_by_their_templates(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.sdk")

    async def told(server: Server) -> None:
        await server.client.get("/healthz?canary=1")
        await server.client.options("/api/webhooks/canary")

    with receiver() as (endpoint, spans):
        story(tmp_path, told, telemetry={"otlp_endpoint": endpoint})
        seen = spans.named("GET /healthz")
        assert seen["http.response.status_code"] == 200
        assert seen["http.request.method"] == "GET"
        assert spans.named("OPTIONS /api/webhooks/{provider}")["http.response.status_code"] == 404
        assert not any(b"canary" in span.SerializeToString() for span in spans)


def test_durable_steps_arrive_with_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("opentelemetry.sdk")

    async def at_once(_options: Any, body: Any) -> Any:
        return await body()

    async def submit(video_id: str) -> str:
        return video_id

    async def publish(video_id: str) -> str:
        raise WorkError("result_lost", "It said: canary.")

    async def steps() -> None:
        assert await engine.step(submit, "avv_1") == "avv_1"
        with pytest.raises(WorkError):
            await engine.step(publish, "avv_2")

    monkeypatch.setattr(engine.DBOS, "run_step_async", at_once)
    monkeypatch.setattr(context, "_current", SimpleNamespace(stopping=Stopping()))
    with receiver() as (endpoint, spans):
        tracing.start(endpoint)
        try:
            asyncio.run(steps())
        finally:
            tracing.stop()
        assert spans.named("submit") == {"deckcast.avatar_video_id": "avv_1"}
        assert spans.named("publish") == {"deckcast.avatar_video_id": "avv_2", "error.type": "result_lost"}
        assert not any(b"canary" in span.SerializeToString() for span in spans)


def test_without_the_setting_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    tracing.start(None)
    with tracing.span("anything", kind="x") as span:
        span.set(more=1)
        span.fail("never")
    with pytest.raises(CallError) as missing:
        tracing.start("http://127.0.0.1:4318")
    assert missing.value.code == "telemetry_missing"
