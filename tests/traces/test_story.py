"""A trace as a story: chapters, steps in order with their calls, and what each role came to."""

from __future__ import annotations

import dataclasses

from envfactory.events import EnvironmentPlanned, RoleFinished, RoleStarted, RunStarted, Usage
from envfactory.traces.store import TraceStore
from envfactory.traces.story import Story, read_story, spent_by_role
from tests.traces.conftest import Recorded
from tests.traces.told import MODEL, call


def story_of(store: TraceStore) -> Story:
    story = read_story(store)
    assert story is not None
    return story


def test_steps_stand_in_their_chapter_in_order(trace: TraceStore) -> None:
    story = story_of(trace)
    rail = story.chapter("rail")
    assert rail is not None
    assert [(step.role, step.revision) for step in rail.steps] == [
        ("schema_designer", 0),
        ("coder", 0),
        ("gate", 0),
        ("reviser", 1),
        ("gate", 1),
        ("sampler", 0),
    ]
    assert rail.tasks is not None
    assert [chapter.name for chapter in story.chapters] == ["", "rail"]


def test_model_calls_belong_to_their_step(trace: TraceStore) -> None:
    (coder,) = (step for step in story_of(trace).steps() if step.role == "coder")
    assert [[message.role for message in exchange.messages] for exchange in coder.calls] == [
        ["system", "human", "assistant"],
        ["system", "human", "ai", "human", "assistant"],
    ]
    assert coder.calls[0].messages[2][3:] == (len("I would rather not"), len("it must book"))


def test_a_step_fails_with_its_gate_or_its_call(recorded: Recorded) -> None:
    store = recorded(
        iter(
            [
                RunStarted("r", "travel", False),
                EnvironmentPlanned("rail", "Rail", ""),
                RoleStarted("rail", "coder", 0, MODEL),
                call("", status="RateLimitError: 429"),
                call("fine"),
                RoleFinished("rail", "coder", 0, MODEL, "ok", "", 1.0, Usage()),
            ]
        )
    )
    (step,) = story_of(store).steps()
    assert (step.span["status"], step.failed) == ("ok", True)


def test_tokens_are_counted_once_though_role_and_call_both_have_them(trace: TraceStore) -> None:
    spent = {each.role: each for each in spent_by_role(story_of(trace).steps())}
    assert (spent["coder"].calls, spent["coder"].input_tokens, spent["coder"].output_tokens) == (2, 200, 40)
    assert (spent["coder"].cost, spent["reviser"].cost) == (1.0, None)
    assert (spent["gate"].answers, spent["gate"].failed) == (2, 1)


def test_calls_answered_from_the_record_are_counted_apart(recorded: Recorded) -> None:
    replayed = dataclasses.replace(call("fine"), cached=True, usage=Usage(cached=1))
    begun = [RunStarted("r", "travel", False), RoleStarted("rail", "coder", 0, MODEL)]
    store = recorded(iter([*begun, replayed, call("new"), RoleFinished("rail", "coder", 0, MODEL, "ok", "", 1.0)]))
    (spent,) = spent_by_role(story_of(store).steps())
    assert (spent.calls, spent.recorded, spent.input_tokens) == (2, 1, 100)


def test_a_role_that_answers_again_is_told_apart(recorded: Recorded) -> None:
    again = [RoleStarted("rail", "coder", 0, "rules"), RoleFinished("rail", "coder", 0, "rules", "ok", "", 1.0)]
    store = recorded(iter([RunStarted("r", "travel", False), EnvironmentPlanned("rail", "", ""), *again, *again]))
    assert [step.key for step in story_of(store).steps()] == [("rail", "coder", 0, 0), ("rail", "coder", 0, 1)]


def test_a_trace_of_nothing_has_no_story(recorded: Recorded) -> None:
    assert read_story(recorded(iter([]))) is None
