"""isolated: episodes do not see each other, every way back leads back exactly, and a module that ran is as good as new.

Each claim is played in one worker of its own: interleaved against alone, before against after a reset, a snapshot
restored, a fork, an image loaded elsewhere, and a warm module against one loaded anew before each call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from envfactory.bench.agreement import same
from envfactory.bench.bench import Bench, tools_of
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, verdict
from envfactory.sandbox.session import ENDED_BY_CODE, Call, Session

_WALKS, _LENGTH, _PAIRS = 5, 10, 1
Outcomes = list[dict[str, Any]]


def isolated(bench: Bench) -> CheckResult:
    """Play every claim on a few walks."""
    walks = [walk for walk in bench.inputs.walks(_WALKS, _LENGTH) if len(walk) > 1]
    walks = [[*walk, *_reads(bench, walk)] for walk in walks if bench.stuck_at(*(tool for tool, _ in walk)) is None]
    pairs = list(_read_write_read(bench))
    faults: list[Evidence] = []
    with Session(bench.open_worker, bench.code_spec) as session:
        play = Player(session)
        for calls in pairs:
            if not _holds(partial(_remembers_nothing, play, calls)):
                faults.append(_told("a read shows this episode's state and no other's", calls))
        for number, walk in enumerate(walks):
            other = walks[(number + 1) % len(walks)]
            for claim, holds in _claims(bench, play, walk, other):
                if not _holds(holds):
                    faults.append(_told(claim, walk))
    return verdict(
        "isolated",
        faults,
        passed=f"{len(walks)} walks: episodes are apart, every way back is exact, warm is as fresh",
        failed="{} claims of isolation do not hold",
        measured={"walks": len(walks), "claims": 6 * len(walks), "reads_around_a_write": len(pairs)},
        rfc008=["runtime.episode_isolation"],
    )


class Player:
    """Plays calls in named episodes of one worker."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def reset(self, episode: str) -> None:
        """Put an episode at the beginning."""
        self.session.request("reset", {"episode": episode})

    def calls(self, episode: str, calls: Sequence[Call]) -> Outcomes:
        """Call in an episode as it stands."""
        return [self.session.request("call", {"episode": episode, "tool": t, "arguments": dict(a)}) for t, a in calls]

    def rows(self, episode: str) -> Any:
        """Return an episode's rows."""
        return self.session.request("rows", {"episode": episode})

    def alone(self, calls: Sequence[Call], episode: str = "alone") -> tuple[Outcomes, Any]:
        """Return outcomes and rows of calls played from the beginning."""
        self.reset(episode)
        return self.calls(episode, calls), self.rows(episode)


def _claims(bench: Bench, play: Player, walk: list[Call], other: list[Call]) -> list[tuple[str, Callable[[], bool]]]:
    return [
        ("a module that ran behaves as one freshly loaded", lambda: _warm_is_fresh(play, walk)),
        ("interleaved episodes do not see each other", lambda: _interleaved(play, walk, other)),
        ("a reset episode is at the beginning", lambda: _reset(bench, play, walk)),
        ("a restored snapshot goes on as before", lambda: _restored(play, walk)),
        ("a fork goes its own way", lambda: _forked(play, walk)),
        ("an image loaded elsewhere is the same state", lambda: _loaded(bench, play, walk)),
    ]


def _holds(claim: Callable[[], bool]) -> bool:
    try:
        return claim()
    except ENDED_BY_CODE:
        return True  # other checks tell of calls that hang or kill the worker


def _warm_is_fresh(play: Player, walk: list[Call]) -> bool:
    """Twice in a row in the same worker, then with the module loaded anew before each call."""
    warm = [play.session.walk(walk) for _ in range(2)]
    fresh = play.session.walk(walk, fresh=True)
    return all(same([list(step) for step in played.steps], [list(step) for step in fresh.steps]) for played in warm)


