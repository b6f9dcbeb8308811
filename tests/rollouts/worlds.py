"""What a process of its own needs to play the boat hire: made there, from names alone; and policies that break it."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from envfactory.environments.artefact import Manifest
from envfactory.rollouts.policy import Asked, Reply
from envfactory.rollouts.scripted import Scripted, oracle
from envfactory.tasks.model import Task
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.support import LocalWorker
from tests.tasks import written


def open_scope() -> Scope:
    """The boat hire and the lake office, without their proofs: nothing here looks at those."""
    lake = Manifest(name="lake_office", domain="travel", summary="Another boat hire, on a lake.")
    environments = [harbour.environment().sealed(), harbour.environment(manifest=lake).sealed()]
    return Scope(environments, open_worker=LocalWorker)


def tasks_of(scope: Scope) -> list[Task]:
    return [written.recorded(make(scope), scope) for make in (written.porto, written.both, written.rating)]


class Breaking(Scripted):
    """The gold, until it is asked for one task: then its process ends, or stands still."""

    def __init__(self, tasks: Sequence[Task], fatal: str, how: str) -> None:
        super().__init__("breaking", oracle, tasks)
        self._fatal = fatal
        self._how = how

    def replies(self, asked: Sequence[Asked]) -> list[Reply]:
        if any(each.task == self._fatal for each in asked):
            if self._how == "dies":
                os._exit(9)
            time.sleep(60)
        return super().replies(asked)
