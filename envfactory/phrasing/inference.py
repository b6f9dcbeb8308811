"""Frames for what no author has framed: roles from the contract's parameters, verbs and nouns from names and summaries.

The verb comes from the tool's summary, then its name; the noun from the table it works on; a slot's role from its
reference, format, enum and name. What a person could never say (an opaque string, a nested object) is *unsayable*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from envfactory.phrasing.frames import EntityFrame, Handle, Ranking, Role, SlotFrame, strings
from envfactory.phrasing.lexicon import singular, spaced

Json = Any
Raw = Mapping[str, Json]

_KNOWN = frozenset(
    "np pp adj quote number count party money date datetime time hour interval unit closed values ask free entity profile "
    "size true false per".split()
)
_CODES = {"EUR": r"\beuros?\b|\beur\b|€", "GBP": r"\bpence\b|\bpounds?\b|\bgbp\b|£", "USD": r"\bdollars?\b|\busd\b|\$"}
_NAMES = ("name", "title", "label", "full_name", "display_name", "subject", "description")
_ACTS = {
    "create": "create book add register open place buy order reserve make start submit send subscribe post request join",
    "cancel": "cancel delete remove void withdraw drop close end revoke leave give refund",
    "change": "update change move switch edit set modify rename reschedule extend renew replace raise upgrade rebook",
    "search": "search find browse compare quote query discover look",
    "list": "list show",
    "read": "get read check track view fetch describe follow retrieve lookup",
    "pay": "pay settle",
    "confirm": "confirm accept approve complete finish activate collect",
}
_PEOPLE = frozenset("people guests adults passengers party party_size persons travellers attendees".split())


def slot_frame(name: str, parameter: Raw, raw: Raw | None, principal: str) -> SlotFrame:
    """Return how a parameter is said: as its author wrote it, else as its schema suggests."""
    said = dict(raw or {})
    role = _role(name, parameter, said, principal)
    values = {key: value for key, value in said.items() if key not in _KNOWN and isinstance(value, str)}
    values |= {key: said[key] for key in ("true", "false") if isinstance(said.get(key), str)}
    values |= {str(key): str(value) for key, value in (said.get("values") or {}).items()}
    ref = str(parameter.get("ref") or "")
    return SlotFrame(
        name=name,
        role=role,
        phrase=str(said.get("np") or said.get("pp") or ("" if raw else _phrase(name, role))),
        values=values,
        ask=str(said.get("ask") or ""),
        noun=str(said.get("count") or "") if said.get("count") else _counted(name, role),
        adjective=bool(said.get("adj")),
        party=bool(said.get("party")) or (not raw and name in _PEOPLE),
        currency=said["money"] if isinstance(said.get("money"), str) else "",
        ref=ref,
        required=bool(parameter.get("required")),
        default=parameter.get("default"),
        contact=_is_contact(ref, principal),
        per=int(said.get("per") or 1),
    )


def _is_contact(ref: str, principal: str) -> bool:
    table, _, column = ref.partition(".")
    return bool(principal) and table == principal and column != "id" and not column.endswith("_id")


def _role(name: str, parameter: Raw, said: Raw, principal: str) -> Role:
    ref = str(parameter.get("ref") or "")
    if not _is_contact(ref, principal) and ("profile" in said or (principal and ref.partition(".")[0] == principal)):
        return "profile"
    authored = _authored_role(said)
    if authored:
        return authored
    return _inferred_role(name, parameter, bool(said))


def _authored_role(said: Raw) -> Role | None:
    roles: tuple[tuple[str, Role], ...] = (
        ("count", "count"),
        ("money", "money"),
        ("datetime", "datetime"),
        ("date", "date"),
        ("time", "time"),
        ("hour", "hour"),
        ("free", "free"),
        ("entity", "entity"),
        ("number", "number"),
    )
    return next((role for key, role in roles if said.get(key)), None)


def _inferred_role(name: str, parameter: Raw, authored: bool) -> Role:
    kind, form = parameter.get("type"), parameter.get("format")
    ref_column = str(parameter.get("ref") or "").rpartition(".")[2]
    if kind in ("array", "object"):
        return "unsayable"
    if parameter.get("enum"):
        return "enum"
    if kind == "boolean":
        return "boolean"
    if form in ("date", "date-time", "time"):
        return {"date": "date", "date-time": "datetime", "time": "time"}[str(form)]  # type: ignore[return-value]
    if kind in ("integer", "number"):
        return _numeric_role(name, authored)
    if ref_column == "id" or ref_column.endswith("_id"):
        return "entity"
    if parameter.get("ref"):
        return "text"
    if re.search(r"(?:^|_)(?:note|notes|comment|message|reason|description|remarks?|instructions|text|body)$", name):
        return "free"
    return "text" if authored or not _opaque(name, parameter) else "unsayable"


def _opaque(name: str, parameter: Raw) -> bool:
    return bool(re.search(r"(?:^|_)(?:token|cursor|etag|hash|mask|key|payload|signature|bitmap)$", name))


def _numeric_role(name: str, authored: bool) -> Role:
    if re.search(r"_(?:cents|pence|minor)$", name):
        return "money"
    plain = not authored and bool(re.fullmatch(r"[a-z]+s", name)) and name not in ("minutes", "status", "radius")
    return "count" if name in _PEOPLE or plain else "number"


def _counted(name: str, role: Role) -> str:
    if role != "count":
        return ""
    return (
        "person"
        if name in ("people", "guests", "party", "party_size", "persons", "attendees")
        else singular(spaced(name))
    )


_LEADS = (
    (r"(?:^|_)(?:origin|from)(?:_|$)", "from {v}"),
    (r"(?:^|_)(?:destination|to)(?:_|$)", "to {v}"),
    (r"(?:^|_)(?:until|ends?|returns?|back)(?:_|$)", "until {v}"),
    (r"(?:^|_)(?:since|starts?|begins?)(?:_|$)", "from {v}"),
)
_TEXTS = {
    "city": "in {v}",
    "country": "in {v}",
    "region": "in {v}",
    "email": "under {v}",
    "name": "called {v}",
    "title": "called {v}",
}


def _phrase(name: str, role: Role) -> str:
    """Return the words for a slot without a frame: a preposition where one is usual, else its name."""
    words = spaced(re.sub(r"_(?:id|cents|pence|minor|code)$", "", name))
    if role in ("money", "number"):
        return _measured(words, role)
    if role in ("date", "entity"):
        return next((lead for form, lead in _LEADS if re.search(form, name)), "")
    if role == "text":
        return _TEXTS.get(words, f"with the {words} {{v}}")
    return ", {v}" if role == "enum" else ""


def _measured(words: str, role: Role) -> str:
    most, least = words.startswith("max "), words.startswith("min ")
    if role == "money":
        return (
            "for at most {v}"
            if most
            else "for at least {v}"
            if least
            else "for {v}"
            if "amount" in words
            else f"with {words} {{v}}"
        )
    if most or least:
        return f"with at {'most' if most else 'least'} {{v}} {words[4:]}"
    return f"with {words} {{v}}"


def interval_frame(name: str, raw: Raw, parameters: Mapping[str, Raw]) -> SlotFrame:
    """Return the frame of a slot that says several parameters: a stretch of days, a time and its length, a size."""
    role: Role = "interval" if raw.get("interval") else "span" if raw.get("start") else "size"
    columns = strings(raw.get("interval") or raw.get("size") or [raw.get("start"), raw.get("minutes")])
    return SlotFrame(
        name=name,
        role=role,
        columns=columns,
        noun=str(raw.get("unit") or "day"),
        closed=bool(raw.get("closed")),
        ask=str(raw.get("ask") or ""),
        required=any(bool(parameters.get(column, {}).get("required")) for column in columns),
    )


def act_of(name: str, kind: str, raw: str) -> str:
    """Return the class of act of a tool: the author's, else that of its verb."""
    same = {"update": "change", "detail": "read"}
    if raw:
        return same.get(raw, raw)
    verb = name.partition("_")[0]
    found = next((act for act, verbs in _ACTS.items() if verb in verbs.split()), "")
    return found or ("change" if kind == "write" else "read")


