"""Each operator: where it applies, what it changes, and the contract that puts it back."""

from __future__ import annotations

from typing import Any, cast

import pytest

from envfactory.environments.contract import Contracts
from envfactory.refinement.edits import turn_with
from envfactory.refinement.flow import audit_flow, unrecovered
from envfactory.refinement.operators.around import ChitChat, Distractors
from envfactory.refinement.operators.base import Candidate, Operator, Violation
from envfactory.refinement.operators.dates import RelativeDate
from envfactory.refinement.operators.drop import Drop, DropDefaults
from envfactory.refinement.operators.joining import Compress, Goal
from envfactory.refinement.operators.missing import MissingFunction, MissingParameter, could_make
from envfactory.refinement.operators.refer import ReferBack
from envfactory.refinement.operators.reroute import Reroute
from envfactory.refinement.operators.rows import Amount, Ranked
from envfactory.tasks.model import Change, EnvironmentRef, FromProfile, FromResult, Task
from envfactory.tasks.scope import Scope
from tests.refinement.hand import BOATS, ME, at, booking, call, cancelling, said, task, turn


def tried(operator: Operator, before: Task, number: int, scope: Scope, *mentions: str) -> tuple[Task, Any]:
    """Apply an operator at its candidate for these mentions (at its first one, if none are given)."""
    found = operator.applicable(before, number, scope)
    candidate = next(each for each in found if not mentions or set(each.mentions) == set(mentions))
    after = operator.apply(before, candidate, scope)
    return after, operator.check(before, after, candidate, scope)


def words(after: Task, number: int) -> list[str]:
    return [each.id for each in after.turns[number].mentions]


# --- drop -------------------------------------------------------------------------------------------------------------


def test_dates_looked_up_are_not_said_again_when_the_boat_is_hired(scope: Scope) -> None:
    after, record = tried(Drop(), booking(scope), 1, scope, "s2", "e2")
    assert words(after, 1) == ["n", "c"]
    assert record.evidence["history"]["1.start_date"] == {"said_before": 1, "values": 1}
    assert unrecovered(audit_flow(after)) == []


def test_one_of_two_descriptions_may_go_and_not_both(scope: Scope) -> None:
    before = cancelling(scope)
    after, record = tried(Drop(), before, 1, scope, "d2")
    assert record.evidence["rows"]["2.hire_id"] == {"returned": 3, "values": 3, "conditions_left": 1, "candidates": 1}
    _, refused = tried(Drop(), after, 1, scope, "b2")
    assert isinstance(refused, Violation)


@pytest.mark.parametrize("mention", ["c", "n"])
def test_what_nothing_else_tells_is_put_back(scope: Scope, mention: str) -> None:
    _, refused = tried(Drop(), booking(scope), 1, scope, mention)
    assert refused == Violation("drop", 1, "no bounded search finds the value uniquely")


def test_defaults_go_unsaid_together(scope: Scope) -> None:
    search = call(
        "search_boats",
        harbour=("Porto", "h"),
        start_date=("2026-05-14", "s"),
        end_date=("2026-05-16", "e"),
        min_berths=(1, "b"),
        limit=(5, "l"),
    )
    mentions = [
        said("h", "search_boats.harbour", "Porto"),
        said("s", "search_boats.start_date", "2026-05-14"),
        said("e", "search_boats.end_date", "2026-05-16"),
        said("b", "search_boats.min_berths", 1),
        said("l", "search_boats.limit", 5),
    ]
    before = task(scope, [search], [turn((0, 1), *mentions, outcome="informed")])
    after, record = tried(DropDefaults(), before, 0, scope, "b", "l")
    assert words(after, 0) == ["h", "s", "e"]
    assert sorted(after.gold[0].arguments) == ["end_date", "harbour", "start_date"]
    assert record.evidence["default"]["0.limit"] == {"value": 5, "default": 5, "same_result": True}


def test_a_filter_that_changes_the_answer_is_no_default(scope: Scope) -> None:
    search = call(
        "search_boats",
        harbour=("Porto", "h"),
        start_date=("2026-05-14", "s"),
        end_date=("2026-05-16", "e"),
        kind=("sail", "k"),
    )
    mentions = [said("h", "search_boats.harbour", "Porto"), said("k", "search_boats.kind", "sail")]
    dates = [said("s", "search_boats.start_date", "2026-05-14"), said("e", "search_boats.end_date", "2026-05-16")]
    before = task(scope, [search], [turn((0, 1), *mentions, *dates, outcome="informed")])
    _, refused = tried(Drop(), before, 0, scope, "k")
    assert isinstance(refused, Violation)


# --- look-ups ---------------------------------------------------------------------------------------------------------


