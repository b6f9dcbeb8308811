"""The scripted solver on small tasks in plain words: each must be solved from the words, the tools and their results."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envfactory.calibration.conversation import attempt
from envfactory.calibration.searcher import Searcher
from envfactory.tasks.grader import grade
from envfactory.tasks.model import Fact, Played, Rollout, Task
from envfactory.tasks.scope import Scope
from tests.calibration.conftest import INES, JULY, asked, money, task, turn

PENDING = {"hire_id": "hi_15", "customer_id": INES}
BOOK = {"customer_id": INES, "boat_id": "bt_02", **JULY, "crew": 2}


def cheapest(scope: Scope) -> Task:
    """Free at Porto: Sardinha 32.25 a day (two days: 64.50), Gaivota, Albatroz."""
    facts = (
        Fact(name="name", kind="text", value="Sardinha", call=0, path="boats[0].name", rivals=["Gaivota", "Albatroz"]),
    )
    return task(
        scope,
        "cheapest",
        turn(
            "What's the cheapest boat at Porto from 1 to 3 July?",
            ("search_boats", {"harbour": "Porto", **JULY}),
            facts=facts,
            outcome="informed",
        ),
    )


def booking(scope: Scope) -> Task:
    return task(
        scope,
        "booking",
        turn(
            "Could you book Gaivota in Porto for two people from 1 July to 3 July, please?",
            ("book_boat", BOOK),
            facts=(money(35_000, "total_cents"),),
        ),
    )


def counted(scope: Scope) -> Task:
    """Two nights from the first: to the third."""
    return task(
        scope,
        "counted",
        turn("Please book Gaivota at Porto for two nights from 1 July, for 2 people.", ("book_boat", BOOK)),
    )


def cancelling(scope: Scope) -> Task:
    return task(
        scope, "cancelling", turn("My plans have changed, so please cancel my hire of Hanse.", ("cancel_hire", PENDING))
    )


def paying(scope: Scope) -> Task:
    return task(
        scope,
        "paying",
        turn(
            "I'd like to pay for my pending hire and confirm it, by transfer.",
            ("confirm_hire", {**PENDING, "method": "transfer"}),
        ),
    )


def referring(scope: Scope) -> Task:
    return task(
        scope,
        "referring",
        turn("Please book Gaivota in Porto from 1 to 3 July for two people.", ("book_boat", BOOK)),
        turn("Great. Now cancel it, please.", ("cancel_hire", {"hire_id": "", "customer_id": INES})),
    )


def refused(scope: Scope) -> Task:
    """Hanse takes eight."""
    facts = (
        Fact(
            name="no",
            kind="refusal",
            value="CREW_TOO_LARGE",
            call=0,
            terms=["berths", "crew", "large", "many", "people"],
        ),
    )
    return task(
        scope,
        "refused",
        turn(
            "Could you book Hanse at Kiel from 1 to 3 July for ten people?",
            ("book_boat", {"customer_id": INES, "boat_id": "bt_12", **JULY, "crew": 10}),
            facts=facts,
            outcome="refused",
        ),
    )


def asking(scope: Scope) -> Task:
    return task(
        scope,
        "asking",
        turn(
            "I'd like to book Gaivota in Porto from 1 to 3 July.",
            ("book_boat", BOOK),
            replies=(asked("How many of you will be on board?", "Two of us.", "book_boat.crew", 2),),
        ),
    )


def rating(scope: Scope) -> Task:
    return task(
        scope,
        "rating",
        turn(
            "How is Selkie in Sligo rated?",
            ("get_boat", {"boat_id": "bt_09"}),
            facts=(Fact(name="rating", kind="number", value=4.0, call=0, path="rating"),),
            outcome="informed",
        ),
    )


def by_email(scope: Scope) -> Task:
    return task(
        scope,
        "by_email",
        turn("Please cancel my hire of Hanse.", ("cancel_hire", PENDING)),
        columns={"email": "ines.duarte@example.org", "name": "Ines Duarte"},
    )


def on_the_lake(scope: Scope) -> Task:
    return task(
        scope,
        "on_the_lake",
        turn("Cancel the hire starting on 25 May, please.", ("cancel_hire", PENDING)),
        environment="lake_office",
    )


def solved(made: Task, scope: Scope, seeds: int = 4) -> list[bool]:
    return [grade(made, attempt(made, scope, Searcher(), f"{seed}"), scope).solved for seed in range(seeds)]


@pytest.mark.parametrize(
    "write", [cheapest, booking, counted, cancelling, paying, refused, asking, by_email, on_the_lake]
)
def test_plain_tasks_are_solved_mostly(write: Callable[[Scope], Task], scope: Scope) -> None:
    assert sum(solved(write(scope), scope)) >= 3


def test_what_was_just_made_is_meant_by_it(scope: Scope) -> None:
    made = referring(scope)
    rollout = attempt(made, scope, Searcher(), "1")
    booked, cancelled = (call for call in rollout.calls if call.tool in ("book_boat", "cancel_hire"))
    assert cancelled.arguments["hire_id"] == booked.result["hire_id"]
    assert cancelled.outcome == "ok"


def test_the_same_seed_gives_the_same_attempt(scope: Scope) -> None:
    made = booking(scope)
    assert attempt(made, scope, Searcher(), "7") == attempt(made, scope, Searcher(), "7")


def test_what_is_missing_is_asked_for_and_heard(scope: Scope) -> None:
    rollout = attempt(asking(scope), scope, Searcher(), "1")
    last = rollout.calls[-1]
    assert (last.tool, last.arguments["crew"], last.outcome) == ("book_boat", 2, "ok")


def test_a_wish_that_no_tool_grants_is_declined(scope: Scope) -> None:
    made = task(scope, "declined", turn("Could you translate a poem for me?", outcome="declined"))
    rollout = attempt(made, scope, Searcher(), "1")
    assert [call for call in rollout.calls if call.tool in ("book_boat", "cancel_hire", "confirm_hire")] == []
    assert "not" in rollout.answers[0]


def test_a_refusal_is_told_with_its_reason_and_changes_nothing(scope: Scope) -> None:
    rollout = attempt(refused(scope), scope, Searcher(), "1")
    assert outcomes(rollout, "book_boat") == ["CREW_TOO_LARGE"]
    assert "couldn't" in rollout.answers[0]


def test_gold_is_never_seen(scope: Scope) -> None:
    made = booking(scope)
    blind = made.model_copy(
        update={
            "gold": [],
            "goal": type(made.goal)(),
            "turns": [each.model_copy(update={"mentions": [], "facts": [], "calls": (0, 0)}) for each in made.turns],
        }
    )
    assert attempt(blind, scope, Searcher(), "3").calls == attempt(made, scope, Searcher(), "3").calls


def outcomes(rollout: Rollout, tool: str) -> list[str]:
    return [call.outcome for call in rollout.calls if isinstance(call, Played) and call.tool == tool]
