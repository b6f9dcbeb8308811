"""Rollouts on disk: written as they end, gone on with after a kill, and in the end in the order of their jobs.

What is stored suffices to grade a rollout again at any time, by this or a newer grader: `envfactory grade FILE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from envfactory.errors import TaskError
from envfactory.rollouts.driver import Job
from envfactory.tasks.files import StoredRollout, append_rollouts, read_rollouts, whole_lines, write_rollouts

Key = tuple[str, int]


class RolloutFile:
    """The rollouts of one policy. Those that infrastructure broke do not count as made: they are made again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._made: dict[Key, StoredRollout] = {}

    def resume(self, solver: str) -> int:
        """Take up what the file holds, if there is one; return how many rollouts that are.

        A last line that a kill cut short is cut off. Raise TaskError where another policy made them.
        """
        if not self.path.is_file():
            return 0
        whole_lines(self.path)
        for each in read_rollouts(self.path):
            if each.solver != solver:
                raise TaskError(
                    f"{self.path} holds rollouts of {each.solver or 'an unnamed solver'}, not of {solver}",
                    remedy="name another file, or delete it",
                )
            if each.status != "infrastructure":
                self._made[each.task, each.attempt] = each
        write_rollouts(self.path, self._made.values())
        return len(self._made)

    def missing(self, jobs: Iterable[Job]) -> list[Job]:
        """Return the jobs that are still to be done."""
        return [job for job in jobs if job.key not in self._made]

    def keep(self, rollouts: Iterable[StoredRollout]) -> Iterator[StoredRollout]:
        """Write each rollout through to the disk as it comes, and pass it on."""
        for each in rollouts:
            append_rollouts(self.path, [each])
            self._made[each.task, each.attempt] = each
            yield each

    def settle(self, jobs: Sequence[Job]) -> list[StoredRollout]:
        """Put the rollouts of these jobs in the order of the jobs, whatever order they ended in, and return them.

        Others that the file holds stay, behind them.
        """
        wanted = [job.key for job in jobs if job.key in self._made]
        rest = [key for key in self._made if key not in set(wanted)]
        ordered = [self._made[key] for key in (*wanted, *rest)]
        write_rollouts(self.path, ordered)
        return ordered[: len(wanted)]
