"""Language models that cost nothing: four providers' APIs, plausible answers, and faults on request."""

from deckcast.simulators.llm.server import app, run, running

__all__ = ["app", "run", "running"]
