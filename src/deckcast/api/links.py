"""Where one call leads to the next: links of the API's description (OpenAPI), for clients and tests to follow."""

from __future__ import annotations

from typing import Any

OF_PRESENTATION = (
    *("getPresentation", "changePresentation", "deletePresentation", "getPresentationStatus", "getEstimate"),
    *("makeFilm", "getFilm", "listBatches", "listAvatarVideos", "createShare", "setPronunciations"),
)
OF_SLIDE = ("getSlide", "getSlideImage", "editNarrative", "listNarrativeVersions", "generateAudio")
OF_BATCH = ("getBatch", "cancelBatch", "retryFailed")
OF_AVATAR_VIDEO = ("getAvatarVideo", "getAvatarVideoMedia", "resolveAvatarVideo")
OF_HOOK = ("listHookDeliveries", "testHook", "deleteHook")

ORDERS = (
    *("analyzeAllSlides", "generateAllNarratives", "generateAllAudio", "generateAllAvatarVideos", "makeFilm"),
    *("analyzeSlide", "generateNarrative", "generateAudio", "generateAvatarVideo", "retryFailed"),
)

FROM: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "createPresentation": ("presentation_id", "$response.body#/id", OF_PRESENTATION),
    "listPresentations": ("presentation_id", "$response.body#/items/0/id", OF_PRESENTATION),
    "getPresentation": ("slide_id", "$response.body#/slides/0/id", OF_SLIDE),
    "listBatches": ("batch_id", "$response.body#/items/0/id", OF_BATCH),
    "listAvatarVideos": ("avatar_video_id", "$response.body#/items/0/id", OF_AVATAR_VIDEO),
    "createHook": ("hook_id", "$response.body#/id", OF_HOOK),
    "makeToken": ("token_id", "$response.body#/id", ("revokeToken",)),
    **dict.fromkeys(ORDERS, ("batch_id", "$response.body#/batchId", OF_BATCH)),
}
"""From an operation: the parameter that its answer gives, where it stands there, and the operations that take it."""


def links_from(operation_id: str) -> dict[str, dict[str, Any]]:
    """The links of an operation's answer."""
    if operation_id not in FROM:
        return {}
    parameter, where, to = FROM[operation_id]
    return {each: {"operationId": each, "parameters": {parameter: where}} for each in to}