def outfitting(scope: Scope) -> Task:
    """A diving set for the Bura's hire, found by way of another boat of its harbour, which the person has to describe."""
    gold = [
        call("list_hires", "resolve", customer_id=("cu_01", ME)),
        call(
            "search_boats",
            "resolve",
            harbour=("Split", "h"),
            start_date=("2026-05-20", "s"),
            end_date=("2026-05-22", "e"),
        ),
        call("get_boat", "resolve", boat_id=("bt_07", at(1, "boats[0].boat_id", ("name", "Galeb", "n")))),
        call(
            "add_gear",
            hire_id=("hi_07", at(0, "hires[1].hire_id", ("boat", "Bura", "b"))),
            gear_id=("gr_04", at(2, "gear[0].gear_id", ("name", "Diving set", "g"))),
        ),
    ]
    mentions = [
        said("b", "boats.name", "Bura"),
        said("h", "search_boats.harbour", "Split"),
        said("s", "search_boats.start_date", "2026-05-20"),
        said("e", "search_boats.end_date", "2026-05-22"),
        said("n", "boats.name", "Galeb"),
        said("g", "gear.name", "Diving set"),
    ]
    return task(scope, gold, [turn((0, 4), *mentions)])


def test_the_hand_made_look_up_plays(scope: Scope) -> None:
    made = outfitting(scope)
    assert [each.outcome for each in made.gold[:3]] == ["ok", "ok", "ok"]
    assert unrecovered(audit_flow(made)) == []


def test_a_look_up_that_the_request_makes_needless_is_dropped(scope: Scope) -> None:
    before = outfitting(scope)
    found = Reroute().applicable(before, 0, scope)
    assert [each.mentions for each in found] == [("h", "s", "e", "n")]
    after, record = tried(Reroute(), before, 0, scope)
    assert words(after, 0) == ["b", "g"]
    assert [each.tool for each in after.gold] == ["list_hires", "get_hire", "get_boat", "add_gear"]
    assert (record.evidence["reads"], record.evidence["reads_before"]) == (2, 2)


# --- refer back -------------------------------------------------------------------------------------------------------


def test_what_the_last_turn_dealt_with_is_pointed_at(scope: Scope) -> None:
    after, record = tried(ReferBack(), cancelling(scope), 1, scope)
    (pointer,) = after.turns[1].mentions
    assert (pointer.slot, pointer.value, pointer.form) == ("hires.id", "hi_15", "referred")
    assert record.evidence["antecedents"] == 1
    assert unrecovered(audit_flow(after)) == []


def test_a_superlative_is_not_said_again(scope: Scope) -> None:
    """The longest hire of the list is asked about, then cancelled as "my longest hire"."""
    before = cancelling(scope)
    dearest = at(0, "hires[0].hire_id", rank=("total_cents", "max", "k2"))
    last = before.gold[2].model_copy(update={"sources": {**before.gold[2].sources, "hire_id": dearest}})
    turns = [before.turns[0], turn((2, 3), said("k2", "hires.total_cents", "max", "ranked"))]
    after, record = tried(ReferBack(), task(scope, [*before.gold[:2], last], turns), 1, scope)
    source = after.gold[-1].sources["hire_id"]
    assert [each.form for each in after.turns[1].mentions] == ["referred"]
    assert isinstance(source, FromResult)
    assert (source.rank, record.evidence["antecedents"]) == (None, 1)


def test_two_things_of_a_type_forbid_it(scope: Scope) -> None:
    before = cancelling(scope)
    other = call(
        "get_hire", hire_id=("hi_07", at(0, "hires[1].hire_id", ("boat", "Bura", "x"))), customer_id=("cu_01", ME)
    )
    gold = [before.gold[0], before.gold[1], other, before.gold[2]]
    first = turn(
        (0, 3), said("b", "boats.name", "Hanse"), said("x", "boats.name", "Bura"), outcome="informed", asked=[1, 2]
    )
    both = task(scope, gold, [first, before.turns[1].model_copy(update={"calls": (3, 4)})])
    assert ReferBack().applicable(both, 1, scope) == []


def test_the_first_turn_points_at_nothing(scope: Scope) -> None:
    assert ReferBack().applicable(cancelling(scope), 0, scope) == []


# --- rankings and amounts ---------------------------------------------------------------------------------------------


def test_the_strict_optimum_of_the_rows_returned_is_ranked(scope: Scope) -> None:
    after, record = tried(Ranked(), booking(scope), 1, scope, "n")
    assert (record.evidence["rows"], record.evidence["best"], record.evidence["second"]) == (3, 6_450, 35_000)
    source = after.gold[1].sources["boat_id"]
    assert isinstance(source, FromResult)
    assert (source.where, source.rank.field if source.rank else "") == ([], "total_cents")


