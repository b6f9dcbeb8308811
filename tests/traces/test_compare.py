"""Two runs side by side."""

from __future__ import annotations

from envfactory.traces.compare import Comparison, Run, compare, differences
from envfactory.traces.store import TraceStore
from envfactory.traces.story import read_story
from tests.traces.conftest import Recorded
from tests.traces.told import SECOND, told


def run(store: TraceStore) -> Run:
    story = read_story(store)
    assert story is not None
    return Run(store, story)


def changed(found: Comparison) -> dict[tuple[str, int], list[str]]:
    return {(pair.key[1], pair.key[2]): pair.differs for pair in found.differing}


def test_the_same_run_twice_does_not_differ(recorded: Recorded) -> None:
    found = compare(run(recorded(told())), run(recorded(told())))
    assert found.differing == []
    assert found.verdicts == {"rail": (("verified", 1, 6), ("verified", 1, 6))}


def test_another_answer_is_told_with_its_lines(recorded: Recorded) -> None:
    left, right = run(recorded(told())), run(recorded(told(second=SECOND.replace("2", "3"))))
    found = compare(left, right)
    assert changed(found) == {("reviser", 1): ["answer"]}
    diff = list(differences(left, right, found.differing[0], "answer"))
    assert [line for line in diff if line[0] in "+-"] == ["-        return 2", "+        return 3"]


def test_a_run_that_stopped_lacks_steps(recorded: Recorded) -> None:
    whole = list(told())
    stopped = whole[:10]  # up to the first verdict
    found = compare(run(recorded(iter(whole))), run(recorded(iter(stopped))))
    assert changed(found) == {
        ("reviser", 1): ["only in the first"],
        ("gate", 1): ["only in the first"],
        ("sampler", 0): ["only in the first"],
    }
    assert found.verdicts["rail"][1] == ("open", 0, 3)


def test_what_roles_spent_stands_side_by_side(recorded: Recorded) -> None:
    found = compare(run(recorded(told())), run(recorded(iter(list(told())[:4]))))
    ours, theirs = found.spent["coder"]
    assert (ours and ours.calls, theirs) == (2, None)
