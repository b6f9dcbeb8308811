"""SQL as it is written into tool code: one literal string, on one line or laid out clause by clause.

Whitespace outside of quotes means nothing to SQLite, so the layout is free; quoted text is never touched.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Mapping

_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")"
    r"|(?P<bound>:[A-Za-z_]\w*)"
    r"|(?P<word>\w+)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CLAUSE_WORDS = "SELECT FROM WHERE GROUP HAVING ORDER LIMIT SET VALUES UNION EXCEPT INTERSECT JOIN LEFT INNER CROSS"
_CLAUSES = frozenset(_CLAUSE_WORDS.split())
_CONNECTORS = frozenset({"AND", "OR"})
_HANGING = "  "
_LONG_GROUP = 60
LINE = 108


def flat(sql: str) -> str:
    """Return SQL on one line, without comments; quoted text keeps its own line breaks."""
    parts = [" " if match["space"] or match["comment"] else match[0] for match in _TOKEN.finditer(sql)]
    return re.sub(r"^ +| +$", "", "".join(_collapsed(parts)))


def _collapsed(parts: Iterable[str]) -> Iterable[str]:
    blank = False
    for part in parts:
        if part != " " or not blank:
            yield part
        blank = part == " "


def statements(script: str) -> list[str]:
    """Return the statements of a script."""
    found = [""]
    for match in _TOKEN.finditer(script):
        if match[0] == ";":
            found.append("")
        else:
            found[-1] += match[0]
    return [statement for statement in found if statement.strip()]


def renamed(sql: str, names: Mapping[str, str]) -> str:
    """Return SQL with its bound names replaced."""
    return "".join(
        f":{names.get(match[0][1:], match[0][1:])}" if match["bound"] else match[0] for match in _TOKEN.finditer(sql)
    )


def bound_names(names: Iterable[str]) -> dict[str, str]:
    """Return what a statement calls its bound names: `room__price` reads `room_price` where that is free."""
    wanted = list(names)
    taken = {name for name in wanted if "__" not in name}
    found = {}
    for name in wanted:
        short = name.replace("__", "_")
        chosen = short if short not in taken or "__" not in name else name
        taken.add(chosen)
        found[name] = f"{chosen}_" if keyword.iskeyword(chosen) else chosen
    return found


def unwrapped(expression: str) -> str:
    """Return an expression without parentheses that enclose all of it."""
    text = flat(expression)
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def _closing(text: str) -> int:
    """The place of the parenthesis that closes the first one."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.start()
    return -1


def is_query(text: str) -> bool:
    """Whether the text is a SELECT rather than an expression."""
    return bool(re.match(r"(SELECT|WITH|VALUES)\b", text, re.IGNORECASE))


def value_query(expression: str) -> str:
    """Return the SELECT whose first value is that of an expression."""
    inner = unwrapped(expression)
    return inner if is_query(inner) else f"SELECT {flat(expression)}"


def operand(expression: str) -> str:
    """Return an expression as it may stand in a list of values or assignments."""
    text = flat(expression)
    return f"({text})" if is_query(text) else text


def literal_lines(sql: str, indent: int) -> list[str]:
    """Return the lines of a Python string literal that holds `sql`; the first is not indented, the others are."""
    text = flat(sql)
    if len(text) + indent + 3 <= LINE and "\n" not in text:
        return [_quoted(text)]
    margin = " " * indent
    lines = [f"{margin}{line}" for line in _layout(text, LINE - indent)]
    escaped = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    return ['"""', *escaped, f'{margin}"""']


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if text.isprintable() else repr(text)


def _layout(text: str, width: int) -> list[str]:
    """One line a clause; what is still too long is broken at subqueries, at AND and OR, else at spaces."""
    if len(text) <= width:
        return [text]
    clauses = _cut(text, _starts_clause)
    if len(clauses) > 1:
        return [line for clause in clauses for line in _layout(clause, width)]
    if group := _long_group(text):
        start, end = group
        inner = [_HANGING + line for line in _layout(text[start + 1 : end].strip(), width - len(_HANGING))]
        before, after = text[: start + 1], text[end:]
        return [*_layout(before, width), *inner, *_layout(after, width)]
    conjuncts = _cut(text, _starts_conjunct)
    if len(conjuncts) > 1:
        first, *others = conjuncts
        hanging = [_HANGING + line for part in others for line in _layout(part, width - len(_HANGING))]
        return [*_layout(first, width), *hanging]
    return _wrapped(text, width)


Starts = Callable[[str, str], bool]


def _cut(text: str, starts: Starts) -> list[str]:
    """The text cut before the words outside of parentheses at which `starts(word, text before)` holds."""
    parts, depth = [""], 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and match["word"] and parts[-1].strip() and starts(token.upper(), parts[-1]):
            parts.append("")
        parts[-1] += token
    return [part.strip() for part in parts]


def _starts_clause(word: str, before: str) -> bool:
    return word in _CLAUSES and not re.search(r"\b(LEFT|INNER|CROSS|OUTER|UNION|ALL|DELETE) $", before, re.IGNORECASE)


def _starts_conjunct(word: str, before: str) -> bool:
    if word == "AND" and re.search(r"\bBETWEEN\b(?!.*\bAND\b)", before, re.IGNORECASE):
        return False
    return word in _CONNECTORS


def _long_group(text: str) -> tuple[int, int] | None:
    """The first subquery in parentheses that is worth lines of its own: the places of its parentheses."""
    for match in _TOKEN.finditer(text):
        if match[0] == "(" and is_query(text[match.end() :].lstrip()):
            end = match.start() + _closing(text[match.start() :])
            if end - match.start() > _LONG_GROUP:
                return match.start(), end
    return None


def _wrapped(text: str, width: int) -> list[str]:
    """The text on lines of at most `width` where that can be: broken after commas, and at spaces where it must."""
    units = [unit for item in _items(text) for unit in ([item] if len(item) <= width // 2 else _words(item))]
    lines = [units[0]]
    for unit in units[1:]:
        if len(lines[-1]) + 1 + len(unit) > width:
            lines.append(_HANGING + unit)
        else:
            lines[-1] += " " + unit
    return lines


def _items(text: str) -> list[str]:
    """The text cut after the commas outside of parentheses."""
    items, depth = [""], 0
    for match in _TOKEN.finditer(text):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        items[-1] += match[0]
        if match[0] == "," and depth == 0:
            items.append("")
    return [item.strip() for item in items]


def _words(text: str) -> list[str]:
    """The text cut at spaces outside of quotes."""
    words = [""]
    for match in _TOKEN.finditer(text):
        if match["space"]:
            words.append("")
        else:
            words[-1] += match[0]
    return words
