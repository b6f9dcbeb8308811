"""States: what a record's verbs and enums say about its life.

Verbs whose outcome is a value of the record's status become transitions of a life cycle. Paired verbs (lock, unlock) turn a flag.
Where the record has no place for the outcome, one is added: a flag for a pair, a status for two or more steps.
"""

from __future__ import annotations

from collections.abc import Iterable

from envfactory.synthesis.inference.names import STATUS_NAMES
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.verbs import (
    FIRST_STATE,
    INITIAL_WORDS,
    STEPS,
    TERMINAL_WORDS,
    StepVerb,
    Switch,
    state_word,
    switch_of,
)
from envfactory.synthesis.inference.words import spoken
from envfactory.synthesis.inference.world import Column, Entity, Lifecycle, Turn, World


def add_states(entity: Entity, readings: list[Reading], world: World) -> None:
    """Give the entity a life cycle and flags for the verbs of its readings."""
    verbs = {reading.verb: reading for reading in readings if reading.kind == "action"}
    steps = [verb for verb in verbs if verb in STEPS]
    status = next((column for column in entity.columns.values() if column.role == "status"), None)
    if status is None:
        status = _open_status(entity, steps, world)
    if status is not None:
        _admit_outcomes(status, steps)
        _admit_opposites(status, verbs)
        _move_along(entity, status, verbs, world)
    left = [verb for verb in verbs if entity.lifecycle is None or verb not in entity.lifecycle.moves]
    lonely_steps = [verb for verb in left if verb in steps and switch_of(verb) is None]
    if entity.lifecycle is None and status is None and lonely_steps:
        _add_status(entity, lonely_steps, verbs, world)
    for verb in left:
        found = switch_of(verb)
        if found is not None and not _moves(entity, (verb, *found[0].on, *found[0].off)):
            _add_turn(entity, verb, *found, verbs[verb], world)
    _stamp(entity)


def _moves(entity: Entity, verbs: tuple[str, ...]) -> bool:
    """Whether one of the verbs moves along the life cycle: then its opposite turns no flag beside it."""
    return entity.lifecycle is not None and any(verb in entity.lifecycle.moves for verb in verbs)


def _open_status(entity: Entity, steps: list[str], world: World) -> Column | None:
    """A status that the document leaves open gets the states that the verbs speak of."""
    column = next(
        (
            each
            for each in entity.columns.values()
            if each.name in STATUS_NAMES and each.type == "string" and not each.enum
        ),
        None,
    )
    if column is None:
        return None
    first = next((FIRST_STATE[verb] for verb in steps if verb in FIRST_STATE), "active")
    usual = ["open", "closed"] if entity.noun in _CLOSABLE else ["active", "inactive"]
    column.enum, column.role, column.format = [first] if steps else usual, "status", ""
    world.say(f"{entity.table}.{column.name} starts as {first}", column.citation)
    return column


def _admit_outcomes(status: Column, steps: list[str]) -> None:
    """A step's outcome that the enum lacks is a state as well (a merged pull request beside open and closed ones)."""
    known = {state_word(str(value)) for value in status.enum}
    capitals = all(str(value).isupper() for value in status.enum)
    for verb in steps:
        state = STEPS[verb].state
        if state not in known and not _SYNONYMS.get(state, frozenset()) & known:
            status.enum.append(state.upper() if capitals else state)


def _admit_opposites(status: Column, verbs: Iterable[str]) -> None:
    """What switches off leads to a state too, where the enum has only the state that is switched on."""
    known = {state_word(str(value)) for value in status.enum}
    capitals = all(str(value).isupper() for value in status.enum)
    for verb in verbs:
        found = switch_of(verb)
        if found is None or found[1] or found[0].state not in known or not found[0].antonyms:
            continue
        off = found[0].antonyms[0]
        if not known & set(found[0].antonyms):
            status.enum.append(off.upper() if capitals else off)


_CLOSABLE = frozenset(
    {"issue", "milestone", "ticket", "pull_request", "task", "case", "thread", "conversation", "incident"}
)
_SYNONYMS = {
    "cancelled": frozenset({"inactive", "expired"}),
    "sent": frozenset({"delivered", "queued"}),
    "stopped": frozenset({"disabled"}),
    "closed": frozenset({"resolved"}),
    "accepted": frozenset({"approved"}),
}


