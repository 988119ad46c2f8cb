"""What every workflow of this process works with; set once by wiring.py before the engine starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deckcast.avatars.accounts import Account
from deckcast.avatars.ledger import Ledger
from deckcast.avatars.ports import AvatarProvider
from deckcast.batches.stopping import Stopping
from deckcast.batches.watch import AccountWatch
from deckcast.db.database import Database
from deckcast.kit.errors import MachineError
from deckcast.kit.settings import Settings
from deckcast.llm.ports import LanguageModel
from deckcast.publishing.ports import AssetStore
from deckcast.speech.service import SpeechEngines


@dataclass(slots=True)
class Context:
    """The parts. `model` is None where no language model is configured. `not_configured` says by name what a
    provider lacks. `scratch` holds temporary folders,
    `cache` what can be made again; `worker_id` is this process's where several share a PostgreSQL database; `halted`
    is why nothing can go on, if so."""

    settings: Settings
    db: Database
    store: AssetStore
    providers: Mapping[str, AvatarProvider]
    not_configured: Mapping[str, str]
    model: LanguageModel | None
    engines: SpeechEngines
    accounts: Mapping[str, Account]
    watches: Mapping[str, AccountWatch]
    ledger: Ledger
    scratch: Path
    cache: Path
    scope: str
    worker_id: str | None = None
    stopping: Stopping = field(default_factory=Stopping)
    halted: MachineError | None = field(default=None)

    def halt(self, error: MachineError) -> None:
        """Say that this machine cannot go on; the process ends soon after."""
        self.halted = self.halted or error


_current: Context | None = None


def use(context: Context | None) -> None:
    """Set (or with None: forget) the context of this process."""
    global _current
    _current = context


def current() -> Context:
    """The context of this process."""
    if _current is None:
        raise RuntimeError("no context: wiring.open_context() was not called")
    return _current
