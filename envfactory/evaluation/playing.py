"""Attempts at items side by side: the policy is asked for all that wait at once, and one that breaks costs itself alone.

`rollouts.driver` does this for our own tasks; this is for the suites whose talks are not in our environments.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from envfactory.errors import ModelError
from envfactory.evaluation.items import POLICY, Item, Outcome, Scored, Talk
from envfactory.rollouts.formats import write
from envfactory.rollouts.policy import Asked, Policy, Reply


class Try(NamedTuple):
    """One attempt to be made."""

    item: Item
    attempt: int = 0


Open = Callable[[Try], Talk]


def converse(tries: Iterable[Try], begin: Open, speakers: Mapping[str, Policy], side_by_side: int) -> Iterator[Scored]:
    """Play attempts, `side_by_side` at once; yield what came of them as they end."""
    waiting = deque(tries)
    playing: list[_Playing] = []
    try:
        while waiting or playing:
            while waiting and len(playing) < side_by_side:
                playing.append(_Playing(waiting.popleft(), begin))
            for name, policy in speakers.items():
                _step([each for each in playing if each.talk.speaker == name], policy)
            for each in [each for each in playing if each.asked is None]:
                playing.remove(each)
                yield each.scored()
    finally:
        for each in playing:
            each.talk.close()


def _step(playing: Sequence[_Playing], policy: Policy) -> None:
    """Let every open attempt go on by one message."""
    asking = [each for each in playing if each.asked is not None]
    asked = [each.asked for each in asking if each.asked is not None]
    if not asked:
        return
    try:
        replies = policy.replies(asked)
    except ModelError as error:
        replies = [Reply(failed=str(error))] * len(asked)
    for each, reply in zip(asking, replies, strict=True):
        each.take(reply)


class _Playing:
    """An attempt under way, and what it has cost."""

    def __init__(self, which: Try, begin: Open) -> None:
        self._which = which
        self._replies: list[Reply] = []
        self._failed = ""
        self.talk = begin(which)
        self.asked: Asked | None = self.talk.ask()

    def take(self, reply: Reply) -> None:
        if reply.failed:
            self._failed, self.asked = reply.failed, None
            return
        if self.talk.speaker == POLICY:
            self._replies.append(reply)
        self.talk.take(reply)
        self.asked = self.talk.ask()

    def scored(self) -> Scored:
        """Judge the attempt and free it."""
        try:
            outcome = Outcome(0.0, why=self._failed, broken=True) if self._failed else self.talk.outcome()
        finally:
            self.talk.close()
        item, replies = self._which.item, self._replies
        return Scored(
            item=item.id,
            attempt=self._which.attempt,
            status="infrastructure" if outcome.broken else "scored",
            score=outcome.score,
            cluster=item.cluster,
            traits=dict(item.traits),
            parts=dict(outcome.parts),
            why=outcome.why,
            calls=sum(len(each.calls) for each in replies),
            malformed=sum(len(each.malformed) for each in replies),
            prompt_tokens=sum(each.prompt_tokens for each in replies),
            tokens=sum(each.tokens for each in replies),
            wrote=[write(each.content, each.calls, each.written.reasoning) for each in replies],
        )
