"""τ²-bench as a suite: reward by its evaluator, a person played by a model of the config, gold replay without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from envfactory.config import ModelConfig
from envfactory.errors import ConfigError
from envfactory.evaluation.endpoint import Endpoint
from envfactory.evaluation.items import PERSON, POLICY, Item, Scored, Talk
from envfactory.evaluation.playing import Try, converse
from envfactory.evaluation.suite import Scripts, scripted
from envfactory.evaluation.tau2.package import DOMAINS, Tau2
from envfactory.evaluation.tau2.talks import TauTalk
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Asked, Policy

_STOP = "###STOP###"
_ACTIONS = ((0, "0"), (2, "1-2"), (5, "3-5"))


class _Problem(NamedTuple):
    domain: str
    task: Any


class Tau2Suite:
    """Tasks of the domains asked for. Close it when done: a person's backend holds connections.

    Raise UserError without the package, ConfigError for a domain that is not played here.
    """

    name = "tau2"
    measure = "reward"
    traits = ("domain", "gold actions")

    def __init__(
        self, domains: Sequence[str] = (), *, person: ModelConfig | None = None, place: Path | None = None
    ) -> None:
        strange = [name for name in domains if name not in DOMAINS]
        if strange:
            raise ConfigError(f"tau2 is not played in {strange[0]}", remedy=f"one of: {', '.join(DOMAINS)}")
        self._domains = tuple(domains or DOMAINS)
        self._tau2 = Tau2(place)
        self._problems = {
            f"{domain}_{task.id}": _Problem(domain, task)
            for domain in self._domains
            for task in self._tau2.tasks(domain)
        }
        self._person = None if person is None else Endpoint(person.model, person)

    def items(self) -> Sequence[Item]:
        """Return the tasks."""
        return [
            Item(name, problem.domain, {"domain": problem.domain, "gold actions": _size(problem.task)})
            for name, problem in self._problems.items()
        ]

    def play(self, tries: Sequence[Try], policy: Policy, side_by_side: int) -> Iterator[Scored]:
        """Play attempts; ConfigError where nobody plays the person of a model's talk."""
        person: Policy | None = self._person
        if policy.name.startswith("scripted:"):
            person = Scripts("person", self._brief)
        if person is None:
            raise ConfigError("tau2 needs someone who plays the person", remedy="give --user-model openai:NAME")
        return converse(tries, self._begin, {POLICY: policy, PERSON: person}, side_by_side)

    def scripted(self, name: str) -> Policy:
        """Return the oracle (the gold actions and what must be said), the empty or the random policy."""
        return scripted(name, self._gold)

    def facts(self) -> Mapping[str, Any]:
        """Return the package, the domains and who plays the person."""
        person = self._person.name if self._person else None
        return {"package": self._tau2.version, "domains": list(self._domains), "person": person}

    def close(self) -> None:
        """Free the person's backend."""
        if self._person is not None:
            self._person.__exit__(None, None, None)

    def _begin(self, which: Try) -> Talk:
        problem = self._problems[which.item.id]
        return TauTalk(self._tau2, problem.domain, problem.task, which.attempt)

    def _gold(self, asked: Asked) -> str:
        """Make the gold actions one a message, then say what must be said."""
        wanted = self._problems[asked.task].task.evaluation_criteria
        actions = [each for each in wanted.actions or [] if each.requestor == "assistant"]
        if asked.calls < len(actions):
            action = actions[asked.calls]
            return write("", [ToolCall(action.name, action.arguments)])
        return "It is done. " + " ".join(wanted.communicate_info or [])

    def _brief(self, asked: Asked) -> str:
        """Be a person without a mind: say what is wanted, and end the talk at the first word of the agent."""
        spoken = any(message["role"] == "assistant" for message in asked.messages)
        return _STOP if spoken else str(self._problems[asked.task].task.user_scenario.instructions)


def _size(task: Any) -> str:
    count = len(task.evaluation_criteria.actions or [])
    return next((word for most, word in _ACTIONS if count <= most), "6 and more")
