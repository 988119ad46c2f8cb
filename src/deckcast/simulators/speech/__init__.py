"""Speech services that cost nothing: OpenAI's, ElevenLabs' and Azure's calls, real speech, and faults on request."""

from deckcast.simulators.speech.server import app, run, running
from deckcast.simulators.speech.switches import Switches

__all__ = ["Switches", "app", "run", "running"]
