"""What one gold call says in a turn: which of its arguments are said, by which mentions, and which are rows to describe."""

from __future__ import annotations

from collections.abc import Iterator

from envfactory.phrasing.frames import SlotFrame
from envfactory.phrasing.telling import Telling
from envfactory.tasks.model import FromResult, GoldCall, Mention, Said


class Meaning:
    """One call of a turn, as far as the person speaks of it."""

    def __init__(self, telling: Telling, number: int) -> None:
        self.telling = telling
        self.call: GoldCall = telling.task.gold[number]
        self.tool = telling.reader.tool(self.call)

    def _says(self, name: str) -> bool:
        slot = self._slot(name)
        if slot is None:
            return False
        return self.telling.waiting(self._mentions(slot)) or self._refers(name) or self._is_named(name, slot)

    def _refers(self, name: str) -> bool:
        """Return whether an argument is a row that this turn points back at."""
        value = self.call.arguments.get(name)
        pointed = [each.value for each in self.telling.left.values() if each.form == "referred"]
        return isinstance(self.call.sources.get(name), FromResult) and value in pointed

    def _is_named(self, name: str, slot: SlotFrame) -> bool:
        """Return whether this turn names the row although no condition rests on the name."""
        source = self.call.sources.get(name)
        if not isinstance(source, FromResult) or source.where:
            return False
        table = slot.ref.partition(".")[0]
        entity = self.telling.environment(self.call.environment).entity(table)
        names = {f"{table}.{entity.name}", f"{table}.id"} if entity and entity.name else set()
        return any(
            each.slot in names and each.form == "stated" and not self._used(each) for each in self.telling.left.values()
        )

    def _slot(self, name: str) -> SlotFrame | None:
        return self.tool.slots.get(name)

    def _mentions(self, slot: SlotFrame) -> Iterator[Mention]:
        for parameter in slot.columns or (slot.name,):
            for path, source in self.call.sources.items():
                if path == parameter or path.startswith((f"{parameter}[", f"{parameter}.")):
                    yield from self._of_source(slot, source)

    def _of_source(self, slot: SlotFrame, source: object) -> Iterator[Mention]:
        if isinstance(source, Said):
            mention = self.telling.reader.mention_of(source)
            if mention:
                yield mention
        elif isinstance(source, FromResult):
            yield from self.telling.reader.described(
                self.call.environment, slot.ref.partition(".")[0], source
            ).mentions()

    def _reserve(self, name: str) -> dict[str, Mention]:
        """Hold back what other slots of the call will say, so that the noun phrase of a row does not say it."""
        mine = {mention.id for mention in self._own(name)}
        others = [each for each in self.tool.slots if each != name]
        wanted = [mention.id for each in others for mention in self._own(each)]
        held = [each for each in dict.fromkeys(wanted) if each in self.telling.left and each not in mine]
        self.telling.held = {each: self.telling.left.pop(each) for each in held}
        return self.telling.held

    def _own(self, name: str) -> Iterator[Mention]:
        """Yield the mentions that a slot says itself: its value, or what singles its row out."""
        source, slot = self.call.sources.get(name), self._slot(name)
        if slot is None:
            return
        if not isinstance(source, FromResult):
            yield from self._mentions(slot)
            return
        described = self.telling.reader.described(self.call.environment, slot.ref.partition(".")[0], source)
        yield from (trait.mention for trait in described.traits)
        if described.ranked:
            yield described.ranked

    def _release(self, held: dict[str, Mention]) -> None:
        self.telling.left.update(held)
        self.telling.held = {}

    def _is_row(self, name: str) -> bool:
        """Return whether the argument is a row that has to be described or referred to."""
        slot = self._slot(name)
        source = self.call.sources.get(name)
        if slot is None or slot.columns:
            return False
        if isinstance(source, FromResult):
            return True
        mention = self.telling.reader.mention_of(source)
        return mention is not None and (mention.form == "referred" or slot.role == "entity")

    def _said(self, name: str) -> Mention | None:
        """Return the mention that an argument takes its value from, if it is to be said now."""
        mention = self.telling.reader.mention_of(self.call.sources.get(name))
        return mention if self.telling.take(mention) else None

    def _used(self, mention: Mention) -> bool:
        """Return whether a source of this turn's calls rests on the mention."""
        calls = [self.telling.task.gold[number] for number in range(*self.telling.turn.calls)]
        sources = [source for call in calls for source in call.sources.values()]
        conditions = [each.mention for source in sources if isinstance(source, FromResult) for each in source.where]
        return mention.id in conditions or any(
            isinstance(each, Said) and each.mention == mention.id for each in sources
        )
