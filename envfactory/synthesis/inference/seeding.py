"""Seed notes: how many rows each table has at first, and what stands in each column.

The document's own examples come first, then words that fit the noun, then what a column's name and type suggest. Dates fit each other,
states have their dates, and no table starts with all its rows at the end of their lives.
"""

from __future__ import annotations

import re
from math import prod

from envfactory.resources.tolerant import JsonObject
from envfactory.synthesis.inference.agreements import agreements
from envfactory.synthesis.inference.names import EMAIL_WORD, NAME_WORDS
from envfactory.synthesis.inference.states import closed_states
from envfactory.synthesis.inference.vocabulary import HANDLES, LABELS, PLAIN_VALUES, is_person, names_for, texts_for
from envfactory.synthesis.inference.world import Column, Entity, World

_WANTED = 34  # rows in a table made of combinations
_ENOUGH = 8  # different values for a column in which all rows differ
NOW = "2026-05-12T08:00:00Z"
_KINDS: tuple[tuple[str, JsonObject], ...] = (
    (EMAIL_WORD.pattern, {"kind": "email"}),
    (r"(^|_)age$", {"values": ["24", "31", "38", "45", "52", "67"]}),
    (
        r"(_display_name|(organizer|organiser|patient|contact|customer|initiator|reviewer|creator|member|guest)_name)$",
        {"kind": "person"},
    ),
    (r"modality$", {"values": ["CT", "MR", "US", "XR", "PT"]}),
    (r"body_part", {"values": ["chest", "knee", "head", "abdomen", "spine"]}),
    (r"manufacturer|brand|publisher", {"kind": "company"}),
    (r"(sort_key)$", {"pattern": "a#"}),
    (
        r"schedule_expression$",
        {"values": ["rate(5 minutes)", "rate(1 hour)", "rate(1 day)", "cron(0 8 * * ? *)", "cron(0 0 1 * ? *)"]},
    ),
    (r"(first|given|fore|middle|preferred|nick)_?name$", {"kind": "first_name"}),
    (r"(last|family|sur)_?name$", {"kind": "last_name"}),
    (r"(phone|telephone|mobile|fax)(_number)?$", {"kind": "phone"}),
    (r"(street|address|address_?line_?1|street_1|line1)$", {"kind": "street"}),
    (r"(^|_)(city|town|locality)$", {"kind": "city"}),
    (r"country_code$", {"values": ["DE", "FR", "PT", "SE", "GB", "NL"]}),
    (r"(^|_)country$", {"values": ["Germany", "France", "Portugal", "Sweden", "United Kingdom", "Netherlands"]}),
    (r"(postal_code|postcode|zip|zip_code)$", {"kind": "postcode"}),
    (
        r"default_branch$|^branch$|^(head|base)$",
        {"values": ["main", "develop", "release-1.2", "fix-login", "feature-search"]},
    ),
    (r"labels$", {"values": list(LABELS)}),
    (r"categor(y|ies)$", {"values": ["Fiction", "History", "Travel", "Science", "Cookery", "Biography"]}),
    (r"(company|organi[sz]ation|employer|business_name|legal_name)(_name)?$", {"kind": "company"}),
    (r"currency(_code)?$", {"values": ["EUR", "GBP", "USD", "CHF"], "weights": [5, 2, 2, 1]}),
    (r"(language|locale|lang)(_code)?$", {"values": ["en", "de", "fr", "pt", "sv"]}),
    (r"time_?zone$", {"values": ["Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Stockholm"]}),
    (r"(colou?r|background_color|foreground_color)$", {"kind": "colour"}),
    (r"(username|login|handle|user_name)$", {"pattern": "user####"}),
    (r"(mime_type|content_type)$", {"values": ["application/pdf", "text/plain", "image/png", "text/csv"]}),
    (
        r"(job_?title|position|role)$",
        {"values": ["Manager", "Analyst", "Coordinator", "Assistant", "Engineer", "Adviser"]},
    ),
    (r"(gender|sex)$", {"values": ["female", "male", "non-binary"]}),
    (r"(carrier)(_name)?$", {"values": ["DHL", "UPS", "DPD", "GLS", "PostNord"]}),
    (r"(author|artist|created_by|owner_name|assignee|reporter|instructor|holder)(_name)?$", {"kind": "person"}),
    (r"(number|reference|ref|invoice_number|order_number|sku|serial(_number)?)$", {"pattern": "??-####"}),
    (r"(code|slug)$", {"pattern": "???##"}),
    (r"(sort|sort_order)$", {"values": ["name", "date", "priority"]}),
)
_SHORT = frozenset(
    "event meeting appointment session call visit lesson interview slot shift booking departure dataset".split()
)
_COMPILED = tuple((re.compile(pattern), generator) for pattern, generator in _KINDS)
_RANGES: tuple[tuple[re.Pattern[str], tuple[float, float, float]], ...] = (
    (re.compile(r"(size|size_estimate|bytes|file_size)$"), (800, 9000, 50)),
    (re.compile(r"(amount|price|cost|total|fee|value|balance|subtotal)$"), (5, 480, 0.5)),
    (re.compile(r"(salary|wage)$"), (28_000, 96_000, 500)),
    (re.compile(r"(percent|percentage|rate|tax|discount)$"), (1, 40, 1)),
    (re.compile(r"(quantity|guests|seats|participants)$"), (1, 9, 1)),
    (re.compile(r"(priority|level|rank|position|order)$"), (1, 8, 1)),
    (re.compile(r"(rating|stars|score)$"), (1, 5, 1)),
    (re.compile(r"(age)$"), (18, 80, 1)),
    (re.compile(r"(year)$"), (1990, 2026, 1)),
    (re.compile(r"(duration_ms|millis|ms)$"), (90_000, 420_000, 1000)),
    (re.compile(r"(minutes|duration)$"), (15, 180, 15)),
    (re.compile(r"(weight|width|height|length)$"), (1, 80, 1)),
    (re.compile(r"(latitude|lat)$"), (40, 58, 0.25)),
    (re.compile(r"(longitude|lng|lon)$"), (-8, 18, 0.25)),
)


