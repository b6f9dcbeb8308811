"""Budgets: calls are never exceeded, what is in flight ends, and who is told no is told why."""

from __future__ import annotations

import asyncio

import pytest

from envfactory.config import BudgetConfig
from envfactory.errors import BudgetSpent
from envfactory.events import Usage
from envfactory.models.purse import Purse

CALL = Usage(1, 100, 20, 0.4)


async def calls(purse: Purse, count: int, ended: list[int]) -> list[BaseException | None]:
    """Make so many calls at once; return what became of each."""

    async def one(number: int) -> None:
        async with purse.call():
            await asyncio.sleep(0.01)
            purse.charge(CALL)
            ended.append(number)

    return await asyncio.gather(*(one(number) for number in range(count)), return_exceptions=True)


def test_without_limits_nothing_is_refused() -> None:
    purse, ended = Purse(), list[int]()
    assert asyncio.run(calls(purse, 5, ended)) == [None] * 5
    assert (purse.spent.calls, purse.over) == (5, "")


def test_calls_are_counted_before_they_are_made() -> None:
    purse, ended = Purse(BudgetConfig(max_calls=3)), list[int]()
    outcomes = asyncio.run(calls(purse, 5, ended))
    assert [type(outcome) for outcome in outcomes].count(BudgetSpent) == 2
    assert (len(ended), purse.limit) == (3, "max_calls")
    assert "the budget of 3 model calls is spent (3 model calls, 360 tokens, $1.2000)" in str(outcomes[3])


def test_money_stops_what_comes_after_it() -> None:
    purse, ended = Purse(BudgetConfig(max_cost=1.0)), list[int]()

    async def one_by_one() -> None:
        for _ in range(5):
            async with purse.call():
                purse.charge(CALL)
                ended.append(1)

    with pytest.raises(BudgetSpent, match=r"budget of \$1 is spent"):
        asyncio.run(one_by_one())
    assert len(ended) == 3  # 0.4, 0.8, and the one that passed 1.0


def test_calls_side_by_side_are_foreseen_to_cost_what_calls_have_cost() -> None:
    purse = Purse(BudgetConfig(max_cost=1.0))

    async def one() -> None:
        async with purse.call():
            await asyncio.sleep(0)
            purse.charge(CALL)

    async def all_at_once() -> list[BaseException | None]:
        return await asyncio.gather(*(one() for _ in range(6)), return_exceptions=True)

    outcomes = asyncio.run(all_at_once())
    assert outcomes.count(None) == 3  # 0.4 alone; with two more beside each other it would be 1.2, so one by one
    assert purse.limit == "max_cost"


def test_what_an_earlier_process_spent_counts() -> None:
    purse = Purse(BudgetConfig(max_calls=3), spent=Usage(3, 300, 60, 1.2))
    (outcome,) = asyncio.run(calls(purse, 1, []))
    assert isinstance(outcome, BudgetSpent)
    assert outcome.exit_status == 3


def test_time_runs_out() -> None:
    purse = Purse(BudgetConfig(max_minutes=0.0001))

    async def later() -> None:
        await asyncio.sleep(0.02)
        async with purse.call():
            raise AssertionError("there was no time left")

    with pytest.raises(BudgetSpent, match="min is up"):
        asyncio.run(later())
    assert (purse.limit, purse.seconds_left) == ("max_minutes", 0.0)
