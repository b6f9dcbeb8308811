"""From fields to columns: which properties of a record are worth a column, and of which type.

A record of a real document has up to seventy properties. Kept are those a person would speak of (names, states, dates, amounts, short
texts) and those the tools need; left out are links, tokens, hashes, mark-up, opaque ids and what only programs read.
"""

from __future__ import annotations

import re
from typing import Any

from envfactory.synthesis.inference.candidates import Candidate
from envfactory.synthesis.inference.relations import Reference
from envfactory.synthesis.inference.shapes import ID_WORDS, Field
from envfactory.synthesis.inference.words import column_name, plain, sentence, spoken
from envfactory.synthesis.inference.world import Column, ColumnRole, ColumnType

MAX_COLUMNS = 10
MAX_FLAGS = 3
MAX_ENUM = 12
_WORTHWHILE = 25
_UNSAID_WORDS = frozenset(
    "etag kind href url uri link links html token tokens secret hash checksum md5 sha sha1 sha256 fingerprint cursor raw base64 blob "
    "json xml arn kms crc etags mime avatar icon thumbnail image photo picture signature nonce salt password passwd pass hashed "
    "internal downstream custom extra extras metadata meta passthrough mappings attributes annotations sid uuid guid self ip user_agent "
    "idempotency client_token template_path api version schema public_key private_key key_pair pem pkcs7 pkcs12 cert certificate "
    "i18n locale_key row offset index cfi websocket callback webhook sql regex encoding resource_type object uploaded".split()
)
_UNSAID_ENDINGS = (
    "_url",
    "_uri",
    "_href",
    "_html",
    "_token",
    "_hash",
    "_arn",
    "_json",
    "_link",
    "_sha",
    "_template",
    "_path_lower",
)
_PERMISSIONS = frozenset(
    {
        "can",
        "has",
        "allow",
        "allowed",
        "allows",
        "restrictions",
        "capabilities",
        "permissions",
        "available",
        "enable",
        "notify",
    }
)
_COMMANDS = frozenset(
    {"send", "force", "validate", "dry", "unset", "notify", "async", "replace", "overwrite", "skip", "import"}
)
NAME_WORDS = (
    "name",
    "title",
    "label",
    "subject",
    "summary",
    "display_name",
    "full_name",
    "friendly_name",
    "headline",
    "legal_name",
)
_LONG_TEXT = (
    "description",
    "body",
    "text",
    "content",
    "note",
    "notes",
    "comment",
    "message",
    "bio",
    "details",
    "snippet",
    "memo",
    "about",
)
_CREATED = frozenset(
    {
        "created_at",
        "created",
        "create_time",
        "creation_time",
        "creation_date",
        "date_created",
        "created_time",
        "created_date",
        "time_created",
        "inserted_at",
        "utc_created_at",
        "created_on",
        "added_at",
    }
)
_UPDATED = frozenset(
    {
        "updated_at",
        "updated",
        "update_time",
        "modified_at",
        "last_modified",
        "date_updated",
        "last_updated",
        "modified_time",
        "last_modification_date",
        "last_modified_time",
        "utc_updated_at",
        "modified",
        "edited_at",
        "updated_on",
    }
)
STATUS_NAMES = ("status", "state", "stage", "lifecycle_status")
_DATE_WORD = re.compile(r"(^|_)(date|day|birthday|dob|deadline|due|due_on)$")
_TIME_WORD = re.compile(r"(^|_)(at|time|timestamp|datetime|since|until|on)$")
_INTEGER_TEXT = frozenset({"int64", "uint64", "int32", "uint32"})
_MONEY_TEXT = re.compile(r"(^|_)(amount|price|subtotal|balance|unit_price)$")
_MONEY = re.compile(r"amount|price|cost|total|fee|salary|balance|rate|value|subtotal|tax|discount|tip")


def column_of(name: str, each: Field, candidate: Candidate) -> Column | None:
    """The column a scalar field makes; None where nobody would speak of it."""
    if each.shape != "scalar" or each.level > 1:
        return None
    schema = each.schema
    kind, form = _type(name, schema)
    enum = _enum(schema, kind)
    column = Column(
        name=name,
        type=kind,
        description=_description(name, each, candidate.noun),
        role=_role(name, kind, enum, form),
        enum=enum,
        format=form,
        minimum=_number(schema.get("minimum"), kind),
        maximum=_number(schema.get("maximum"), kind),
        max_length=_length(name, schema),
        default=_default(schema, kind, enum),
        examples=_examples(schema, kind, enum, form),
        read_only=each.read_only,
        needed=candidate.on_create.get(name, False),
        on_create=name in candidate.on_create,
        on_update=name in candidate.on_update,
        citation=f"{candidate.citation}/properties/{'/'.join(each.path)}",
    )
    _bound_numbers(column)
    return column


