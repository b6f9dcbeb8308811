"""References that point at nothing anybody spoke of, put into names: "from there" becomes "from Linz Central".

A sampled turn may refer to what an earlier result merely showed. Where some result shows that row with its name, the name is
said instead; where none does, the reference stays, and the task will be refused for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from envfactory.refinement.edits import fresh_id, sources_with, turn_with
from envfactory.refinement.flow import Spoken, audit_flow, pointed_at, spoken_in, turn_of_call, unrecovered
from envfactory.refinement.operators.base import frames
from envfactory.refinement.selection import candidates, distinct, left, same
from envfactory.runtime.paths import leaves, value_at
from envfactory.tasks.model import Condition, FromResult, Mention, Source, Task
from envfactory.tasks.scope import Scope

_CODE = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)+|[A-Z]{2,4}|\d.*")


class Named(NamedTuple):
    """Where a row stands with its name: the call, the path of its key, the field of its name, and the name."""

    call: int
    path: str
    field: str
    name: str


def named(task: Task, scope: Scope) -> Task:
    """Return the task in which every reference that points at nothing says a name, as far as results show one."""
    for spoken in list(spoken_in(task)):
        if spoken.mention.form == "referred" and not spoken.asked and pointed_at(task, spoken) is None:
            task = _said_by_name(task, spoken, scope)
    return task


def _said_by_name(task: Task, spoken: Spoken, scope: Scope) -> Task:
    shown = _shown(task, spoken, scope)
    if shown is None:
        return task
    table = spoken.mention.slot.partition(".")[0]
    entity = frames(scope, spoken.mention.environment).entity(table)
    slot = f"{table}.{(entity.name if entity else '') or 'name'}"
    said = Mention(id=fresh_id(task, "n"), environment=spoken.mention.environment, slot=slot, value=shown.name)
    condition = Condition(field=shown.field, value=shown.name, mention=said.id)
    source = FromResult(call=shown.call, path=shown.path, where=[condition])
    turns = turn_of_call(task)

    def change(call: int, path: str, old: Source) -> Source:
        value = value_at(task.gold[call].arguments, path)
        here = turns.get(call) == spoken.turn and isinstance(old, FromResult) and not old.where
        return source if here and same(value, spoken.mention.value) else old

    mentions = [said if each.id == spoken.mention.id else each for each in task.turns[spoken.turn].mentions]
    changed = turn_with(sources_with(task, change), spoken.turn, mentions=mentions)
    return task if len(unrecovered(audit_flow(changed))) > len(unrecovered(audit_flow(task))) else changed


def _shown(task: Task, spoken: Spoken, scope: Scope) -> Named | None:
    """Return the latest result before the turn that shows the row's key beside its name, and the name alone leads to it."""
    for number in range(task.turns[spoken.turn].calls[0] - 1, -1, -1):
        call = task.gold[number]
        if (
            call.environment != spoken.mention.environment
            or call.outcome != "ok"
            or not isinstance(call.result, Mapping)
        ):
            continue
        for path in _places(call.result, spoken):
            found = next(each for each in candidates(call.result, path) if each.path == path)
            key = path.rpartition(".")[2]
            row = found.rows[-1] if found.rows else {}
            for field in _name_fields(key, row):
                name = row.get(field)
                told = Condition(field=field, value=name)
                if _sayable(name) and len(distinct(left(candidates(call.result, path), [told]))) == 1:
                    return Named(number, path, field, str(name))
    return None


def _places(result: Mapping[str, object], spoken: Spoken) -> list[str]:
    return [path for path, value in leaves(result) if same(value, spoken.mention.value) and path.endswith("id")]


def _name_fields(key: str, row: Mapping[str, object]) -> list[str]:
    """Return the fields that may hold a thing's name beside its key: `from_station` for `from_station_id`.

    A bare `name` is that of the thing whose key the row begins with.
    """
    stem = key.removesuffix("_id")
    first = next((name for name in row if name == "id" or name.endswith("_id")), "")
    return [stem, f"{stem}_name", f"{stem}_city", *(["name", "title"] if key == first else [])]


def _sayable(name: object) -> bool:
    return isinstance(name, str) and 2 < len(name) <= 60 and not _CODE.fullmatch(name)
