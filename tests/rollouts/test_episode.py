"""One attempt: what the policy is shown, what follows each message, how it ends, what the grader gets of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from envfactory.datasets.rl import RlOptions, rl_row
from envfactory.errors import DeadlineExceeded
from envfactory.rollouts.episode import Budget, TaskEpisode
from envfactory.rollouts.formats import ToolCall, write
from envfactory.rollouts.policy import Reply, written
from envfactory.tasks.grader import grade
from envfactory.tasks.model import Task
from envfactory.tasks.play import Episodes
from envfactory.tasks.scope import Scope
from tests.tasks.written import BOOK, PORTO_ANSWERS, SEARCH

SEARCHING = write("", [ToolCall("search_boats", SEARCH)])
BROKEN = "<tool_call>{search}</tool_call>"


@contextmanager
def playing(task: Task, scope: Scope, **budget: int) -> Iterator[TaskEpisode]:
    given = {"calls": 10, "messages": 9, **budget}
    with TaskEpisode(task, scope, budget=Budget(**given)) as episode:
        yield episode


def test_it_begins_as_the_datasets_row_does(porto: Task, scope: Scope) -> None:
    row = rl_row(porto, scope, RlOptions())
    with TaskEpisode(porto, scope) as episode:
        asked = episode.ask()
    assert (list(asked.messages), list(asked.tools)) == (row["prompt"], row["tools"])
    assert (episode.budget.calls, episode.budget.messages) == (row["max_calls"], row["max_turns"])


def test_a_call_is_made_and_answered_under_its_key(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        (answer,) = episode.take(written(SEARCHING))
    call = episode.messages[-2]["tool_calls"][0]
    assert (answer["role"], answer["tool_call_id"]) == ("tool", call["id"])
    assert "Sardinha" in answer["content"]


def test_several_calls_of_one_message_are_made_in_order(porto: Task, scope: Scope) -> None:
    text = write("", [ToolCall("search_boats", SEARCH), ToolCall("book_boat", BOOK)])
    with playing(porto, scope) as episode:
        answers = episode.take(written(text))
    assert [each["name"] for each in answers] == ["search_boats", "book_boat"]
    assert [call.tool for call in episode.rollout().calls] == ["search_boats", "book_boat"]


def test_an_answer_is_followed_by_the_persons_next_turn(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        messages = episode.take(written("The cheapest is Sardinha."))
    assert messages == [{"role": "user", "content": porto.turns[1].text}]
    assert (episode.turn, episode.ended) == (1, None)


def test_a_call_that_cannot_be_read_is_told_and_costs(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        (told,) = episode.take(written(BROKEN))
        assert episode.ended is None
    assert (told["role"], "UNREADABLE_CALL" in told["content"]) == ("tool", True)
    assert (episode.rollout().unparsed, episode.messages[-2]["content"]) == (1, "<tool_call>\n{search}\n</tool_call>")


def test_it_is_complete_when_the_last_turn_has_its_answer(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        for answer in PORTO_ANSWERS:
            last = episode.take(written(answer))
    assert (episode.ended, last) == ("complete", [])
    assert (episode.rollout().answers, episode.rollout().status) == (PORTO_ANSWERS, "complete")


@pytest.mark.parametrize("text", [SEARCHING, BROKEN])
def test_calls_run_out_and_unread_ones_count(porto: Task, scope: Scope, text: str) -> None:
    with playing(porto, scope, calls=2) as episode:
        for _ in range(3):
            assert episode.ended is None
            episode.take(written(text))
    rollout = episode.rollout()
    assert (episode.ended, rollout.status) == ("calls", "truncated")
    assert len(rollout.calls) + len(rollout.unexecuted) + rollout.unparsed == 3


def test_words_run_out_when_nothing_comes_of_them(porto: Task, scope: Scope) -> None:
    with playing(porto, scope, messages=2) as episode:
        episode.take(written("Well?"))
        episode.take(written("What do you want?"))
    assert (episode.ended, episode.rollout().status) == ("messages", "truncated")
    assert len(episode.rollout().answers) <= 2


def test_tokens_run_out(porto: Task, scope: Scope) -> None:
    with playing(porto, scope, tokens=5, message_tokens=4) as episode:
        assert episode.ask().most_tokens == 4
        episode.take(written(SEARCHING, tokens=4))
        assert episode.ask().most_tokens == 1
        episode.take(written(SEARCHING, tokens=1))
    assert episode.ended == "tokens"


def test_a_cut_message_ends_it_and_nothing_in_it_is_called(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        episode.take(written(SEARCHING + "<tool_call>{", truncated=True))
    rollout = episode.rollout()
    assert (episode.ended, rollout.calls) == ("cut", [])
    assert ([call.tool for call in rollout.unexecuted], rollout.unparsed) == (["search_boats"], 1)


def test_a_policy_that_fails_is_infrastructure_and_is_not_scored(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        episode.take(Reply(failed="no answer"))
    assert (episode.ended, episode.trouble) == ("infrastructure", "no answer")
    assert grade(porto, episode.rollout(), scope).reward is None


def test_a_tool_that_hangs_is_infrastructure(porto: Task, scope: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(*_: object) -> None:
        raise DeadlineExceeded("no answer in 5 s")

    monkeypatch.setattr(Episodes, "call", hang)
    with playing(porto, scope) as episode:
        assert episode.take(written(SEARCHING)) == []
    assert episode.rollout().status == "infrastructure"


def test_tools_of_several_environments_are_called_by_their_served_names(both: Task, scope: Scope) -> None:
    text = write("", [ToolCall("lake_office__book_boat", BOOK), ToolCall("book_boat", BOOK)])
    with playing(both, scope) as episode:
        _, unknown = episode.take(written(text))
    assert [(call.environment, call.tool) for call in episode.rollout().calls] == [("lake_office", "book_boat")]
    assert "UNKNOWN_TOOL" in unknown["content"]


def test_what_is_not_shown_cannot_be_called(rating: Task, scope: Scope) -> None:
    with TaskEpisode(rating, scope, most_tools=2) as episode:
        shown = {tool["function"]["name"] for tool in episode.tools}
        hidden = next(name for name in scope.served(rating) if name not in shown)
        (answer,) = episode.take(written(write("", [ToolCall(hidden, {})])))
    assert (len(shown), "boat_hire__get_boat" in shown) == (2, True)
    assert "UNKNOWN_TOOL" in answer["content"]


def test_thoughts_of_calls_are_kept_as_calls_that_never_ran(porto: Task, scope: Scope) -> None:
    with playing(porto, scope) as episode:
        episode.take(written(f"<think>{SEARCHING}</think>Sardinha."))
    assert [(call.environment, call.tool) for call in episode.rollout().unexecuted] == [("boat_hire", "search_boats")]
    assert episode.rollout().calls == []
