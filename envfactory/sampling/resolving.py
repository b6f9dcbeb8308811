"""Where a solver can have each argument: said, known of the person, shown before, or shown by calls made for it.

Resolution goes backwards from a call whose arguments are known to work: for a key that nobody can say, an earlier result
that shows it, else a proven producer, called with what the row in question lets a person say, whose own arguments are
resolved in the same way. Everything is executed; what cannot be singled out in the rows returned is not used.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envfactory.bench.inputs.world import Place
from envfactory.bench.sql.queries import Origin
from envfactory.dependencies.lineage import canonical
from envfactory.runtime.paths import general
from envfactory.sampling.agreeing import (
    clashes,
    days,
    days_held,
    is_foreign,
    named_rows,
    party_of,
    same_things,
    telling,
)
from envfactory.sampling.anchoring import beside, owned_values, same_row, tables
from envfactory.sampling.chain import Chain
from envfactory.sampling.holding import about, holders, in_passing, joint, names_two
from envfactory.sampling.inventing import Wish
from envfactory.sampling.lab import Seen
from envfactory.sampling.paths import Record, records
from envfactory.sampling.pointing import pointed, recalled
from envfactory.sampling.proposing import Proposer
from envfactory.sampling.selecting import Choice, Selector, still_singles_out
from envfactory.sampling.views import EnvironmentView, Shown, Slot, ToolView, leaves_of
from envfactory.tasks.model import Condition, FromProfile, FromResult, Rank, Said, Source

_TRIES = 10
_ORDER = {"list": 0, "search": 1, "detail": 2, "identify": 3}


class Resolver:
    """Brings calls into a chain.

    `liking` ranks value edges (environment, producer, field, consumer, parameter), the least first: rank 0 is used
    wherever it can be, the others decide between ways that are equally natural.
    """

    def __init__(
        self,
        chain: Chain,
        proposers: Mapping[str, Proposer],
        selectors: Mapping[str, Selector],
        rng: random.Random,
        *,
        depth: int = 4,
    ) -> None:
        self._chain = chain
        self._proposers = proposers
        self._selectors = selectors
        self._rng = rng
        self._depth = depth
        self.liking: dict[tuple[str, str, str, str, str], int] = {}

    def bring(
        self,
        view: EnvironmentView,
        tool: ToolView,
        arguments: Mapping[str, Any],
        *,
        purpose: str = "goal",
        wish: Wish,
        depth: int = 0,
        anchors: Sequence[FromResult] = (),
    ) -> Seen | None:
        """Execute a call and whatever it needs before it; None (and nothing done) where an argument has no source.

        `anchors` are where the things stand that the call is made for: what their rows show need not be said.
        """
        mark = self._chain.mark()
        sources: dict[str, Source] = {}
        leaves = dict(leaves_of(tool, arguments))
        plain = {slot.name: value for slot, value in leaves.values()}
        for slot, _ in sorted(leaves.values(), key=lambda each: each[0].role not in ("person", "key")):
            found = [*anchors, *(each for each in sources.values() if isinstance(each, FromResult))]
            source = self._source(view, tool, slot, plain, wish, depth, found)
            if source is None:
                self._chain.rollback(mark)
                return None
            sources[slot.name] = source
        ordered = {name: sources[name] for name in leaves}
        if purpose != "goal" and self._chain.called(view.name, tool.name, arguments):
            self._chain.rollback(mark)
            return None
        return self._chain.execute(view, tool, arguments, ordered, purpose)

    # --- one argument ---------------------------------------------------------------------------------------------

    def _source(
        self,
        view: EnvironmentView,
        tool: ToolView,
        slot: Slot,
        arguments: Mapping[str, Any],
        wish: Wish,
        depth: int,
        anchors: Sequence[FromResult],
    ) -> Source | None:
        value = arguments[slot.name]
        if slot.role in ("person", "contact"):
            return self._personal(view, tool, slot, arguments, wish, depth)
        if slot.role != "key" or slot.column is None:
            again = self._again(view, tool, slot, arguments) or (
                same_row(self._chain, view, slot.name, value, anchors) if depth else None
            )
            return again or Said(mention=self._chain.say(view.name, f"{tool.name}.{general(slot.name)}", value))
        key = canonical(slot.column, view.schema)
        known = beside(self._chain, view, key, value, anchors) if depth else None
        found = (
            known
            or self._shown(view, tool, slot.name, key, arguments)
            or self._produced(view, tool, slot, key, arguments, wish, depth, anchors)
            or (None if depth else recalled(self._chain, view, key, value))
        )
        if (
            found is None
            and isinstance(value, str)
            and value.isalpha()
            and not view.topology.producers(tool.name, general(slot.name))
        ):
            return Said(mention=self._chain.say(view.name, f"{tool.name}.{general(slot.name)}", value))
        return found

    def _again(self, view: EnvironmentView, tool: ToolView, slot: Slot, arguments: Mapping[str, Any]) -> Source | None:
        """Return where a value that could be said was shown before, for a person who refers back to it instead."""
        if slot.column is None or (view.name, tool.name, slot.name) not in self._referring():
            return None
        key = canonical(slot.column, view.schema)
        return self._shown(view, tool, slot.name, key, arguments, only_liked=True)

    def _referring(self) -> set[tuple[str, str, str]]:
        """Return the parameters that the best-liked edges lead to."""
        return {(edge[0], edge[3], edge[4]) for edge, rank in self.liking.items() if rank == 0}

    def _liked(self, view: EnvironmentView, producer: str, path: str, consumer: str, parameter: str) -> int:
        return self.liking.get((view.name, producer, path, consumer, parameter), 1000)

    def _personal(
        self, view: EnvironmentView, tool: ToolView, slot: Slot, arguments: Mapping[str, Any], wish: Wish, depth: int
    ) -> Source | None:
        value = arguments[slot.name]
        profile = self._chain.profiles.get(view.name)
        column = slot.column[1] if slot.role == "contact" and slot.column else (view.person_key or ("", ""))[1]
        if profile is not None and profile.columns.get(column) == value:
            return FromProfile(environment=view.name, column=column)
        if slot.role == "contact":
            return Said(mention=self._chain.say(view.name, f"{tool.name}.{general(slot.name)}", value))
        if view.person_key is None:
            return None
        found = self._shown(view, tool, slot.name, view.person_key, arguments)
        return found or self._identified(view, value, wish, depth)

    def _identified(self, view: EnvironmentView, value: Any, wish: Wish, depth: int) -> Source | None:
        """Find the person's key by the contact that the profile gives."""
        profile = self._chain.profiles.get(view.name)
        for tool, contact in view.identify:
            column = contact.column[1] if contact.column else ""
            known = wish.person.get(column)
            if known is None or (profile is not None and column not in profile.columns) or depth >= self._depth:
                continue
            if self.bring(view, tool, {contact.name: known}, purpose="resolve", wish=wish, depth=depth + 1) is None:
                continue
            for shown in tool.shows(view.person_key or ("", "")):
                if "[]" not in shown.path:
                    return FromResult(call=len(self._chain.gold) - 1, path=shown.path)
        return None

    # --- shown before ---------------------------------------------------------------------------------------------

    def _shown(
        self,
        view: EnvironmentView,
        tool: ToolView,
        name: str,
        key: Origin,
        arguments: Mapping[str, Any],
        *,
        only_liked: bool = False,
    ) -> Source | None:
        """Return the value's place in an earlier result, the latest first (a preferred producer's before any)."""
        found: list[tuple[tuple[int, ...], int, Record, Shown]] = []
        for index in range(len(self._chain.gold) - 1, -1, -1):
            call = self._chain.gold[index]
            if call.environment == view.name and call.outcome == "ok":
                producer = view.tools[call.tool]
                for record, shown in holders(producer, self._chain.shown[index], key, arguments[name]):
                    echo = arguments[name] in call.arguments.values() and not record.listed
                    liked = self._liked(view, call.tool, shown.path, tool.name, general(name))
                    passing = 0 if key == view.person_key else in_passing(view, producer, record, shown)
                    if not only_liked or liked == 0:
                        found.append(((int(liked > 0), int(echo), passing, liked), index, record, shown))
        for order, index, record, shown in sorted(found, key=lambda each: each[0]):
            source = None if order[0] else pointed(self._chain, view, index, record, shown)
            source = source or self._chosen(view, index, self._chain.shown[index], record, shown, tool, arguments)
            if source is not None:
                return source
        return None

    def _chosen(
        self,
        view: EnvironmentView,
        index: int,
        everything: Sequence[Record],
        record: Record,
        shown: Shown,
        tool: ToolView,
        arguments: Mapping[str, Any],
    ) -> Source | None:
        """Return the source that singles out a record of call `index`, its words said; None if there are no words."""
        producer = view.tools[self._chain.gold[index].tool]
        field = shown.path.rpartition(".")[2]
        unclear = record.listed or names_two(view, producer.name, record, shown)
        vague = index >= self._chain.turn.first and unclear and in_passing(view, producer, record, shown)
        choices = self._selectors[view.name].choices(producer, everything, record, field, self._rng)
        now = self._rows_now(view, index)
        for choice in choices:
            agrees = choice.rank is None or joint(view, producer, record, tool, arguments)
            agrees = agrees and not (vague and not choice.marks)  # "the port of those that were cancelled"
            if agrees and (now is None or still_singles_out(now, record, field, choice)):
                return self._said_choice(view, index, record, field, shown, choice)
        return None

    def _rows_now(self, view: EnvironmentView, index: int) -> list[Record] | None:
        """Return what an earlier read would show now; None where nothing was written since."""
        later = self._chain.gold[index + 1 :]
        call = self._chain.gold[index]
        written = any(
            each.environment == view.name and each.outcome == "ok" and view.tools[each.tool].kind == "write"
            for each in later
        )
        if not written or view.tools[call.tool].kind == "write":
            return None
        return list(records(self._chain.look(view.name, [(call.tool, call.arguments)])[0].result))

    def _said_choice(
        self, view: EnvironmentView, index: int, record: Record, field: str, shown: Shown, choice: Choice
    ) -> Source | None:
        where = [
            Condition(field=mark.field, value=mark.value, mention=self._chain.say(view.name, mark.slot, mark.value))
            for mark in choice.marks
        ]
        rank = None
        if choice.rank is not None:
            name, order, slot = choice.rank
            said = self._chain.say(view.name, slot, order, "ranked")
            rank = Rank.model_validate({"field": name, "order": order, "mention": said})
        key = shown.key
        if not where and rank is None and key is not None and key[0] != view.people and index < self._chain.turn.first:
            form = "stated" if self._selectors[view.name].says(key, record.fields[field]) else "referred"
            if form == "referred" and names_two(view, self._chain.gold[index].tool, record, shown):
                return None
            if form == "referred" and not self._chain.spoken_of(view.name, f"{key[0]}.{key[1]}", record.fields[field]):
                return None
            self._chain.say(view.name, f"{key[0]}.{key[1]}", record.fields[field], form)
        return FromResult(call=index, path=record.at(field), where=where, rank=rank)

    # --- produced -------------------------------------------------------------------------------------------------

    def _produced(
        self,
        view: EnvironmentView,
        tool: ToolView,
        slot: Slot,
        key: Origin,
        arguments: Mapping[str, Any],
        wish: Wish,
        depth: int,
        anchors: Sequence[FromResult],
    ) -> Source | None:
        if depth >= self._depth:
            return None
        for producer in self._producers(view, tool, slot, key, tables(self._chain, view, anchors)):
            mark = self._chain.mark()
            passing = self._by_the_way(view, producer, key)
            mine = owned_values(self._chain, view, anchors)
            for given in self._proposals(view, producer, key, arguments[slot.name], tool, arguments, wish):
                if passing and not {*arguments.values(), *mine} & set(given.values()):
                    continue  # a look at another thing of one's own than the one that the call is about
                made = self.bring(view, producer, given, purpose="resolve", wish=wish, depth=depth + 1, anchors=anchors)
                if made is not None:
                    known = beside(self._chain, view, key, arguments[slot.name], anchors)
                    source = known or self._in_last(view, producer, tool, slot, key, arguments)
                    if source is not None:
                        return source
                self._chain.rollback(mark)
        return None

    def _in_last(
        self,
        view: EnvironmentView,
        producer: ToolView,
        tool: ToolView,
        slot: Slot,
        key: Origin,
        arguments: Mapping[str, Any],
    ) -> Source | None:
        index = len(self._chain.gold) - 1
        everything = self._chain.shown[index]
        found = list(holders(producer, everything, key, arguments[slot.name]))
        found.sort(key=lambda each: not joint(view, producer, each[0], tool, arguments))
        for record, shown in found:
            source = self._chosen(view, index, everything, record, shown, tool, arguments)
            if source is not None:
                return source
        return None

    def _producers(
        self, view: EnvironmentView, tool: ToolView, slot: Slot, key: Origin, mine: set[str]
    ) -> list[ToolView]:
        """Return the read tools whose results are proven to bring the value, the natural ones first.

        `mine` are the tables of the own things that the call is about: a look at such a thing tells without a word.
        """
        edges = view.topology.producers(tool.name, general(slot.name))
        liked = [
            edge.producer
            for edge in edges
            if not self._liked(view, edge.producer, edge.field, tool.name, general(slot.name))
            and view.tools[edge.producer].verb != "detail"
        ]
        names = list(dict.fromkeys(edge.producer for edge in edges if edge.producer != tool.name))
        tools = [view.tools[name] for name in names if view.tools[name].kind == "read"]
        tools = [
            each
            for each in tools
            if each.name in liked or each.subject in mine or not self._by_the_way(view, each, key)
        ]
        self._rng.shuffle(tools)
        own = view.owner(key[0]) is not None
        rank = _ORDER if own else {"search": 0, "list": 1, "detail": 2, "identify": 3}

        def order(each: ToolView) -> tuple[bool, bool, int, int]:
            own_thing = each.verb == "detail" and each.subject in mine
            return each.name not in liked, not own_thing, about(view, each, key), rank.get(each.verb, 4)

        return sorted(tools, key=order)

    @staticmethod
    def _by_the_way(view: EnvironmentView, producer: ToolView, key: Origin) -> bool:
        """Tell whether a read of one's own things shows a key in passing: nobody finds a car by an earlier ride's."""
        own = producer.subject is not None and view.owner(producer.subject) is not None
        return own and view.owner(key[0]) is None and about(view, producer, key) == 1

    def _proposals(
        self,
        view: EnvironmentView,
        producer: ToolView,
        key: Origin,
        value: Any,
        tool: ToolView,
        arguments: Mapping[str, Any],
        wish: Wish,
    ) -> Iterator[dict[str, Any]]:
        """Yield arguments with which a producer shows the value.

        Those come first that agree with the call it is for (the same days, the hotel of this very booking), and whose
        results do: the same price for the same day.
        """
        world = self._chain.world(view.name)
        rows = [Place(key[0], row) for row in world.where(key[0], key[1], value)[:1]]
        rows += named_rows(view, world, arguments)
        values = {**wish.values, **arguments}
        party = party_of(tool, arguments) if tool.party else wish.party
        fixed = same_things(producer, tool, arguments)
        inner = Wish(person=wish.person, fixed=fixed, values=values, rows=tuple(rows), party=party)
        held = days_held(view, rows)
        proposed = self._proposers[view.name].propose(producer, world, inner, self._rng, _TRIES)
        seen = self._chain.look(view.name, [(producer.name, given) for given in proposed])
        come = telling(self._chain.look(view.name, [(tool.name, arguments)])[0].result)
        known = {each for place in rows for near in [place, *world.ancestry(place)] for each in near.row.values()}
        good: list[tuple[tuple[int, int, int], int, dict[str, Any]]] = []
        for place, (given, each) in enumerate(zip(proposed, seen, strict=True)):
            found = list(holders(producer, list(records(each.result)), key, value)) if each.ok else []
            if found and not clashes(producer, given, tool, arguments, held):
                agreed = max(len(come & telling(record.fields)) for record, _ in found)
                strange = sum(1 for name in given if name in values and values[name] != given[name])
                strange += sum(1 for name in given if is_foreign(producer.slots[name], given[name], known, values))
                strange += len(set(days(producer, given)) - {*days(tool, arguments), *held})
                good.append(((strange, -agreed, len(given)), place, given))
        for _, _, given in sorted(good, key=lambda each: each[:2])[:4]:
            yield given
