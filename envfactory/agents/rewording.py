"""The refiner's work by a language model: what it is shown of a turn, and how its words become a task's.

The program chooses what goes unsaid and holds every contract; the model writes words, which the same independent
reader judges as it judges ours. Words that do not pass after one repair are dropped, and those by rules stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import Field

from envfactory.agents.asking import Answers, Question, played
from envfactory.agents.benches import scope_of
from envfactory.agents.taskproducts import Refusal, Settings, Share
from envfactory.agents.taskrules import refining, refusal
from envfactory.environments.contract import Strict
from envfactory.phrasing.answers import answered, spoken
from envfactory.refinement.audit import Finding
from envfactory.refinement.refine import Wording
from envfactory.refinement.refine import refine as refine_task
from envfactory.synthesis.inference.words import singular_name
from envfactory.tasks.model import FromProfile, FromResult, GoldCall, Mention, Task
from envfactory.tasks.scope import Scope

_CODE = re.compile(r"\b[A-Z]+_[A-Z_]+\b")


class Words(Strict):
    """What a model answers: the message of a turn, and the replies to the assistant's questions in order."""

    text: str = Field(min_length=1, max_length=4000)
    replies: list[str] = []


def reword(
    settings: Settings, share: Share, task: Task, backend: str, known: Sequence[Any]
) -> Task | Refusal | Question:
    """Return a task refined in the words that are known, or the next turn that wants words."""
    scope = scope_of(settings, [share.place, *share.companions])

    def program(answers: Answers) -> Task | Refusal:
        given: dict[int, str] = {}

        def words(meant: Task, turn: int, findings: Sequence[Finding]) -> Wording | None:
            told = answers.to(Question("refiner", shown(meant, turn, findings, scope)))
            if told is None:
                return None
            given[turn] = told["text"]
            return Wording(told["text"], told["replies"])

        found = refine_task(task, scope, *refining(settings, task), reword=words)
        if not isinstance(found, Task):
            return refusal(task, "refinement", found.reasons)
        taken = [turn for turn, text in given.items() if found.turns[turn].text == text]
        author = backend if taken else found.written_by.get("refiner", "rules")
        written = found.model_copy(update={"written_by": {**found.written_by, "refiner": author}})
        return answered(written, scope.contracts_for(task))

    return played(program, known)


def shown(task: Task, number: int, findings: Sequence[Finding], scope: Scope) -> dict[str, Any]:
    """Return what the prompt shows of a turn: its meaning, what came before, what was wrong with the last attempt."""
    turn, persona, contracts = task.turns[number], task.persona, scope.contracts_for(task)
    wanted = [task.gold[request.call] for request in turn.requests]
    return {
        "tone": persona.tone,
        "situation": persona.situation,
        "party": persona.party,
        "now": spoken_now(task.environments[0].now),
        "earlier": [
            {"person": each.text, "assistant": spoken(task, earlier, contracts)}
            for earlier, each in enumerate(task.turns[:number])
        ],
        "wants": [_wish(task, call, scope.contracts(call.environment).tool(call.tool).description) for call in wanted],
        "learns": list(dict.fromkeys(_plain(fact.name) for fact in turn.facts if fact.kind != "refusal")),
        "say": _conveyed(turn.mentions, task),
        "replies": [{"question": each.question, "say": _conveyed(each.mentions, task)} for each in turn.replies],
        "plain": turn.text,
        "faults": [finding.detail for finding in findings if finding.turn == number],
    }


def spoken_now(now: str) -> str:
    """Return the clock as a person reads it, weekday first: what is said in relation to today rests on it."""
    moment = datetime.strptime(now, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M}"


def _wish(task: Task, call: GoldCall, description: str) -> dict[str, Any]:
    """Return what a call is for: what the tool does, without the codes that only programs know, and for whom."""
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", description) if not _CODE.search(part)]
    return {"does": " ".join(sentences) or description, "own": _is_own(task, call)}


def _is_own(task: Task, call: GoldCall) -> bool:
    """Tell whether a call rests on who is signed in, be it through what earlier calls found."""
    for source in call.sources.values():
        if isinstance(source, FromProfile) or (
            isinstance(source, FromResult) and not source.where and _is_own(task, task.gold[source.call])
        ):
            return True
    return False


def _conveyed(mentions: Sequence[Mention], task: Task) -> list[dict[str, Any]]:
    """Return what is to be said, things in the same words once. Whose key only programs know is shown by its words."""
    tools = {call.tool for call in task.gold}
    found: dict[str, dict[str, Any]] = {}
    for mention in mentions:
        value = None if mention.form in ("referred", "profile") else mention.value
        said = {"about": _about(mention.slot, tools), "value": value, "how": mention.form, "words": mention.words}
        before = found.get(mention.words or mention.id)
        if before is not None:
            said |= {"about": f"{before['about']} and {said['about']}"}
        found[mention.words or mention.id] = said
    return list(found.values())


def _about(slot: str, tools: Collection[str]) -> str:
    """Return what a mention is about: a parameter by its name, a column with the thing that it is of."""
    owner, _, name = slot.rpartition(".")
    return _plain(name) if owner in tools else f"{_plain(name)} of the {_plain(singular_name(owner))}"


def _plain(name: str) -> str:
    return name.replace("_", " ").removesuffix(" id")
