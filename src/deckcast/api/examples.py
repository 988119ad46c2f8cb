"""An example of every body that is sent and of every main answer, by the name of its schema."""

from __future__ import annotations

from typing import Any

AT, LATER = "2026-11-22T09:30:00Z", "2026-11-22T09:41:12Z"
PRE, SLI, BAT, AVV = "pre_1a2051c09f7d", "sli_1a2051c0b3e2", "bat_1a2053e7d041", "avv_1a2053e80c6a"
FILM_AT = f"/api/presentations/{PRE}/film"
VOICE = "piper:en_US-ljspeech-medium"

Example = dict[str, Any]

NARRATIVE: Example = {
    "text": "Good evening. Revenue grew by twelve percent.", "language": "en", "version": 2, "source": "edited",
    "style": "business", "estimatedS": 4.2, "stale": False, "editedBeforeChange": False, "warnings": [],
    "createdAt": AT,
}  # fmt: skip
SLIDE: Example = {
    "id": SLI, "presentationId": PRE, "number": 3, "position": 3, "title": "Revenue", "notes": "Say why it grew.",
    "language": "en", "included": True, "hidden": False, "imageUrl": f"/api/slides/{SLI}/image",
    "clipUrl": f"/api/slides/{SLI}/clip", "warnings": [],
    "analysis": {
        "kind": "chart", "keyPoints": ["Revenue grew by 12 %"], "shows": "Revenue by quarter", "weight": 1.0,
        "analyst": "built-in",
    },
    "narrative": NARRATIVE,
    "speech": {
        "audioUrl": f"/api/slides/{SLI}/audio", "durationS": 4.1, "language": "en", "voice": VOICE, "stale": False,
    },
    "avatarVideo": {
        "id": AVV, "status": "completed", "provider": "local", "durationS": 4.1, "stale": False,
        "videoUrl": f"/api/avatar-videos/{AVV}/media",
    },
}  # fmt: skip
CAPTIONS: Example = {
    "language": "en", "vttUrl": f"{FILM_AT}/captions.vtt", "srtUrl": f"{FILM_AT}/captions.srt",
}  # fmt: skip
FILM: Example = {
    "id": "flm_1a2054a1b7c9", "durationS": 184.6, "stale": False, "videoUrl": f"{FILM_AT}/media",
    "posterUrl": f"{FILM_AT}/poster", "captions": CAPTIONS,
    "chapters": [{"slideId": SLI, "title": "Revenue", "startS": 38.2}], "createdAt": LATER,
}  # fmt: skip
PRESENTATION: Example = {
    "id": PRE, "title": "Q3", "author": "Ann", "language": "en", "state": "ready", "importStep": "",
    "deckName": "q3.pptx", "deckSizeBytes": 2_400_000, "error": None, "warnings": [],
    "choices": {
        "provider": None, "avatars": {"local": "maya"}, "voice": None, "language": None, "approach": "notes",
        "style": None, "background": "#FFFFFF", "layout": "corner", "corner": None, "shape": "circle", "size": None,
        "aiMark": None,
    },
    "seq": 41, "createdAt": AT, "updatedAt": LATER, "slides": [SLIDE], "film": FILM,
}  # fmt: skip
COUNTS: Example = {
    "total": 20, "completed": 7, "failed": 1, "skipped": 2, "cancelled": 0, "inProgress": 10, "costUsd": 1.32,
}  # fmt: skip
KIND: Example = {"kind": "all_avatar_videos_generation", "label": "All Avatar Videos Generation"}
NOT_OVER: Example = {"createdAt": AT, "cancelledAt": None, "endedAt": None, "error": None, "warnings": []}
BATCH: Example = {
    "id": BAT, "presentationId": PRE, **KIND, "state": "running", **COUNTS, **NOT_OVER,
    "request": {
        "provider": "local", "avatarId": "maya", "voiceId": None, "language": None, "approach": "notes",
        "style": "business", "background": "#FFFFFF", "layout": "corner", "corner": None, "shape": "circle",
        "size": None, "aiMark": False, "slideNumbers": None, "regenerateExisting": False, "overwriteEdits": False,
        "maxCostUsd": 5.0,
    },
}  # fmt: skip
FAILURE: Example = {"code": "render_failed", "message": "The provider could not make it.", "retryable": True}
ITEM: Example = {
    "slideId": SLI, "slideNumber": 3, "step": "avatar_video", "status": "failed", "reused": False,
    "avatarVideoId": AVV, "error": FAILURE, "warnings": [], "costUsd": 0.0, "startedAt": AT, "endedAt": LATER,
}  # fmt: skip
ORDERED: Example = {
    "batchId": BAT, "presentationId": PRE, **KIND, "totalSlides": 20, "toGenerate": 18, "skipped": 2,
    "estimatedCostUsd": 7.4, "estimatedS": [310.0, 505.0], "state": "running",
    "leavesMachine": [{"code": "speech", "what": "the speech", "to": "heygen", "slides": None}],
}  # fmt: skip
ESTIMATED: Example = {
    **KIND, "totalSlides": 20, "toGenerate": 18, "skipped": 2, "estimatedCostUsd": 7.4,
    "costs": {"videosUsd": 7.4, "wordsUsd": 0.0, "speechUsd": 0.0, "totalUsd": 7.4}, "timeS": [310.0, 505.0],
    "durationS": 184.6, "error": None, "warnings": [],
    "leavesMachine": [{"code": "speech", "what": "the speech", "to": "heygen", "slides": None}],
}  # fmt: skip
STATUS: Example = {
    "seq": 41,
    "presentation": {
        "id": PRE, "title": "Q3", "state": "ready", "importStep": "", "error": None, "updatedAt": LATER,
    },
    "batches": [
        {"id": BAT, **KIND, "state": "running", **COUNTS, **NOT_OVER, "draining": 0, "share": 0.46,
         "etaS": [310.0, 505.0]},
    ],
    "slides": [
        {"id": SLI, "number": 3, "position": 3, "title": "Revenue", "included": True, "step": "avatar_video",
         "status": "processing", "batchId": BAT, "avatarVideoId": AVV, "reused": False, "error": None,
         "warnings": [], "startedAt": AT, "endedAt": None, "estimatedS": 31.5, "costUsd": 0.0,
         "queuePosition": None},
    ],
}  # fmt: skip
AVATAR_VIDEO: Example = {
    "id": AVV, "slideId": SLI, "slideNumber": 3, "batchId": BAT, "status": "completed", "provider": "local",
    "providerVideoId": "job_1a2053e8", "providerMetadata": {}, "durationS": 4.1, "costUsd": 0.0, "error": None,
    "videoUrl": f"/api/avatar-videos/{AVV}/media", "stale": False, "createdAt": AT,
}  # fmt: skip
HOOK: Example = {
    "id": "hok_1a2055", "url": "https://example.com/deckcast", "createdAt": AT, "disabledAt": None,
}  # fmt: skip
DELIVERY: Example = {
    "id": "msg_1a2056", "type": "batch.ended", "state": "delivered", "createdAt": AT, "tries": 1,
    "nextTryAt": None, "deliveredAt": AT, "lastStatus": 200, "lastError": None,
}  # fmt: skip
TOKEN: Example = {
    "id": "tok_1a2057", "name": "nightly build", "last4": "x7Qk", "createdAt": AT, "expiresAt": None,
    "lastUsedAt": LATER,
}  # fmt: skip
SHARE: Example = {"id": "shr_1a2058", "createdAt": AT, "expiresAt": "2026-11-29T09:30:00Z"}
LISTED: Example = {
    "id": PRE, "title": "Q3", "state": "ready", "slideCount": 20, "thumbnailUrl": f"/api/slides/{SLI}/image",
    "newestBatch": {
        "id": BAT, "kind": KIND["kind"], "state": "running", "total": 20, "completed": 7,
        "failed": 1, "skipped": 2, "cancelled": 0, "inProgress": 10,
    }, "createdAt": AT, "updatedAt": LATER,
}  # fmt: skip

