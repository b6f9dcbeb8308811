"""What the tests share: a worker in this process, for trusted code only."""

from __future__ import annotations

from typing import Any

from envfactory.runtime.host import Host
from envfactory.sandbox import HandlerFault
from envfactory.sandbox.worker import describe


class LocalWorker:
    """A worker without walls or deadlines: the host, called directly. For code the tests themselves wrote."""

    def __init__(self) -> None:
        self._host = Host()

    def request(self, op: str, payload: Any, *, deadline: float = 10.0) -> Any:
        """Return the host's answer; raise HandlerFault, as a jailed worker does, if the host raises."""
        try:
            return self._host.handle(op, payload)
        except Exception as error:
            raise HandlerFault(describe(error)) from error

    def close(self) -> None:
        """Nothing to end."""
