"""What contracts say of columns."""

from __future__ import annotations

import pytest

from envfactory.environments.contract import Parameter
from envfactory.tasks.columns import column_facts, is_free_text, text_rules
from envfactory.tasks.model import Goal, Said, Task
from envfactory.tasks.scope import Scope


def test_fresh_ids_are_generated_wherever_they_are_set(scope: Scope) -> None:
    facts = column_facts(scope, "boat_hire")
    assert facts.generated == {("hires", "id"), ("payments", "id"), ("ratings", "id")}
    assert ("hire_gear", "hire_id") in facts.refer


def test_plain_texts_feed_columns(scope: Scope) -> None:
    fed = column_facts(scope, "boat_hire").fed
    assert fed["hires", "notes"] == {("book_boat", "notes"), ("cancel_hire", "reason")}
    assert ("hires", "customer_id") not in fed


@pytest.mark.parametrize(
    ("name", "schema", "free"),
    [
        ("notes", {"max_length": 200}, True),
        ("cancel_reason", {}, True),
        ("about_me", {"max_length": 400}, True),
        ("name", {"max_length": 60}, False),
        ("reason", {"enum": ["late", "ill"]}, False),
        ("message_id", {"ref": "messages.id"}, False),
        ("comment", {"format": "email"}, False),
    ],
)
def test_which_parameters_take_ones_own_words(name: str, schema: dict[str, object], free: bool) -> None:
    assert is_free_text(name, Parameter.model_validate({"type": "string", **schema})) == free


def test_a_note_of_the_assistants_own_is_not_compared(both: Task) -> None:
    assert both.goal.text_rules == {"boat_hire.hires.notes": "free", "lake_office.hires.notes": "free"}


def test_a_dictated_wording_is(both: Task, scope: Scope) -> None:
    dictated = both.gold[0].model_copy(update={"sources": {**both.gold[0].sources, "notes": Said(mention="m2")}})
    task = both.model_copy(update={"gold": [dictated, both.gold[1]]})
    assert text_rules(task, scope) == {"boat_hire.hires.notes": "normalised", "lake_office.hires.notes": "free"}


def test_a_goal_without_changes_has_no_rules(both: Task, scope: Scope) -> None:
    assert text_rules(both.model_copy(update={"goal": Goal()}), scope) == {}
