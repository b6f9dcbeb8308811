"""The proof of a task: its gold replays, its grader accepts what it should and rejects what it should.

Everything is executed, in two processes whose Python hashes have different seeds, and must come out the same byte for
byte. A task whose grader fails is refused, with reasons by kind so that a run can count them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from envfactory.environments.files import canonical_json, digest
from envfactory.runtime.paths import MISSING, find, leaves
from envfactory.tasks.changes import compare
from envfactory.tasks.columns import text_rules
from envfactory.tasks.facts import is_common, states_fact
from envfactory.tasks.faulty_ways import CANARIES, faulty_ways
from envfactory.tasks.grader import as_rollout, grade, grade_path, turn_marks
from envfactory.tasks.model import (
    Fact,
    FromClock,
    FromProfile,
    FromResult,
    GoldCall,
    Grade,
    Mention,
    Said,
    Task,
    Verdict,
)
from envfactory.tasks.play import Changes, Outcome, Playback, play_all, word
from envfactory.tasks.scope import Scope, all_references
from envfactory.tasks.ways import Way, accept_ways

FLOOR_MARGIN = 0.5
CANARY_FLOOR = 0.25


class Reason(NamedTuple):
    """Why a task is refused: which check failed, by what kind of path if by one, and the evidence."""

    check: str
    kind: str = ""
    text: str = ""

    def __str__(self) -> str:
        return f"{self.check}{f' ({self.kind})' if self.kind else ''}: {self.text}"


class Proof(NamedTuple):
    """A task with accept and reject sets and verdicts filled in; it is proven where there are no reasons."""

    task: Task
    reasons: list[Reason]

    @property
    def proven(self) -> bool:
        return not self.reasons


def prove(task: Task, scope: Scope) -> Proof:
    """Prove a task's grader; raise TaskError where the scope does not hold its environments as they were."""
    scope.require(all_references(task))
    goal = task.goal.model_copy(update={"text_rules": task.goal.text_rules or text_rules(task, scope)})
    task = task.model_copy(update={"goal": goal})
    accepts = accept_ways(task, scope)
    gold = accepts[0]
    verdicts = {"semantic.replayability": _replays(task, gold, scope), "task.grounded": _grounded(task)}
    if any(verdict.status != "pass" for verdict in verdicts.values()):
        return _closed(task, verdicts)  # what follows would only repeat that the gold is no gold
    rejects = faulty_ways(task, gold, scope)
    ends = [gold.played.marked.get(mark, {}) for mark in turn_marks(task, gold.path.steps)]
    accepted = [(way, grade_path(task, way.path, way.played, scope, ends)) for way in accepts]
    rejected = [(way, grade_path(task, way.path, way.played, scope, ends)) for way in rejects]
    verdicts |= {
        "task.accepts": _accepts(accepted),
        "task.rejects": _rejects(rejected),
        **_semantic(accepted, rejected),
        **_runtime([each for _, each in (*accepted, *rejected)]),
        "semantic.no_solution_leakage": _no_leakage(task),
        **_deterministic(task, accepted + rejected, scope),
    }
    filled = task.model_copy(
        update={"accept": [way.path for way, _ in accepted], "reject": [way.path for way, _ in rejected]}
    )
    return _closed(filled, verdicts)


def _closed(task: Task, verdicts: dict[str, Verdict]) -> Proof:
    proven = task.model_copy(update={"verdicts": {**task.verdicts, **verdicts}})
    reasons = [
        Reason(check, str(verdict.measured.get("kind", "")), verdict.evidence)
        for check, verdict in verdicts.items()
        if verdict.status != "pass"
    ]
    return Proof(proven, reasons)


def _verdict(
    faults: Sequence[str], measured: dict[str, Any] | None = None, remedy: str = "", kind: str = ""
) -> Verdict:
    told = {**(measured or {}), **({"kind": kind} if kind and faults else {})}
    if not faults:
        return Verdict(status="pass", measured=told)
    return Verdict(status="fail", measured=told, evidence="; ".join(faults[:4]), remedy=remedy)


# --- the gold ---------------------------------------------------------------------------------------------------------


def _replays(task: Task, gold: Way, scope: Scope) -> Verdict:
    """Check that the gold calls give what is stored, and end where the goal says, by the state images too."""
    played = gold.played
    if not played.played:
        return Verdict(status="error", evidence=played.message, remedy="try again: infrastructure failed")
    faults = [
        f"call {number} ({call.tool}) {fault}"
        for number, (call, outcome) in enumerate(zip(task.gold, played.outcomes, strict=True))
        if (fault := _outcome_fault(call, outcome))
    ]
    faults += compare(task.goal.changes, played.changes, scope, task.goal, explained=True).differences
    ends = [played.marked.get(mark, {}) for mark in turn_marks(task, gold.path.steps)]
    wanted = ends if len(task.turns) > 1 else [task.goal.changes]
    graded = grade(task, as_rollout(gold.path, played), scope, gold_by_turn=wanted)
    if graded.status == "infrastructure":
        return Verdict(status="error", evidence=graded.reasons[0], remedy="try again: infrastructure failed")
    if not faults and not graded.solved:
        faults += [f"replayed from images: {reason}" for reason in graded.reasons]
    return _verdict(faults, {"calls": len(task.gold), "reward": graded.reward}, "sample the task again")


