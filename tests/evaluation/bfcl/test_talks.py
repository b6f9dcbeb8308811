"""How an entry is played: turns, steps, held-back functions, limits."""

from __future__ import annotations

import pytest

from envfactory.evaluation.bfcl.package import Bfcl, Entry
from envfactory.evaluation.bfcl.suite import BfclSuite
from envfactory.evaluation.bfcl.talks import MultiTurn
from envfactory.evaluation.bfcl.truth import calls_of_source
from envfactory.rollouts.formats import ToolCall, Written
from envfactory.rollouts.policy import Reply


@pytest.fixture(scope="module")
def bfcl(suite: BfclSuite) -> Bfcl:
    return Bfcl()


def entry_of(bfcl: Bfcl, category: str, number: int = 0) -> tuple[Entry, list[list[str]]]:
    return bfcl.entries(category)[number], bfcl.answers(category)[number]


def calling(*calls: ToolCall) -> Reply:
    return Reply(Written(calls=calls))


SAYING = Reply(Written("Done."))


def test_results_answer_calls_and_words_end_the_turn(bfcl: Bfcl) -> None:
    entry, _ = entry_of(bfcl, "multi_turn_base")
    talk = MultiTurn(bfcl, entry, [], 0)
    talk.take(calling(ToolCall("cd", {"folder": "document"})))
    asked = talk.ask()
    assert asked is not None
    assert asked.messages[-1]["content"] == '{"current_working_directory": "document"}'
    talk.take(SAYING)
    asked = talk.ask()
    assert asked is not None
    assert (asked.turn, asked.messages[-1]["content"][:25]) == (1, "Perform a detailed search")


def test_a_function_held_back_is_offered_in_its_turn_only(bfcl: Bfcl) -> None:
    entry, _ = entry_of(bfcl, "multi_turn_miss_func")
    (turn, (held,)) = next(iter(entry["missed_function"].items()))
    talk = MultiTurn(bfcl, entry, [], 0)
    offered = []
    while asked := talk.ask():
        offered.append(held["name"] in {tool["function"]["name"] for tool in asked.tools})
        talk.take(SAYING)
    assert offered == [number >= int(turn) for number in range(len(entry["question"]))]


def test_the_truth_up_to_a_turn_and_silence_after_it_is_a_prefix(bfcl: Bfcl) -> None:
    entry, answer = entry_of(bfcl, "multi_turn_base")
    talk = MultiTurn(bfcl, entry, answer, 0)
    while asked := talk.ask():
        calls = calls_of_source(entry, answer[asked.turn]) if asked.turn < 2 and not asked.calls else []
        talk.take(calling(*calls) if calls else SAYING)
    outcome = talk.outcome()
    assert (outcome.score, outcome.parts) == (0.0, {"prefix": 0.5})  # two of its four turns
    assert "empty for turn 2" in outcome.why


def test_steps_without_end_fail_the_entry(bfcl: Bfcl) -> None:
    entry, answer = entry_of(bfcl, "multi_turn_base")
    talk = MultiTurn(bfcl, entry, answer, 0)
    steps = 0
    while talk.ask():
        talk.take(calling(ToolCall("pwd", {})))
        steps += 1
    assert steps == bfcl.most_steps + 1
    assert talk.outcome().score == 0.0


def test_attempts_do_not_see_each_other(bfcl: Bfcl) -> None:
    entry, _ = entry_of(bfcl, "multi_turn_base")
    first, second = MultiTurn(bfcl, entry, [], 0), MultiTurn(bfcl, entry, [], 1)
    first.take(calling(ToolCall("cd", {"folder": "document"})))
    second.take(calling(ToolCall("cd", {"folder": "document"})))
    asked = second.ask()
    assert asked is not None
    assert "error" not in asked.messages[-1]["content"]
