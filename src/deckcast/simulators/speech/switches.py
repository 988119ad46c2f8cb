"""How the simulated services behave where their documents leave it open, and how fast their time runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from deckcast.simulators.tables import checked


@dataclass(frozen=True, slots=True)
class Switches:
    """Every switch. Times are seconds of the services' time, which passes `speed` times as fast."""

    speed: float = 1.0
    api_keys: tuple[str, ...] = ()  # accepted besides every key that begins with "sim-"
    max_concurrent: int = 5  # of each service
    retry_after_s: float = 2.0
    tells_retry_after: bool = True  # whether 429 says how long to wait
    answer_s: float = 0.0  # how long every speech takes at least
    credit_chars: int = 10_000_000  # of each service; what is spoken beyond is refused

    openai_usd_per_million_chars: float = 15.0
    openai_wav_length: Literal["unknown", "true"] = "unknown"  # in the header of a streamed WAV file

    elevenlabs_usd_per_million_chars: float = 165.0
    elevenlabs_quota_status: Literal["401", "402"] = "401"  # of quota_exceeded
    elevenlabs_tells_cost: bool = True  # the character-cost header
    elevenlabs_breaks_timed: bool = True  # the characters of break tags are in the alignment
    elevenlabs_keeps_history: bool = True  # previous_request_ids are known
    elevenlabs_page_size: int = 100

    azure_usd_per_million_chars: float = 16.0
    azure_busy: Literal["handshake", "close"] = "close"  # where too many at once are refused
    azure_visemes: bool = True  # some languages have none

    def scaled(self, seconds: float) -> float:
        """Seconds of the services' time in real seconds."""
        return seconds / self.speed


def switches_from(values: Mapping[str, Any], base: Switches | None = None) -> Switches:
    """`base` with some switches set; raises ValueError for a name or a value that is not one."""
    result = replace(base or Switches(), **checked(Switches, values, "The simulator"))
    if result.speed <= 0:
        raise ValueError("speed has to be above 0.")
    return result