ORDER_OF_WORDS: Example = {"language": "en", "approach": "notes", "regenerateExisting": False}
ORDER_OF_VIDEOS: Example = {
    "avatarId": "maya", "backgroundColor": "#FFFFFF", "layout": "corner", "regenerateExisting": False,
    "maxCostUsd": 5,
}  # fmt: skip

EXAMPLES: dict[str, Example] = {
    "PresentationChanges": {"title": "Evening talk", "avatar": "daniel", "layout": "beside", "voice": None},
    "WordsRequest": ORDER_OF_WORDS,
    "NarrativeRequest": {**ORDER_OF_WORDS, "overwriteEdits": False},
    "AudioRequest": {"voiceId": VOICE},
    "AvatarVideoRequest": ORDER_OF_VIDEOS,
    "BatchAnalysisRequest": {"selectedSlideIds": [SLI]},
    "BatchNarrativeRequest": {**ORDER_OF_WORDS, "overwriteEdits": False},
    "BatchAudioRequest": {"voiceId": VOICE, "selectedSlideIds": [SLI]},
    "BatchAvatarVideoRequest": {**ORDER_OF_VIDEOS, "selectedSlideIds": [SLI]},
    "RetryRequest": {"maxCostUsd": 10},
    "NarrativeEdit": {"text": "Good evening.", "ifVersion": 1},
    "RestoredVersion": {"version": 1},
    "Pronunciations": {"items": [{"written": "SQL", "spoken": "sequel"}]},
    "NewShare": {"expiresInS": 604_800},
    "HookWish": {"url": HOOK["url"]},
    "SignIn": {"token": "dct_0EXAMPLE1"},
    "TokenWish": {"name": TOKEN["name"], "expiresInDays": 90},
    "Resolution": {"jobId": "9f1c0e"},
    "Presentation": PRESENTATION,
    "ListedPresentationPage": {"items": [LISTED], "nextCursor": None},
    "DeletedPresentation": {"gone": True},
    "Slide": SLIDE,
    "Narrative": NARRATIVE,
    "NarrativeVersions": {"items": [NARRATIVE], "nextCursor": None},
    "Film": FILM,
    "StatusSnapshot": STATUS,
    "BatchAvatarVideoResponse": ORDERED,
    "BatchDetail": {**BATCH, "items": [ITEM]},
    "BatchPage": {"items": [BATCH], "nextCursor": BAT},
    "CancelledBatch": {"draining": 3, "mayStillBeChargedUsd": 1.2},
    "Estimate": {
        **ESTIMATED, "presentationId": PRE, "provider": "heygen", "avatarId": "Anna_public",
        "balance": {"amount": 120.0, "unit": "credits"}, "capUsd": 10.0, "leftTodayUsd": 42.6, "kinds": None,
    },
    "AvatarVideo": AVATAR_VIDEO,
    "AvatarVideoPage": {"items": [AVATAR_VIDEO], "nextCursor": None},
    "MadeShare": {
        **SHARE, "url": "https://deckcast.example.com/shared/qL0…",
        "apiUrl": "https://deckcast.example.com/api/shared/qL0…",
        "mediaUrl": "https://deckcast.example.com/api/shared/qL0…/media",
    },
    "Shares": {"items": [SHARE], "nextCursor": None},
    "SharedFilm": {
        "title": "Q3", "durationS": 184.6, "videoUrl": "/api/shared/qL0…/media",
        "posterUrl": "/api/shared/qL0…/poster",
        "captions": {
            "language": "en", "vttUrl": "/api/shared/qL0…/captions.vtt", "srtUrl": "/api/shared/qL0…/captions.srt",
        },
    },
    "HookPage": {"items": [HOOK], "nextCursor": None},
    "MadeHook": {**HOOK, "secret": "whsec_…"},
    "Delivery": DELIVERY,
    "DeliveryPage": {"items": [DELIVERY], "nextCursor": None},
    "TokenPage": {"items": [TOKEN], "nextCursor": None},
    "MadeToken": {**TOKEN, "lastUsedAt": None, "token": "dct_0EXAMPLE1"},
    "SignedIn": {"name": "ann", "expiresAt": "2026-12-22T09:30:00Z"},
    "Me": {
        "id": "usr_1a2059", "name": "ann", "isLocal": False, "loginNeeded": True, "signedInBy": "token",
        "endsAt": None, "oidcLabel": None, "features": {"batchAvatarVideos": True},
        "bounds": {
            "presentations": None, "storageBytes": None, "deckSizeBytes": 262_144_000, "slides": 500,
            "maxPerBatchUsd": 10.0, "maxPerDayUsd": 50.0, "batchesPerMinute": 60, "uploadsPerHour": 120,
        },
    },
    "Spend": {
        "caps": {"perBatchUsd": 5.0, "perDayUsd": 20.0},
        "today": {"day": "2026-11-23", "spentUsd": 3.2, "reservedUsd": 1.4, "leftUsd": 15.4},
        "month": {
            "month": "2026-11", "spentUsd": 41.75,
            "payees": [{"name": "heygen", "spentUsd": 41.75, "reservedUsd": 1.4}],
        },
        "batches": [],
    },
    "Problem": {
        "type": "about:blank", "title": "Payment Required", "status": 402, "code": "over_cap",
        "detail": "This would cost about $7.40, more than the $5.00 you allow.",
        "nextStep": "Allow more, or name fewer slides. Nothing was submitted.", "retryable": False,
        "facts": {"estimatedCostUsd": 7.4, "capUsd": 5.0},
    },
}  # fmt: skip
"""Only what the schema of that name allows; a test checks it."""