def _move_along(entity: Entity, status: Column, verbs: dict[str, Reading], world: World) -> None:
    states = {state_word(str(value)): str(value) for value in status.enum}
    outcomes = {verb: states[word] for verb in verbs if (word := _outcome(verb, states))}
    if not outcomes:
        return
    initial = _initial(states, outcomes)
    cycle = Lifecycle(status.name, initial)
    for verb, outcome in outcomes.items():
        departs = _departures(verb, outcome, states, initial, outcomes)
        if departs:
            cycle.moves[verb] = (departs, outcome)
            world.say(
                f"{verb} moves {entity.table}.{status.name} from {', '.join(departs)} to {outcome}",
                verbs[verb].operation.citation,
            )
    if cycle.moves:
        entity.lifecycle = cycle
        status.on_create = status.on_update = False
        status.nullable = False


def _outcome(verb: str, states: dict[str, str]) -> str:
    found = switch_of(verb)
    wanted = [STEPS[verb].state] if verb in STEPS else []
    if found:
        switch, on = found
        wanted += [switch.state] if on else [*switch.antonyms, *_before(switch, states)]
    return next((word for word in wanted if word in states), "")


def _before(switch: Switch, states: dict[str, str]) -> list[str]:
    """The state that switching off leads back to (resume: active), where the status knows the one switched on (paused)."""
    if switch.state not in states:
        return []
    others = [word for word in states if word != switch.state and word not in TERMINAL_WORDS]
    return sorted(others, key=lambda word: INITIAL_WORDS.index(word) if word in INITIAL_WORDS else len(INITIAL_WORDS))


def _initial(states: dict[str, str], outcomes: dict[str, str]) -> str:
    """The state of a new record: by its word, one that no verb leads to; what is only returned to counts as such."""
    entered = {outcome for verb, outcome in outcomes.items() if _left_by(verb, outcome, states) is None}
    beginnings = [states[word] for word in INITIAL_WORDS if word in states]
    fresh = [state for state in beginnings if state not in entered or len(entered) == len(states)]
    left = [value for word, value in states.items() if value not in entered and word not in TERMINAL_WORDS]
    return next(iter([*fresh, *left, *beginnings, *states.values()]))


def _left_by(verb: str, outcome: str, states: dict[str, str]) -> str | None:
    """The state that a verb leaves for the one before, where it undoes a step (resume: paused); none for other verbs."""
    switch, on = switch_of(verb) or (None, True)
    if switch is None or on or switch.on_at_first:
        return None
    state = states.get(switch.state)
    return state if state != outcome else None


def _departures(verb: str, outcome: str, states: dict[str, str], initial: str, outcomes: dict[str, str]) -> list[str]:
    """The states a verb may depart from: those the dictionary names, else the initial one, else all that are no end."""
    step = STEPS.get(verb, StepVerb("", ()))
    reachable = {initial, *outcomes.values()}
    named = [states[word] for word in step.departs if word in states and states[word] != outcome]
    named = [state for state in named if state in reachable] or named
    undone = _left_by(verb, outcome, states)
    if named or undone is not None:
        return named[:4] or [str(undone)]
    if initial != outcome:
        return [initial, *_opposites(verb, outcome, initial, outcomes)]
    return [state for word, state in states.items() if state != outcome and word not in TERMINAL_WORDS][:2]


def _opposites(verb: str, outcome: str, initial: str, outcomes: dict[str, str]) -> list[str]:
    """Where the verbs that undo this one lead: enabling departs from disabled as well as from new."""
    switch, on = switch_of(verb) or (None, True)
    if switch is None:
        return []
    other = switch.off if on else switch.on
    found = [state for each, state in outcomes.items() if each in other]
    return list(dict.fromkeys(state for state in found if state not in (outcome, initial)))


def _add_status(entity: Entity, steps: list[str], verbs: dict[str, Reading], world: World) -> None:
    first = next((FIRST_STATE[verb] for verb in steps if verb in FIRST_STATE), "active")
    states = list(dict.fromkeys([first, *(STEPS[verb].state for verb in steps)]))
    cycle = Lifecycle("status", first)
    for verb in steps:
        step = STEPS[verb]
        departs = [state for state in states if state in step.departs and state != step.state] or [first]
        cycle.moves[verb] = ([state for state in departs if state != step.state], step.state)
    entity.lifecycle = cycle
    entity.columns["status"] = Column(
        "status",
        "string",
        f"Where the {spoken(entity.noun)} stands.",
        role="status",
        enum=states,
        citation=verbs[steps[0]].operation.citation,
    )
    world.say(f"{entity.table}.status is added for {', '.join(steps)}", verbs[steps[0]].operation.citation)


