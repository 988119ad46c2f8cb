"""Where a run can be killed: every boundary that announced.py announces, in the order of a slide's way."""

from __future__ import annotations


def _step(name: str, *inside: str) -> list[str]:
    return [f"{name}.before", *inside, f"{name}.done", f"{name}.after"]


def _around(name: str, *inside: str) -> list[str]:
    return [f"{name}.before", *inside, f"{name}.after"]


_TO_THE_PROVIDER = [
    *_around("import", *_around("put.picture")),
    *_around("plan"),
    *_step("make_speech", *_around("put.speech")),
    *_step("plan_avatar_video"),
    *_step("reserve_submission", *_around("reserve", *_around("prepare"))),
    *_step("provider_of"),
    *_step("round_of"),
    *_step("still_wanted"),
    *_step(
        "submit",
        *_around("ledger.call"),
        *_around("ledger.lost"),  # only after a kill at the boundary before, and a new start
        *_around("call"),
        *_around("ledger.answered"),
    ),
]
_DRAWN_HERE = _step("draw")
_FROM_THE_PROVIDER = [
    *_step("await_job"),
    *_step("fetch_and_publish", *_around("download", "download.begun"), *_around("put.result")),
    *_step("waiting_items"),
    *_step("compose", *_around("put.clip")),
    *_step("settle"),
    *_step("join", *_around("put.film")),
    *_step("retire_old"),
    *_step("close"),
    *_around("export"),
]

BOUNDARIES = {
    "heygen": [*_TO_THE_PROVIDER, *_FROM_THE_PROVIDER],
    "local": [*_TO_THE_PROVIDER, *_DRAWN_HERE, *_FROM_THE_PROVIDER],
}
STEPS = {
    provider: {name.removesuffix(".done") for name in names if name.endswith(".done")}
    for provider, names in BOUNDARIES.items()
}
ONLY_WITH_FAULTS = [*_around("ledger.declined"), *_around("ledger.found"), *_around("ledger.not_found")]
