"""State edges: which call makes another one possible, or impossible. Searched on the contracts, kept as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from sqlglot import exp

from envfactory.dependencies.laboratory import Chain, Laboratory
from envfactory.dependencies.proof import is_played, state_evidence
from envfactory.environments.contract import Contract, GuardStep, RowStep, step_expression
from envfactory.environments.graph import StateEdge
from envfactory.gate.inputs import Seen, diverse, failing_codes
from envfactory.gate.sql.parse import UnreadableSqlError, read
from envfactory.runtime.expressions import translate
from envfactory.sandbox.session import Probe

_REFUSED, _ACCEPTED, _DRAWS = 4, 4, 3


class _Try(NamedTuple):
    """A call with another one put before it; `before` is what came of it without."""

    before: Seen
    producer: str
    after: Probe


def state_edges(laboratory: Laboratory) -> list[StateEdge]:
    """Return the state edges the contracts show, one for each producer, consumer, effect and code."""
    tries = list(_tries(laboratory))
    found: dict[tuple[str, ...], StateEdge] = {}
    for attempt, (_, observed) in zip(tries, laboratory.judge(attempt.after for attempt in tries), strict=True):
        edge = _edge(attempt, (attempt.after, observed))
        if edge is not None:
            found.setdefault((edge.producer, edge.consumer, edge.effect, edge.code), edge)
    return sorted(found.values(), key=lambda edge: (edge.consumer, edge.code, edge.effect, edge.producer))


def _edge(attempt: _Try, after: Seen) -> StateEdge | None:
    (probe, before), observed = attempt.before, after[1]
    if not is_played(observed) or before.ok == observed.ok or "error" not in (before.status, observed.status):
        return None
    refused = observed if before.ok else before
    if len(failing_codes(refused)) != 1:
        return None
    evidence = state_evidence(probe.setup, after[0].setup[-1], probe.now, probe.arguments)
    effect: Literal["enables", "disables"] = "disables" if before.ok else "enables"
    return StateEdge(
        producer=attempt.producer, consumer=probe.tool, effect=effect, code=refused.code, evidence=evidence
    )


def _tries(laboratory: Laboratory) -> Iterator[_Try]:
    writers = [tool for tool in laboratory.contracts.tools if tool.kind == "write"]
    for consumer in laboratory.contracts.tools:
        for code, tables in guard_tables(consumer).items():
            refused = [
                seen for seen in laboratory.inputs.refused(consumer.name, code) if failing_codes(seen[1]) == [code]
            ]
            yield from _with(laboratory, refused[:_REFUSED], [w for w in writers if w.writes() & tables])
        reads = set().union(*guard_tables(consumer, lookups=True).values())
        accepted = [seen for seen in laboratory.inputs.seen(consumer.name) if seen[1].ok and is_played(seen[1])]
        plain = sorted(accepted, key=lambda seen: (len(seen[0].setup), seen[0].now is not None))
        yield from _with(laboratory, diverse(plain, _ACCEPTED), [w for w in writers if w.writes() & reads])


def _with(laboratory: Laboratory, seen: Iterable[Seen], producers: Iterable[Contract]) -> Iterator[_Try]:
    producers = list(producers)
    for probe, observed in seen:
        chain = Chain(probe.setup, probe.now)
        for producer in producers:
            for given in laboratory.related_draws(producer.name, chain, _DRAWS, probe.tool, probe.arguments):
                after = chain.then(producer.name, given).probe(probe.tool, probe.arguments)
                yield _Try((probe, observed), producer.name, after)


def guard_tables(contract: Contract, *, lookups: bool = False) -> dict[str, set[str]]:
    """Return for each code the tables that decide whether its guards hold; with `lookups` those of look-ups too."""
    rows: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    for step in contract.steps:
        text = step_expression(step)
        tables = _tables(text) | set().union(*(rows.get(let, set()) for let in translate(text).lets | _rows_of(text)))
        if not isinstance(step, GuardStep):
            rows[step.let] = tables
        if isinstance(step, GuardStep) or (lookups and isinstance(step, RowStep) and step.otherwise):
            found.setdefault(step.otherwise or "", set()).update(tables)
    return found


def _rows_of(text: str) -> set[str]:
    return {name.partition("__")[0] for name in translate(text).names if "__" in name}


def _tables(text: str) -> set[str]:
    if not text:
        return set()
    try:
        return {table.name for table in read(text).find_all(exp.Table)}
    except UnreadableSqlError:
        return set()
