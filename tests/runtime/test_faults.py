"""The fault plan: seeded, bounded, refusing nonsense."""

from __future__ import annotations

import pytest

from envfactory.runtime.faults import KINDS, FaultPlan


def drawn(plan: FaultPlan, calls: int = 400) -> list[str | None]:
    return [fault["code"] if (fault := plan.next("tool")) else None for _ in range(calls)]


def test_the_same_seed_gives_the_same_faults() -> None:
    assert drawn(FaultPlan(3, 0.3)) == drawn(FaultPlan(3, 0.3))
    assert drawn(FaultPlan(3, 0.3)) != drawn(FaultPlan(4, 0.3))


def test_the_rate_is_kept_and_every_kind_occurs() -> None:
    faults = drawn(FaultPlan(1, 0.25), 2000)
    assert 0.15 < sum(fault is not None for fault in faults) / 2000 < 0.3
    assert set(faults) == {*KINDS, None}


def test_failures_do_not_go_on_for_ever() -> None:
    faults = drawn(FaultPlan(1, 0.95, longest=2))
    assert all(None in faults[start : start + 3] for start in range(len(faults) - 3))


@pytest.mark.parametrize(
    ("rate", "kinds"), [(1.0, tuple(KINDS)), (-0.1, tuple(KINDS)), (0.1, ("NONSENSE",)), (0.1, ())]
)
def test_nonsense_is_refused(rate: float, kinds: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="fault"):
        FaultPlan(1, rate, kinds)


def test_stale_reads_are_dealt_only_where_they_are_asked_for() -> None:
    assert not FaultPlan(1, 0.5).stale
    plan = FaultPlan(1, 0.5, ("STALE_READ",))
    assert (plan.stale, set(drawn(plan))) == (True, {"STALE_READ", None})
