"""What a slide would look like in the film, with the choices of a presentation or with others: one still picture."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from deckcast.avatars.local.render import preview_png
from deckcast.avatars.ports import TRANSPARENT, Avatar
from deckcast.batches import owned_repository, repository
from deckcast.batches.assets import picture_key
from deckcast.batches.catalogue import LOCAL, Catalogue
from deckcast.batches.clips import CANVAS
from deckcast.batches.context import current
from deckcast.batches.media import not_made
from deckcast.batches.models import MakeRequest
from deckcast.batches.orders import FIXED_SIZE, mark_of
from deckcast.batches.plan import is_shown, place_for
from deckcast.batches.requests import Asked, Choices, look_for, provider_named
from deckcast.db.models import SlideRow
from deckcast.kit.children import run_in_child
from deckcast.kit.errors import WorkError
from deckcast.kit.fingerprint import fingerprint
from deckcast.videos.compose import COMPOSER_VERSION
from deckcast.videos.mark import MARK_VERSION
from deckcast.videos.measures import avatar_size
from deckcast.videos.models import Layout, Placement, Size
from deckcast.videos.preview import PreviewRequest, draw_preview

NEIGHBOURS = (
    10  # slides before and after that decide where the presenter stands, too: nearly always as the whole deck
)
KEPT_PICTURES = 200
KEPT_PLACES = 2_000

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture (JPEG) and what it was made from; `picture` is None where the caller has that already."""

    fingerprint: str
    picture: bytes | None


class Previews:
    """The pictures of one process; those asked for last are kept."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._places: OrderedDict[str, Placement] = OrderedDict()

    async def preview(self, owner: str, slide_id: str, asked: Asked, known: str = "") -> Preview:
        """An owner's slide as the film would show it. Nothing is drawn where the fingerprint is in `known`.

        Raises CallError not_found, unknown_provider, provider_not_configured, unknown_avatar, not_transparent;
        WorkError image_unreadable.
        """
        async with current().db.read() as session:
            presentation, slide = await owned_repository.slide(session, owner, slide_id)
            slides = await repository.slides_of(session, presentation.id)
        if slide.image_key is None:
            raise not_made("picture")
        request, avatar = await self._look(asked, Choices.from_json(presentation.choices))
        placement = await self._place(slide, slides, request)
        mark = mark_of(request, presentation.language)
        made_from = fingerprint(
            "preview/1",
            image=slide.image_sha256,
            placement=asdict(placement),
            provider=request.provider,
            avatar=[avatar.id, avatar.preview] if avatar else None,
            background=request.background,
            mark=[mark, MARK_VERSION],
            composer=COMPOSER_VERSION,
        )
        if made_from in known:
            return Preview(made_from, None)
        if made_from not in self._pictures:
            drawn = await self._draw(slide, request, placement, avatar, mark)
            _keep(self._pictures, made_from, drawn, KEPT_PICTURES)
        self._pictures.move_to_end(made_from)
        return Preview(made_from, self._pictures[made_from])

    async def _look(self, asked: Asked, before: Choices) -> tuple[MakeRequest, Avatar | None]:
        """What was asked for, and who presents; nobody in particular where the provider does not say who can."""
        providers = current().providers
        try:
            request = await look_for(asked, providers, before)
            avatars = await self._catalogue.avatars(request.provider)
        except WorkError:
            anybody = replace(asked, provider=LOCAL, avatar=None)
            return await look_for(anybody, providers, before), None
        return request, next((each for each in avatars if each.id == request.avatar), None)

    async def _place(self, slide: SlideRow, slides: Sequence[SlideRow], request: MakeRequest) -> Placement:
        shown = [each for each in slides if is_shown(each) or each.id == slide.id]
        at = next(number for number, each in enumerate(shown) if each.id == slide.id)
        around = shown[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1]
        if Layout(request.layout) not in (Layout.AUTO, Layout.CORNER):
            around = [slide]
        wish = [
            request.layout,
            request.corner,
            request.shape,
            request.size,
            request.background == TRANSPARENT,
        ]
        key = fingerprint(
            "place/1", of=slide.id, wish=wish, seen=[[each.image_sha256, each.content] for each in around]
        )
        if key not in self._places:
            placed = await place_for(request, around)
            _keep(self._places, key, placed[around.index(slide)], KEPT_PLACES)
        self._places.move_to_end(key)
        return self._places[key]

    async def _draw(
        self,
        slide: SlideRow,
        request: MakeRequest,
        placement: Placement,
        avatar: Avatar | None,
        mark: str | None,
    ) -> bytes:
        size = _video_size(request, placement)
        picture = None
        if avatar is not None and placement.presenter is not None:
            if avatar.provider == LOCAL:
                picture = await asyncio.to_thread(preview_png, avatar.id, min(size))
            else:
                picture = await self._catalogue.picture(avatar)
        store, key = current().store, picture_key(request.background)
        behind: str | Path = await store.local(key) if key else request.background
        wanted = PreviewRequest(
            slide_image=await store.local(slide.image_key) if slide.image_key else None,
            placement=placement,
            presenter=picture,
            alone=avatar is None or avatar.provider == LOCAL,
            video_size=size,
            behind=behind,
            background=request.background if request.background.startswith("#") else CANVAS,
            mark=mark,
        )
        return await run_in_child(draw_preview, wanted)


def _video_size(request: MakeRequest, placement: Placement) -> tuple[int, int]:
    """Size of the avatar video that would be ordered."""
    can = provider_named(request.provider, current().providers).capabilities
    size = Size(request.size) if request.size else None
    return avatar_size(placement.layout, size) if can.draws_any_size else FIXED_SIZE


def _keep(kept: OrderedDict[str, Kept], key: str, value: Kept, at_most: int) -> None:
    """Keep a value, and forget those that were asked for the longest ago."""
    kept[key] = value
    while len(kept) > at_most:
        kept.popitem(last=False)
