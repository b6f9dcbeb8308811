"""Words by rules: the phrasing engine for what is meant, and a remark beside it where an operator asks for one."""

from __future__ import annotations

import random
from collections.abc import Callable

from envfactory.errors import TaskError
from envfactory.phrasing.realise import realise
from envfactory.refinement.edits import turn_with
from envfactory.refinement.operators.base import frames
from envfactory.tasks.model import Persona, Task, Turn
from envfactory.tasks.scope import Scope

_OPENERS = {
    "plain": ["I have been on my feet since early.", "I'm sitting on the bus right now.", "I'm in a bit of a hurry."],
    "polite": [
        "I hope all is well with you.",
        "I hope you are keeping well.",
        "I'm not very good with these things.",
    ],
    "chatty": [
        "It's pouring here and I haven't even had my tea yet!",
        "Sorry if I type slowly, the cat is on my lap.",
        "My phone is nearly dead, so wish me luck!",
        "Honestly, what a rush this is.",
        "I'd have rung, but I never get past the hold music.",
        "I'm writing this from the garden, it's lovely out.",
    ],
    "casual": [
        "Typing this on the train, so excuse the typos.",
        "It never ends, does it.",
        "Bit mad here.",
        "Typing with one hand, bear with me.",
    ],
    "brief": [],
}


Wordsmith = Callable[[Task, Scope, random.Random], Task]
"""Writes a task's words: the text of its turns with the spans of their mentions, and the replies.

A turn for which there are no words is left empty.
"""


def by_rules(task: Task, scope: Scope, rng: random.Random) -> Task:
    """Return the task in the phrasing engine's words; a turn that it has no words for stays empty."""
    known = {each.name: frames(scope, each.name) for each in task.environments}
    for number in range(len(task.turns)):
        try:
            turn = realise(task, number, known, rng)
        except TaskError:
            turn = unworded(task.turns[number])
        task = task.model_copy(update={"turns": [*task.turns[:number], turn, *task.turns[number + 1 :]]})
        if any(record.operator == "chit_chat" for record in turn.operators):
            task = with_remark(task, number, rng)
    return task


def unworded(turn: Turn) -> Turn:
    """Return a turn without words, so that the audit finds it empty."""
    mentions = [each.model_copy(update={"span": None, "words": ""}) for each in turn.mentions]
    return turn.model_copy(update={"text": "", "mentions": mentions})


def plainly(task: Task, scope: Scope, rng: random.Random) -> Task:
    """Return the task with the over-specified wording of each turn as its `plain`, empty where there is none."""
    known = {each.name: frames(scope, each.name) for each in task.environments}
    for number in range(len(task.turns)):
        try:
            said = realise(task, number, known, rng, plain=True).text
        except TaskError:
            said = ""
        task = turn_with(task, number, plain=said)
    return task


def with_remark(task: Task, number: int, rng: random.Random) -> Task:
    """Return the task with a remark at the end of a turn."""
    remark = remark_for(task.persona, rng)
    turn = task.turns[number]
    if not remark or not turn.text:
        return task
    text = turn.text.rstrip()
    text = text if text[-1] in ".!?" else f"{text}."
    return turn_with(task, number, text=f"{text} {remark}")


def remark_for(persona: Persona, rng: random.Random) -> str:
    """Return a remark in a person's tone, empty for someone of few words."""
    remarks = _OPENERS[persona.tone]
    return rng.choice(remarks) if remarks else ""
