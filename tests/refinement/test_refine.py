"""From meaning to audited words: operators kept, put back and refused; another hand's words; stale descriptions."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from envfactory.refinement.audit import Finding, audit_words
from envfactory.refinement.controls import Refinement
from envfactory.refinement.edits import call_with, turn_with
from envfactory.refinement.freshness import stale
from envfactory.refinement.locate import located
from envfactory.refinement.recoverability import values_by_reading
from envfactory.refinement.refine import Refused, Wording, operators_used, refine, tidied
from envfactory.refinement.rehearsal import same_as_recorded
from envfactory.tasks.model import Mention, Task
from envfactory.tasks.scope import Scope
from tests.refinement.hand import ME, at, booking, call, cancelling, said, task, turn

NEVER = {name: 0.0 for name, field in Refinement.model_fields.items() if field.annotation is float}


def only(**shares: float) -> Refinement:
    """Return controls under which nothing is tried but what is named."""
    return Refinement(**{**NEVER, **shares})  # type: ignore[arg-type]


def phrase(mention: Mention) -> str:
    """Return a mention as the plainest writer says it."""
    if mention.form == "referred":
        return "for that one"
    if mention.form == "ranked":
        return "the cheapest"
    if mention.form == "vague":
        return f"for at most €{mention.value // 100}"
    name, value = mention.slot.partition(".")[2], str(mention.value)
    if name.endswith("_date"):
        day = int(value[-2:])
        return ("from " if name.startswith("start") else "to ") + f"{day} May"
    return f"for {value} people" if name == "crew" else value


def spoken(made: Task, scope: Scope, rng: random.Random) -> Task:
    """Word a task: every mention one after another. A writer of this test's own, so that nothing else is tested."""
    contracts = {each.name: scope.contracts(each.name) for each in made.environments}
    for number, here in enumerate(made.turns):
        text = f"I'd like {' '.join(map(phrase, here.mentions))}, please."
        replies = [
            reply.model_copy(
                update={
                    "text": (said_back := f"{' '.join(map(phrase, reply.mentions)).capitalize()}."),
                    "mentions": located(said_back, reply.mentions, contracts, []),
                }
            )
            for reply in here.replies
        ]
        mentions = located(text, here.mentions, contracts, [])
        made = turn_with(made, number, text=text, mentions=mentions, replies=replies)
    return made


def refined(scope: Scope, made: Task, controls: Refinement) -> Task:
    found = refine(made, scope, controls, random.Random(0), wordsmith=spoken)
    assert isinstance(found, Task), found
    return found


def test_without_operators_the_meaning_stays_and_the_flow_is_told(scope: Scope) -> None:
    made = refined(scope, booking(scope), only())
    assert made.turns[1].text == "I'd like Sardinha from 14 May to 16 May for 2 people, please."
    assert [line.recovered for line in made.flow] == [True] * 8
    assert operators_used([made]) == {}


def test_operators_compose(scope: Scope) -> None:
    made = refined(scope, booking(scope), only(drop=1.0, implicit_ranking=1.0, missing_parameter=1.0))
    assert [each.operator for each in made.turns[1].operators] == ["drop", "implicit_ranking", "missing_parameter"]
    assert made.turns[1].text == "I'd like the cheapest, please."
    assert made.turns[1].replies[0].text == "For 2 people."
    assert audit_words(made, scope) == []
    assert same_as_recorded(scope, made)


def test_the_same_seed_gives_the_same_task(scope: Scope) -> None:
    first, second = (refine(booking(scope), scope, Refinement(), random.Random(7), wordsmith=spoken) for _ in range(2))
    assert first == second


def test_no_more_operators_than_asked_for(scope: Scope) -> None:
    controls = only(drop=1.0, implicit_ranking=1.0, missing_parameter=1.0).model_copy(update={"most_per_turn": 1})
    made = refined(scope, booking(scope), controls)
    assert max(len(each.operators) for each in made.turns) == 1


def test_an_operator_whose_words_fail_is_put_back(scope: Scope) -> None:
    def mute(made: Task, place: Scope, rng: random.Random) -> Task:
        """Say nothing of rankings, as a poor writer might."""
        worded = spoken(made, place, rng)
        for number, here in enumerate(worded.turns):
            mentions = [m.model_copy(update={"span": None}) if m.form == "ranked" else m for m in here.mentions]
            worded = turn_with(worded, number, mentions=mentions)
        return worded

    made = refine(booking(scope), scope, only(implicit_ranking=1.0), random.Random(0), wordsmith=mute)
    assert isinstance(made, Task)
    assert operators_used([made]) == {}
    assert "Sardinha" in made.turns[1].text


def test_what_no_words_can_say_is_refused(scope: Scope) -> None:
    def silent(made: Task, place: Scope, rng: random.Random) -> Task:
        return made

    found = refine(booking(scope), scope, only(), random.Random(0), wordsmith=silent)
    assert isinstance(found, Refused)
    assert "turn 0: empty: there are no words" in found.reasons


