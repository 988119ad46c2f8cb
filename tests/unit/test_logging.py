"""Lines of the log: structured, with what libraries say among them, and never with a secret."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from deckcast.kit.logging import secrets_of, service_log_level, set_up_logging, set_up_service_logging
from deckcast.kit.settings import Settings

CANARIES = {
    "heygen": "canary-of-heygen-0123",
    "secret": "canary-of-the-server",
    "oidc": "canary+of/oidc=",
}


@pytest.fixture
def settings() -> Settings:
    return Settings(
        heygen={"api_key": CANARIES["heygen"]}, secret_key=CANARIES["secret"], oidc={"client_secret": CANARIES["oidc"]}
    )  # fmt: skip


@pytest.fixture
def lines(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    set_up_service_logging(settings)
    yield out
    root.handlers[:], root.level = before, level
    monkeypatch.undo()
    set_up_logging("CRITICAL")


def said(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_every_secret_of_the_settings_is_known(settings: Settings) -> None:
    assert secrets_of(settings) >= set(CANARIES.values())
    assert secrets_of(Settings(storage={"secret_access_key": SecretStr("deep")})) == {"deep"}


def test_no_secret_comes_out_wherever_it_stands(lines: io.StringIO) -> None:
    log = structlog.get_logger("x")
    for hidden in (*CANARIES.values(), "dct_canary-token_of-ann", "https://s/x?X-Amz-Signature=canary&e=1"):
        try:
            raise ValueError(f"refused: {hidden}")
        except ValueError as error:
            log.error("call.failed", exc_info=error, words=hidden, deep={"a": [hidden, {"b": (hidden,)}]})
        log.info("thing.shown", thing=ValueError(hidden), text=f"/media/1?sig={hidden}", raw=hidden.encode())
        logging.getLogger("some.library").warning("it said %s", hidden)
    assert "canary" not in lines.getvalue().lower()
    assert len(said(lines)) == 15
    assert said(lines)[0]["event"] == "call.failed"
    assert "Traceback" in said(lines)[0]["exception"]
    assert "https://s/x?[hidden]" in lines.getvalue()
    assert "Authorization: Bearer" not in lines.getvalue()


def test_headers_with_keys_are_taken_out(lines: io.StringIO) -> None:
    structlog.get_logger("x").info(
        "call.made", header="Authorization: Bearer abc.def-CANARY", count=3, ok=True
    )
    (line,) = said(lines)
    assert line["header"] == "Authorization: Bearer [hidden]"
    assert (line["count"], line["ok"], line["level"]) == (3, True, "info")


def test_a_service_says_more_than_a_command_unless_told_otherwise() -> None:
    assert service_log_level(Settings()) == "INFO"
    assert service_log_level(Settings(log_level="ERROR")) == "ERROR"


def test_ids_of_the_context_stand_in_every_line(lines: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(batch_id="bat_1", step="submit"):
        structlog.get_logger("x").info("avatar_video.submitted", provider="heygen")
    (line,) = said(lines)
    assert (line["batch_id"], line["step"], line["provider"]) == ("bat_1", "submit", "heygen")
