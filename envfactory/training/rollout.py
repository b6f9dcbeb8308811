"""Rollouts within a training step: many attempts in lockstep, by the model in training, graded as they end.

TRL's own loop over tools knows neither a simulated person, nor a task that ends a rollout, nor an answer to a call that
cannot be read; so it is given whole rollouts instead (`rollout_func`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envfactory.rollouts.driver import stored
from envfactory.rollouts.episode import Budget, TaskEpisode
from envfactory.rollouts.grading import Grader
from envfactory.tasks.files import StoredRollout, append_rollouts
from envfactory.tasks.model import Grade, Task
from envfactory.tasks.scope import Scope
from envfactory.training.grpo_config import GrpoSection
from envfactory.training.ranksafe import Together
from envfactory.training.rollout_tokens import Encoder, Limits, TokenEpisode


@dataclass(frozen=True)
class TrainingTask:
    """A task as training rolls it out: its system text and budget are those of the dataset's row."""

    task: Task
    system: str
    budget: Budget
    rate: float | None = None


@dataclass(frozen=True)
class Scored:
    """One finished rollout: its tokens, what it is paid (None: not scored), and what happened in it."""

    tokens: TokenEpisode
    grade: Grade
    pay: float | None
    in_loss: bool


class TaskRollouts:
    """Rolls out tasks in a scope of its own. `file` takes every rollout, for looking at and grading again."""

    def __init__(
        self,
        scope: Scope,
        encoder: Encoder,
        settings: GrpoSection,
        limits: Limits,
        *,
        most_tools: int | None = None,
        file: Path | None = None,
    ) -> None:
        self._scope = scope
        self._encoder = encoder
        self._settings = settings
        self._limits = limits
        self._most_tools = most_tools
        self._file = file
        self._grader = Grader(scope, settings.reward)

    def play(self, tasks: Sequence[TrainingTask], together: Together, solver: str = "") -> list[Scored]:
        """Play one attempt at each task (the same one may stand there often); return them in order."""
        numbers: Counter[str] = Counter()
        episodes = [self._begin(each, numbers) for each in tasks]
        try:
            while (sampled := together.round([each.context for each in episodes if not each.over])) is not None:
                playing = [each for each in episodes if not each.over]
                for place, each in enumerate(playing):
                    each.take(sampled.tokens[place], None if sampled.logprobs is None else sampled.logprobs[place])
        finally:
            for each in episodes:
                each.episode.close()
        scored = [self._scored(each) for each in episodes]
        if self._file is not None:
            append_rollouts(self._file, (self._stored(each, solver) for each in scored))
        return scored

    def prompt_of(self, task: TrainingTask) -> list[int]:
        """Return a task's prompt in tokens."""
        with self._episode(task, 0) as episode:
            return self._encoder.prompt(episode.messages, episode.tools)

    def _begin(self, task: TrainingTask, numbers: Counter[str]) -> TokenEpisode:
        numbers[task.task.id] += 1
        return TokenEpisode(self._episode(task, numbers[task.task.id] - 1), self._encoder, self._limits)

    def _episode(self, task: TrainingTask, attempt: int) -> TaskEpisode:
        return TaskEpisode(
            task.task,
            self._scope,
            attempt=attempt,
            budget=task.budget,
            system=task.system,
            most_tools=self._most_tools,
        )

    def _scored(self, tokens: TokenEpisode) -> Scored:
        grade = self._grader.grade(tokens.episode.task, tokens.episode.rollout())
        truncated = tokens.episode.ended not in ("complete", "infrastructure")
        in_loss = grade.reward is not None and not (truncated and self._settings.truncated == "mask")
        return Scored(tokens, grade, self._pay(tokens, grade, truncated), in_loss)

    def _pay(self, tokens: TokenEpisode, grade: Grade, truncated: bool) -> float | None:
        """Return the reward less the penalties; a penalised rollout can earn less than nothing."""
        if grade.reward is None:
            return None
        settings, episode = self._settings, tokens.episode
        penalty = min(settings.malformed_penalty * episode.malformed, settings.most_penalty)
        if episode.task.gold and not episode.rollout().calls:
            penalty = max(penalty, settings.idle_penalty)
        if truncated and settings.truncated == "penalise":
            penalty += settings.truncated_penalty
        return grade.reward - penalty

    def _stored(self, scored: Scored, solver: str) -> StoredRollout:
        return stored(scored.tokens.episode, solver, scored.grade, self._settings.reward)


def as_trl(scored: Sequence[Scored], *, with_logprobs: bool) -> dict[str, Any]:
    """Return rollouts as TRL's `rollout_func` does: tokens, masks, and columns for the reward function.

    A rollout that is out of the loss is masked whole. None may be empty: one that could not even begin has an end of
    message that nobody sampled.
    """
    tokens = [each.tokens for each in scored]
    ends = [[] if each.completion else [each.encoder.end] for each in tokens]
    return {
        "prompt_ids": [each.prompt for each in tokens],
        "completion_ids": [each.completion + end for each, end in zip(tokens, ends, strict=True)],
        "logprobs": [each.logprobs + [0.0] * len(end) for each, end in zip(tokens, ends, strict=True)]
        if with_logprobs
        else None,
        "env_mask": [_mask(each) + [0] * len(end) for each, end in zip(scored, ends, strict=True)],
        "pay": [each.pay for each in scored],
        "told": [dict(_told(each)) for each in scored],
    }


def _mask(scored: Scored) -> list[int]:
    return scored.tokens.mask if scored.in_loss else [0] * len(scored.tokens.mask)


def _told(scored: Scored) -> Iterator[tuple[str, float]]:
    """Yield what the metrics say of a rollout; of one that was not scored only that."""
    episode = scored.tokens.episode
    yield "rollouts/infrastructure", float(scored.grade.reward is None)
    if scored.grade.reward is None:
        return
    yield "solve_rate", float(scored.grade.solved)
    yield "rollouts/earned", scored.grade.reward
    yield "rollouts/truncated", float(episode.ended != "complete")
    yield "rollouts/malformed", float(episode.malformed)
    yield "rollouts/calls", float(len(episode.rollout().calls))
    yield "rollouts/turns", float(episode.turn)
    yield "rollouts/written_tokens", float(episode.tokens)


def paid(
    pay: Sequence[float | None], told: Sequence[Mapping[str, float]], log_metric: Any = None, **_: Any
) -> list[float | None]:
    """TRL's reward function: what the rollouts were paid, which `as_trl` has brought along."""
    if log_metric is not None:
        for each in told:
            for name, value in each.items():
                log_metric(name, value)
    return list(pay)
