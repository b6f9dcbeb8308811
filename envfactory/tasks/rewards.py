"""What a rollout is worth: two pure functions of what was called, what it changed and what was said.

`goal` (the default)::

    solved      = the final net diff equals the goal's over all tables of all environments in scope (distractors too),
                  the net diff after every turn equals the gold's after that turn,
                  and every fact of every turn is stated and was seen
    reward      = 1 - cost                                     if solved
                = max(0, 1/2 * credit * (1 if clean else 1/2) - cost)   otherwise
    cost        = min(1/100 * calls beyond the gold's number (those that never ran included), 1/10)
    credit      = mean over the turns that can earn any; a turn earns
                  done                      1 if the net diff after it equals the gold's after it; half of that depends
                                            on the share of its facts, if it has any
                  informed/refused/declined the share of its facts, if the turn itself changed nothing
                  and nothing where an earlier turn has earned less than half
    clean       = the final net diff equals the gold's after some turn: unfinished, but nothing wrong was done

Why so. Whatever leads to the right end earns the same, however it got there: so the diff counts, not the trace, and
new ids up to renaming. The end of every turn counts, because a person hears "done" or "not possible" there: what is
done a turn late was not done when they were told so, and what a later turn takes back was wanted in between. An
unsolved attempt earns less than half of a solved one, so no pile of partial credit is worth a solution; credit is by
turns in order, because a later turn builds on the state the earlier ones left. Nothing is paid for doing nothing: a
turn without facts or changes earns nothing, facts count only if seen, and as long as no turn that needs calls is
right, saying "no" to the others earns nothing either. Collateral writes cannot be solved attempts and halve the
credit of what was right. The cost is small and bounded: it breaks ties towards short ways, and never makes a long
right way worth less than a wrong one.

`paper` is the reward of the released code, reproduced with its weaknesses (for parity; facts in the tests)::

    R       = max(0, tau * trace + (1 - tau) * state - length - format)                                     tau = 1/2
    trace   = 1 if every gold call is matched by a call of its own (greedily, in any order), executed or not
    state   = share of the environments the gold calls name whose final state equals the gold's exactly; an environment
              that was never called counts 0
    length  = min(0.05 * calls beyond the gold's number, 0.5);   format = min(0.05 * unreadable calls, 0.5)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from envfactory.tasks.changes import Comparison
from envfactory.tasks.facts import FactCheck
from envfactory.tasks.model import Grade, Played, Rollout, Task
from envfactory.tasks.play import Changes

CALL_COST, MOST_COST = 0.01, 0.1
PARTIAL = 0.5
UNCLEAN = 0.5
TAU = 0.5
_PENALTY, _MOST_PENALTY = 0.05, 0.5
_MOST_REASONS = 12


class TurnEvidence(NamedTuple):
    """What a replay showed of one turn.

    `right`: the net diff after it equals the gold's after it. `quiet`: it changed nothing. `engaged`: by its end
    some call was executed in each environment of its gold calls (true where it has none).
    """

    right: bool
    quiet: bool
    engaged: bool


class Evidence(NamedTuple):
    """What a replay showed: the final diff, each turn, the facts, and whether nothing wrong was done."""

    state: Comparison
    turns: Sequence[TurnEvidence]
    facts: Sequence[FactCheck]
    clean: bool


# --- goal -------------------------------------------------------------------------------------------------------------


def goal(task: Task, rollout: Rollout, evidence: Evidence) -> Grade:
    """Return the grade by the reward `goal`; the parts add up to the reward."""
    reasons = [
        *evidence.state.differences,
        *(line for number, turn in enumerate(evidence.turns) for line in _turn_reasons(number, turn)),
        *(f"turn {each.turn + 1}: {each.reason}" for each in evidence.facts if each.reason),
    ]
    solved = not reasons
    cost = call_cost(task, rollout)
    if solved:
        parts = {"state": 0.5, "facts": 0.5, "calls": 0.0 - cost}
    else:
        earned = PARTIAL * _credit(task, evidence) * (1.0 if evidence.clean else UNCLEAN)
        parts = {"turns": earned, "calls": 0.0 - min(cost, earned)}
    reward = min(1.0, max(0.0, sum(parts.values())))
    return Grade(status="graded", reward=reward, solved=solved, parts=parts, reasons=reasons[:_MOST_REASONS])


def _turn_reasons(number: int, turn: TurnEvidence) -> list[str]:
    if not turn.engaged:
        return [f"turn {number + 1}: no call was made"]
    return [] if turn.right else [f"turn {number + 1}: the state after it is not what was wanted then"]


def call_cost(task: Task, rollout: Rollout) -> float:
    """Return the cost of calls beyond the gold's number."""
    made = len(rollout.calls) + len(rollout.unexecuted) + rollout.unparsed
    return min(CALL_COST * max(0, made - len(task.gold)), MOST_COST)