def _interleaved(play: Player, walk: list[Call], other: list[Call]) -> bool:
    apart = play.alone(walk, "left"), play.alone(other, "right")
    for episode in ("left", "right"):
        play.reset(episode)
    mixed: dict[str, Outcomes] = {"left": [], "right": []}
    for number in range(max(len(walk), len(other))):
        for episode, calls in (("left", walk), ("right", other)):
            mixed[episode] += play.calls(episode, calls[number : number + 1])
    together = [(mixed[episode], play.rows(episode)) for episode in ("left", "right")]
    return all(same(list(one), list(two)) for one, two in zip(apart, together, strict=True))


def _reset(bench: Bench, play: Player, walk: list[Call]) -> bool:
    first = play.alone(walk)
    play.reset("alone")
    return same(play.rows("alone"), bench.tables) and same(list(play.alone(walk)), list(first))


def _restored(play: Player, walk: list[Call]) -> bool:
    middle = len(walk) // 2
    play.reset("kept")
    play.calls("kept", walk[:middle])
    snapshot = play.session.request("snapshot", {"episode": "kept"})
    first = play.calls("kept", walk[middle:]), play.rows("kept")
    play.session.request("restore", {"episode": "kept", "snapshot": snapshot})
    return same(list(first), [play.calls("kept", walk[middle:]), play.rows("kept")])


def _forked(play: Player, walk: list[Call]) -> bool:
    middle = len(walk) // 2
    play.reset("trunk")
    play.calls("trunk", walk[:middle])
    at_fork = play.rows("trunk")
    play.session.request("fork", {"episode": "trunk", "to": "branch"})
    ahead = play.calls("branch", walk[middle:]), play.rows("branch")
    play.session.request("close", {"episode": "branch"})
    untouched = same(play.rows("trunk"), at_fork)
    return untouched and same(list(ahead), [play.calls("trunk", walk[middle:]), play.rows("trunk")])


def _loaded(bench: Bench, play: Player, walk: list[Call]) -> bool:
    _, rows = play.alone(walk)
    image = play.session.request("image", {"episode": "alone"})
    spec = {key: value for key, value in bench.oracle_spec.items() if key not in ("schema", "seed_rows")}
    with Session(bench.open_worker, {**spec, "image": image}) as elsewhere:
        return same(elsewhere.request("rows", {}), rows)


def _remembers_nothing(play: Player, calls: list[Call]) -> bool:
    """Read, write and read in one episode, then read in a new one: as a module freshly loaded for each call would."""
    played = [play.session.walk(part, fresh=fresh).steps for fresh in (False, True) for part in (calls, calls[:1])]
    return same([list(map(list, steps)) for steps in played[:2]], [list(map(list, steps)) for steps in played[2:]])


def _read_write_read(bench: Bench) -> Iterator[list[Call]]:
    """Yield a read, a write that changes what it shows, and the read again: for each write and read tool, a few."""
    for tool in bench.contracts.tools:
        counts: Counter[str] = Counter()
        after = [probe for probe in bench.inputs.for_tool(tool.name) if tool.kind == "read" and len(probe.setup) == 1]
        for probe, late in zip(after, bench.observe(after, side="oracle"), strict=True):
            write = probe.setup[0]
            early = bench.observe([probe._replace(setup=(), now=None)], side="oracle")[0]
            usable = probe.now is None and late.outcome != early.outcome and bench.stuck_at(*tools_of(probe)) is None
            if usable and counts[write[0]] < _PAIRS:
                counts[write[0]] += 1
                yield [(probe.tool, probe.arguments), write, (probe.tool, probe.arguments)]


def _told(claim: str, calls: Sequence[Call]) -> Evidence:
    told = [[tool, dict(arguments)] for tool, arguments in calls]
    return {"tool": calls[0][0], "claim": claim, "part": "tools.py", "calls": told}


def _reads(bench: Bench, walk: list[Call]) -> Iterator[Call]:
    """Reads of before and after the walk's writes: the same call again at the end, where a cache would answer."""
    kinds = {tool.name: tool.kind for tool in bench.contracts.tools}
    return (call for call in walk if kinds[call[0]] == "read")
