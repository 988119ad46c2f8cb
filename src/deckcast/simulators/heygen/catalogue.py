"""Who can be hired at the simulator: looks, their groups, and voices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """An avatar's look and how it is drawn; `matting` is needed for a transparent background."""

    id: str
    name: str
    group: str
    kind: str  # studio_avatar, digital_twin, photo_avatar
    gender: str
    skin: Colour
    hair: Colour
    top: Colour
    long_hair: bool = False
    matting: bool = True
    ownership: str = "public"
    upright: bool = False  # preferred orientation: portrait

    @property
    def voice(self) -> str:
        """The default voice."""
        return "sim_voice_en_f1" if self.gender == "female" else "sim_voice_en_m1"

    def described(self) -> dict[str, Any]:
        """The look as the API gives it."""
        width, height = (1080, 1920) if self.upright else (1920, 1080)
        engines = ["avatar_iv", "avatar_iii"] + (["avatar_v"] if self.kind == "digital_twin" else [])
        return {
            "id": self.id,
            "name": self.name,
            "group_id": f"group_{self.group}",
            "avatar_type": self.kind,
            "gender": self.gender,
            "default_voice_id": self.voice,
            "supported_api_engines": engines,
            "preferred_orientation": "portrait" if self.upright else "landscape",
            "image_width": width,
            "image_height": height,
            "preview_image_url": None,
            "preview_video_url": None,
            "status": "completed",
            "error": None,
            "tags": ["simulated"],
        }


_LIGHT, _TAN, _BROWN, _DARK = (241, 205, 178), (222, 173, 136), (164, 112, 78), (112, 74, 52)
_BLACK, _AUBURN, _BLOND, _GREY = (38, 32, 34), (122, 62, 38), (205, 166, 98), (150, 150, 156)
_NAVY, _TEAL, _PLUM, _SAND, _GREEN, _SLATE = (
    (38, 58, 102),
    (24, 116, 124),
    (112, 54, 98),
    (190, 158, 112),
    (54, 104, 74),
    (74, 84, 98),
)

LOOKS = {
    look.id: look
    for look in (
        Look("sim_ada_office", "Ada in the office", "ada", "studio_avatar", "female", _LIGHT, _AUBURN, _NAVY, True),
        Look("sim_ada_casual", "Ada, casual", "ada", "studio_avatar", "female", _LIGHT, _AUBURN, _GREEN, True),
        Look("sim_bola_office", "Bola in the office", "bola", "studio_avatar", "female", _DARK, _BLACK, _PLUM),
        Look("sim_bola_casual", "Bola, casual", "bola", "studio_avatar", "female", _DARK, _BLACK, _SAND),
        Look("sim_chen_office", "Chen in the office", "chen", "studio_avatar", "male", _TAN, _BLACK, _SLATE),
        Look("sim_chen_casual", "Chen, casual", "chen", "studio_avatar", "male", _TAN, _BLACK, _TEAL),
        Look("sim_dev_twin", "Dev, twin", "dev", "digital_twin", "male", _BROWN, _BLACK, _NAVY, ownership="private"),
        Look("sim_eva_twin", "Eva, twin", "eva", "digital_twin", "female", _LIGHT, _BLOND, _TEAL, True,
             matting=False, ownership="private"),
        Look("sim_finn_photo", "Finn, photo", "finn", "photo_avatar", "male", _LIGHT, _GREY, _GREEN),
        Look("sim_gita_photo", "Gita, photo", "gita", "photo_avatar", "female", _BROWN, _BLACK, _PLUM, True,
             upright=True),
    )
}  # fmt: skip
IMAGE_LOOK = Look("sim_image", "Image", "image", "photo_avatar", "female", _TAN, _GREY, _SLATE)

_LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "pl": "Polish", "tr": "Turkish", "ja": "Japanese", "zh": "Chinese", "hi": "Hindi", "ar": "Arabic",
}  # fmt: skip

VOICES: dict[str, dict[str, Any]] = {
    voice_id: {
        "voice_id": voice_id,
        "name": f"{'Frieda' if gender == 'f' else 'Marco'} {number} ({language})",
        "language": language,
        "gender": "female" if gender == "f" else "male",
        "type": "public",
        "support_pause": True,
        "support_locale": code == "en",
        "preview_audio_url": None,
    }
    for code, language in _LANGUAGES.items()
    for gender in "fm"
    for number in (1, 2)
    for voice_id in [f"sim_voice_{code}_{gender}{number}"]
}


def groups() -> list[dict[str, Any]]:
    """The avatar groups, each with its number of looks."""
    found: dict[str, dict[str, Any]] = {}
    for look in LOOKS.values():
        group = found.setdefault(
            f"group_{look.group}",
            {
                "id": f"group_{look.group}",
                "name": look.name.split(",")[0].split(" in ")[0],
                "created_at": 1700000000,
                "looks_count": 0,
                "gender": look.gender,
                "default_voice_id": look.voice,
                "preview_image_url": None,
                "preview_video_url": None,
                "consent_status": None,
                "status": "completed",
            },
        )
        found[group["id"]]["looks_count"] += 1
    return list(found.values())
