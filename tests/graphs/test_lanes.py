"""Lanes: jobs go where their key was served, none is lost, and a process that dies is replaced."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from envfactory.errors import WorkerDied
from envfactory.graphs.lanes import Lanes

Work = Callable[[Lanes], Any]


def process() -> int:
    return os.getpid()


def die() -> None:
    os._exit(9)


def refuse() -> None:
    raise KeyError("no such thing")


def play(count: int, work: Work) -> Any:
    with Lanes(count) as lanes:
        return asyncio.run(work(lanes))


def test_a_key_stays_with_its_lane() -> None:
    async def work(lanes: Lanes) -> list[int]:
        both = await asyncio.gather(lanes.run("rail", process), lanes.run("hotels", process))
        again = [await lanes.run(key, process) for key in ("hotels", "rail", "hotels", "rail")]
        return [*both, *again]

    rail, hotels, *again = play(2, work)
    assert rail != hotels
    assert again == [hotels, rail, hotels, rail]


def test_more_jobs_than_lanes_all_end() -> None:
    async def work(lanes: Lanes) -> list[int]:
        return await asyncio.gather(*(lanes.run(f"key{n % 3}", process) for n in range(12)))

    found = play(2, work)
    assert (len(found), len(set(found))) == (12, 2)


def test_a_waiting_job_of_a_served_key_goes_first() -> None:
    async def work(lanes: Lanes) -> list[str]:
        ended: list[str] = []

        async def one(key: str) -> None:
            await lanes.run(key, process)
            ended.append(key)

        await asyncio.gather(one("rail"), one("hotels"), one("ferries"), one("rail"))
        return ended

    assert play(1, work) == ["rail", "rail", "hotels", "ferries"]


def test_what_a_job_raises_is_raised() -> None:
    with pytest.raises(KeyError, match="no such thing"):
        play(1, lambda lanes: lanes.run("rail", refuse))


def test_a_process_that_dies_is_replaced() -> None:
    async def work(lanes: Lanes) -> int:
        with pytest.raises(WorkerDied, match="die of rail"):
            await lanes.run("rail", die)
        return int(await lanes.run("rail", process))

    assert play(1, work) > 0


def test_a_cancelled_job_leaves_its_lane_to_others() -> None:
    async def work(lanes: Lanes) -> int:
        first = asyncio.create_task(lanes.run("rail", process))
        waiting = asyncio.create_task(lanes.run("hotels", process))
        await asyncio.sleep(0)
        waiting.cancel()
        await first
        return int(await asyncio.wait_for(lanes.run("ferries", process), 30))

    assert play(1, work) > 0