def _outcome_fault(call: GoldCall, outcome: Outcome) -> str:
    if word(outcome) != call.outcome:
        return f"came out as {word(outcome)}, stored is {call.outcome}"
    if call.outcome != "ok" or outcome["result"] == call.result:
        return ""
    stored = dict(leaves(call.result))
    other = [path for path, value in leaves(outcome["result"]) if stored.get(path, MISSING) != value]
    return f"gives another result than the stored one, first at {other[0] if other else 'what it no longer shows'}"


def _grounded(task: Task) -> Verdict:
    """Check that every leaf of every gold argument has a source that holds its value."""
    mentions = {each.id: (number, each) for number, each in _mentions(task)}
    faults: list[str] = []
    count = 0
    for turn_number, turn in enumerate(task.turns):
        for number in range(*turn.calls):
            call = task.gold[number]
            for path, value in leaves(call.arguments):
                count += 1
                fault = _source_fault(task, number, call, path, value, mentions, turn_number)
                faults += [f"call {number} ({call.tool}.{path}): {fault}"] if fault else []
    return _verdict(faults, {"arguments": count}, "give the argument a source")


def _mentions(task: Task) -> Iterable[tuple[int, Mention]]:
    for number, turn in enumerate(task.turns):
        yield from ((number, mention) for mention in turn.mentions)
        yield from ((number, mention) for reply in turn.replies for mention in reply.mentions)


def _source_fault(
    task: Task,
    number: int,
    call: GoldCall,
    path: str,
    value: Any,
    mentions: dict[str, tuple[int, Mention]],
    turn: int,
) -> str:
    source = call.sources.get(path)
    if source is None:
        return "no source"
    if isinstance(source, Said):
        return _said_fault(mentions.get(source.mention), turn)
    if isinstance(source, FromResult):
        return _result_fault(task, number, source, value)
    if isinstance(source, FromProfile):
        held = [each.columns for each in task.profile if each.environment == source.environment]
        return "" if any(each.get(source.column) == value for each in held) else "not in the profile"
    if isinstance(source, FromClock):
        now = next(each.now for each in task.environments if each.name == call.environment)
        return "" if str(value)[:10] == now[:10] else "not what the clock shows"
    return ""


def _said_fault(found: tuple[int, Mention] | None, turn: int) -> str:
    if found is None:
        return "its mention does not exist"
    return "said only in a later turn" if found[0] > turn else ""


def _result_fault(task: Task, number: int, source: FromResult, value: Any) -> str:
    if not 0 <= source.call < number:
        return "from a call that does not come before it"
    held = find(task.gold[source.call].result, source.path)
    return "" if held is not MISSING and held == value else f"call {source.call} does not show it at {source.path}"


# --- the grader -------------------------------------------------------------------------------------------------------

Graded = tuple[Way, Grade]


def _accepts(accepted: Sequence[Graded]) -> Verdict:
    wrong = [(way, told) for way, told in accepted if not told.solved]
    faults = [f"{_label(way)} is rejected: {'; '.join(told.reasons[:2])}" for way, told in wrong]
    kind = wrong[0][0].path.kind if wrong else ""
    return _verdict(faults, {"paths": len(accepted)}, "mend the goal or its facts", kind)


def _rejects(rejected: Sequence[Graded]) -> Verdict:
    wrong = [way for way, told in rejected if told.solved or told.reward is None]
    faults = [f"{_label(way)} is accepted" if way.played.played else f"{_label(way)} cannot be played" for way in wrong]
    kinds = sorted({way.path.kind for way, _ in rejected})
    kind = wrong[0].path.kind if wrong else ""
    return _verdict(faults, {"paths": len(rejected), "kinds": kinds}, "ask for more, or drop the task", kind)


def _label(way: Way) -> str:
    return f"{way.path.kind} ({way.path.note})" if way.path.note else way.path.kind