def test_a_row_that_is_second_is_not_ranked(scope: Scope) -> None:
    before = booking(scope)
    other = before.gold[1].model_copy(
        update={
            "arguments": {**before.gold[1].arguments, "boat_id": "bt_02"},
            "sources": {**before.gold[1].sources, "boat_id": at(0, "boats[1].boat_id", ("name", "Gaivota", "n"))},
        }
    )
    turns = [before.turns[0], turn((1, 2), said("n", "boats.name", "Gaivota"), *before.turns[1].mentions[1:])]
    assert Ranked().applicable(task(scope, [before.gold[0], other], turns), 1, scope) == []


def test_a_round_sum_tells_one_row_from_the_others(scope: Scope) -> None:
    after, record = tried(Amount(), booking(scope), 1, scope)
    (bound,) = [each for each in after.turns[1].mentions if each.form == "vague"]
    assert (bound.slot, bound.value) == ("boats.total_cents", 10_000)
    assert record.evidence == {"field": "total_cents", "bound": 10_000, "rows": 3, "fitting": 1}


# --- dates ------------------------------------------------------------------------------------------------------------


def test_a_near_day_is_said_from_today(scope: Scope) -> None:
    after, record = tried(RelativeDate(), booking(scope), 0, scope, "s")
    assert [each.form for each in after.turns[0].mentions] == ["stated", "relative", "stated"]
    assert (record.evidence["today"], record.evidence["day"]) == ("2026-05-12", "2026-05-14")


@pytest.mark.parametrize("day", ["2026-05-11", "2026-06-30", "Porto", 3])
def test_what_is_far_or_no_day_is_not(scope: Scope, day: Any) -> None:
    before = turn_with(booking(scope), 0, mentions=[said("s", "search_boats.start_date", day)])
    assert RelativeDate().applicable(before, 0, scope) == []


def test_two_clocks_forbid_it(scope: Scope) -> None:
    before = booking(scope)
    later = before.environments[0].model_copy(update={"name": "lake_office", "now": "2026-09-01T08:00:00Z"})
    both = before.model_copy(update={"environments": [*before.environments, later]})
    assert RelativeDate().applicable(both, 0, scope) == []
    assert RelativeDate().applicable(before, 0, scope) != []


# --- several requests -------------------------------------------------------------------------------------------------


def together(scope: Scope) -> Task:
    """The search and the hire in one turn, both asked for, the dates said twice."""
    before = booking(scope)
    mentions = [*before.turns[0].mentions, *before.turns[1].mentions]
    return task(scope, list(before.gold), [turn((0, 2), *mentions, asked=[0, 1])])


def test_shared_values_are_said_once(scope: Scope) -> None:
    after, record = tried(Compress(), together(scope), 0, scope)
    assert words(after, 0) == ["h", "s", "e", "n", "c"]
    assert record.evidence == {"requests": 2, "said_once": 2, "order": "data flow"}
    assert unrecovered(audit_flow(after)) == []


def test_an_order_that_matters_is_not_left_to_chance(scope: Scope) -> None:
    mine = booking(scope).gold[1].model_copy(update={"sources": {}})
    theirs = mine.model_copy(update={"arguments": {**mine.arguments, "customer_id": "cu_02"}})
    before = task(scope, [mine, theirs], [turn((0, 2), said("c", "book_boat.crew", 2), asked=[0, 1])])
    operator = Compress()
    (candidate,) = operator.applicable(before, 0, scope)
    refused = operator.check(before, operator.apply(before, candidate, scope), candidate, scope)
    assert isinstance(refused, Violation)
    assert "order" in refused.reason


def test_a_step_on_the_way_goes_unasked(scope: Scope) -> None:
    after, record = tried(Goal(), together(scope), 0, scope)
    assert [each.call for each in after.turns[0].requests] == [1]
    assert (after.gold[0].purpose, record.evidence["step"]) == ("resolve", "search_boats")


# --- what is missing --------------------------------------------------------------------------------------------------


def test_a_value_that_nothing_else_tells_is_asked_for(scope: Scope) -> None:
    after, record = tried(MissingParameter(), booking(scope), 1, scope, "c")
    (reply,) = after.turns[1].replies
    assert (reply.question, [each.id for each in reply.mentions]) == ("How many of you are there?", ["c"])
    assert "c" not in words(after, 1)
    assert record.evidence["history"] == 0


@pytest.mark.parametrize(("mentions", "reason"), [(("s2", "e2"), "start_date was said before")])
def test_what_is_known_is_not_asked_for(scope: Scope, mentions: tuple[str, ...], reason: str) -> None:
    _, refused = tried(MissingParameter(), booking(scope), 1, scope, *mentions)
    assert refused == Violation("missing_parameter", 1, reason)


