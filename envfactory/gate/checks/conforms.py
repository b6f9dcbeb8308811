"""conforms: over all generated inputs and random walks the code gives what the contract gives, result and state.

So it must too in situations that stored cases hardly hold, and in seeds made for it: where ranks are equal, and where
there is more of everything. Where several guards fail at once, any of their codes will do: only their order is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from envfactory.bench.agreement import agrees, difference, simplest
from envfactory.bench.ample import asking_more, in_plenty
from envfactory.bench.bench import Bench
from envfactory.bench.inputs import Seen, diverse
from envfactory.bench.ties import among_equals
from envfactory.environments.report import CheckResult
from envfactory.gate.checks.verdicts import Evidence, one_a_tool, verdict
from envfactory.sandbox.session import Call, Observation, Probe

WALKS, LENGTH = 20, 12
_AMONG_EQUALS, _ASKING_MORE = 24, 4


def conforms(bench: Bench) -> CheckResult:
    """Compare code and oracle on everything generated."""
    tools = [tool.name for tool in bench.contracts.tools]
    seen = {name: [*bench.inputs.seen(name), *bench.inputs.situations(name)] for name in tools}
    counts = {name: len(found) for name, found in seen.items()}
    with ThreadPoolExecutor(1) as pool:  # one worker plays over the seed itself, others over those made for it
        real = pool.submit(lambda: {name: _differences(bench, found) for name, found in seen.items()})
        made = {name: _among_equals(bench, name, seen[name]) + _in_plenty(bench, name) for name in tools}
        faults = [fault for name in tools for fault in (*real.result()[name], *made[name])]
    walks = bench.inputs.walks(WALKS, LENGTH)
    steps = sum(map(len, walks))
    faults += [fault for walk in walks for fault in _walk_differences(bench, walk)]
    return verdict(
        "conforms",
        one_a_tool(sorted(faults, key=lambda fault: len(fault.get("setup", ())))),
        passed=f"code and contracts agree on {sum(counts.values())} inputs and {steps} steps of {len(walks)} walks",
        failed="code and contracts disagree: {} kinds of difference",
        measured={"inputs": counts, "walks": len(walks), "steps": steps, "differences": len(faults)},
        rfc008=["runtime.observation_schema", "semantic.replayability"],
    )


def _differences(bench: Bench, seen: Sequence[Seen]) -> list[Evidence]:
    got = bench.observe(probe for probe, _ in seen)
    played = [(probe, expected, came) for (probe, expected), came in zip(seen, got, strict=True)]
    wrong = [item for item in played if crashed(item[1]) or not agrees(item[1], item[2])]
    return [difference(*item) for item in simplest(wrong, len(wrong))]


def _among_equals(bench: Bench, tool: str, seen: Sequence[Seen]) -> list[Evidence]:
    """Compare over the seed with equal ranks, in which what is put in order shows how it breaks ties."""
    plain = [item for item in seen if item[1].ok and not item[0].setup]
    probes = [probe for probe, _ in diverse(plain, _AMONG_EQUALS)] + among_equals(bench, tool, _AMONG_EQUALS)
    return [{**fault, "seed": "with equal ranks"} for fault in _differences(bench.tied, _judged(bench.tied, probes))]


def _in_plenty(bench: Bench, tool: str) -> list[Evidence]:
    """Compare over the seed with more of everything, in which a cap or a page that the contract has not shows."""
    seen = _judged(bench.ample, in_plenty(bench, tool))
    accepted = [probe for probe, _ in diverse((item for item in seen if item[1].ok), _ASKING_MORE)]
    seen += _judged(bench.ample, asking_more(bench, tool, accepted))
    return [{**fault, "seed": "with more of everything"} for fault in _differences(bench.ample, seen)]


def _judged(bench: Bench, probes: Sequence[Probe]) -> list[Seen]:
    """Have the oracle judge calls; where it crashes the made-up seed is at fault: it suits not every rule."""
    expected = bench.observe(probes, side="oracle")
    return [item for item in zip(probes, expected, strict=True) if not crashed(item[1])]


def crashed(expected: Observation) -> bool:
    """Tell whether the contract itself failed in a way it does not declare."""
    return expected.status not in ("ok", "error")


def _walk_differences(bench: Bench, calls: list[Call]) -> Iterator[Evidence]:
    played, wanted = bench.play(calls), bench.oracle.walk(calls)
    for number, (got, expected) in enumerate(zip(played.steps, wanted.steps, strict=False)):
        if not agrees(expected, got):
            tool, arguments = calls[number]
            yield difference(Probe(tool, dict(arguments), tuple(calls[:number])), expected, got)
            return
