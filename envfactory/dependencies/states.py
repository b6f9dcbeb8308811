"""State edges: which call makes another one possible, or impossible. Searched on the contracts, kept as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from sqlglot import exp

from envfactory.bench.inputs import Seen, diverse, failing_codes
from envfactory.bench.sql.parse import UnreadableSqlError, read
from envfactory.dependencies.laboratory import Chain, Laboratory
from envfactory.dependencies.proof import is_played, state_evidence
from envfactory.environments.contract import Contract, GuardStep, RowStep, step_expression
from envfactory.environments.graph import StateEdge
from envfactory.runtime.arguments import INVALID_ARGUMENT
from envfactory.runtime.expressions import translate
from envfactory.sandbox.session import Observation, Probe

_REFUSED, _ACCEPTED, _WRITES, _DRAWS = 4, 4, 8, 2


class _Pair(NamedTuple):
    """One call, without and with another one put before it."""

    producer: str
    before: Probe
    after: Probe


def state_edges(laboratory: Laboratory) -> list[StateEdge]:
    """Return the state edges the contracts show, one for each producer, consumer, effect and code."""
    pairs = [*_from_consumers(laboratory), *_from_producers(laboratory)]
    befores = laboratory.judge(pair.before for pair in pairs)
    afters = laboratory.judge(pair.after for pair in pairs)
    found: dict[tuple[str, ...], StateEdge] = {}
    for pair, (_, before), (_, after) in zip(pairs, befores, afters, strict=True):
        edge = _edge(laboratory, pair, before, after)
        if edge is not None:
            found.setdefault((edge.producer, edge.consumer, edge.effect, edge.code), edge)
    return sorted(found.values(), key=lambda edge: (edge.consumer, edge.code, edge.effect, edge.producer))


def _edge(laboratory: Laboratory, pair: _Pair, before: Observation, after: Observation) -> StateEdge | None:
    if not is_played(after) or before.ok == after.ok or "error" not in (before.status, after.status):
        return None
    refused = after if before.ok else before
    if len(failing_codes(refused)) != 1 or refused.code == INVALID_ARGUMENT:
        return None
    consumer = pair.before.tool
    if not before.ok and refused.code not in guard_tables(laboratory.contracts.tool(consumer)):
        return None  # the producer made the row itself: that is a value edge
    effect: Literal["enables", "disables"] = "disables" if before.ok else "enables"
    evidence = state_evidence(pair.before.setup, pair.after.setup[-1], pair.before.now, pair.before.arguments)
    return StateEdge(producer=pair.producer, consumer=consumer, effect=effect, code=refused.code, evidence=evidence)


def _from_consumers(laboratory: Laboratory) -> Iterator[_Pair]:
    """Put writes before calls known to be refused for one reason, and before calls known to be accepted."""
    writers = [tool for tool in laboratory.contracts.tools if tool.kind == "write"]
    for consumer in laboratory.contracts.tools:
        for code, tables in guard_tables(consumer).items():
            refused = [
                seen for seen in laboratory.inputs.refused(consumer.name, code) if failing_codes(seen[1]) == [code]
            ]
            yield from _with(laboratory, refused[:_REFUSED], [w for w in writers if w.writes() & tables])
        accepted = [seen for seen in laboratory.inputs.seen(consumer.name) if seen[1].ok and is_played(seen[1])]
        yield from _with(laboratory, diverse(_plain_first(accepted), _ACCEPTED), _touching(writers, consumer))


def _with(laboratory: Laboratory, seen: Iterable[Seen], producers: Iterable[Contract]) -> Iterator[_Pair]:
    producers = list(producers)
    for probe, _ in seen:
        chain = Chain(probe.setup, probe.now)
        for producer in producers:
            for given in laboratory.related_draws(producer.name, chain, _DRAWS, probe.tool, probe.arguments):
                yield _Pair(producer.name, probe, chain.then(producer.name, given).probe(probe.tool, probe.arguments))


def _from_producers(laboratory: Laboratory) -> Iterator[_Pair]:
    """Take writes known to be accepted, and call the tools they may concern before and after, for the same rows."""
    for producer in laboratory.contracts.tools:
        consumers = [tool for tool in laboratory.contracts.tools if _touching([producer], tool)]
        accepted = [seen for seen in laboratory.inputs.seen(producer.name) if seen[1].ok and is_played(seen[1])]
        for probe, _ in diverse(_plain_first(accepted), _WRITES) if consumers else ():
            before = Chain(probe.setup, probe.now)
            after = before.then(producer.name, probe.arguments)
            for consumer in consumers:
                for given in laboratory.related_draws(consumer.name, after, _DRAWS, producer.name, probe.arguments):
                    yield _Pair(producer.name, before.probe(consumer.name, given), after.probe(consumer.name, given))


def _touching(writers: Iterable[Contract], consumer: Contract) -> list[Contract]:
    """Return the writers that write tables which decide whether the consumer is accepted."""
    reads = set().union(*guard_tables(consumer, lookups=True).values())
    return [writer for writer in writers if writer.writes() & reads]


def _plain_first(seen: Iterable[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda item: (len(item[0].setup), item[0].now is not None))


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
