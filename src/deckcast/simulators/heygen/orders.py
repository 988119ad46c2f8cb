"""Checks the body of a create call as documented and turns it into a video with its fate."""

from __future__ import annotations

import math
import random
import re
import secrets
import time
from typing import Any

from deckcast.simulators.faults import Rule
from deckcast.simulators.heygen.account import Account
from deckcast.simulators.heygen.answers import ApiError, invalid
from deckcast.simulators.heygen.catalogue import LOOKS, VOICES
from deckcast.simulators.heygen.models import Video
from deckcast.simulators.heygen.switches import Switches

MAX_SCRIPT_CHARS = 5000
MAX_AUDIO_S = 600.0
MODERATED = "[moderated]"
_WORDS_PER_S = 2.5
_SIDES = {"720p": 720, "1080p": 1080, "4k": 2160}
_SHAPES = {"16:9": (16, 9), "9:16": (9, 16), "4:5": (4, 5), "5:4": (5, 4), "1:1": (1, 1)}
_CHOICES = {
    "resolution": tuple(_SIDES),
    "aspect_ratio": (*_SHAPES, "auto"),
    "fit": ("contain", "cover"),
    "output_format": ("mp4", "webm"),
    "expressiveness": ("high", "medium", "low"),
}


def check(order: dict[str, Any], account: Account, switches: Switches) -> None:
    """Raises ApiError for what HeyGen would refuse."""
    if order.get("type") not in ("avatar", "image"):
        raise invalid("type must be 'avatar' or 'image' (the simulator makes no other)", "type")
    for name in ("engine", "voice_settings", "background", "caption"):
        if order.get(name) is not None and not isinstance(order[name], dict):
            raise invalid(f"{name} must be an object", name)
    for name, choices in _CHOICES.items():
        if order.get(name) is not None and order[name] not in choices:
            raise invalid(f"{name} must be one of {', '.join(choices)}", name)
    _check_avatar(order, account, switches)
    _check_speech(order, account, switches)
    _check_background(order, account)
    _check_texts(order, switches)


def _check_avatar(order: dict[str, Any], account: Account, switches: Switches) -> None:
    engine = (order.get("engine") or {}).get("type", "avatar_iv")
    if order["type"] == "image":
        image = order.get("image")
        if not isinstance(image, dict) or image.get("type") not in ("url", "asset_id", "base64"):
            raise invalid("image is required", "image")
        if image["type"] == "asset_id":
            _asset(account, image.get("asset_id"), "image/", "image")
        if engine == "avatar_iii":
            raise invalid("avatar_iii is not supported for image input", "engine")
        return
    look = LOOKS.get(order.get("avatar_id") or "")
    if look is None:
        raise ApiError("avatar_not_found", "Avatar not found", param="avatar_id")
    if engine not in look.described()["supported_api_engines"] or (
        engine == "avatar_iii" and not switches.avatar_iii
    ):
        raise invalid(f"engine {engine} is not supported by this avatar", "engine")
    if (order.get("output_format") == "webm" or order.get("remove_background")) and not look.matting:
        raise invalid("this avatar does not support background removal", "output_format")


def _check_speech(order: dict[str, Any], account: Account, switches: Switches) -> None:
    sources = [
        name for name in ("script", "audio_url", "audio_asset_id") if order.get(name) not in (None, "")
    ]
    if len(sources) != 1:
        raise invalid("exactly one of script, audio_url and audio_asset_id is required", "script")
    if sources != ["script"]:
        if order.get("voice_settings"):
            raise invalid("voice_settings applies to script only", "voice_settings")
        if sources == ["audio_asset_id"]:
            asset = _asset(account, order["audio_asset_id"], "audio/", "audio_asset_id")
            if (asset.duration_s or 0) > MAX_AUDIO_S:
                raise invalid(f"audio is longer than {MAX_AUDIO_S:.0f} seconds", "audio_asset_id")
        return
    script = str(order["script"])
    if len(script) > MAX_SCRIPT_CHARS:
        raise invalid(f"script is longer than {MAX_SCRIPT_CHARS} characters", "script")
    if not re.search(r"\w", script):
        raise ApiError("script_too_short", "The script has nothing to say", param="script")
    if MODERATED in script and switches.moderation == "create":
        raise ApiError("content_policy_violation", "The script was refused by moderation", param="script")
    voice = order.get("voice_id")
    if voice is not None and voice not in VOICES:
        raise ApiError("voice_not_found", "Voice not found", param="voice_id")
    if voice is None and order["type"] == "image":
        raise invalid("voice_id is required with script", "voice_id")
    _check_voice_settings(order)


def _check_voice_settings(order: dict[str, Any]) -> None:
    settings = order.get("voice_settings") or {}
    for name, low, high in (("speed", 0.5, 1.5), ("pitch", -50, 50), ("volume", 0, 1)):
        value = settings.get(name, high)
        if not isinstance(value, int | float) or not low <= value <= high:
            raise invalid(f"voice_settings.{name} must be between {low} and {high}", "voice_settings")


