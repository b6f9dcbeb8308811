"""Tools that move a record along its life cycle or turn one of its flags."""

from __future__ import annotations

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.parts import Draft, frozen_guard, own_row, row_of, said_of, tool_name
from envfactory.synthesis.inference.readings import Reading
from envfactory.synthesis.inference.verbs import state_word, switch_of
from envfactory.synthesis.inference.words import article, error_code, spoken
from envfactory.synthesis.inference.world import Entity, Tool, World


def build_action(entity: Entity, reading: Reading, world: World) -> Tool | str:
    """An action whose effect the dictionary knows; a reason otherwise."""
    verb = reading.verb
    if entity.lifecycle is not None and verb in entity.lifecycle.moves:
        return _transition(entity, reading, world)
    if verb in entity.turns:
        return _turn(entity, reading, world)
    return f"what it does to {article(entity.noun)} is not known"


def _transition(entity: Entity, reading: Reading, world: World) -> Tool:
    draft = Draft(entity, reading)
    let = own_row(draft, world)
    assert entity.lifecycle is not None
    departs, state = entity.lifecycle.moves[reading.verb]
    said_state = spoken(state_word(state))
    code = error_code(entity.noun, "cannot_be", state_word(state))
    stamp = entity.lifecycle.stamps.get(state)
    changes = {stamp: "$now"} if stamp else {}
    _touch(entity, changes)
    draft.effects.append({"transition": let, "else": code, **({"set": changes} if changes else {})})
    names = " or ".join(spoken(state_word(each)) for each in departs)
    draft.errors[code] = f"Only {article(entity.noun)} that is {names} can be {said_state}."
    return _finished(draft, entity, reading, f"Mark {article(entity.noun)} as {said_state}.")


def _turn(entity: Entity, reading: Reading, world: World) -> Tool:
    draft = Draft(entity, reading)
    let = own_row(draft, world)
    turn = entity.turns[reading.verb]
    state = spoken(turn.state)
    word = "already" if _switches_on(reading.verb) else "not"
    code = error_code(entity.noun, word, turn.state)
    draft.guard(
        f"${let}.{turn.column} = {1 - turn.value}",
        code,
        f"The {spoken(entity.noun)} is {word} {state}.",
        entity.columns[turn.column].citation,
    )
    if turn.column not in ("locked", "archived", "trashed", "in_trash"):
        frozen_guard(draft, entity, let)
    changes: JsonObject = {turn.column: str(turn.value)}
    if turn.stamp:
        changes[turn.stamp] = "$now" if turn.value == turn.marks else "NULL"
    _touch(entity, changes)
    draft.effects.append({"update": entity.table, "where": f"{entity.key} = :{entity.key_parameter}", "set": changes})
    if entity.history:
        _keep_history(draft, entity, turn.value == 1, world)
    return _finished(
        draft, entity, reading, f"{'Mark' if word == 'already' else 'Unmark'} {article(entity.noun)} as {state}."
    )


def _keep_history(draft: Draft, entity: Entity, on: bool, world: World) -> None:
    history = world.entities[entity.history]
    own = f":{entity.key_parameter}"
    if on:
        draft.steps.append({"let": f"new_{history.noun}", "new_id": history.prefix})
        values = {
            "id": f"$new_{history.noun}",
            history.parent_column: own,
            "borrowed_at": "$now",
            "returned_at": "NULL",
        }
        draft.effects.append({"insert": history.table, "set": values})
        return
    where = f"{history.parent_column} = {own} AND returned_at IS NULL"
    draft.effects.append({"update": history.table, "where": where, "set": {"returned_at": "$now"}})


def _switches_on(verb: str) -> bool:
    found = switch_of(verb)
    return bool(found and found[1])


def _touch(entity: Entity, changes: JsonObject) -> None:
    for column in entity.columns.values():
        if column.role == "updated":
            changes[column.name] = "$now" if column.format == "date-time" else "$today"


def _finished(draft: Draft, entity: Entity, reading: Reading, fallback: str) -> Tool:
    said = said_of(reading, fallback)
    changed = {name for effect in draft.effects for name in effect.get("set", {})} | {
        column.name for column in entity.columns.values() if column.role == "status"
    }
    shown = [column for column in entity.visible() if column.name in changed or column.role == "name"]
    note = draft.note(result={entity.noun: row_of(entity, f"{entity.key} = :{entity.key_parameter}", shown)})
    return Tool(
        tool_name(reading.verb, entity.noun), reading, said, said, list(draft.parameters.values()), note, "write"
    )
