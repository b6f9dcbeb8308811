"""All the backends of one command: the role table, one limit an endpoint, one tape and one purse for all of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from envfactory.config import Config, ModelConfig, ModelsConfig, RecordingConfig
from envfactory.events import Emit
from envfactory.models.exchange import Exchange, ToolChat
from envfactory.models.purse import Purse
from envfactory.models.recording import Tape


class Backends:
    """Gives each role its exchange. Exchanges of one endpoint share its limit, whatever the role."""

    def __init__(self, models: ModelsConfig, tape: Tape | None = None, purse: Purse | None = None) -> None:
        self._models, self._tape, self.purse = models, tape or Tape(), purse or Purse()
        self._limits: dict[str, asyncio.Semaphore] = {}

    def of(self, role: str) -> ModelConfig:
        """Return the backend of a role."""
        return self._models.of(role)

    def exchange(self, role: str, emit: Emit) -> Exchange:
        """Return a role's exchange, which tells its calls to `emit`."""
        config = self.of(role)
        place = f"{config.base_url} {config.model}"
        limit = self._limits.setdefault(place, asyncio.Semaphore(config.max_concurrency))
        tape = self._tape if config.replay is None else Tape.replaying(config.replay)
        return Exchange(role, config, emit, limit, tape, self.purse)

    def tool_chat(self, role: str, emit: Emit) -> ToolChat:
        """Return a role's chat that may call tools."""
        return ToolChat(self.exchange(role, emit))


def open_backends(config: Config, journal: Path | None, run: str) -> Backends:
    """Return the backends that a configuration names, with their recording and budget.

    Where no recording is configured, what is answered goes into `journal`, so that a command that is gone on with asks
    for nothing twice.
    """
    tape = open_tape(config.recording, journal, run)
    tape.note(config.models)
    return Backends(config.models, tape, Purse(config.budget, tape.spent))


def open_tape(recording: RecordingConfig, journal: Path | None, run: str) -> Tape:
    """Return the tape that a configuration names, for the run of this id."""
    if recording.folder is None or recording.mode == "off":
        return Tape(journal, run)
    if recording.mode == "replay":
        return Tape.replaying(recording.folder)
    return Tape(recording.folder, run, others=recording.mode == "auto")
