"""What of a slide will not come out in a film as its author may expect."""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from deckcast.decks.models import Warning

_EFFECTS = ("entr", "emph", "exit", "path")
_MEDIA_TAGS = (qn("a:videoFile"), qn("a:audioFile"), qn("a:wavAudioFile"), qn("a:quickTimeFile"))


def slide_warnings(slide: Any) -> tuple[Warning, ...]:
    """Warnings that the slide's own XML tells: hidden, animations, transitions, embedded media."""
    found = []
    element = slide._element
    if element.get("show") in ("0", "false"):
        found.append(Warning("hidden", "This slide is hidden in the deck."))
    effects = sum(1 for step in element.iter(qn("p:cTn")) if step.get("presetClass") in _EFFECTS)
    if effects:
        many = f"{effects} animations are" if effects > 1 else "An animation is"
        found.append(
            Warning("animations", f"{many} not played: the slide is shown with everything in place.")
        )
    if next(element.iter("{*}morph"), None) is not None:
        found.append(Warning("transition", "Its morph transition is not played."))
    media = sum(1 for _ in element.iter(*_MEDIA_TAGS))
    if media:
        many = f"{media} videos or sounds are" if media > 1 else "A video or sound is"
        found.append(Warning("embedded_media", f"{many} not played: only its picture is shown."))
    return tuple(found)