def _semantic(accepted: Sequence[Graded], rejected: Sequence[Graded]) -> dict[str, Verdict]:
    best = _reward(accepted[0][1])
    idle = max((_reward(told) for way, told in rejected if way.path.kind == "nothing"), default=1.0)
    canaries = {way.path.kind: _reward(told) for way, told in rejected if way.path.kind in CANARIES}
    low = [f"{kind} earns {reward:.2f}" for kind, reward in canaries.items() if reward > CANARY_FLOOR]
    return {
        "semantic.oracle_max": _verdict([] if best == 1.0 else [f"the gold earns {best}"], {"reward": best}),
        "semantic.floor_gap": _verdict(
            [] if idle <= 1.0 - FLOOR_MARGIN else [f"doing nothing earns {idle}"],
            {"floor": idle, "margin": FLOOR_MARGIN},
        ),
        "semantic.canary_floor": _verdict(low, {**canaries, "floor": CANARY_FLOOR}),
    }


def _reward(told: Grade) -> float:
    return told.reward if told.reward is not None else math.nan


def _runtime(grades: Sequence[Grade]) -> dict[str, Verdict]:
    rewards = [_reward(told) for told in grades]
    formed = [f"a reward of {each}" for each in rewards if not 0.0 <= each <= 1.0]
    parts = [
        f"parts {told.parts} for {told.reward}"
        for told in grades
        if told.reward is not None and not math.isclose(sum(told.parts.values()), told.reward, abs_tol=1e-9)
    ]
    return {
        "runtime.reward_well_formed": _verdict(formed, {"grades": len(rewards)}),
        "runtime.reward_attribution": _verdict(parts, {"grades": len(rewards)}),
    }


def _no_leakage(task: Task) -> Verdict:
    """Check that no turn's own words state what its answer must find out."""
    faults = []
    for turn in task.turns:
        if turn.outcome == "informed" and turn.text and turn.facts:
            now = next(each.now for each in task.environments)
            if all(_is_told(turn.text, fact, now) for fact in turn.facts):
                faults.append(f"the question states its answer: {turn.facts[0].name}")
    return _verdict(faults, {"turns": len(task.turns)}, "ask for something else")


def _is_told(text: str, fact: Fact, now: str) -> bool:
    return fact.kind not in ("refusal", "boolean") and not is_common(fact.value) and states_fact(text, fact, now)


# --- determinism ------------------------------------------------------------------------------------------------------


def _deterministic(task: Task, graded: Sequence[Graded], scope: Scope) -> dict[str, Verdict]:
    """Play every path again in another process: what came of it must be the same byte for byte, and so must its grade.

    Graded again are the paths that came out otherwise, and one of each kind besides.
    """
    again = _played_again(task, [way for way, _ in graded], scope)
    other = [told_bytes(played) != told_bytes(way.played) for (way, _), played in zip(graded, again, strict=True)]
    differing = [way for (way, _), differs in zip(graded, other, strict=True) if differs]
    episodes = [f"{_label(way)} comes out otherwise" for way in differing]
    first_of_kind = {way.path.kind: number for number, (way, _) in reversed(list(enumerate(graded)))}
    chosen = sorted({*first_of_kind.values(), *(number for number, differs in enumerate(other) if differs)})
    ends = [again[0].marked.get(mark, {}) for mark in turn_marks(task, graded[0][0].path.steps)]
    regraded = [_dump(grade_path(task, graded[at][0].path, again[at], scope, ends)) for at in chosen]
    told = canonical_json([_dump(graded[at][1]) for at in chosen])
    verdicts = [] if canonical_json(regraded) == told else ["the same paths are graded otherwise in another process"]
    return {
        "runtime.episode_determinism": _verdict(episodes, {"paths": len(graded), "processes": 2}),
        "semantic.verifier_determinism": _verdict(
            verdicts, {"paths": len(chosen), "digest": digest(told)[:16], "processes": 2}
        ),
    }


def _played_again(task: Task, ways: Sequence[Way], scope: Scope) -> list[Playback]:
    """Play paths in the other process, those that begin alike one after another."""
    order = sorted(range(len(ways)), key=lambda at: repr([(s.tool, s.arguments) for s in ways[at].path.steps]))
    steps = [ways[number].path.steps for number in order]
    played = play_all(scope, [(each, turn_marks(task, each)) for each in steps], side="other")
    found = dict(zip(order, played, strict=True))
    return [found[number] for number in range(len(ways))]


def _dump(told: Grade) -> Any:
    return told.model_dump(mode="json")


def told_bytes(played: Playback) -> bytes:
    """Return everything a playback told, in one canonical form."""
    marked = {str(mark): _changes(changes) for mark, changes in played.marked.items()}
    told = [played.outcomes, played.arguments, _changes(played.changes), played.status, marked]
    return msgspec.json.encode(told, order="sorted")


def _changes(changes: Changes) -> Any:
    return {
        name: [(each.table, each.op, each.key, each.before, each.after) for each in told]
        for name, told in changes.items()
    }