def _add_turn(entity: Entity, verb: str, switch: Switch, on: bool, reading: Reading, world: World) -> None:
    existing = _flag_of(entity, switch)
    if existing is None:
        entity.columns[switch.state] = Column(
            switch.state,
            "boolean",
            f"Whether the {spoken(entity.noun)} is {spoken(switch.state)}.",
            role="flag",
            default=switch.on_at_first,
            read_only=True,
            citation=reading.operation.citation,
        )
        entity.columns[switch.state].seed = {"values": [True, False], "weights": [switch.share, 1 - switch.share]}
        world.say(f"{entity.table}.{switch.state} is added for {verb}", reading.operation.citation)
        existing = entity.columns[switch.state], False
    column, inverted = existing
    column.on_create = column.on_update = False
    column.nullable = False
    column.default = column.default if column.default is not None else switch.on_at_first != inverted
    if not column.seed:
        column.seed = {"values": [True, False], "weights": [0.35, 0.65]}
    first = bool(column.default)
    entity.turns[verb] = Turn(
        column.name, int(on != inverted), switch.state, _turn_stamp(entity, switch, first != inverted), int(not first)
    )


def _turn_stamp(entity: Entity, switch: Switch, on_at_first: bool) -> str:
    """The column that says since when the record is not as it was at first; loans are kept in a history instead."""
    if switch.state == "borrowed":
        return ""
    state = switch.state if not on_at_first else (switch.antonyms[0] if switch.antonyms else f"not_{switch.state}")
    known = moment_of(entity, state)
    name = known.name if known is not None else f"{state}_at"
    if known is None:
        entity.columns[name] = Column(
            name,
            "string",
            f"Since when the {spoken(entity.noun)} is {spoken(state)}.",
            role="moment",
            nullable=True,
            format="date-time",
            read_only=True,
        )
    stamp = entity.columns[name]
    stamp.nullable, stamp.read_only, stamp.on_create, stamp.on_update, stamp.needed = True, True, False, False, False
    return name


def _flag_of(entity: Entity, switch: Switch) -> tuple[Column, bool] | None:
    """The entity's own flag for a switch, and whether it means the opposite."""
    for column in entity.columns.values():
        if column.type != "boolean":
            continue
        bare = column.name.removeprefix("is_").removeprefix("in_")
        if bare == switch.state or bare in switch.on or bare == switch.state.removesuffix("ed"):
            return column, False
        if bare in switch.antonyms:
            return column, True
    return None


def moment_of(entity: Entity, state: str) -> Column | None:
    """The record's own column for the time at which it entered a state: trashed_time, closed_at."""
    names = (f"{state}_at", f"{state}_time", f"{state}_on", f"date_{state}", f"time_{state}")
    return next(
        (
            entity.columns[name]
            for name in names
            if name in entity.columns and entity.columns[name].format == "date-time"
        ),
        None,
    )


def _stamp(entity: Entity) -> None:
    """A date for each step a life cycle ends or advances by, where there is a verb for it."""
    cycle = entity.lifecycle
    if cycle is None:
        return
    for _, state in cycle.moves.values():
        if state == cycle.initial:
            continue
        word = state_word(state)
        column = moment_of(entity, word)
        if column is None:
            said = f"When the {spoken(entity.noun)} was {spoken(word)}."
            column = Column(f"{word}_at", "string", said, role="moment", format="date-time")
            entity.columns[column.name] = column
        column.nullable = column.read_only = True
        column.on_create = column.on_update = column.needed = False
        cycle.stamps[state] = column.name
        flag = entity.columns.get(word)
        if flag is not None and flag.type == "boolean":
            del entity.columns[word]
    status = entity.columns[cycle.column]
    status.enum = list(dict.fromkeys([cycle.initial, *cycle.stamps, *status.enum]))


def closed_states(entity: Entity) -> list[str]:
    """The states in which nothing about the record can be changed any more."""
    cycle = entity.lifecycle
    if cycle is None:
        return []
    departs = {state for states, _ in cycle.moves.values() for state in states}
    ends = {state for verb, (_, state) in cycle.moves.items() if verb in STEPS and STEPS[verb].ends}
    return sorted(ends - departs)
