"""Rows that come about by playing the tools: many lives, interleaved in the order of time, up to the clock.

Everything happens in one episode whose clock only moves forward, so no row is older than what it depends on and every
row obeys every rule that the tools enforce.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from envfactory.environments.contract import Contracts
from envfactory.errors import DesignError
from envfactory.sandbox.session import Worker
from envfactory.synthesis.annotations import CallNotes
from envfactory.synthesis.seed import moments
from envfactory.synthesis.seed.arguments import ArgumentDrawer, Pool, Stage, Wanted
from envfactory.synthesis.seed.bench import Row
from envfactory.synthesis.seed.draws import player_seed, stream
from envfactory.synthesis.tables import Tables

_DAY = 86_400
_DRAWS = 24  # argument draws at one moment
_MOMENTS = 4  # moments at which the first call of a life is tried
_LATER = 12  # moments at which a following call is tried
_SOON = (600, 7200, 26 * 3600)  # seconds after a call at which the following one might come
_PROBES, _TRIALS = 6, 3


@dataclass
class _Entry:
    """One `calls` entry with what became of it."""

    place: str
    notes: CallNotes
    number: int
    accepted: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    unfinished: Counter[str] = field(default_factory=Counter)
    later_refusals: Counter[str] = field(default_factory=Counter)


@dataclass
class _Life:
    """One repetition of an entry: its pool of known values, the calls still ahead, the tries left for the next one."""

    entry: _Entry
    repetition: int
    ahead: list[str]
    last_start: str
    pool: Pool = field(default_factory=Pool)
    begun: bool = False
    tries: int = _MOMENTS


class Player:
    """Plays all entries of all tables. The worker must have loaded the contracts over the generated tables."""

    def __init__(self, tables: Tables, contracts: Contracts, worker: Worker, seed: int, remarks: list[str]) -> None:
        self._contracts, self._worker, self._seed, self._remarks = contracts, worker, seed, remarks
        self._known = {tool.name: tool for tool in contracts.tools}
        self._stage = Stage(worker, player_seed(seed), contracts.now)
        self._drawer = ArgumentDrawer(tables, self._stage, seed)
        self._queue: list[tuple[str, int, _Life]] = []
        self._sequence = 0
        self._entries = [
            _Entry(f"seed of {table.name}, {notes.tool}", notes, number)
            for table in tables.values()
            for number, notes in enumerate(table.seed.calls if table.seed else [])
        ]

    def play(self) -> None:
        """Play everything; DesignError where an entry never succeeds."""
        for entry in self._entries:
            self._check_tools(entry)
            for repetition in range(entry.notes.times):
                self._begin(entry, repetition)
        while self._queue:
            moment, _, life = heapq.heappop(self._queue)
            self._advance(life, moment)
        self._report()

    def _check_tools(self, entry: _Entry) -> None:
        for tool in [entry.notes.tool, *(tool for path in entry.notes.then for tool in path)]:
            if tool not in self._known:
                raise DesignError(
                    f"{entry.place}: {tool} is not among the chosen tools",
                    remedy=f"the tools are {', '.join(self._known)}",
                )

    def _begin(self, entry: _Entry, repetition: int) -> None:
        rng = stream(self._seed, entry.place, entry.number, repetition)
        first, last = entry.notes.at
        start = moments.some_time(moments.day(self._contracts.now, rng.randint(first, last)), rng)
        path = rng.choices(entry.notes.then or [[]], weights=entry.notes.weights)[0]
        latest = min(moments.some_time(moments.day(self._contracts.now, last), rng), self._contracts.now)
        self._schedule(
            _Life(entry, repetition, [entry.notes.tool, *path], max(latest, min(start, self._contracts.now))), start
        )

    def _schedule(self, life: _Life, moment: str) -> None:
        self._sequence += 1
        heapq.heappush(self._queue, (min(moment, self._contracts.now), self._sequence, life))

    def _advance(self, life: _Life, moment: str) -> None:
        if self._call(life, moment):
            life.ahead.pop(0)
            life.begun = True
            if life.ahead:
                life.tries = _LATER
                self._schedule(life, self._next_step(life, moment))
            return
        life.tries -= 1
        if life.tries > 0 and moment < (self._contracts.now if life.begun else life.last_start):
            self._schedule(life, self._another_try(life, moment))
        elif life.begun:
            life.entry.unfinished[life.ahead[0]] += 1

    def _next_step(self, life: _Life, moment: str) -> str:
        """A time for the following call: one at which it would be accepted as things stand now, if there is any."""
        rng = stream(self._seed, life.entry.place, life.entry.number, life.repetition, "step", len(life.ahead))
        left = moments.seconds_between(moment, self._contracts.now)
        room = left / len(life.ahead)
        wanted = sorted([*(soon for soon in _SOON if soon < room), *(rng.random() * room for _ in range(_PROBES))])
        possible = [seconds for seconds in wanted if self._would_do(life, moments.later(moment, seconds))]
        return moments.later(moment, rng.choice(possible or wanted[:1]))

    def _would_do(self, life: _Life, moment: str) -> bool:
        """Whether the next call of a life would be accepted at a moment, as things stand now."""
        return any(
            self._outcome(life, moment, attempt, undo=True)[1]["outcome"]["status"] == "ok"
            for attempt in range(_TRIALS)
        )

    def _another_try(self, life: _Life, moment: str) -> str:
        end = self._contracts.now if life.begun else life.last_start
        left = moments.seconds_between(moment, end)
        return end if life.tries == 1 else moments.later(moment, min(max(left / life.tries, _DAY), left))

    def _outcome(
        self, life: _Life, moment: str, attempt: int, *, undo: bool = False
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Draw arguments for the next call of a life and call; return them and the answer."""
        tool = self._known[life.ahead[0]]
        purpose = (life.entry.place, life.entry.number, life.repetition, tool.name, life.tries)
        given = life.entry.notes.arguments
        arguments = self._drawer.draw(Wanted(tool, given, life.pool, moment, purpose, attempt, life.begun))
        answer = self._stage.play(tool.name, arguments, moment, undo=undo)
        if answer["outcome"]["status"] == "crash":
            said = f"{life.entry.place}: {tool.name} {arguments} failed: {answer['outcome']['message']}"
            raise DesignError(said, remedy="mend its SQL")
        return arguments, answer

    def _call(self, life: _Life, moment: str) -> bool:
        for attempt in range(_DRAWS):
            arguments, answer = self._outcome(life, moment, attempt)
            outcome = answer["outcome"]
            if outcome["status"] == "ok":
                life.pool.learn(arguments, outcome["result"], answer["changes"])
                life.entry.accepted += not life.begun
                return True
            if not life.begun:
                life.entry.refusals[outcome["code"]] += 1
            else:
                life.entry.later_refusals[outcome["code"]] += 1
        return False

    def _report(self) -> None:
        """Say what fell short; DesignError where all entries of a tool came to nothing."""
        accepted = Counter({entry.place: 0 for entry in self._entries})
        for entry in self._entries:
            accepted[entry.place] += entry.accepted
        for entry in self._entries:
            counted = ", ".join(f"{code} {times} times" for code, times in entry.refusals.most_common())
            if not accepted[entry.place]:
                raise DesignError(
                    f"{entry.place}: never succeeded; refused with {counted}", remedy="give it fitting `arguments`"
                )
            if entry.accepted * 2 < entry.notes.times:
                said = f"{entry.accepted} of {entry.notes.times} calls succeeded; refused with {counted}"
                self._remarks.append(f"{entry.place} (entry {entry.number + 1}): {said}")
            for tool, times in entry.unfinished.items():
                if times * 2 > entry.accepted:
                    counted = ", ".join(f"{code} {often} times" for code, often in entry.later_refusals.most_common())
                    said = f"{tool} could not follow in {times} of {entry.accepted} lives; refused with {counted}"
                    self._remarks.append(f"{entry.place} (entry {entry.number + 1}): {said}")


def load_contracts(worker: Worker, contracts: Contracts, image: bytes) -> None:
    """Load the contracts over a database, to be played as they stand."""
    dumped = [tool.model_dump(mode="json", by_alias=True, exclude_defaults=True) for tool in contracts.tools]
    worker.request("load", {"contracts": dumped, "now": contracts.now, "tools": None, "image": image}, deadline=60.0)


def final_rows(worker: Worker, tables: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Return all rows by table, in the order in which they came about."""
    rows: dict[str, list[Row]] = worker.request("seed_rows", {"tables": list(tables)}, deadline=60.0)
    return rows