def has_few_values(column: Column) -> bool:
    """Whether the name of a text stands for a short list (a time zone, a language), so that no two rows can differ in it."""
    known = next((generator for pattern, generator in _COMPILED if pattern.search(column.name)), {})
    return column.role != "name" and 0 < len(known.get("values", ())) < _ENOUGH


def seed_of(entity: Entity, world: World) -> None:
    """Give every column of the entity a generator, and the table a number of rows."""
    entity.count = 1 if entity.single else _count(entity, world)
    if entity.pair:
        entity.select = _combined(entity, entity.pair, world)
        return
    if entity.parent and world.entities[entity.parent].history == entity.noun:
        entity.select = _loans(entity, world)
        return
    _leaders_first(entity, world)
    if entity.counted:
        parent = world.by_table(entity.columns[entity.counted_by].references)
        entity.select = f"SELECT p.{parent.key} AS {entity.counted_by} FROM {parent.table} p, numbers n WHERE n.n < p.{entity.counted}"
    elif together := _only_references(entity):
        entity.select = _combined(entity, together, world)
    for column in entity.columns.values():
        if not column.seed:
            column.seed = _generator(column, entity, world)
        share = _null_share(column)
        if share and column.seed and "sql" not in column.seed:
            column.seed = {**column.seed, "null": share}


def _leaders_first(entity: Entity, world: World) -> None:
    """A column that is computed from another one of the row comes after it."""
    followers = {each.shared.name for each in agreements(entity, world)}
    ordered = sorted(entity.columns.values(), key=lambda column: column.name in followers)
    entity.columns = {column.name: column for column in ordered}


