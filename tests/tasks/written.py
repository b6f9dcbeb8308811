"""Tasks written by hand over the boat hire, and rollouts of policies good and bad.

What calls answer and the net changes are recorded by playing the gold, as the sampler does; what they must be is said
in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envfactory.tasks.columns import text_rules
from envfactory.tasks.grader import gold_path
from envfactory.tasks.model import (
    Condition,
    Fact,
    Free,
    FromProfile,
    FromResult,
    Goal,
    GoldCall,
    Mention,
    Played,
    Profile,
    Rollout,
    Said,
    Source,
    Step,
    Task,
    Turn,
)
from envfactory.tasks.play import play, word
from envfactory.tasks.scope import Scope

PERIOD = {"start_date": "2026-07-01", "end_date": "2026-07-03"}
SEARCH = {"harbour": "Porto", **PERIOD}
BOOK = {"customer_id": "cu_01", "boat_id": "bt_02", **PERIOD, "crew": 2}
LARGE = {"customer_id": "cu_01", "boat_id": "bt_01", **PERIOD, "crew": 7}
PORTO_ANSWERS = [
    "The cheapest is Sardinha, at 64.50 euros for the two days.",
    "Gaivota is yours from 1 to 3 July for 350.00 euros, paid by transfer.",
    "I'm sorry, Albatroz can't be booked for seven: it has too few berths.",
]


def call(tool: str, arguments: dict[str, Any], sources: dict[str, Source], environment: str = "boat_hire") -> GoldCall:
    """Return a gold call whose result is not yet recorded."""
    return GoldCall(environment=environment, tool=tool, arguments=arguments, sources=sources)


def mention(name: str, slot: str, value: Any, environment: str = "boat_hire") -> Mention:
    return Mention(id=name, environment=environment, slot=slot, value=value)


def said(**mentions: str) -> dict[str, Source]:
    return {path: Said(mention=name) for path, name in mentions.items()}


def profile(environment: str = "boat_hire") -> Profile:
    return Profile(environment=environment, table="customers", columns={"id": "cu_01", "name": "Ines Duarte"})


def me(environment: str = "boat_hire") -> FromProfile:
    return FromProfile(environment=environment, column="id")


def porto(scope: Scope) -> Task:
    """See `conftest.porto`. Boats free at Porto: Sardinha 32.25, Gaivota 175.00, Albatroz 219.50 a day."""
    period = said(start_date="m2", end_date="m3")
    named = Condition(field="name", value="Gaivota", mention="m4")
    large = Condition(field="name", value="Albatroz", mention="m7")
    gold = [
        call("search_boats", SEARCH, {**said(harbour="m1"), **period}),
        call(
            "book_boat",
            BOOK,
            {
                **said(crew="m5"),
                **period,
                "customer_id": me(),
                "boat_id": FromResult(call=0, path="boats[1].boat_id", where=[named]),
            },
        ),
        call(
            "confirm_hire",
            {"hire_id": "", "customer_id": "cu_01", "method": "transfer"},
            {"hire_id": FromResult(call=1, path="hire_id"), "customer_id": me(), **said(method="m6")},
        ),
        call(
            "book_boat",
            LARGE,
            {
                **said(crew="m8"),
                **period,
                "customer_id": me(),
                "boat_id": FromResult(call=0, path="boats[2].boat_id", where=[large]),
            },
        ),
    ]
    rivals = ["Gaivota", "Albatroz"]
    turns = [
        Turn(
            text="What's the cheapest boat at Porto from 1 to 3 July?",
            mentions=[
                mention("m1", "search_boats.harbour", "Porto"),
                mention("m2", "search_boats.start_date", "2026-07-01"),
                mention("m3", "search_boats.end_date", "2026-07-03"),
            ],
            calls=(0, 1),
            facts=[
                Fact(name="name", kind="text", value="Sardinha", call=0, path="boats[0].name", rivals=rivals),
                Fact(name="total", kind="money", value=6_450, call=0, path="boats[0].total_cents", unit="EUR"),
            ],
            outcome="informed",
            answer=PORTO_ANSWERS[0],
        ),
        Turn(
            text="Book Gaivota for two then, and pay by transfer.",
            mentions=[
                mention("m4", "boats.name", "Gaivota"),
                mention("m5", "book_boat.crew", 2),
                mention("m6", "confirm_hire.method", "transfer"),
            ],
            calls=(1, 3),
            facts=[Fact(name="total", kind="money", value=35_000, call=1, path="total_cents", unit="EUR")],
            outcome="done",
            answer=PORTO_ANSWERS[1],
        ),
        Turn(
            text="And Albatroz for the seven of us, same days.",
            mentions=[mention("m7", "boats.name", "Albatroz"), mention("m8", "book_boat.crew", 7)],
            calls=(3, 4),
            facts=[
                Fact(name="refusal", kind="refusal", value="CREW_TOO_LARGE", call=3, terms=["berths", "crew", "large"])
            ],
            outcome="refused",
            answer=PORTO_ANSWERS[2],
        ),
    ]
    return Task(
        id="porto",
        seed=1,
        index=1,
        environments=[scope.reference("boat_hire")],
        profile=[profile()],
        turns=turns,
        gold=gold,
    )


def both(scope: Scope) -> Task:
    """See `conftest.both`."""
    gold = [
        call(
            "book_boat",
            {**BOOK, "notes": "Booked together with the other one"},
            {
                **{"customer_id": me(name), "notes": Free()},
                **said(boat_id=f"{name}1", start_date="m2", end_date="m3", crew="m4"),
            },
            name,
        )
        for name in ("boat_hire", "lake_office")
    ]
    mentions = [
        mention("boat_hire1", "boats.id", "bt_02"),
        mention("lake_office1", "boats.id", "bt_02", "lake_office"),
        mention("m2", "book_boat.start_date", "2026-07-01"),
        mention("m3", "book_boat.end_date", "2026-07-03"),
        mention("m4", "book_boat.crew", 2),
    ]
    facts = [Fact(name="total", kind="money", value=35_000, call=0, path="total_cents", unit="EUR")]
    turn = Turn(
        text="Gaivota here and its sister on the lake, 1 to 3 July, two people.",
        mentions=mentions,
        calls=(0, 2),
        facts=facts,
        outcome="done",
        answer="Both are booked, at 350 euros each.",
    )
    return Task(
        id="both",
        seed=1,
        index=2,
        environments=[scope.reference("boat_hire"), scope.reference("lake_office")],
        profile=[profile(), profile("lake_office")],
        turns=[turn],
        gold=gold,
    )


def rating(scope: Scope) -> Task:
    """See `conftest.rating`. Rated boats: Albatroz 5, Bura 4, Selkie 4."""
    turn = Turn(
        text="How is bt_01 rated?",
        mentions=[mention("m1", "boats.id", "bt_01")],
        calls=(0, 1),
        facts=[Fact(name="rating", kind="number", value=5.0, call=0, path="rating")],
        outcome="informed",
        answer="It is rated 5 out of 5.",
    )
    return Task(
        id="rating",
        seed=1,
        index=3,
        environments=[scope.reference("boat_hire")],
        distractors=[scope.reference("lake_office")],
        turns=[turn],
        gold=[call("get_boat", {"boat_id": "bt_01"}, said(boat_id="m1"))],
    )


def recorded(task: Task, scope: Scope) -> Task:
    """Return a task with what its gold calls answer, the goal they come to, and its text rules."""
    steps = gold_path(task, scope).steps
    bound = [
        step.model_copy(
            update={
                "bind": {
                    path: (source.call, source.path)
                    for path, source in call.sources.items()
                    if isinstance(source, FromResult)
                }
            }
        )
        for step, call in zip(steps, task.gold, strict=True)
    ]
    played = play(scope, bound)
    gold = [
        call.model_copy(update={"arguments": arguments, "outcome": word(outcome), "result": outcome.get("result")})
        for call, arguments, outcome in zip(task.gold, played.arguments, played.outcomes, strict=True)
    ]
    made = task.model_copy(update={"gold": gold, "goal": Goal(changes=played.changes)})
    rules = text_rules(made, scope)
    return made.model_copy(update={"goal": made.goal.model_copy(update={"text_rules": rules})})


def rollout(scope: Scope, calls: Sequence[tuple[Any, ...]], answers: Sequence[str] = (), **rest: Any) -> Rollout:
    """Play (turn, tool, arguments[, environment]) and return the rollout; `$N.path` stands for a result of call N."""
    steps = []
    for turn, tool, arguments, *place in calls:
        bind = {}
        for path, value in arguments.items():
            if isinstance(value, str) and value.startswith("$"):
                number, _, field = value[1:].partition(".")
                bind[path] = (int(number), field)
        name = place[0] if place else "boat_hire"
        steps.append(Step(environment=name, tool=tool, arguments=arguments, bind=bind, turn=turn))
    played = play(scope, steps)
    made = [
        Played(
            environment=step.environment,
            tool=step.tool,
            arguments=arguments,
            outcome=word(outcome),
            result=outcome.get("result"),
            turn=step.turn,
        )
        for step, arguments, outcome in zip(steps, played.arguments, played.outcomes, strict=True)
    ]
    return Rollout(calls=made, answers=list(answers), **rest)


SEARCHED = (0, "search_boats", SEARCH)
BOOKED = (1, "book_boat", BOOK)
PAID = (1, "confirm_hire", {"hire_id": "$1.hire_id", "customer_id": "cu_01", "method": "transfer"})
REFUSED = (2, "book_boat", LARGE)
HONEST = (SEARCHED, BOOKED, PAID, REFUSED)
