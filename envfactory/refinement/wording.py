"""Words by rules: the phrasing engine for what is meant, and a remark beside it where an operator asks for one."""

from __future__ import annotations

import random
from collections.abc import Callable

from envfactory.errors import TaskError
from envfactory.phrasing.realise import realise
from envfactory.refinement.edits import turn_with
from envfactory.refinement.operators.base import frames
from envfactory.refinement.reasons import moves, with_fitting_reasons
from envfactory.tasks.model import Persona, Task, Turn
from envfactory.tasks.scope import Scope

_OPENERS = {
    "plain": [
        "I have been on my feet since early.",
        "I'm in a bit of a hurry.",
        "I only have a few minutes.",
        "It's been a long day.",
        "I'm still waiting for the others to answer.",
        "I haven't done this for a while.",
        "I'll be offline this afternoon.",
        "I've put this off for too long.",
    ],
    "polite": [
        "I hope all is well with you.",
        "I'm not very good with these things.",
        "I hope this isn't too much trouble.",
        "My daughter usually does this for me.",
        "Please bear with me, I'm new to this.",
        "I do apologise for the late hour.",
        "There is no great hurry.",
        "I have my reading glasses on, so I can follow.",
    ],
    "chatty": [
        "It's pouring here and I haven't even had my tea yet!",
        "Honestly, what a rush this is.",
        "I'd have rung, but I never get past the hold music.",
        "I'm writing this from the garden, it's lovely out.",
        "My other half says I should have done this weeks ago.",
        "The kids are finally asleep, so now or never!",
        "I've made myself a coffee, so I'm ready for anything.",
        "There's drilling next door, I can hardly think.",
        "I've got three lists on the go already.",
        "It's one of those weeks, you know.",
    ],
    "casual": [
        "It never ends, does it.",
        "Bit mad here.",
        "Typing with one hand, bear with me.",
        "On my lunch break.",
        "Need coffee first, honestly.",
        "Long week.",
        "Half asleep here.",
        "My flatmate keeps asking about this.",
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
    for number, moved in enumerate(moves(task, scope)):
        fitting = {name: with_fitting_reasons(each, moved) for name, each in known.items()}
        try:
            turn = realise(task, number, fitting, rng)
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
