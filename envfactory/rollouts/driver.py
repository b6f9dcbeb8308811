"""Many attempts side by side: one policy is asked for all of them at once, and a broken one costs itself alone.

Attempts go on in lockstep, so that the policy answers in batches; one that ends makes room for the next. What breaks
below an attempt (a worker that hangs or dies, a model that does not answer) gives it the status `infrastructure`: it is
tried once more, and never scored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from envfactory.datasets.rl import RlOptions
from envfactory.errors import ModelError
from envfactory.rollouts.episode import Budget, TaskEpisode
from envfactory.rollouts.grading import Grader
from envfactory.rollouts.policy import Policy, Reply
from envfactory.tasks.files import StoredRollout
from envfactory.tasks.grader import RewardName
from envfactory.tasks.model import Grade, Task
from envfactory.tasks.scope import Scope


class Job(NamedTuple):
    """One attempt to be made."""

    task: Task
    attempt: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others."""
        return self.task.id, self.attempt


@dataclass(frozen=True)
class RolloutOptions:
    """How rollouts are made. `side_by_side` attempts are open at once; `rows` says what the datasets' rows say.

    `tokens` and `message_tokens` limit what is written in a rollout and in one message; `most_tools` is how many tools
    are shown (all by default); `retries` is how often broken
    infrastructure is tried again.
    """

    side_by_side: int = 32
    rows: RlOptions = field(default_factory=RlOptions)
    reward: RewardName = "goal"
    tokens: int | None = None
    message_tokens: int | None = None
    most_tools: int | None = None
    retries: int = 1
    keep_messages: bool = True


def jobs_of(tasks: Iterable[Task], attempts: int = 1) -> list[Job]:
    """Return `attempts` jobs for each task, in order."""
    return [Job(task, attempt) for task in tasks for attempt in range(attempts)]


def play(
    jobs: Iterable[Job], scope: Scope, policy: Policy, options: RolloutOptions | None = None
) -> Iterator[StoredRollout]:
    """Play jobs in this process; yield graded rollouts as they end."""
    yield from _Players(scope, policy, options or RolloutOptions()).play(jobs)


class _Players:
    """The open attempts. `_tries` counts how often a job was begun again."""

    def __init__(self, scope: Scope, policy: Policy, options: RolloutOptions) -> None:
        self._scope = scope
        self._policy = policy
        self._options = options
        self._grader = Grader(scope, options.reward)
        self._tries: dict[tuple[str, int], int] = {}

    def play(self, jobs: Iterable[Job]) -> Iterator[StoredRollout]:
        waiting, playing = deque(jobs), list[TaskEpisode]()
        try:
            while waiting or playing:
                while waiting and len(playing) < self._options.side_by_side:
                    playing.append(self._begin(waiting.popleft()))
                self._step(playing)
                ended = [each for each in playing if each.ended is not None]
                playing = [each for each in playing if each.ended is None]
                for episode in ended:
                    episode.close()
                    if self._again(episode):
                        waiting.appendleft(Job(episode.task, episode.attempt))
                    else:
                        yield self._stored(episode)
        finally:
            for episode in playing:
                episode.close()

    def _begin(self, job: Job) -> TaskEpisode:
        options = self._options
        self._grader.require(job.task)
        budget = Budget.of(job.task, options.rows, tokens=options.tokens, message_tokens=options.message_tokens)
        return TaskEpisode(
            job.task,
            self._scope,
            attempt=job.attempt,
            budget=budget,
            seed=options.rows.seed,
            most_tools=options.most_tools,
        )

    def _step(self, playing: Sequence[TaskEpisode]) -> None:
        """Let every open attempt go on by one message."""
        try:
            replies = self._policy.replies([episode.ask() for episode in playing])
        except ModelError as error:
            replies = [Reply(failed=str(error))] * len(playing)
        for episode, reply in zip(playing, replies, strict=True):
            episode.take(reply)

    def _again(self, episode: TaskEpisode) -> bool:
        """Tell whether an attempt that broken infrastructure ended is to be begun again."""
        key = episode.task.id, episode.attempt
        if episode.ended != "infrastructure" or self._tries.get(key, 0) >= self._options.retries:
            return False
        self._tries[key] = self._tries.get(key, 0) + 1
        return True

    def _stored(self, episode: TaskEpisode) -> StoredRollout:
        grade = self._grader.grade(episode.task, episode.rollout())
        told = stored(episode, self._policy.name, grade, self._options.reward)
        return told if self._options.keep_messages else told.model_copy(update={"messages": []})


def stored(episode: TaskEpisode, solver: str, grade: Grade, reward: RewardName) -> StoredRollout:
    """Return an ended attempt as a line of a file."""
    return StoredRollout(
        **dict(episode.rollout()),
        task=episode.task.id,
        solver=solver,
        attempt=episode.attempt,
        grade=grade,
        rewarded_by=reward,
        ended=episode.ended or "",
        trouble=episode.trouble,
        tokens=episode.tokens,
        messages=episode.messages,
    )
