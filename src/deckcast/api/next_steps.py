"""What a client of the API can do about an error whose own next step is written for the command line."""

from __future__ import annotations

from deckcast.kit.errors import DeckcastError

_VOICES = "Choose one of `GET /api/voices`."
_UNRESOLVED = (
    "`GET /api/presentations/{id}/avatar-videos?status=unresolved` lists them; settle each with "
    "`POST /api/avatar-videos/{id}/resolve`."
)
NEXT_STEPS = {
    "over_cap": "Allow more (`maxCostUsd`), or name fewer slides (`selectedSlideIds`). Nothing was submitted.",
    "provider_no_credit": "Top the account up, or name fewer slides (`selectedSlideIds`). Nothing was submitted.",
    "no_slides": "Show some (PATCH, `include`), or name them (`selectedSlideIds`).",
    "slides_invalid": "Name each slide once, by the ids that the presentation lists.",
    "provider_not_configured": "Leave `provider` out: the local presenter needs no key.",
    "unknown_avatar": "Choose one of `GET /api/avatars`.",
    "unknown_voice": _VOICES,
    "voice_unusable": _VOICES,
    "voice_of_other_provider": _VOICES,
    "voice_needs_presenter": "Choose another `layout`, or a voice of Deckcast's own: `GET /api/voices`.",
    "engine_not_configured": _VOICES,
    "language_not_spoken": "Choose a `language` that is spoken, or another voice: `GET /api/voices`.",
    "background_invalid": 'Give "#RRGGBB" or "transparent".',
    "not_transparent": 'Give a colour such as "#E6ECF5", or choose another avatar.',
    "version_not_found": "`GET /api/slides/{id}/narrative/versions` lists them.",
    "pronunciation_invalid": "Make the list shorter, or its words: `PUT /api/presentations/{id}/pronunciations`.",
    "pronunciation_not_found": "`GET /api/presentations/{id}/pronunciations` lists those there are.",
    "avatar_video_not_found": _UNRESOLVED,
    "unresolved": _UNRESOLVED,
    "unresolved_left": _UNRESOLVED,
    "not_unresolved": _UNRESOLVED,
}


def next_step_of(error: DeckcastError) -> str | None:
    """The next step for a client of the API, if there is one."""
    return NEXT_STEPS.get(error.code, error.next_step) or None