def test_a_tool_without_which_nothing_goes_is_withheld(scope: Scope) -> None:
    after, record = tried(MissingFunction(), booking(scope), 1, scope)
    assert (after.withheld, after.turns[1].outcome) == (["boat_hire.book_boat"], "declined")
    assert (len(after.gold), after.turns[1].calls) == (1, (1, 1))
    assert record.evidence["other_paths"] == 0


@pytest.mark.parametrize(("text", "able"), [("Great. Which hires do I have?", False), ("Which hires do I have?", True)])
def test_nobody_is_glad_of_what_was_declined(scope: Scope, text: str, able: bool) -> None:
    made = booking(scope)
    look = call("list_hires", customer_id=("cu_01", ME))
    after = turn((2, 3), outcome="informed").model_copy(update={"text": text})
    told = task(scope, [*made.gold, look], [*made.turns, after])
    assert bool(MissingFunction().applicable(told, 1, scope)) is able


@pytest.mark.parametrize(("customer", "kept"), [("cu_01", False), ("cu_02", True)])
def test_a_tool_is_not_withheld_where_a_later_turn_shows_its_work(scope: Scope, customer: str, kept: bool) -> None:
    """Ines's list has the new hire in it, whoever made it; the other person's list is the same with and without."""
    made = booking(scope)
    look = call("list_hires", customer_id=(customer, FromProfile(environment=BOATS, column="id")))
    before = task(scope, [*made.gold, look], [*made.turns, turn((2, 3), outcome="informed")], customer)
    before = before.model_copy(update={"profile": [*made.profile, *before.profile]})
    _, record = tried(MissingFunction(), before, 1, scope)
    assert isinstance(record, Violation) is not kept
    assert kept or record.reason == "a later turn rests on what the tool does"


@pytest.mark.parametrize(
    ("change", "tool", "able"),
    [
        ({"op": "insert", "table": "hires"}, "book_boat", True),
        ({"op": "insert", "table": "hires"}, "cancel_hire", False),
        ({"op": "update", "table": "hires", "after": {"status": "cancelled"}}, "cancel_hire", True),
        ({"op": "update", "table": "hires", "after": {"status": "cancelled"}}, "confirm_hire", False),
        ({"op": "update", "table": "hires", "after": {"status": "cancelled"}}, "book_boat", False),
        ({"op": "update", "table": "hires", "after": {"end_date": "2026-06-01"}}, "book_boat", True),
        ({"op": "delete", "table": "hire_gear"}, "cancel_hire", True),
        ({"op": "delete", "table": "ratings"}, "cancel_hire", False),
    ],
)
def test_what_a_tool_could_bring_about(scope: Scope, change: dict[str, Any], tool: str, able: bool) -> None:
    wanted = Change.model_validate({"key": ["x"], **change})
    assert could_make(wanted, scope.contracts("boat_hire").tool(tool)) is able


# --- around -----------------------------------------------------------------------------------------------------------


def test_people_chat_once(scope: Scope) -> None:
    after, record = tried(ChitChat(), booking(scope), 0, scope)
    chatted = turn_with(after, 0, operators=[record])
    assert ChitChat().applicable(chatted, 1, scope) == []


class Beside:
    """A scope with one environment more, whose tools and things are told."""

    def __init__(self, scope: Scope, domain: str, tool: str, noun: str) -> None:
        self._scope = scope
        self._reference = scope.reference(BOATS).model_copy(update={"name": "lake_office", "domain": domain})
        boats = scope.contracts(BOATS)
        tools = [boats.tools[0].model_copy(update={"name": tool})]
        entities = {"permits": {"noun": [noun]}}
        self._contracts = boats.model_copy(update={"tools": tools, "entities": entities})
        self.names = [*scope.names, "lake_office"]

    def contracts(self, name: str) -> Contracts:
        return self._contracts if name == "lake_office" else self._scope.contracts(name)

    def reference(self, name: str) -> EnvironmentRef:
        return self._reference if name == "lake_office" else self._scope.reference(name)


@pytest.mark.parametrize(
    ("domain", "tool", "noun", "distracts"),
    [
        ("travel", "grant_permit", "permit", True),
        ("travel", "grant_permit", "boat", False),
        ("office", "grant_permit", "boat", True),
        ("office", "search_boats", "permit", False),
    ],
)
def test_what_distracts_is_other_tools_for_other_things(
    scope: Scope, domain: str, tool: str, noun: str, distracts: bool
) -> None:
    before, beside = booking(scope), cast(Scope, Beside(scope, domain, tool, noun))
    found = Distractors().applicable(before, 0, beside)
    assert [each.detail[0].name for each in found] == (["lake_office"] if distracts else [])
    after = before.model_copy(update={"distractors": [beside.reference("lake_office")]})
    assert isinstance(Distractors().check(before, after, Candidate(0), beside), Violation) is not distracts
