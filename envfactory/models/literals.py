"""Objects written as JSON, or as Python would write them, anywhere in a text; and why one that began cannot be read."""

from __future__ import annotations

import ast
import json
import re
import warnings
from typing import Any

_CLOSING = {"{": "}", "[": "]", "(": ")"}
_NAMED = {"true": True, "false": False, "null": None, "none": None, "nan": None}
_OPENING = re.compile(r"\{")
_INCOMPLETE = re.compile(r"[,:{\[(]\s*$")
_MOST_CHARACTERS = 2_000_000


def find_objects(text: str, *, close: bool = True) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the outermost objects of a text in their order, and the faults of those that could not be read.

    The last one may lack closing brackets at the text's very end, if `close`.
    """
    values: list[dict[str, Any]] = []
    faults: list[str] = []
    place = 0
    while (start := _OPENING.search(text, place)) is not None:
        value, place, fault = _object_at(text, start.start(), close)
        if value is not None:
            values.append(value)
        elif fault:
            faults.append(fault)
    return values, faults


def _object_at(text: str, start: int, close: bool) -> tuple[dict[str, Any] | None, int, str]:
    """Return the object that begins at `start`, where to go on, and what is wrong with it."""
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
        return value, end, ""
    except json.JSONDecodeError as error:
        wrong = f"{error.msg} at line {error.lineno} column {error.colno}"
    except RecursionError:
        return None, len(text), "the JSON is nested too deeply"
    end, lacking = _extent(text, start)
    if end < 0 or (lacking and not close):
        return None, len(text), f"{wrong}; the answer seems to be cut off"
    written = text[start:end].rstrip().removesuffix("```").rstrip() + lacking if lacking else text[start:end]
    value = _literal(written)
    if isinstance(value, dict):
        return value, end, ""
    if _is_prose(written):
        return None, start + 1, ""
    return None, end, f"{wrong}; the answer seems to be cut off" if lacking else wrong


def _is_prose(written: str) -> bool:
    """Whether braces hold no more than words, as in {really}."""
    return '"' not in written and "'" not in written and ":" not in written


def _extent(text: str, start: int) -> tuple[int, str]:
    """Return where the brackets that open at `start` close; at the text's end, also the closing ones that lack.

    The end is -1 where what lacks is more than brackets: a text that ends within a string, or before a value.
    """
    opened: list[str] = []
    place = start
    while place < len(text):
        sign = text[place]
        if sign in "\"'":
            place = _after_string(text, place)
            continue
        if sign in _CLOSING:
            opened.append(_CLOSING[sign])
        elif opened and sign == opened[-1]:
            opened.pop()
            if not opened:
                return place + 1, ""
        place += 1
    rest = text.rstrip().removesuffix("```").rstrip()
    whole = place == len(text) and not _INCOMPLETE.search(rest) and rest[-1:] in "}])\"'"
    return (len(text), "".join(reversed(opened))) if whole else (-1, "")


def _after_string(text: str, place: int) -> int:
    """Return where a string that opens at `place` has ended; beyond the text where it never does."""
    quote = text[place] * 3 if text.startswith(text[place] * 3, place) else text[place]
    place += len(quote)
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text.startswith(quote, place):
            return place + len(quote)
        else:
            place += 1
    return len(text) + 1


def _literal(written: str) -> Any:
    """Return the value of JSON or of a Python literal, true, false and null included; None where it is neither."""
    if len(written) > _MOST_CHARACTERS:
        return None
    try:
        return json.loads(written, strict=False)
    except (json.JSONDecodeError, RecursionError):
        pass
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a string's unknown escapes are the model's affair
            return _value(ast.parse(written.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool | None):
        return node.value
    if isinstance(node, ast.Name) and node.id.lower() in _NAMED:
        return _NAMED[node.id.lower()]
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(each) for each in node.elts]
    if isinstance(node, ast.Dict) and all(node.keys):
        return {str(_value(key)): _value(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value  # type: ignore[operator]  # of a string: TypeError, and no literal
    raise ValueError(ast.dump(node)[:80])
