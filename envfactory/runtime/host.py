"""What a worker does with a frame: `Host.handle(op, payload)`.

| op | payload | answer |
|---|---|---|
| load | {"contracts", "now", "tools" (source, or null: run the contracts), "image" or "schema" + "seed_rows", "seed"} | {"tables": {name: {"columns", "key"}}} |
| reset | {"episode"?, "seed"?, "faults"? {"seed", "rate", "kinds"?}} | true |
| call | {"episode"?, "tool", "arguments"} | outcome |
| episode | {"calls": [[tool, arguments]], "seed"?} | outcomes of one fresh episode |
| walk | {"calls": [[tool, arguments]], "now"?, "fresh"?, "seed"?} | [{"outcome", "changes"}] of one fresh episode, and its image under "image" |
| play | {"episode"?, "seed"?, "faults"?, "steps", ...: see `playing`} | {"outcomes", "marks", "changes"?, "image"?}, in a logged episode of its own |
| plays | {"episode"?, "paths": [as of `play`]} | their answers |
| leave | {"episode"} (one of `play`) | true |
| difference | {"image"} | net changes of a state's image against the template, read from both |
| probe | [{"setup": [[tool, arguments]], "tool", "arguments", "now"?, "atomic"?, "fresh"?, "setup_at"?: the set-up's times}] | [{"outcome", "changes", "setup"}], each undone |
| image / rows | {"episode"?} | the state's image / {table: rows in key order} |
| snapshot / restore / fork / close | {"episode"?, "snapshot"?, "to"?, "seed"?} | a snapshot / true |
| variant | {"tool", "source" (null: the original)} | true |
| check | {"image"?, or "schema" + "seed_rows", "expressions": {name: SQL}} | {name: true, false or an error text} |
| query | {"image"?, "sql", "parameters"?} | rows |
| seed_open, _select, _insert, _image; seed_play, _draw, _rows | see `seeding` | seed data in the making |

Outcomes and changes are described in `episode` and `changes`. Without an "episode" id the default episode is meant.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeVar

from envfactory.runtime.changes import Change, Rows, difference, read_rows
from envfactory.runtime.episode import DictRows, Episode, Outcome, Program, Snapshot, build_image, open_image
from envfactory.runtime.expressions import translate
from envfactory.runtime.faults import FaultPlan
from envfactory.runtime.playing import Player
from envfactory.runtime.seeding import Seeding

_DEFAULT = ""
_MOST_LEFT = 4  # players kept for whoever plays next: a new one costs as much as a dozen calls
Answer = TypeVar("Answer")


class Host(Seeding):
    """Holds one program and its episodes."""

    def __init__(self) -> None:
        self._episodes: dict[Any, Episode] = {}
        self._players: dict[Any, Player] = {}
        self._left: list[Player] = []
        self._program: Program
        self._prober: Episode | None = None
        self._walker: tuple[int, Episode] | None = None
        self._start: Rows | None = None
        self._seed = 0
        self._ops: dict[str, Callable[[Any], Any]] = {
            name[4:]: getattr(self, name) for name in dir(self) if name.startswith("_op_")
        }

    def handle(self, op: str, payload: Any) -> Any:
        """Answer one frame; KeyError for an unknown op."""
        return self._ops[op](payload)

    def _op_load(self, spec: Mapping[str, Any]) -> Any:
        played = [player.episode for player in (*self._players.values(), *self._left)]
        for episode in [*self._episodes.values(), *played, self._prober, self._walker and self._walker[1]]:
            if episode is not None:
                episode.close()
        self._episodes, self._players, self._left = {}, {}, []
        self._prober = self._walker = self._start = None
        self._seed = spec.get("seed", 0)
        self._program = Program(spec)
        tables = self._probe_episode().tables
        return {"tables": {name: {"columns": list(t.columns), "key": list(t.key)} for name, t in tables.items()}}

    def _op_reset(self, payload: Mapping[str, Any]) -> bool:
        place = payload.get("episode", _DEFAULT)
        faults = FaultPlan(**payload["faults"]) if payload.get("faults") else None
        episode = self._episodes.get(place)
        if episode is None or faults or "seed" in payload:
            if episode is not None:
                episode.close()
            self._episodes[place] = Episode(self._program, payload.get("seed", self._seed), faults)
        else:
            episode.reset()
        return True

    def _op_call(self, payload: Mapping[str, Any]) -> Outcome:
        return self._episode(payload).call(payload["tool"], payload["arguments"])

    def _op_episode(self, payload: Mapping[str, Any]) -> list[Outcome]:
        self._op_reset({key: value for key, value in payload.items() if key == "seed"})
        episode = self._episodes[_DEFAULT]
        return [episode.call(tool, arguments) for tool, arguments in payload["calls"]]

    def _op_walk(self, payload: Mapping[str, Any]) -> Any:
        episode = self._walking_episode(payload)
        episode.context.now = payload.get("now") or self._program.now
        steps = []
        for tool, arguments in payload["calls"]:
            if payload.get("fresh") and self._program.module is not None:
                self._program.module.refresh()
            episode.log.mark()
            steps.append({"outcome": episode.call(tool, arguments), "changes": episode.log.net()})
        return {"steps": steps, "image": episode.db.serialize()}

    def _op_play(self, payload: Mapping[str, Any]) -> Any:
        place = payload.get("episode", _DEFAULT)
        faults = FaultPlan(**payload["faults"]) if payload.get("faults") else None
        if faults and place in self._players:
            self._players.pop(place).episode.close()
        if place not in self._players:
            plain = not faults and "seed" not in payload
            self._players[place] = self._open_player(payload, faults, again=plain and bool(payload.get("fresh")))
        return self._players[place].play(payload)

    def _open_player(self, payload: Mapping[str, Any], faults: FaultPlan | None, *, again: bool) -> Player:
        """Return the player of a new place; one that was left will do (`again`) for what begins at the start anyway."""
        if again and self._left:
            return self._left.pop()
        episode = Episode(self._program, payload.get("seed", self._seed), faults, logged=True)
        return Player(episode, again=again)

    def _op_plays(self, payload: Mapping[str, Any]) -> list[Any]:
        place = payload.get("episode", _DEFAULT)
        return [self._op_play({**path, "episode": place}) for path in payload["paths"]]

    def _op_leave(self, payload: Mapping[str, Any]) -> bool:
        player = self._players.pop(payload["episode"])
        if player.again and len(self._left) < _MOST_LEFT:
            self._left.append(player)
        else:
            player.episode.close()
        return True

    def _op_difference(self, payload: Mapping[str, Any]) -> list[Change]:
        if self._start is None:
            self._start = read_rows(self._program.template)
        image = open_image(payload["image"])
        try:
            return difference(self._start, read_rows(image))
        finally:
            image.close()

    def _op_probe(self, probes: Iterable[Mapping[str, Any]]) -> list[Any]:
        episode = self._probe_episode()
        return [answer for _, alike in groupby(probes, _stage) for answer in self._staged(episode, list(alike))]

    def _staged(self, episode: Episode, probes: list[Mapping[str, Any]]) -> list[Any]:
        """Answer probes that share their set-up, which is played once."""
        first = probes[0]
        now = first.get("now") or self._program.now
        if first.get("fresh") and self._program.module is not None:
            self._program.module.refresh()
        if not first.get("setup"):
            episode.context.now = now
            return [{**self._probe(episode, probe), "setup": []} for probe in probes]
        with episode.undone("_ef_stage"):
            setup = list(self._set_up(episode, first, now))
            episode.context.now = now
            episode.log.mark()
            return [{**self._probe(episode, probe), "setup": setup} for probe in probes]

    def _set_up(self, episode: Episode, probe: Mapping[str, Any], now: str) -> Iterator[Outcome]:
        calls, times = probe.get("setup") or (), probe.get("setup_at") or ()
        for number, (tool, arguments) in enumerate(calls):
            episode.context.now = (times[number] or self._program.now) if times else now
            yield episode.call(tool, arguments)

    def _probe(self, episode: Episode, probe: Mapping[str, Any]) -> dict[str, Any]:
        with episode.undone("_ef_probe"):  # with all that the call did, so that it needs no savepoint of its own
            outcome = episode.call(probe["tool"], probe["arguments"], atomic=False)
            undone = outcome["status"] != "ok" and probe.get("atomic", True)
            return {"outcome": outcome, "changes": [] if undone else episode.log.net()}

    def _op_image(self, payload: Mapping[str, Any]) -> bytes:
        return self._episode(payload).db.serialize()

    def _op_rows(self, payload: Mapping[str, Any]) -> Any:
        episode = self._episode(payload)
        found = {}
        for table in episode.tables.values():
            order = ", ".join(f'"{column}"' for column in table.key or table.columns)
            found[table.name] = episode.db.execute(f'SELECT * FROM "{table.name}" ORDER BY {order}').fetchall()
        return found

    def _op_snapshot(self, payload: Mapping[str, Any]) -> Any:
        return list(self._episode(payload).snapshot())

    def _op_restore(self, payload: Mapping[str, Any]) -> bool:
        image, counters, now = payload["snapshot"]
        self._episode(payload).restore(Snapshot(image, counters, now))
        return True

    def _op_fork(self, payload: Mapping[str, Any]) -> bool:
        self._episodes[payload["to"]] = self._episode(payload).fork(payload.get("seed", self._seed))
        return True

    def _op_close(self, payload: Mapping[str, Any]) -> bool:
        self._episodes.pop(payload.get("episode", _DEFAULT)).close()
        return True

    def _op_variant(self, payload: Mapping[str, Any]) -> bool:
        if self._program.module is None:
            raise ValueError("a program without code has no variants")
        self._program.module.replace(payload["tool"], payload["source"])
        return True

    def _op_check(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        def work(db: sqlite3.Connection) -> dict[str, Any]:
            return {name: _holds(db, sql, self._program.now) for name, sql in payload["expressions"].items()}

        return self._on_image(payload, work)

    def _op_query(self, payload: Mapping[str, Any]) -> Any:
        def work(db: sqlite3.Connection) -> list[Any]:
            return db.execute(payload["sql"], payload.get("parameters") or {}).fetchall()

        return self._on_image(payload, work)

    def _on_image(self, payload: Mapping[str, Any], work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        db = sqlite3.connect(":memory:", isolation_level=None)
        try:
            db.row_factory = DictRows()
            db.deserialize(self._image_of(payload))
            return work(db)
        finally:
            db.close()

    def _image_of(self, payload: Mapping[str, Any]) -> bytes:
        rows = payload.get("seed_rows")
        if rows is not None:
            return build_image(payload["schema"], rows)
        return payload.get("image") or self._program.image

    def _episode(self, payload: Mapping[str, Any]) -> Episode:
        place = payload.get("episode", _DEFAULT)
        if place not in self._episodes:
            self._episodes[place] = Episode(self._program, self._seed)
        return self._episodes[place]

    def _walking_episode(self, payload: Mapping[str, Any]) -> Episode:
        """Return a logged episode at its beginning: that of the walk before, which costs a tenth of a new one."""
        seed = payload.get("seed", self._seed)
        if self._walker is not None and self._walker[0] == seed:
            self._walker[1].reset()
        else:
            if self._walker is not None:
                self._walker[1].close()
            self._walker = seed, Episode(self._program, seed, logged=True)
        return self._walker[1]

    def _probe_episode(self) -> Episode:
        if self._prober is None:
            self._prober = Episode(self._program, self._seed, logged=True)
        return self._prober


def _stage(probe: Mapping[str, Any]) -> object:
    """Return what is the same for probes that may share their set-up; one that wants a fresh module shares with none."""
    if probe.get("fresh"):
        return id(probe)
    return repr((probe.get("setup") or (), probe.get("setup_at") or ())), probe.get("now")


def _holds(db: sqlite3.Connection, expression: str, now: str) -> bool | str:
    try:
        scope = {"now": now, "today": now[:10]}
        return bool(db.execute(f"SELECT ({translate(expression).sql}) IS TRUE AS value", scope).fetchone()["value"])
    except sqlite3.Error as error:
        return str(error)
