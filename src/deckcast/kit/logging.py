"""Structured logs on stderr: constant event names `noun.verbed`, context ids, never narratives, URLs or keys.

What slips in all the same is taken out before a line is written: known secrets, tokens of users, and what makes a link
a signed one.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog
from pydantic import BaseModel, SecretStr
from structlog.typing import Processor

from deckcast.kit.settings import Settings

HIDDEN = "[hidden]"
SHORTEST_SECRET = 4  # what is shorter stands in ordinary words too
_TOKENS = re.compile(r"\bdct_[A-Za-z0-9_\-]+")
_BEARERS = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9+/=_.~\-]+", re.IGNORECASE)
_QUERIES = re.compile(r"(https?://[^\s?#\"'<>]+)\?[^\s\"'<>]*", re.IGNORECASE)
_SIGNED = re.compile(
    r"\?[^\s\"'<>]*(?:signature|sig|token|secret|credential|expires|key)=[^\s\"'<>]*", re.IGNORECASE
)
_QUIET = ("dbos", "alembic", "sqlalchemy", "asyncio")


def set_up_logging(level: str, *, secrets: Iterable[str] = (), as_json: bool | None = None) -> None:
    """Configure structlog and the standard library's loggers alike; `level` is a name such as WARNING. `secrets` never
    appear in a line. `as_json` None: for a person at a terminal in words, else one JSON object a line."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.WARNING)
    in_words = sys.stderr.isatty() if as_json is None else not as_json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redaction(secrets),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if in_words else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    if as_json:
        _take_over_libraries(shared, renderer)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(number, logging.ERROR))


def set_up_service_logging(settings: Settings) -> None:
    """Logging of a server or a worker: JSON lines from INFO on, unless DECKCAST_LOG_LEVEL says otherwise; what
    libraries warn of is among them. A person who started it in a terminal is left in peace, and asks for a level."""
    if sys.stderr.isatty() and "log_level" not in settings.model_fields_set:
        return
    set_up_logging(service_log_level(settings), secrets=secrets_of(settings), as_json=True)


def service_log_level(settings: Settings) -> str:
    """The level that was asked for, else INFO: nobody sits before a server."""
    return settings.log_level if "log_level" in settings.model_fields_set else "INFO"


def secrets_of(settings: BaseModel) -> frozenset[str]:
    """Every secret among the settings, in the clear."""
    found: set[str] = set()
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, BaseModel):
            found |= secrets_of(value)
    return frozenset(found)


class Redaction:
    """A processor that takes secrets out of every value of a line, tracebacks included."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({each for each in secrets if len(each) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(
        self, _logger: Any, _method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """See structlog's processors."""
        return {name: self._clean(value) for name, value in line.items()}

    def _clean(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, dict):
            return {str(name): self._clean(each) for name, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(each) for each in value]
        return self._clean_text(value if isinstance(value, str) else repr(value))

    def _clean_text(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _TOKENS.sub("dct_" + HIDDEN, text)
        text = _BEARERS.sub(rf"\1 {HIDDEN}", text)
        text = _QUERIES.sub(rf"\1?{HIDDEN}", text)
        return _SIGNED.sub(f"?{HIDDEN}", text)


def _take_over_libraries(shared: list[Processor], renderer: Processor) -> None:
    """What libraries warn of becomes lines of the same form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:-1],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, shared[-1], renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