def _check_background(order: dict[str, Any], account: Account) -> None:
    background = order.get("background")
    if background is None:
        return
    if order.get("output_format") == "webm":
        raise invalid("background cannot be set with output_format webm", "background")
    kind = background.get("type")
    if kind == "color":
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", str(background.get("value"))):
            raise invalid("background.value must be a hex color such as #ff0000", "background")
    elif kind == "image":
        if bool(background.get("url")) == bool(background.get("asset_id")):
            raise invalid("background needs either url or asset_id", "background")
        if background.get("asset_id"):
            _asset(account, background["asset_id"], "image/", "background")
    else:
        raise invalid("background.type must be color or image", "background")


def _check_texts(order: dict[str, Any], switches: Switches) -> None:
    title = order.get("title") or ""
    if len(title) > switches.max_title_chars and switches.long_title == "refuse":
        raise invalid(f"title is longer than {switches.max_title_chars} characters", "title")
    if len(order.get("callback_id") or "") > switches.max_callback_id_chars:
        raise invalid(
            f"callback_id is longer than {switches.max_callback_id_chars} characters", "callback_id"
        )
    caption = order.get("caption")
    if caption is not None and caption.get("file_format", "srt") != "srt":
        raise invalid("caption.file_format must be srt", "caption")


def _asset(account: Account, asset_id: Any, mime: str, param: str) -> Any:
    asset = account.assets.get(str(asset_id))
    if asset is None:
        raise ApiError("asset_not_found", "Asset not found", param=param)
    if asset.waiting:
        raise ApiError("asset_not_available", "The upload of this asset is not complete", param=param)
    if not asset.mime_type.startswith(mime):
        raise invalid(f"the asset is {asset.mime_type}", param)
    return asset


def duration_s(order: dict[str, Any], account: Account, audio: str | None) -> float:
    """How long the video will be: as long as the audio, or as the script's words take."""
    if audio is not None:
        return account.assets[audio].duration_s or 0.0
    speed = float((order.get("voice_settings") or {}).get("speed", 1.0))
    words = len(str(order["script"]).split())
    return round(max(1.0, 0.4 + words / _WORDS_PER_S) / speed, 2)


def size(order: dict[str, Any], switches: Switches) -> tuple[int, int]:
    """Width and height of the picture, both even."""
    shape = order.get("aspect_ratio") or "16:9"
    if shape == "auto":
        look = LOOKS.get(order.get("avatar_id") or "")
        shape = "9:16" if look and look.upright else "16:9"
    across, down = _SHAPES[shape]
    short = _SIDES[order.get("resolution") or "1080p"]
    width, height = (short * across / min(across, down), short * down / min(across, down))
    if switches.picture == "small":
        width, height = (side * 640 / max(width, height) for side in (width, height))
    return 2 * round(width / 2), 2 * round(height / 2)


def new_video(
    order: dict[str, Any],
    account: Account,
    switches: Switches,
    *,
    audio: str | None,
    base_url: str,
    fate: Rule | None,
) -> Video:
    """The video that a checked order makes; `fate` is a fault of the job itself."""
    now = time.time()
    length = duration_s(order, account, audio)
    billed = math.ceil(round(length / switches.billing_step_s, 6)) * switches.billing_step_s
    draw = random.Random(f"{switches.seed}:{len(account.videos)}")
    render = draw.uniform(switches.render_from_s, switches.render_to_s) + switches.render_per_second * length
    if fate is not None and fate.fault == "slow":
        render += fate.seconds
    started = account.free_at(switches.max_concurrent) + switches.scaled(switches.queue_s)
    stalls = fate is not None and fate.fault == "stall"
    width, height = size(order, switches)
    video = Video(
        id=secrets.token_hex(16),
        title=(order.get("title") or "Untitled Video")[: switches.max_title_chars],
        order=order,
        duration_s=length,
        price_usd=round(billed * switches.usd_per_second, 6),
        created_at=now,
        started_at=started,
        ends_at=None if stalls else started + switches.scaled(render),
        listed_at=now + switches.scaled(switches.search_delay_s),
        base_url=base_url,
        width=width,
        height=height,
        audio=audio,
        charge_failed=switches.charge_failed,
        charge_deleted=switches.charge_deleted,
    )
    _doom(video, fate)
    return video


def _doom(video: Video, fate: Rule | None) -> None:
    if MODERATED in str(video.order.get("script", "")):
        video.fails, video.failure_code = True, "content_policy_violation"
        video.failure_message = "The script was refused by moderation"
    if fate is not None and fate.fault in ("fail", "fail_silent"):
        video.fails = True
        video.failure_code = video.failure_message = None
        if fate.fault == "fail":
            video.failure_code = fate.code or "rendering_failed"
            video.failure_message = fate.message or "Avatar rendering timed out"