def entity_of(table: str, columns: set[str]) -> EntityFrame:
    """Return the frame of a table no author has framed, from the names of its columns."""
    name = next((column for column in _NAMES if column in columns), "")
    handles = tuple(
        Handle(column, {"date": "on", "city": "in"}.get(column, "of"))
        for column in ("city", "date")
        if column in columns
    )
    rankings = tuple(
        Ranking(column, order, adjective)
        for column in sorted(columns)
        for ending, order, adjective in (
            ("price_cents", "min", "cheapest"),
            ("total_cents", "min", "cheapest"),
            ("rating", "max", "best-rated"),
        )
        if column.endswith(ending)
    )
    return EntityFrame(table=table, nouns=(singular(spaced(table)),), name=name, handles=handles, rankings=rankings)


def speakability(
    authored: bool, slots: Mapping[str, SlotFrame], phrases: tuple[str, ...]
) -> tuple[Literal["A", "B", "C"], tuple[str, ...]]:
    """Return the grade of a tool, and why it is not A."""
    why = [f"{slot.name}: nobody can say it" for slot in slots.values() if slot.required and slot.role == "unsayable"]
    if not phrases:
        why.append("no verb")
    if why:
        return "C", tuple(why)
    return ("A", ()) if authored else ("B", ("words inferred from names and schema",))


def currency_of(spoken: str, described: str) -> str:
    """Return the currency of an environment: the one its frames name, else the one its descriptions name, else EUR."""
    if spoken:
        return spoken
    found = [code for code, form in _CODES.items() if re.search(form, described, re.IGNORECASE)]
    return found[0] if len(found) == 1 else "EUR"


_ENDS = (
    ("from", "to"),
    ("start", "end"),
    ("starts", "ends"),
    ("check_in", "check_out"),
    ("arrival", "departure"),
    ("arrives", "leaves"),
    ("pickup", "return"),
    ("first", "last"),
    ("begins", "ends"),
)


def intervals(parameters: Mapping[str, Raw]) -> dict[str, Raw]:
    """Return the stretches of days that pairs of date parameters make, as an author would have written them."""
    dates = [name for name, parameter in parameters.items() if parameter.get("format") == "date"]
    for first, last in _ENDS:
        start = next((name for name in dates if re.match(rf"{first}(?:_|$)", name)), None)
        end = next((name for name in dates if re.match(rf"{last}(?:_|$)", name)), None)
        if start and end:
            nights = (first, last) in (("check_in", "check_out"), ("arrival", "departure"), ("arrives", "leaves"))
            return {f"{start}_{end}": {"interval": [start, end], "unit": "night" if nights else "day"}}
    return {}
