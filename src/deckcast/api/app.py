"""The web application over the parts."""

from __future__ import annotations

from fastapi import FastAPI

from deckcast import __version__
from deckcast.api import health, webhooks
from deckcast.api.guard import Guard, hosts_for
from deckcast.api.problems import handle_errors
from deckcast.api.rates import Rates
from deckcast.batches.context import Context


def create_app(parts: Context) -> FastAPI:
    """The application; `parts` as wiring.open_context gives them, open for as long as it serves.

    Raises CallError settings_invalid where PUBLIC_URL is no web address.
    """
    app = FastAPI(
        title="Deckcast",
        version=__version__,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.parts = parts
    app.state.rates = Rates(parts.settings.rates)
    app.add_middleware(Guard, hosts=hosts_for(parts.settings.public_url))
    handle_errors(app)
    app.include_router(health.router)
    app.include_router(webhooks.router)
    return app