def worth(column: Column, each: Field) -> int:
    """How much a column tells a person; 0 or less where it should be left out."""
    name = column.name
    words = set(name.split("_"))
    if (
        (words & _UNSAID_WORDS
        and not column.enum)
        or name in _UNSAID_WORDS
        or name.endswith(_UNSAID_ENDINGS)
        or each.schema.get("deprecated")
    ):
        return 0
    if (
        re.search(r"_(unread|total|count)$|^(total|count|num)_", name)
        and not column.needed
        and candidate_creates(column)
    ):
        return 0
    if name.split("_")[-1] in ID_WORDS or each.schema.get("format") in (
        "uri",
        "url",
        "byte",
        "binary",
        "uuid",
        "password",
    ):
        return 0
    score = (
        40
        + 25 * column.needed
        + 10 * bool(column.examples)
        + 5 * (column.on_create or column.on_update)
        - 35 * each.level
    )
    score -= 60 * bool(words & _PERMISSIONS and column.type == "boolean") + 15 * (
        column.type == "boolean" and column.read_only
    )
    score += {"name": 60, "status": 55, "created": 15, "updated": 5, "moment": 25, "flag": 15, "plain": 0}.get(
        column.role, 0
    )
    score += 25 * (bool(column.enum) and column.role != "status") + 10 * (column.type in ("integer", "number"))
    score += 15 * (
        name.split("_")[-1]
        in ("email", "phone", "city", "country", "priority", "quantity", "amount", "price", "description", "body")
    )
    score -= 15 * name.endswith(("_count", "_total", "_number", "_code")) + 20 * (len(name.split("_")) > 3)
    return score


def candidate_creates(column: Column) -> bool:
    """Whether the column could be given when the record is created (a count never should be)."""
    return column.on_create or column.on_update


def choose_columns(
    candidate: Candidate, references: list[Reference], wanted: frozenset[str] = frozenset()
) -> list[tuple[Column, int]]:
    """The columns worth having, best first, each with its worth; fields that references stand for are left out."""
    replaced = (
        {name for reference in references for name in reference.replaces} | candidate.key_fields | {candidate.key}
    )
    replaced |= {
        name for name, each in candidate.fields.items() if len(each.path) > 1 and _outer(each, candidate) in replaced
    }
    replaced |= {reference.column for reference in references}
    found = []
    for name, each in candidate.fields.items():
        if name in replaced:
            continue
        column = column_of(name, each, candidate)
        if column is None:
            continue
        score = worth(column, each) + 30 * (name in wanted)
        if candidate.record_fields and name not in candidate.record_fields and not column.needed:
            score -= 30 + 40 * (column.type == "boolean" or name.split("_")[0] in _COMMANDS)
        if score >= _WORTHWHILE:
            found.append((column, score))
    return _few_flags(sorted(found, key=lambda pair: -pair[1]))


def _outer(each: Field, candidate: Candidate) -> str:
    """The column name of the object a nested field lies in."""
    return next(
        (name for name, other in candidate.fields.items() if other.path == each.path[:1] and other.shape == "object"),
        "",
    )


def _few_flags(found: list[tuple[Column, int]]) -> list[tuple[Column, int]]:
    flags = [column.name for column, _ in found if column.type == "boolean"]
    return [pair for pair in found if pair[0].type != "boolean" or pair[0].name in flags[:MAX_FLAGS]]


def _type(name: str, schema: dict[str, Any]) -> tuple[ColumnType, str]:
    given = schema.get("type")
    form = str(schema.get("format", ""))
    if given == "boolean":
        return "boolean", ""
    if given == "string" and form in _INTEGER_TEXT:
        given = "integer"
    if given in ("integer", "number"):
        if (
            (_TIME_WORD.search(name)
            and name.split("_")[-1] in ("at", "time", "timestamp"))
            or name in _CREATED | _UPDATED
        ):
            return "string", "date-time"
        return ("integer" if given == "integer" else "number"), ""
    if "enum" in schema:
        return "string", ""
    shown = _shown_as(schema)
    if shown and not form:
        return "string", shown
    if _MONEY_TEXT.search(name) and not form:
        return "number", ""
    if form == "date" or (not form and _DATE_WORD.search(name) and not name.endswith("_time") and _not_zoned(schema)):
        return "string", "date"
    if form in ("date-time", "google-datetime") or (
        not form and (name in _CREATED | _UPDATED or _TIME_WORD.search(name))
    ):
        return "string", "date-time"
    return "string", ""


