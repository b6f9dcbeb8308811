"""Sampled tasks: grounded in every argument, within every cap, the same anywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from envfactory.runtime.paths import general, value_at
from envfactory.sampling import Controls, Coverage, Refused, Sampler
from envfactory.sampling.paths import records
from envfactory.sampling.views import looks_like_code
from envfactory.tasks.model import FromProfile, FromResult, GoldCall, Mention, Said, Source, Step, Task
from envfactory.tasks.play import play, word
from envfactory.tasks.scope import Scope

ROOT = Path(__file__).parents[2]
ELSEWHERE = """
from tests.sampling.test_sampler import in_another_process
in_another_process()
"""


def mentions(task: Task) -> dict[str, Mention]:
    return {mention.id: mention for turn in task.turns for mention in turn.mentions}


def leaves(task: Task) -> Iterator[tuple[int, GoldCall, str, Source]]:
    for place, call in enumerate(task.gold):
        for path, source in call.sources.items():
            yield place, call, path, source


def argument(call: GoldCall, path: str) -> object:
    return value_at(call.arguments, path)


def test_most_indices_give_a_task(tasks: list[Task]) -> None:
    assert len(tasks) >= 45
    assert {turn.outcome for task in tasks for turn in task.turns} >= {"done", "informed", "refused"}


def test_every_leaf_of_every_argument_has_a_source(tasks: list[Task]) -> None:
    for task in tasks:
        for call in task.gold:
            wanted = [
                f"{name}[{place}]" if isinstance(value, list) else name
                for name, value in call.arguments.items()
                for place in range(len(value) if isinstance(value, list) else 1)
            ]
            assert sorted(call.sources) == sorted(wanted)


def test_what_is_said_is_said_by_then(tasks: list[Task]) -> None:
    for task in tasks:
        said: dict[str, object] = {}
        for turn in task.turns:
            said |= {mention.id: mention.value for mention in turn.mentions}
            for call in task.gold[slice(*turn.calls)]:
                for path, source in call.sources.items():
                    if isinstance(source, Said):
                        assert said[source.mention] == argument(call, path)


def test_what_is_known_of_the_person_is_in_the_profile(tasks: list[Task]) -> None:
    for task in tasks:
        profiles = {profile.environment: profile for profile in task.profile}
        for _, call, path, source in leaves(task):
            if isinstance(source, FromProfile):
                assert profiles[source.environment].columns[source.column] == argument(call, path)


def test_what_was_shown_is_singled_out(tasks: list[Task]) -> None:
    """The rows that meet the conditions and stand first in the ranking hold one value: the argument."""
    for task in tasks:
        for place, call, path, source in leaves(task):
            if isinstance(source, FromResult):
                assert source.call < place
                assert left(task.gold[source.call].result, source) == {argument(call, path)}


def left(result: object, source: FromResult) -> set[object]:
    """Return the values that somebody is left with who knows conditions and ranking, but no position."""
    place, _, name = general(source.path).rpartition(".")
    rows = [each for each in records(result) if each.place == place and each.fields.get(name) is not None]
    for condition in source.where:
        rows = [each for each in rows if each.fields[condition.field] == condition.value]
    if source.rank:
        best = (min if source.rank.order == "min" else max)(each.fields[source.rank.field] for each in rows)
        rows = [each for each in rows if each.fields[source.rank.field] == best]
    return {each.fields[name] for each in rows}


def test_nobody_says_a_key(tasks: list[Task]) -> None:
    said = [mention for task in tasks for mention in mentions(task).values() if mention.form == "stated"]
    assert said
    assert not [mention for mention in said if looks_like_code(mention.value)]


def test_a_refusal_is_the_only_failure_of_its_turn_and_the_last_call(tasks: list[Task]) -> None:
    for task in tasks:
        for turn in task.turns:
            outcomes = [call.outcome for call in task.gold[slice(*turn.calls)]]
            assert [outcome for outcome in outcomes[:-1] if outcome != "ok"] == []
            assert (turn.outcome == "refused") == (bool(outcomes) and outcomes[-1] != "ok")


def test_gold_replays_to_the_goal(tasks: list[Task], scope: Scope) -> None:
    for task in tasks:
        steps = [Step(environment=each.environment, tool=each.tool, arguments=each.arguments) for each in task.gold]
        played = play(scope, steps, images=True)
        assert [word(outcome) for outcome in played.outcomes] == [call.outcome for call in task.gold]
        assert played.changes == task.goal.changes


def test_no_call_is_made_twice_with_one_answer(tasks: list[Task], sampler: Sampler) -> None:
    coverage = Coverage(sampler.views).update(tasks)
    assert coverage.repeating == 0
    assert coverage.tasks == len(tasks)


@pytest.mark.parametrize("seed", range(3))
def test_caps_are_never_passed(scope: Scope, seed: int) -> None:
    controls = Controls(max_turns=3, max_calls_per_turn=2, attempts=6)
    found = [Sampler(scope, controls, seed).sample(index) for index in range(15)]
    tasks = [task for task in found if isinstance(task, Task)]
    assert tasks
    assert all(2 <= len(task.turns) <= 3 for task in tasks)
    assert all(turn.calls[1] - turn.calls[0] <= 2 for task in tasks for turn in task.turns)


def test_a_task_depends_on_its_index_alone(scope: Scope, sampler: Sampler) -> None:
    fresh = Sampler(scope, seed=5)
    assert [fresh.sample(index) for index in (17, 3, 17)] == [sampler.sample(index) for index in (17, 3, 17)]


def test_another_process_with_another_hash_seed_gives_the_same_bytes() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", ELSEWHERE],
            cwd=ROOT,
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("1", "77")
    ]
    assert said[0] == said[1]
    assert said[0].count(b"\n") >= 6


def in_another_process() -> None:
    """Print the first tasks of a sampler made from nothing."""
    from envfactory.bench.bench import Bench
    from envfactory.dependencies.build import build_graph
    from tests.gate import harbour
    from tests.support import LocalWorker

    with Bench(harbour.environment(), LocalWorker) as bench:
        environment = harbour.environment(graph=build_graph(bench)).sealed()
    with Scope([environment], open_worker=LocalWorker) as scope:
        sampler = Sampler(scope, seed=11)
        for index in range(8):
            task = sampler.sample(index)
            sys.stdout.write(f"{task if isinstance(task, Refused) else task.model_dump_json()}\n")


def test_two_environments_have_each_their_person(both: Scope) -> None:
    sampler = Sampler(both, Controls(share_multi=1, share_three=0, min_turns=3), seed=2)
    found = [sampler.sample(index) for index in range(12)]
    tasks = [task for task in found if isinstance(task, Task) and len(task.environments) > 1]
    assert tasks
    assert all({call.environment for call in task.gold} == {"boat_hire", "lake_hire"} for task in tasks)
    assert all(len(task.profile) == 2 and "name" not in task.profile[0].columns for task in tasks)


def test_a_withheld_tool_is_asked_for_and_never_called(scope: Scope) -> None:
    sampler = Sampler(scope, Controls(share_declined=1, min_turns=3, share_refused=0), seed=4)
    found = [sampler.sample(index) for index in range(25)]
    tasks = [task for task in found if isinstance(task, Task) and task.withheld]
    assert tasks
    for task in tasks:
        assert not {f"{call.environment}.{call.tool}" for call in task.gold} & set(task.withheld)
        assert [turn.calls[0] == turn.calls[1] for turn in task.turns if turn.outcome == "declined"] == [True]
        [asked] = [turn for turn in task.turns if turn.outcome == "declined"]
        tables = [each.slot.partition(".")[0] for each in asked.mentions]  # the words have one place for the thing
        assert sum(f"boat_hire.{each}" not in task.withheld for each in tables) <= 1


def test_reads_alone_change_nothing(tasks: list[Task]) -> None:
    reading = [task for task in tasks if all(turn.outcome != "done" for turn in task.turns)]
    assert reading
    assert all(task.goal.changes == {} for task in reading)
