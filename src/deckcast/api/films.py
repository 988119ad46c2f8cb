"""The film of a presentation, its captions and its poster, at addresses that stay."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from deckcast.api.caller import Caller
from deckcast.api.files import Download, file_answer, gives
from deckcast.api.inputs import PresentationId
from deckcast.api.presentation_shapes import FilmShape, film_shape
from deckcast.api.problems import problems
from deckcast.batches import media, presentations
from deckcast.batches.film_of import film_of

router = APIRouter(prefix="/api/presentations/{presentation_id}", tags=["film"])


@router.get("/film", operation_id="getFilm", responses=problems(401, 404, 422))
async def get_film(presentation_id: PresentationId, caller: Caller) -> FilmShape:
    """The newest film: how long it is, where its files are, and where each slide begins."""
    film = await film_of(await presentations.owned(caller.owner, presentation_id))
    if film is None:
        raise media.not_made("film")
    return film_shape(film)


@router.get("/film/media", operation_id="getFilmMedia", **gives("video/mp4"))
@router.head("/film/media", include_in_schema=False)
async def film_media(
    presentation_id: PresentationId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """The film itself."""
    file = await media.film_file(caller.owner, presentation_id, "film")
    return await file_answer(request, file, download=download)


@router.get("/film/poster", operation_id="getFilmPoster", **gives("image/jpeg"))
@router.head("/film/poster", include_in_schema=False)
async def film_poster(
    presentation_id: PresentationId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """A picture to show before the film plays."""
    file = await media.film_file(caller.owner, presentation_id, "poster")
    return await file_answer(request, file, download=download)


@router.get("/film/captions.vtt", operation_id="getFilmCaptionsVtt", **gives("text/vtt"))
@router.head("/film/captions.vtt", include_in_schema=False)
@router.get("/captions.vtt", include_in_schema=False)
async def captions_vtt(
    presentation_id: PresentationId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """The film's captions as WebVTT, for browsers."""
    file = await media.film_file(caller.owner, presentation_id, "vtt")
    return await file_answer(request, file, download=download, direct=True)


@router.get("/film/captions.srt", operation_id="getFilmCaptionsSrt", **gives("application/x-subrip"))
@router.head("/film/captions.srt", include_in_schema=False)
@router.get("/captions.srt", include_in_schema=False)
async def captions_srt(
    presentation_id: PresentationId, request: Request, caller: Caller, download: Download = False
) -> Response:
    """The film's captions as SubRip, for everything else."""
    file = await media.film_file(caller.owner, presentation_id, "srt")
    return await file_answer(request, file, download=download, direct=True)
