"""The dictionary of verbs."""

from __future__ import annotations

import pytest

from envfactory.synthesis.inference.verbs import STEPS, SWITCHES, is_action, is_verb, state_word, switch_of


@pytest.mark.parametrize(
    ("verb", "state", "on"), [("lock", "locked", True), ("unlock", "locked", False), ("return", "borrowed", False)]
)
def test_switch_of_knows_pairs(verb: str, state: str, on: bool) -> None:
    found = switch_of(verb)

    assert found is not None
    assert (found[0].state, found[1]) == (state, on)


@pytest.mark.parametrize("verb", ["defumigate", "frobnicate", ""])
def test_unknown_verbs_are_no_actions(verb: str) -> None:
    assert not is_action(verb)
    assert switch_of(verb) is None


def test_a_verb_turns_one_switch_only() -> None:
    verbs = [verb for switch in SWITCHES for verb in (*switch.on, *switch.off)]

    assert len(verbs) == len(set(verbs))
    assert all(is_verb(verb) for verb in verbs)


@pytest.mark.parametrize(
    ("value", "word"),
    [("CANCELED", "cancelled"), ("In Progress", "in_progress"), ("on-hold", "on_hold"), ("complete", "completed")],
)
def test_state_word_is_one_spelling(value: str, word: str) -> None:
    assert state_word(value) == word


def test_no_step_departs_from_where_it_leads() -> None:
    assert [verb for verb, step in STEPS.items() if step.state in step.departs] == []