def test_an_argument_nobody_can_have_is_refused(scope: Scope) -> None:
    made = booking(scope)
    gapped = turn_with(made, 1, mentions=made.turns[1].mentions[:-1])
    found = refine(gapped, scope, only(), random.Random(0), wordsmith=spoken)
    assert isinstance(found, Refused)
    assert found.reasons[0].startswith("call 1 crew: said: c is not said by then")


def test_a_withheld_tool_leaves_the_words_and_takes_the_change(scope: Scope) -> None:
    made = refined(scope, booking(scope), only(missing_function=1.0))
    assert (made.turns[1].outcome, made.withheld) == ("declined", ["boat_hire.book_boat"])
    assert "Sardinha" in made.turns[1].text
    assert made.goal.changes == {}


def test_gold_that_does_not_replay_is_refused(scope: Scope) -> None:
    made = booking(scope)
    other = call_with(made, 1, result={**made.gold[1].result, "total_cents": 1})
    found = refine(other, scope, only(), random.Random(0), wordsmith=spoken)
    assert found == Refused("hand", ["the gold calls, played again, do not answer as recorded"])


@pytest.mark.parametrize("seed", range(5))
def test_the_phrasing_engine_is_held_to_the_same_audit(scope: Scope, seed: int) -> None:
    made = refine(booking(scope), scope, Refinement(), random.Random(seed))
    assert isinstance(made, Task), made
    assert audit_words(made, scope) == []
    assert all(turn.plain and turn.text for turn in made.turns)


# --- another hand -----------------------------------------------------------------------------------------------------


def test_another_hand_is_held_to_the_same_audit(scope: Scope) -> None:
    attempts: list[tuple[int, Sequence[Finding]]] = []
    words = {
        (0, 0): "Anything free in Porto between 14 and 16 May?",
        (1, 0): "The Sardinha will do, for the same days.",
        (1, 1): "The Sardinha will do, from 14 May until 16 May, two of us.",
    }

    def reword(made: Task, number: int, findings: Sequence[Finding]) -> Wording | None:
        attempts.append((number, findings))
        return Wording(words[number, 1 if findings else 0])

    made = refine(booking(scope), scope, only(), random.Random(0), wordsmith=spoken, reword=reword)
    assert isinstance(made, Task)
    assert [each.text for each in made.turns] == [words[0, 0], words[1, 1]]
    assert {each.kind for each in attempts[-1][1]} == {"missing"}


def test_words_that_fail_twice_are_not_taken(scope: Scope) -> None:
    def reword(made: Task, number: int, findings: Sequence[Finding]) -> Wording | None:
        return Wording("Book bt_03 with book_boat.")

    made = refine(booking(scope), scope, only(), random.Random(0), wordsmith=spoken, reword=reword)
    assert isinstance(made, Task)
    assert made.turns[1].text == "I'd like Sardinha from 14 May to 16 May for 2 people, please."


# --- what time overtakes ----------------------------------------------------------------------------------------------


def described_after(scope: Scope, status: str) -> Task:
    """Cancel the Hanse's hire, then look at it, described by the status it had when the hires were listed."""
    gold = [
        call("list_hires", "resolve", customer_id=("cu_01", ME)),
        call(
            "cancel_hire",
            hire_id=("hi_15", at(0, "hires[0].hire_id", ("boat", "Hanse", "b"))),
            customer_id=("cu_01", ME),
        ),
        call(
            "get_hire",
            hire_id=("hi_15", at(0, "hires[0].hire_id", ("status", status, "st"))),
            customer_id=("cu_01", ME),
        ),
    ]
    first = turn((0, 2), said("b", "boats.name", "Hanse"))
    return task(scope, gold, [first, turn((2, 3), said("st", "hires.status", status), outcome="informed")])


def test_a_description_that_no_longer_holds_is_found(scope: Scope) -> None:
    assert stale(described_after(scope, "pending"), scope) == [(1, "get_hire.hire_id")]
    assert stale(cancelling(scope), scope) == []


def test_it_is_pointed_at_instead(scope: Scope) -> None:
    made = refined(scope, described_after(scope, "pending"), only())
    assert [each.operator for each in made.turns[1].operators] == ["refer_back"]
    assert made.turns[1].text == "I'd like for that one, please."


# --- small parts ------------------------------------------------------------------------------------------------------


def test_a_reference_to_what_only_this_turn_shows_is_left_out(scope: Scope) -> None:
    made = booking(scope)
    pointing = turn_with(made, 0, mentions=[*made.turns[0].mentions, said("r", "boats.id", "bt_14", "referred")])
    assert [each.id for each in tidied(pointing).turns[0].mentions] == ["h", "s", "e"]


@pytest.mark.parametrize(("path", "found"), [("gear_id", {"gr_01", "gr_02"})])
def test_reads_along_proven_edges(scope: Scope, path: str, found: set[str]) -> None:
    gold = [
        call("get_boat", "resolve", boat_id=("bt_03", "x")),
        call("add_gear", hire_id=("hi_07", "y"), gear_id=("gr_01", at(0, "gear[0].gear_id"))),
    ]
    made = task(scope, gold, [turn((0, 2), said("x", "boats.id", "bt_03"))])
    assert set(values_by_reading(made, 0, 1, path, scope) or []) == found
