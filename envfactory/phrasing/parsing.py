"""From the plain dicts of a contracts document to typed frames, what is missing inferred."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envfactory.phrasing.frames import (
    EntityFrame,
    EnvironmentFrames,
    Situation,
    ToolFrame,
    entity_frame,
    strings,
)
from envfactory.phrasing.guessing import phrases_of
from envfactory.phrasing.inference import (
    act_of,
    currency_of,
    entity_of,
    interval_frame,
    intervals,
    slot_frame,
    speakability,
)

Json = Any
Raw = Mapping[str, Json]


def frames_of(name: str, contracts: Raw) -> EnvironmentFrames:
    """Return the frames of an environment from its contracts document (the parsed `contracts.json`)."""
    principal = str(contracts.get("principal") or "")
    entities = {table: entity_frame(table, raw) for table, raw in (contracts.get("entities") or {}).items()}
    entities |= {
        table: entity_of(table, columns) for table, columns in _tables(contracts).items() if table not in entities
    }
    tools = {tool["name"]: _tool(tool, principal, entities) for tool in contracts["tools"]}
    currencies = sorted(
        {slot.currency for tool in tools.values() for slot in tool.slots.values() if len(slot.currency) == 3}
    )
    return EnvironmentFrames(
        name=name,
        now=str(contracts.get("now") or ""),
        principal=principal,
        currency=currency_of(currencies[0] if currencies else "", _described(contracts)),
        tools=tools,
        entities=entities,
        authored=bool(contracts.get("entities")),
    )


def _tables(contracts: Raw) -> dict[str, set[str]]:
    """Return the tables that parameters refer to, with the columns that the contracts name of them."""
    tables: dict[str, set[str]] = {}
    refs = [str(each.get("ref") or "") for tool in contracts["tools"] for each in tool["parameters"].values()]
    for place in [*refs, *(contracts.get("column_formats") or {})]:
        table, dot, column = place.partition(".")
        if dot:
            tables.setdefault(table, set()).add(column)
    for tool in contracts["tools"]:
        for effect in tool.get("effects") or []:
            table = effect.get("insert")
            if table:
                tables.setdefault(table, set()).update(effect["set"])
    return tables


def _described(contracts: Raw) -> str:
    said = [str(tool.get("description") or "") for tool in contracts["tools"]]
    said += [str(each.get("description") or "") for tool in contracts["tools"] for each in tool["parameters"].values()]
    return " ".join(said)


def _tool(tool: Raw, principal: str, entities: Mapping[str, EntityFrame]) -> ToolFrame:
    raw: Raw = tool.get("frames") or {}
    parameters: Mapping[str, Raw] = tool["parameters"]
    spoken: Mapping[str, Raw] = raw.get("slots") or (intervals(parameters) if not raw else {})
    slots = {name: slot_frame(name, parameter, spoken.get(name), principal) for name, parameter in parameters.items()}
    slots |= {name: interval_frame(name, said, parameters) for name, said in spoken.items() if name not in parameters}
    own = {name: slot for name, slot in slots.items() if slot.role != "profile"}
    summary = str(tool.get("description") or "")
    phrases = strings(raw.get("vp")) or phrases_of(tool["name"], summary, own, entities, principal)
    grade, why = speakability(bool(raw.get("vp")), slots, phrases)
    return ToolFrame(
        name=tool["name"],
        kind=tool["kind"],
        act=act_of(tool["name"], tool["kind"], str(raw.get("class") or "")),
        phrases=phrases,
        slots=slots,
        questions=strings(raw.get("questions")),
        wants={fact: strings(said) for fact, said in (raw.get("wants") or {}).items()},
        done=strings(raw.get("done")),
        facts={fact: str(said) for fact, said in (raw.get("facts") or {}).items()},
        errors={code: str(said) for code, said in (raw.get("errors") or {}).items()},
        situations=_situations(raw.get("situations")),
        reasons=strings(raw.get("reasons")),
        grade=grade,
        why=why,
    )


def _situations(raw: Json) -> tuple[Situation, ...]:
    known: list[dict[str, Any]] = [
        each if isinstance(each, dict) else {"text": each} for each in raw or [] if isinstance(each, (dict, str))
    ]
    return tuple(
        Situation(str(each.get("text") or ""), tuple(each.get("party") or ()), dict(each.get("when") or {}))
        for each in known
        if each.get("text")
    )