def _combined(entity: Entity, names: list[str], world: World) -> str:
    """Rows for a share of all combinations of the records that the named columns refer to: none twice, and of the first of
    them one that has none."""
    targets = [world.by_table(entity.columns[name].references) for name in names]
    aliases = [f"t{number}" for number in range(len(names))]
    keys = [f"{alias}.{target.key}" for alias, target in zip(aliases, targets, strict=True)]
    shown = ", ".join(f"{key} AS {name}" for key, name in zip(keys, names, strict=True))
    tables = ", ".join(f"{target.table} {alias}" for alias, target in zip(aliases, targets, strict=True))
    percent = min(40, max(2, _WANTED * 100 // prod(target.count for target in targets)))
    first = targets[0]
    return (
        f"SELECT {shown} FROM {tables} WHERE chance({percent}, {', '.join(keys)}) = 1 "
        f"AND {keys[0]} <> (SELECT MIN({first.key}) FROM {first.table})"
    )


def _only_references(entity: Entity) -> list[str]:
    """The columns of a uniqueness that is made of references alone."""
    for columns in entity.unique:
        if len(columns) > 1 and all(entity.columns[name].references for name in columns):
            return columns
    return []


def _loans(entity: Entity, world: World) -> list[str]:
    """One running loan for each borrowed record, and past ones."""
    owner, key = world.entities[entity.parent], world.entities[entity.parent].key
    past = "strftime('%Y-%m-%dT%H:%M:%SZ', $now, '-' || rnd({low}, {high}, o.{key}, 'b') || ' days')"
    running, began, ended = (past.format(low=low, high=high, key=key) for low, high in ((1, 12), (50, 80), (20, 40)))
    return [
        f"SELECT o.{key} AS {entity.parent_column}, {running} AS borrowed_at, NULL AS returned_at FROM {owner.table} o WHERE o.borrowed = 1",
        f"SELECT o.{key} AS {entity.parent_column}, {began} AS borrowed_at, {ended} AS returned_at FROM {owner.table} o WHERE chance(50, o.{key}) = 1",
    ]


def _count(entity: Entity, world: World) -> int:
    """Few rows where others refer to them, more where they are what the world is about."""
    referred = [child for child, _ in world.children(entity.noun) if child is not entity]
    targets = [column for column in entity.references() if column.references != entity.table]
    name = entity.name_column()
    if referred and not targets:
        small = name is not None and not is_person(entity.noun) and len(names_for(entity.noun)) <= 8
        return 8 if small else 14
    return 30 if targets else 20


def _generator(column: Column, entity: Entity, world: World) -> JsonObject:
    if column.role == "key":
        return _key_values(entity)
    if column.references:
        return _reference_values(column, entity, world)
    if column.role == "status" or column.enum:
        return _state_values(column, entity)
    if column.type == "boolean":
        return {"values": [True, False], "weights": [0.4, 0.6]}
    if column.format:
        return _moment(column, entity)
    if column.type in ("integer", "number"):
        return _numbers(column)
    return _text(column, entity)


def _key_values(entity: Entity) -> JsonObject:
    """Keys that callers give are words a person can know: user names, or the noun's own names."""
    if not entity.natural_key:
        return {}
    if is_person(entity.noun) or entity.key in ("username", "login", "handle", "email"):
        return {"cycle": list(HANDLES)}
    names = [re.sub(r"[^a-z]+", "-", name.lower()).strip("-") for name in names_for(entity.noun)]
    names = list(dict.fromkeys(names))
    return {"cycle": [*names, *(f"{name}-{side}" for side in ("north", "east", "west", "south") for name in names)]}


def _reference_values(column: Column, entity: Entity, world: World) -> JsonObject:
    """A share of the parents only, so that some have many children and some have none."""
    target = world.by_table(column.references)
    if target is entity:
        return {"sql": "NULL"}
    for each in agreements(entity, world):
        if each.shared is column:
            return {
                "sql": f"(SELECT {each.further.name} FROM {each.target.table} WHERE {each.target.key} = $row.{each.column.name})"
            }
    if column.nullable or entity.natural_key:
        return {}
    used = max(2, target.count * 7 // 10)
    chosen = f"rnd(0, {used - 1}, $row.{entity.key}, '{column.name}')"
    return {"sql": f"(SELECT {target.key} FROM {target.table} ORDER BY {target.key} LIMIT 1 OFFSET {chosen})"}


def _state_values(column: Column, entity: Entity) -> JsonObject:
    cycle = entity.lifecycle
    if cycle is None or column.name != cycle.column:
        return {"values": column.enum}
    departs = [state for states, _ in cycle.moves.values() for state in states]
    closed = closed_states(entity)
    weights = [2 + 3 * (state == cycle.initial) + 2 * (state in departs) - (state in closed) for state in column.enum]
    return {"values": column.enum, "weights": weights}


def _moment(column: Column, entity: Entity) -> JsonObject:
    cycle = entity.lifecycle
    if cycle is not None and column.name in cycle.stamps.values():
        return {"sql": _stamp(column, entity)}
    for turn in entity.turns.values():
        if turn.stamp == column.name:
            return {"sql": f"CASE WHEN $row.{turn.column} = {turn.marks} THEN {_ago(column, entity)} END"}
    if entity.dated is not None and entity.dated[2] == column.name:
        return {"sql": f"CASE WHEN $row.{entity.dated[0]} = '{entity.dated[1]}' THEN {_ago(column, entity)} END"}
    if column.role == "created":
        return {"range": [-90, -20]}
    if column.role == "updated":
        created = next(
            (each for each in entity.columns.values() if each.role == "created" and each.format == column.format), None
        )
        return {"sql": _later(created.name, column, 0, 15)} if created is not None else {"range": [-18, -1]}
    for first, last in entity.periods:
        if column.name == last:
            return {
                "sql": _hours_later(first, column)
                if column.format == "date-time" and _is_short(entity.noun)
                else _later(first, column, 1, 9)
            }
        if column.name == first:
            return {"range": [-15, 45]}
    if re.search(r"birth|dob", column.name):
        return (
            {"range": ["1958-01-01", "2005-12-31"]}
            if is_person(entity.noun)
            else {"range": ["2014-01-01", "2025-12-31"]}
        )
    if re.search(r"publi(shed|cation)|release|founded|established|acquired", column.name):
        return {"range": ["1998-01-01", "2025-12-31"]}
    ahead = re.search(r"due|deadline|expir|until|schedul|start|end|next|renew|valid|departure|arrival", column.name)
    return {"range": [2, 60]} if ahead else {"range": [-60, -1]}


def _later(start: str, column: Column, low: int, high: int) -> str:
    form = "%Y-%m-%d" if column.format == "date" else "%Y-%m-%dT%H:%M:%SZ"
    return f"strftime('{form}', $row.{start}, '+' || rnd({low}, {high}, $row.{start}, '{column.name}') || ' days')"


def _is_short(noun: str) -> bool:
    """Whether something of this noun lasts hours, not days."""
    return noun.split("_")[-1] in _SHORT


def _hours_later(start: str, column: Column) -> str:
    minutes = f"rnd(1, 6, $row.{start}, '{column.name}') * 30"
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', $row.{start}, '+' || ({minutes}) || ' minutes')"


def _stamp(column: Column, entity: Entity) -> str:
    """The date of a step, for rows that have taken it (and are still where it led, or beyond)."""
    cycle = entity.lifecycle
    assert cycle is not None
    states = [state for state, name in cycle.stamps.items() if name == column.name]
    listed = ", ".join("'" + state.replace("'", "''") + "'" for state in states)
    return f"CASE WHEN $row.{cycle.column} IN ({listed}) THEN {_ago(column, entity)} END"


def _ago(column: Column, entity: Entity) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%SZ', $now, '-' || rnd(1, 15, $row.{entity.key}, '{column.name}') || ' days')"


def _numbers(column: Column) -> JsonObject:
    low, high, step = next((given for pattern, given in _RANGES if pattern.search(column.name)), (0, 40, 1))
    low = max(low, column.minimum if column.minimum is not None else low)
    high = min(high, column.maximum if column.maximum is not None else high)
    if high <= low:
        low, high = column.minimum or 0, column.maximum or (column.minimum or 0) + 10
    if column.type == "integer":
        return {"range": [int(low), int(high)], "step": max(1, int(step))}
    return {"range": [low, high], "step": step}


def _text(column: Column, entity: Entity) -> JsonObject:
    alone = column.unique and column.role != "name"
    known = next((generator for pattern, generator in _COMPILED if pattern.search(column.name)), None)
    if column.role == "name" and (known is None or column.name in NAME_WORDS):
        return _names(column, entity)
    if known is not None:
        return _fitted(dict(known), column, entity)
    if alone:
        return {"kind": "sentence"}
    if column.examples and len(set(column.examples)) >= 3:
        return {"values": list(dict.fromkeys(column.examples))}
    if (column.max_length or 0) >= 150 or re.search(
        r"(text|body|content|note|comment|description|message|reason)$", column.name
    ):
        return {"values": [*column.examples[:2], *texts_for(entity.noun, column.name)]}
    if re.search(r"e-?mail address", column.description, re.IGNORECASE):
        return {"kind": "email"}
    return {"values": list(dict.fromkeys([*column.examples[:2], *PLAIN_VALUES]))}


def _fitted(known: JsonObject, column: Column, entity: Entity) -> JsonObject:
    if known.get("kind") == "email":
        name = next(
            (
                each.name
                for each in entity.columns.values()
                if each.role == "name" and each.name in ("name", "full_name", "display_name")
            ),
            "",
        )
        if name and is_person(entity.noun):
            known["of"] = name
    if (
        known.get("kind") == "street"
        and column.name == "address"
        and not any(word in column.description.lower() for word in ("street", "postal", "address"))
    ):
        return {"values": names_for("location")}
    return known


def _names(column: Column, entity: Entity) -> JsonObject:
    if is_person(entity.noun) and column.name in ("name", "full_name", "display_name", "friendly_name"):
        return {"kind": "person"}
    if is_person(entity.noun) and column.name in ("title", "headline"):
        return {"values": names_for("job")}
    base = (
        entity.noun
        if column.name in ("name", "title", "summary", "subject", "label", "display_name", "friendly_name", "headline")
        else ""
    )
    names = names_for(base or column.name.rsplit("_", 1)[0])
    unique = any(columns[-1] == column.name for columns in entity.unique)
    if unique and len(names) < entity.count and column.unique:
        entity.count = len(names)
    return (
        {"cycle": names}
        if unique and column.unique
        else {"values": [*column.examples[:2], *names] if not base else names}
    )


def _null_share(column: Column) -> float:
    if not column.nullable or column.seed.get("null"):
        return 0.0
    return 0.25 if column.references else 0.15
