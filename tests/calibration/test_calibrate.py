"""Solve rates, ambiguity and bands: a task whose words leave two rows open is told from one that is merely hard."""

from __future__ import annotations

import pytest

from envfactory.calibration.calibrate import Tally, band, calibrate, calibrated
from envfactory.calibration.searcher import Searcher
from envfactory.calibration.solver import Briefing, Desk
from envfactory.tasks.model import Calibration, Task
from envfactory.tasks.scope import Scope
from tests.calibration.conftest import INES, JULY, task, turn

PENDING = {"hire_id": "hi_15", "customer_id": INES}


class Scripted:
    """A solver that makes the same calls in its first turn whatever is said, and gives one answer."""

    name = "scripted"

    def __init__(self, *calls: tuple[str, dict[str, object]], answer: str = "Done.") -> None:
        self._calls, self._answer = calls, answer

    def begin(self, briefing: Briefing, seed: str) -> Scripted:
        return self

    def reply(self, message: str, desk: Desk) -> str:
        for tool, arguments in self._calls:
            desk.call(tool, arguments)
        return self._answer


class Alternating:
    """A solver whose attempts take one of two ways in turn."""

    name = "alternating"

    def __init__(self, first: Scripted, second: Scripted) -> None:
        self._ways = [first, second]
        self._number = 0

    def begin(self, briefing: Briefing, seed: str) -> Scripted:
        self._number += 1
        return self._ways[self._number % 2]


def cancelling(scope: Scope) -> Task:
    return task(scope, "cancelling", turn("Please cancel my hire of Hanse.", ("cancel_hire", PENDING)))


def rate_of(solver: Scripted, scope: Scope) -> Calibration:
    return calibrate(cancelling(scope), scope, solver, 3, 0)


def test_attempts_are_counted_with_their_calls(scope: Scope) -> None:
    measured = rate_of(Scripted(("list_hires", {"customer_id": INES}), ("cancel_hire", PENDING)), scope)
    assert (measured.solver, measured.attempts, measured.solved, measured.calls) == ("scripted", 3, 3, [2, 2, 2])
    assert measured.rate == 1.0


@pytest.mark.parametrize(
    "solver",
    [
        Scripted(),
        Scripted(("cancel_hire", {"hire_id": "hi_99", "customer_id": INES})),
        Scripted(("drop_table", {}), ("cancel_hire", {})),
        Scripted(("cancel_hire", PENDING), ("book_boat", {"customer_id": INES, "boat_id": "bt_02", **JULY, "crew": 2})),
    ],
    ids=["nothing", "unknown hire", "no such tool", "too much"],
)
def test_who_does_something_else_solves_nothing(solver: Scripted, scope: Scope) -> None:
    measured = rate_of(solver, scope)
    assert (measured.attempts, measured.solved, measured.ambiguous) == (3, 0, False)


def test_two_rows_that_fit_the_words_are_ambiguous(scope: Scope) -> None:
    """Both boats of Porto that need no licence fit "a boat"; the gold means one of them."""
    gold = {"customer_id": INES, "boat_id": "bt_02", **JULY, "crew": 2}
    made = task(scope, "open", turn("Book me a boat in Porto from 1 to 3 July for two.", ("book_boat", gold)))
    other = {**gold, "boat_id": "bt_03"}
    both = Alternating(Scripted(("book_boat", gold)), Scripted(("book_boat", other)))
    measured = calibrate(made, scope, both, 4, 0)
    assert (measured.solved, measured.ambiguous) == (2, True)


def test_failing_now_and_then_is_not_ambiguous(scope: Scope) -> None:
    sometimes = Alternating(Scripted(("cancel_hire", PENDING)), Scripted())
    measured = calibrate(cancelling(scope), scope, sometimes, 4, 0)
    assert (measured.solved, measured.ambiguous) == (2, False)


def measured(solved: int, attempts: int = 4, ambiguous: bool = False) -> Calibration:
    return Calibration(solver="rules", attempts=attempts, solved=solved, ambiguous=ambiguous)


@pytest.mark.parametrize(
    ("calibration", "low", "high", "verdict"),
    [
        (measured(2), 0.25, 0.75, "keep"),
        (measured(0), 0.0, 1.0, "too_hard"),
        (measured(1), 0.5, 1.0, "too_hard"),
        (measured(4), 0.0, 0.9, "too_easy"),
        (measured(4), 0.0, 1.0, "keep"),
        (measured(2, ambiguous=True), 0.0, 1.0, "ambiguous"),
        (measured(0, attempts=0), 0.0, 1.0, "unmeasured"),
    ],
)
def test_band(calibration: Calibration, low: float, high: float, verdict: str) -> None:
    assert band(calibration, low, high) == verdict


def test_a_weak_solver_need_not_decide() -> None:
    assert band(measured(0), 0.0, 1.0, drop_unsolved=False) == "keep"


def test_verdicts_are_tallied_with_reasons(scope: Scope) -> None:
    solved, unsolved = (
        next(iter(calibrated([cancelling(scope)], scope, solver, 2, 0)))
        for solver in (Scripted(("cancel_hire", PENDING)), Scripted())
    )
    tally = Tally()
    assert [tally.add(each, 0.0, 1.0) for each in (solved, unsolved)] == ["keep", "too_hard"]
    assert dict(tally.counts) == {"keep": 1, "too_hard": 1}
    assert tally.reasons == {"cancelling": "too_hard: 0 of 2 attempts of scripted solved it"}


def test_the_same_seed_measures_the_same(scope: Scope) -> None:
    first, second = (calibrate(cancelling(scope), scope, Searcher(), 3, 5) for _ in range(2))
    assert first == second
    assert first.solver == "rules"
