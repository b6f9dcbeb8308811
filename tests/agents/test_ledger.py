"""A role's work is told from beginning to end, and what it used is charged to its place."""

from __future__ import annotations

import pytest

from envfactory.agents.ledger import Ledger
from envfactory.events import Event, ModelCalled, RoleFinished, RoleStarted, Usage


def call(environment: str, tokens: int) -> ModelCalled:
    return ModelCalled(environment, "coder", 0, "openai:some", [], "", "", "ok", 0.1, Usage(1, tokens, 0))


def test_only_what_was_used_meanwhile_and_there_is_charged_to_a_role() -> None:
    told: list[Event] = []
    ledger = Ledger(told.append, lambda event: event.environment)
    ledger.hear(call("rail", 5))
    with ledger.entry("rail", "rail", "coder", 2, "openai:some", "a brief") as made:
        ledger.hear(call("rail", 30))
        ledger.hear(call("hotels", 900))
        made.summary, made.product = "12 lines", "def f(): ..."
    started, finished = told[1], told[-1]
    assert started == RoleStarted("rail", "coder", 2, "openai:some")
    assert isinstance(finished, RoleFinished)
    assert (finished.status, finished.usage) == ("ok", Usage(1, 30, 0))
    assert (ledger.take("rail"), ledger.take("rail")) == (Usage(2, 35, 0), Usage())


def test_a_failed_role_is_told_too() -> None:
    told: list[Event] = []
    ledger = Ledger(told.append, lambda event: event.environment)
    with pytest.raises(KeyError), ledger.entry("rail", "rail", "coder", 0, "rules", "a brief"):
        raise KeyError("flights")
    assert isinstance(told[-1], RoleFinished)
    assert told[-1].status == "KeyError: 'flights'"
