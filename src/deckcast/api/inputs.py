"""What values of requests may be, so that nothing else reaches the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import BeforeValidator, ConfigDict, StringConstraints

from deckcast.api.shapes import Shape

ID = r"^[A-Za-z0-9_]{1,64}$"

PresentationId = Annotated[str, Path(pattern=ID, description="A presentation's id.")]
SlideId = Annotated[str, Path(pattern=ID, description="A slide's id.")]
AvatarVideoId = Annotated[str, Path(pattern=ID, description="An avatar video's id.")]
ShareId = Annotated[str, Path(pattern=ID, description="A share's id.")]
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{20,100}$", description="The secret of a share's link.")]

GivenId = Annotated[str, StringConstraints(pattern=ID)]
LANGUAGE = r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,4}"
LanguageTag = Annotated[str, StringConstraints(max_length=35, pattern=f"^{LANGUAGE}$")]
Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]+$")]
"""One line of text."""
Text = Annotated[str, StringConstraints(max_length=100_000, pattern=r"^[^\x00]*$")]
"""Any text; how long it may be in the end is said where it is used."""


def _number(value: object) -> object:
    """JSON's numbers alone: neither "5" nor true is one."""
    if isinstance(value, str | bool):
        raise ValueError("a number is needed")
    return value


NUMBER = BeforeValidator(_number)
"""Stands last in an Annotated: after it, bounds are not described."""


class Body(Shape):
    """The JSON body of a request: fields that nobody knows are refused."""

    model_config = ConfigDict(extra="forbid")