def _shown_as(schema: dict[str, Any]) -> str:
    """The date format that the document's examples have."""
    examples = [value for value in schema.get("examples", []) if isinstance(value, str)]
    if examples and all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in examples):
        return "date"
    return (
        "date-time" if examples and all(re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value) for value in examples) else ""
    )


def _not_zoned(schema: dict[str, Any]) -> bool:
    return not any("T" in str(example) for example in schema.get("examples", []))


def _role(name: str, kind: ColumnType, enum: list[Any], form: str) -> ColumnRole:
    if name in _CREATED and form:
        return "created"
    if name in _UPDATED and form:
        return "updated"
    if (
        enum
        and (name in STATUS_NAMES or name.endswith(tuple(f"_{word}" for word in STATUS_NAMES[:2])))
        and kind == "string"
    ):
        return "status"
    if form:
        return "moment"
    if kind == "boolean":
        return "flag"
    if kind == "string" and not enum and (name in NAME_WORDS or name.endswith(("_name", "_title"))):
        return "name"
    return "plain"


def _enum(schema: dict[str, Any], kind: ColumnType) -> list[Any]:
    values = [
        value
        for value in schema.get("enum", [])
        if value not in ("", None) and not str(value).upper().endswith("UNSPECIFIED")
    ]
    if kind == "string":
        values = [str(value) for value in values]
    elif kind in ("integer", "number"):
        values = []
    return list(dict.fromkeys(values))[:MAX_ENUM] if len(values) > 1 else []


def _number(value: Any, kind: ColumnType) -> float | None:
    if (
        kind not in ("integer", "number")
        or not isinstance(value, int | float)
        or isinstance(value, bool)
        or abs(value) >= 2**53
    ):
        return None
    return int(value) if kind == "integer" else value


def _length(name: str, schema: dict[str, Any]) -> int:
    usual = 400 if name.split("_")[-1] in _LONG_TEXT else 100
    given = schema.get("maxLength")
    return min(usual, int(given)) if isinstance(given, int | float) and given >= 8 else usual


def _default(schema: dict[str, Any], kind: ColumnType, enum: list[Any]) -> Any:
    given = schema.get("default")
    if kind == "boolean":
        return given if isinstance(given, bool) else None
    if enum:
        return given if given in enum else None
    if kind == "integer":
        return given if isinstance(given, int) and not isinstance(given, bool) else None
    return None


def _examples(schema: dict[str, Any], kind: ColumnType, enum: list[Any], form: str) -> list[Any]:
    if enum or form or kind != "string":
        return []
    found = [value.strip() for value in schema.get("examples", []) if isinstance(value, str)]
    return [
        value
        for value in found
        if 1 < len(value) <= 90 and not value.startswith(("http", "{", "[", "<")) and value != "string"
    ]


def _description(name: str, each: Field, noun: str) -> str:
    said = sentence(each.description)
    if not said or len(plain(said)) < 4:
        said = f"The {spoken(noun)}'s {spoken(name)}."
    return said[0].upper() + said[1:]


def _bound_numbers(column: Column) -> None:
    """Give a number bounds that its name suggests, where the document gives none."""
    if column.type not in ("integer", "number"):
        return
    if column.minimum is None:
        column.minimum = 1 if column.name in ("quantity", "guests", "capacity", "page_count") else 0
    if column.maximum is None or column.maximum - column.minimum > 1_000_000:
        usual = 100_000 if _MONEY.search(column.name) else 10_000
        column.maximum = next(
            (high for words, high in _USUAL_MAXIMA.items() if column.name.split("_")[-1] in words), usual
        )
    if column.maximum <= column.minimum:
        column.maximum = column.minimum + 100


_USUAL_MAXIMA: dict[tuple[str, ...], float] = {
    ("quantity", "guests", "seats", "capacity", "size"): 500,
    ("priority", "rank", "position", "order", "level"): 10,
    ("percent", "percentage"): 100,
    ("rating", "stars", "score"): 5,
    ("age",): 120,
    ("year",): 2100,
    ("weight",): 500,
    ("minutes", "duration"): 600,
}


def reference_column(reference: Reference, table: str, noun: str, citation: str) -> Column:
    """The column that holds a reference."""
    return Column(
        name=column_name(reference.column),
        type="string",
        description=f"The {spoken(noun)} this belongs to."
        if reference.contains
        else f"The {spoken(reference.column.rsplit('_', 1)[0])}'s key.",
        role="reference",
        references=table,
        nullable=not reference.required,
        citation=citation,
    )
