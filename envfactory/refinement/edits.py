"""Small changes to a task that keep it whole: uses of mentions, calls taken out and renumbered, turns replaced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from envfactory.tasks.model import FromResult, GoldCall, Mention, Said, Source, Task, Turn


class Use(NamedTuple):
    """Where a mention is needed: an argument (`call`, `path`) that it gives (`said`), conditions or ranks."""

    call: int
    path: str
    kind: str


def uses(task: Task, mention: str) -> list[Use]:
    """Return every use of a mention, in order."""
    return [
        Use(number, path, kind)
        for number, call in enumerate(task.gold)
        for path, source in call.sources.items()
        for kind in _kinds(source, mention)
    ]


def _kinds(source: Source, mention: str) -> list[str]:
    if isinstance(source, Said):
        return ["said"] if source.mention == mention else []
    if not isinstance(source, FromResult):
        return []
    kinds = ["condition"] if any(each.mention == mention for each in source.where) else []
    return [*kinds, "rank"] if source.rank and source.rank.mention == mention else kinds


def turn_with(task: Task, number: int, **update: Any) -> Task:
    """Return the task with fields of one turn replaced."""
    turns = [turn.model_copy(update=update) if place == number else turn for place, turn in enumerate(task.turns)]
    return task.model_copy(update={"turns": turns})


def call_with(task: Task, number: int, **update: Any) -> Task:
    """Return the task with fields of one gold call replaced."""
    gold = [call.model_copy(update=update) if place == number else call for place, call in enumerate(task.gold)]
    return task.model_copy(update={"gold": gold})


def sources_with(task: Task, change: Callable[[int, str, Source], Source]) -> Task:
    """Return the task with every source replaced by what `change(call, path, source)` makes of it."""
    gold = [
        call.model_copy(update={"sources": {path: change(n, path, source) for path, source in call.sources.items()}})
        for n, call in enumerate(task.gold)
    ]
    return task.model_copy(update={"gold": gold})


def without_mentions(task: Task, number: int, gone: Collection[str], new: Iterable[Mention] = ()) -> Task:
    """Return the task whose turn says other mentions: `gone` left out, `new` in the first one's place."""
    kept: list[Mention] = []
    waiting = list(new)
    for mention in task.turns[number].mentions:
        if mention.id not in gone:
            kept.append(mention)
        else:
            kept, waiting = kept + waiting, []
    return turn_with(task, number, mentions=[*kept, *waiting])


def without_conditions(task: Task, gone: Collection[str]) -> Task:
    """Return the task in which no condition rests on the mentions `gone`."""

    def change(_call: int, _path: str, source: Source) -> Source:
        if not isinstance(source, FromResult) or not any(each.mention in gone for each in source.where):
            return source
        return source.model_copy(update={"where": [each for each in source.where if each.mention not in gone]})

    return sources_with(task, change)


def without_calls(task: Task, gone: Collection[int]) -> Task:
    """Return the task without some gold calls, everything that counts calls renumbered.

    Facts and requests of those calls go with them; nothing else may rest on them.
    """
    place = {old: new for new, old in enumerate(n for n in range(len(task.gold)) if n not in gone)}

    def moved(source: Source) -> Source:
        return source.model_copy(update={"call": place[source.call]}) if isinstance(source, FromResult) else source

    gold = [
        call.model_copy(update={"sources": {path: moved(source) for path, source in call.sources.items()}})
        for number, call in enumerate(task.gold)
        if number in place
    ]
    return task.model_copy(update={"gold": gold, "turns": [_renumbered(turn, place) for turn in task.turns]})


def _renumbered(turn: Turn, place: Mapping[int, int]) -> Turn:
    before = sum(number < turn.calls[0] for number in place)
    inside = sum(turn.calls[0] <= number < turn.calls[1] for number in place)
    facts = [each.model_copy(update={"call": place[each.call]}) for each in turn.facts if each.call in place]
    requests = [each.model_copy(update={"call": place[each.call]}) for each in turn.requests if each.call in place]
    return turn.model_copy(update={"calls": (before, before + inside), "facts": facts, "requests": requests})


def needed_calls(task: Task) -> set[int]:
    """Return the calls that something rests on: a request, a fact, a change of state, or another such call."""
    wanted = {each.call for turn in task.turns for each in turn.requests}
    wanted |= {each.call for turn in task.turns for each in turn.facts}
    wanted |= {number for number, call in enumerate(task.gold) if call.purpose in ("goal", "establish", "check")}
    queue = list(wanted)
    while queue:
        for source in task.gold[queue.pop()].sources.values():
            if isinstance(source, FromResult) and source.call not in wanted:
                wanted.add(source.call)
                queue.append(source.call)
    return wanted


def fresh_id(task: Task, stem: str) -> str:
    """Return an id no mention of the task has."""
    taken = {m.id for turn in task.turns for m in [*turn.mentions, *(x for r in turn.replies for x in r.mentions)]}
    return next(name for name in (f"{stem}{n}" for n in range(1, len(taken) + 2)) if name not in taken)


def rows_of(call: GoldCall) -> dict[tuple[int, str], list[str]]:
    """Group a call's arguments by the row they come from: (earlier call, path of the row) to argument paths."""
    found: dict[tuple[int, str], list[str]] = {}
    for path, source in call.sources.items():
        if isinstance(source, FromResult) and "[" in source.path:
            row = source.path[: source.path.rindex("]") + 1]
            found.setdefault((source.call, row), []).append(path)
    return found


def with_calls(task: Task, at: int, turn: int, new: Sequence[GoldCall]) -> Task:
    """Return the task with gold calls put in before call `at` of a turn; the sources of the new ones count as given."""

    def moved(number: int) -> int:
        return number + len(new) if number >= at else number

    def resourced(source: Source) -> Source:
        return source.model_copy(update={"call": moved(source.call)}) if isinstance(source, FromResult) else source

    gold = [
        call.model_copy(update={"sources": {path: resourced(source) for path, source in call.sources.items()}})
        for call in task.gold
    ]
    turns = []
    for number, here in enumerate(task.turns):
        first, last = here.calls
        calls = (first + len(new) * (number > turn), last + len(new) * (number >= turn))
        facts = [each.model_copy(update={"call": moved(each.call)}) for each in here.facts]
        requests = [each.model_copy(update={"call": moved(each.call)}) for each in here.requests]
        turns.append(here.model_copy(update={"calls": calls, "facts": facts, "requests": requests}))
    return task.model_copy(update={"gold": [*gold[:at], *new, *gold[at:]], "turns": turns})
