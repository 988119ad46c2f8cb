"""The web application over the parts."""

from __future__ import annotations

from fastapi import FastAPI

from deckcast import __version__
from deckcast.api import (
    avatar_videos,
    batches,
    catalogue,
    estimates,
    films,
    health,
    hooks,
    live,
    media,
    metrics,
    oidc,
    people,
    presentations,
    previews,
    pronunciations,
    shares,
    slides,
    spending,
    status,
    webhooks,
)
from deckcast.api.description import describe
from deckcast.api.guard import Guard, hosts_for
from deckcast.api.page import add_page
from deckcast.api.problems import handle_errors
from deckcast.api.rates import Rates
from deckcast.api.traffic import Traffic, Watched
from deckcast.batches.context import Context
from deckcast.people.oidc import open_oidc


def create_app(parts: Context, *, local_allowed: bool = True) -> FastAPI:
    """The application; `parts` as wiring.open_context gives them, open for as long as it serves. `local_allowed`: a
    person at this machine need not sign in while there are no users.

    Raises CallError settings_invalid where PUBLIC_URL is no web address.
    """
    app = FastAPI(
        title="Deckcast",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.local_allowed = local_allowed
    app.state.has_users = False  # nobody has looked yet
    app.state.oidc = open_oidc(parts.settings.oidc)
    app.state.rates = Rates(parts.settings.rates)
    live.open_feed(app)
    traffic = Traffic()
    app.state.metrics = metrics.Metrics(parts, traffic)
    public_url = parts.settings.public_url
    app.add_middleware(Guard, hosts=hosts_for(public_url), public_url=public_url)
    app.add_middleware(Watched, traffic=traffic)
    handle_errors(app)
    describe(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(webhooks.router)
    app.include_router(people.router)
    app.include_router(spending.router)
    app.include_router(oidc.router)
    app.include_router(hooks.router)
    app.include_router(status.router)
    app.include_router(live.router)
    app.include_router(presentations.router)
    app.include_router(slides.router)
    app.include_router(previews.router)
    app.include_router(pronunciations.router)
    app.include_router(media.router)
    app.include_router(films.router)
    app.include_router(shares.router)
    app.include_router(batches.router)
    app.include_router(estimates.router)
    app.include_router(avatar_videos.router)
    app.include_router(catalogue.router)
    add_page(app, parts.settings)
    return app
