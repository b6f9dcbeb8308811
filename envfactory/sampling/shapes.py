"""The shape of a chain, read off the flow of its data and not off what was intended.

An arrow leads from a call to every call that takes a value of its result. The person's own key does not count: it goes
into almost every call and would make a fan of every chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from envfactory.tasks.model import FromResult, GoldCall, Shape


def flows(gold: Sequence[GoldCall]) -> Iterator[tuple[int, int]]:
    """Yield (producer, consumer) for each pair of calls between which values flow, each once."""
    for place, call in enumerate(gold):
        found = {
            source.call
            for source in call.sources.values()
            if isinstance(source, FromResult) and not _is_person(gold, source)
        }
        yield from ((producer, place) for producer in sorted(found))


def shape_of(gold: Sequence[GoldCall]) -> Shape:
    """Return `fan-in` where a call takes from several, `fan-out` where several take from one, `branching` for both."""
    arrows = list(flows(gold))
    consumers = [consumer for _, consumer in arrows]
    producers = [producer for producer, _ in arrows]
    into = len(consumers) > len(set(consumers))
    out = len(producers) > len(set(producers))
    if into and out:
        return "branching"
    return "fan-in" if into else "fan-out" if out else "linear"


def _is_person(gold: Sequence[GoldCall], source: FromResult) -> bool:
    """Tell whether a source is the signed-in person's key: alone in a result, found by nothing but who they are."""
    producer = gold[source.call]
    told = all(each.kind in ("profile", "said") for each in producer.sources.values())
    return "[" not in source.path and "." not in source.path and told and len(producer.arguments) == 1