def _credit(task: Task, evidence: Evidence) -> float:
    """Return the mean credit of the turns that can earn any; 0 as long as none that needs calls is right."""
    earned: list[float] = []
    acted = False
    lost = False
    for number, turn in enumerate(task.turns):
        facts = [fact.holds for fact in evidence.facts if fact.turn == number]
        if turn.outcome != "done" and not facts:
            continue
        credit = 0.0 if lost else _turn_credit(turn.outcome == "done", evidence.turns[number], facts)
        lost = lost or credit < 0.5
        earned.append(credit)
        acted = acted or (credit > 0 and turn.calls[1] > turn.calls[0])
    return sum(earned) / len(earned) if acted else 0.0


def _turn_credit(is_done: bool, seen: TurnEvidence, facts: Sequence[bool]) -> float:
    share = sum(facts) / len(facts) if facts else 1.0
    if not seen.engaged:
        return 0.0
    if is_done:
        return (0.5 + 0.5 * share) if seen.right else 0.0
    return share if seen.quiet else 0.0


# --- paper ------------------------------------------------------------------------------------------------------------


def paper(task: Task, rollout: Rollout, changes: Changes, tau: float = TAU) -> Grade:
    """Return the grade by the paper's reward as released. `changes` is the rollout's final net diff."""
    predicted = [*rollout.calls, *rollout.unexecuted]
    trace = float(bool(predicted) and gold_calls_made(task, predicted) == 1.0)
    state = _paper_state(task, rollout, changes)
    length = min(_PENALTY * max(0, len(predicted) - len(task.gold)), _MOST_PENALTY)
    form = min(_PENALTY * rollout.unparsed, _MOST_PENALTY)
    parts = {"trace": tau * trace, "state": (1 - tau) * state, "length": 0.0 - length, "format": 0.0 - form}
    total = sum(parts.values())
    if total < 0:
        parts["floor"] = -total
    return Grade(status="graded", reward=max(0.0, total), solved=trace == state == 1.0, parts=parts)


def gold_calls_made(task: Task, calls: Sequence[Played]) -> float:
    """Return the share of a task's gold calls that are among `calls`, each matched by a call of its own; 1 where it has none.

    Greedily, so that an early match can spoil a later one. A measure of how far an attempt came, and no reward: other
    ways lead to the same end.
    """
    unused = list(calls)
    for gold in task.gold:
        found = next((call for call in unused if _matches(call, gold.environment, gold.tool, gold.arguments)), None)
        if found is not None:
            unused.remove(found)
    return (len(calls) - len(unused)) / len(task.gold) if task.gold else 1.0


def _matches(call: Played, environment: str, tool: str, arguments: dict[str, Any]) -> bool:
    """Tell whether a call has a gold call's name and all of its arguments; further arguments do not matter."""
    if (call.environment, call.tool) != (environment, tool) or not isinstance(call.arguments, dict):
        return False
    given = call.arguments
    return all(name in given and _equal(given[name], value) for name, value in arguments.items())


def _equal(one: Any, other: Any) -> bool:
    numeric = all(isinstance(each, int | float) and not isinstance(each, bool) for each in (one, other))
    return math.isclose(one, other, rel_tol=1e-6) if numeric else bool(one == other)


def _paper_state(task: Task, rollout: Rollout, changes: Changes) -> float:
    named = list(dict.fromkeys(call.environment for call in task.gold))
    touched = {call.environment for call in rollout.calls}
    equal = [name in touched and changes.get(name, []) == task.goal.changes.get(name, []) for name in named]
    return sum(equal) / len(equal) if equal else 0.0
