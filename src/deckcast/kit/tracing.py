"""Traces: a span around each HTTP request and each durable step, sent by OpenTelemetry where a setting says so.

Without the setting `span` costs nothing and loads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deckcast.kit.errors import CallError, DeckcastError

TRACES = "/v1/traces"
INSTALL = "uv pip install 'deckcast[telemetry]'"

Attribute = str | int | float | bool

_provider: Any = None


class Span:
    """What is known of a span while it lasts."""

    def __init__(self, traced: Any = None) -> None:
        self._traced = traced

    def rename(self, name: str) -> None:
        """Call it otherwise, once more is known."""
        if self._traced is not None:
            self._traced.update_name(name)

    def set(self, **attributes: Attribute) -> None:
        """Say more of it, such as how it ended."""
        if self._traced is not None:
            self._traced.set_attributes({_dotted(name): value for name, value in attributes.items()})

    def fail(self, code: str) -> None:
        """It failed, with this error code."""
        if self._traced is not None:
            from opentelemetry.trace import Status, StatusCode

            self._traced.set_attributes({"error.type": code})
            self._traced.set_status(Status(StatusCode.ERROR))


def start(endpoint: str | None, service: str = "deckcast") -> None:
    """Send spans to an OTLP endpoint over HTTP (`http://host:4318`) from now on; None: send none.

    Raises CallError telemetry_missing where the library is not installed.
    """
    global _provider
    if endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise CallError(
            "telemetry_missing",
            "Traces are to be sent (DECKCAST_TELEMETRY__OTLP_ENDPOINT), and the library for it is not installed.",
            next_step=f"Install it: {INSTALL}",
        ) from error
    stop()
    address = endpoint.rstrip("/")
    exporter = OTLPSpanExporter(endpoint=address if address.endswith(TRACES) else address + TRACES)
    _provider = TracerProvider(resource=Resource.create({"service.name": service}))
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def stop() -> None:
    """Send what is left, and send no more."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        provider.shutdown()


@contextmanager
def span(name: str, **attributes: Attribute) -> Iterator[Span]:
    """A span around a block; `http__route` is written `http.route`. An exception marks it as failed,
    by its code or its class: never by its words."""
    if _provider is None:
        yield Span()
        return
    tracer = _provider.get_tracer("deckcast")
    given = {_dotted(each): value for each, value in attributes.items()}
    with tracer.start_as_current_span(
        name, attributes=given, record_exception=False, set_status_on_exception=False
    ) as traced:
        ours = Span(traced)
        try:
            yield ours
        except Exception as error:
            ours.fail(error.code if isinstance(error, DeckcastError) else type(error).__name__)
            raise


def _dotted(name: str) -> str:
    return name.replace("__", ".")
