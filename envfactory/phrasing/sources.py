"""What an argument's source says of the row it comes from: a description to be put into a noun phrase.

An id comes from a row of an earlier read; the row was singled out by conditions and a ranking, and the read was made with
arguments of its own, which a person may have said too. All of this together is how the person knows the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envfactory.phrasing.frames import EntityFrame, Frames, SlotFrame, ToolFrame
from envfactory.tasks.model import Condition, FromProfile, FromResult, GoldCall, Mention, Rank, Said, Source, Task


@dataclass(frozen=True, slots=True)
class Trait:
    """A condition a person put on the row."""

    condition: Condition
    mention: Mention


@dataclass(frozen=True, slots=True)
class Searched:
    """A value a person said that the read was made with: the reading tool, its slot, the mention."""

    tool: ToolFrame
    slot: SlotFrame
    parameter: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Nested:
    """A row that the read was made with (the hotel whose rooms were listed)."""

    tool: ToolFrame
    slot: SlotFrame
    row: Described
    value: object = None


@dataclass(frozen=True, slots=True)
class Described:
    """A row as a person knows it. `call` is the read it comes from; `mine`: the read listed the person's own rows."""

    environment: str
    table: str
    entity: EntityFrame | None
    call: int
    path: str = ""
    traits: tuple[Trait, ...] = ()
    rank: Rank | None = None
    ranked: Mention | None = None
    searched: tuple[Searched, ...] = ()
    nested: tuple[Nested, ...] = ()
    mine: bool = False
    value: object = None

    def mentions(self) -> Iterator[Mention]:
        """Yield every mention that the description rests on."""
        for trait in self.traits:
            yield trait.mention
        if self.ranked:
            yield self.ranked
        for searched in self.searched:
            yield searched.mention
        for nested in self.nested:
            yield from nested.row.mentions()


class Reader:
    """Reads the sources of one task's gold calls."""

    def __init__(self, task: Task, frames: Frames) -> None:
        self.task = task
        self.frames = frames
        self.mentions: Mapping[str, Mention] = {
            mention.id: mention
            for turn in task.turns
            for mention in (*turn.mentions, *(each for reply in turn.replies for each in reply.mentions))
        }

    def tool(self, call: GoldCall) -> ToolFrame:
        """Return the frame of the tool that a gold call calls."""
        return self.frames[call.environment].tools[call.tool]

    def mention_of(self, source: Source | None) -> Mention | None:
        """Return the mention that a source takes its value from, if it is one."""
        return self.mentions.get(source.mention) if isinstance(source, Said) else None

    def described(self, environment: str, table: str, source: FromResult, depth: int = 0) -> Described:
        """Return what the source says of the row."""
        call = self.task.gold[source.call]
        tool = self.tool(call)
        traits = tuple(
            Trait(condition, self.mentions[condition.mention])
            for condition in source.where
            if condition.mention and condition.mention in self.mentions
        )
        ranked = self.mentions.get(source.rank.mention) if source.rank and source.rank.mention else None
        return Described(
            environment=environment,
            table=table,
            entity=self.frames[environment].entity(table),
            call=source.call,
            path=source.path,
            traits=traits,
            rank=source.rank,
            ranked=ranked,
            searched=tuple(self._searched(call, tool)),
            nested=tuple(self._nested(call, tool, depth)),
            mine=any(self._of_person(tool, name, source) for name, source in call.sources.items()),
        )

    def _of_person(self, tool: ToolFrame, parameter: str, source: Source) -> bool:
        slot = tool.slot_of(parameter)
        return isinstance(source, FromProfile) or (slot is not None and (slot.role == "profile" or slot.contact))

    def _searched(self, call: GoldCall, tool: ToolFrame) -> Iterator[Searched]:
        for parameter, source in call.sources.items():
            slot, mention = tool.slot_of(parameter.partition("[")[0].partition(".")[0]), self.mention_of(source)
            if slot and mention:
                yield Searched(tool, slot, parameter, mention)

    def _nested(self, call: GoldCall, tool: ToolFrame, depth: int) -> Iterator[Nested]:
        for parameter, source in call.sources.items():
            slot = tool.slot_of(parameter)
            if slot and isinstance(source, FromResult) and slot.role != "profile" and depth < 4:
                table, value = slot.ref.partition(".")[0], call.arguments.get(parameter)
                yield Nested(tool, slot, self.described(call.environment, table, source, depth + 1), value)


def by_trait(mention: Mention, table: str, entity: EntityFrame | None) -> Described | None:
    """Return the row of which a mention says something rather than naming it: a claim by the day on which it arose."""
    holder, _, column = mention.slot.rpartition(".")
    if entity is None or holder != table or column in ("id", "name", "title", entity.name):
        return None
    trait = Trait(Condition(field=column, value=mention.value), mention)
    return Described(mention.environment, table, entity, -1, traits=(trait,), mine=bool(entity.owner))
