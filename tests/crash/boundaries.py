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
    *_step("turn_of"),
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


def _asked(step: str, what: str, *then: str) -> list[str]:
    """A step that asks the language model."""
    return _step(step, *_around(f"set_aside.{what}"), *_around(f"ask.{what}"), *then)


_NEXT = _step("next_works")
_WORDS_BY_MODEL = [
    *_asked("make_analysis", "analysis", *_around("save.analysis")),
    *_step("stage_ended"),
    *_NEXT,
    *_asked("make_deck_analysis", "deck_analysis"),
    *_step("done_for_all"),
    *_NEXT,
    *_asked("make_narrative", "narrative", *_around("save.narrative")),
    *_step("stage_ended"),
    *_NEXT,
    *_asked("even_out_narratives", "evening_out", *_around("save.evening_out")),
    *_step("done_for_all"),
    *_NEXT,
]
NARRATE = [
    *_around("import", *_around("put.picture")),
    *_around("plan"),
    *_WORDS_BY_MODEL,
    *_step("join"),
    *_step("retire_old"),
    *_step("close"),
]
WITHOUT_ANALYSIS = [*_step("note_text_failure"), *_step("stage_ended"), *_step("note_deck_failure")]

BOUNDARIES = {
    "heygen": [*_TO_THE_PROVIDER, *_FROM_THE_PROVIDER],
    "local": [*_TO_THE_PROVIDER, *_DRAWN_HERE, *_FROM_THE_PROVIDER],
}
STEPS = {
    provider: {name.removesuffix(".done") for name in names if name.endswith(".done")}
    for provider, names in BOUNDARIES.items()
}
# A key that was called several times is looked for before the next call: where many kills met one slide.
SOMETIMES = _around("ledger.found")
ONLY_WITH_FAULTS = [*_around("ledger.declined"), *SOMETIMES, *_around("ledger.not_found")]
