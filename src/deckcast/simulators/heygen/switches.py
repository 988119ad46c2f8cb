"""How the simulated account behaves where HeyGen's documents leave it open, and how fast its time runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from deckcast.simulators.tables import checked


@dataclass(frozen=True, slots=True)
class Switches:
    """Every switch. Times are seconds of HeyGen's time: all but `replay_window_s` pass `speed` times as fast.

    The replay window keeps real time because a client measures it by its own clock.
    """

    speed: float = 1.0
    seed: int = 1  # of render times

    api_keys: tuple[str, ...] = ()  # accepted besides every key that begins with "sim-"
    balance_usd: float = 1000.0
    usd_per_second: float = 0.0667
    billing_step_s: float = 1.0
    charge_failed: bool = False
    charge_deleted: bool = False  # a video deleted while it renders is billed all the same

    max_concurrent: int = 10
    retry_after_s: float = 30.0
    retry_after_date: bool = False  # Retry-After as an HTTP date, not as seconds
    create_s: float = 0.0  # how long the create call takes to answer (the real one: up to 31 s)
    queue_s: float = 2.0  # from accepted to rendering
    render_from_s: float = 300.0
    render_to_s: float = 1200.0  # evenly between the two; equal: always the same
    render_per_second: float = 0.0  # added per second of video
    search_delay_s: float = 0.0  # until a new video is in the list
    url_ttl_s: float = 7 * 86400.0

    max_title_chars: int = 1000
    long_title: Literal["refuse", "cut"] = "refuse"
    max_callback_id_chars: int = 1000
    moderation: Literal["create", "render"] = "create"  # when a script with "[moderated]" is found out
    avatar_iii: bool = True  # whether the account may use the cheap engine

    replay_window_s: float = 86400.0
    replay_refusals: bool = False  # 4xx, 402, 429 and 5xx come again under the same key
    replay_ended: bool = True  # the key of a failed or deleted video replays; else a new video is made
    batch_keys: bool = True  # batches obey Idempotency-Key
    bulk_statuses: bool = True  # GET /v3/videos/statuses exists
    status_words: Literal["v3", "v1"] = "v3"  # what the bulk status calls a queued video: queued or waiting

    webhook_signature: Literal["heygen", "plain", "both"] = (
        "heygen"  # Heygen-Signature + …, Signature, or both
    )
    webhook_names: Literal["new", "old"] = "new"  # url and msg, or video_url and message
    sign_callbacks: bool = (
        False  # posts to a video's own callback_url are signed with the first endpoint's secret
    )
    check_webhook_url: bool = False  # a new endpoint has to answer an OPTIONS request within a second
    webhook_delay_s: float = 0.0
    caption_delay_s: float = 12.0
    captions: Literal["right", "never", "broken", "foreign"] = (
        "right"  # broken: no SRT; foreign: of other words
    )
    webhook_retry_s: float = 5.0  # before the second try; doubled each time
    webhook_tries: int = 8

    picture: Literal["small", "asked"] = "small"  # 640 pixels on the long side, or the size asked for

    def scaled(self, seconds: float) -> float:
        """Seconds of HeyGen's time in real seconds."""
        return seconds / self.speed


def switches_from(values: Mapping[str, Any], base: Switches | None = None) -> Switches:
    """`base` with some switches set; raises ValueError for a name or a value that is not one."""
    result = replace(base or Switches(), **checked(Switches, values, "The simulator"))
    if result.speed <= 0:
        raise ValueError("speed has to be above 0.")
    return result
