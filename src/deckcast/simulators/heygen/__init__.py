"""A HeyGen account that costs nothing: the v3 API, real video files, and faults on request."""

from deckcast.simulators.heygen.server import app, run, running
from deckcast.simulators.heygen.switches import Switches

__all__ = ["Switches", "app", "run", "running"]
