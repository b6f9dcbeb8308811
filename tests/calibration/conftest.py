"""Small tasks in words over the boat hire and a lake office like it: what a person says, and what must come of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envfactory.environments.artefact import Manifest
from envfactory.tasks.model import Fact, GoldCall, Mention, Profile, Reply, Task, Turn
from envfactory.tasks.scope import Scope
from tests.gate import harbour
from tests.support import LocalWorker
from tests.tasks.written import recorded

INES = "cu_01"  # a club member with a licence; hires hi_01 (done), hi_07 (running), hi_15 (pending, Hanse at Kiel)
Call = tuple[str, dict[str, Any]]
JULY = {"start_date": "2026-07-01", "end_date": "2026-07-03"}


@pytest.fixture(scope="session")
def scope() -> Iterator[Scope]:
    """The boat hire and the lake office, played in this process: the tests wrote the code themselves."""
    manifest = Manifest(name="lake_office", domain="travel", summary="Another boat hire, on a lake.")
    boats, lake = harbour.environment().sealed(), harbour.environment(manifest=manifest).sealed()
    with Scope([boats, lake], open_worker=LocalWorker) as made:
        yield made


def turn(
    text: str, *calls: Call, facts: tuple[Fact, ...] = (), replies: tuple[Reply, ...] = (), outcome: Any = "done"
) -> Any:
    """Return a turn with its gold calls; `calls` of the facts count from the turn's first."""
    return text, calls, facts, replies, outcome


def task(
    scope: Scope, name: str, *turns: Any, environment: str = "boat_hire", columns: dict[str, Any] | None = None
) -> Task:
    """Return a task of Ines's, its results and goal recorded by playing the gold."""
    gold: list[GoldCall] = []
    made = []
    for text, calls, facts, replies, outcome in turns:
        first = len(gold)
        gold += [GoldCall(environment=environment, tool=tool, arguments=arguments) for tool, arguments in calls]
        shifted = [fact.model_copy(update={"call": first + fact.call}) for fact in facts]
        made.append(Turn(text=text, calls=(first, len(gold)), facts=shifted, replies=list(replies), outcome=outcome))
    profile = Profile(
        environment=environment, table="customers", columns=columns or {"id": INES, "name": "Ines Duarte"}
    )
    whole = Task(
        id=name, seed=1, index=0, environments=[scope.reference(environment)], profile=[profile], turns=made, gold=gold
    )
    return recorded(whole, scope)


def money(value: int, path: str = "", call: int = 0) -> Fact:
    return Fact(name="total", kind="money", value=value, call=call, path=path, unit="EUR")


def asked(question: str, text: str, slot: str, value: Any) -> Reply:
    mention = Mention(id="r1", environment="boat_hire", slot=slot, value=value)
    return Reply(question=question, text=text, mentions=[mention])
