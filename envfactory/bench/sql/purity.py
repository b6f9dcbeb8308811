"""What SQL may not say anywhere in an environment: a clock, randomness or a connection's memory of its own.

Works on tokens, so that it reads schemas, statements and expressions alike, and text inside strings does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

_CLOCK_WORDS = frozenset({"CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"})
_REFUSED = {
    "RANDOM": "randomness",
    "RANDOMBLOB": "randomness",
    "LAST_INSERT_ROWID": "the connection's memory",
    "CHANGES": "the connection's memory",
    "TOTAL_CHANGES": "the connection's memory",
    "SQLITE_VERSION": "the machine",
    "SQLITE_SOURCE_ID": "the machine",
    "LOAD_EXTENSION": "files",
}
_FEWEST_ARGUMENTS = {"DATE": 1, "TIME": 1, "DATETIME": 1, "JULIANDAY": 1, "UNIXEPOCH": 1, "STRFTIME": 2}
_MACHINE_TIMES = {
    "now": "the machine's clock",
    "localtime": "the machine's time zone",
    "utc": "the machine's time zone",
}


def impurities(text: str) -> list[str]:
    """Return what the text takes from elsewhere, as phrases such as "the machine's clock (date('now'))"."""
    return list(dict.fromkeys(_impurities(tokens(text))))


def timed_parameters(text: str) -> set[str]:
    """Return the parameters a text reads as a time (`date(:x)`); one that is free text could say 'now'."""
    found = tokens(text)
    named: set[str] = set()
    for index, token in enumerate(found):
        if token.text.upper() in _FEWEST_ARGUMENTS and token.token_type != TokenType.STRING and _is_call(found, index):
            arguments = _arguments(found, index + 2)
            named |= {argument[1].text for argument in arguments if len(argument) == 2 and argument[0].text == ":"}
    return named


def tokens(text: str) -> list[Token]:
    """Return the text's tokens; none where it cannot be read (whoever parses it will say so)."""
    try:
        found: list[Token] = SQLite.Tokenizer().tokenize(text)
    except SqlglotError:
        return []
    return found


def _impurities(found: Sequence[Token]) -> Iterator[str]:
    for index, token in enumerate(found):
        word = token.text.upper()
        if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
            continue
        if word in _CLOCK_WORDS and not _is_parameter(found, index):
            yield f"the machine's clock ({word})"
        if not _is_call(found, index):
            continue
        if word in _REFUSED:
            yield f"{_REFUSED[word]} ({word.lower()}())"
        if word in _FEWEST_ARGUMENTS:
            yield from _times(word, _arguments(found, index + 2))


def _is_call(found: Sequence[Token], index: int) -> bool:
    return index + 1 < len(found) and found[index + 1].token_type == TokenType.L_PAREN


def _is_parameter(found: Sequence[Token], index: int) -> bool:
    return index > 0 and found[index - 1].text in (":", "@", "$", ".")


def _arguments(found: Sequence[Token], start: int) -> list[list[Token]]:
    """Return the tokens of each argument of a call whose first token after the bracket is `start`."""
    arguments: list[list[Token]] = [[]]
    depth = 0
    for token in found[start:]:
        if token.token_type == TokenType.R_PAREN:
            if depth == 0:
                break
            depth -= 1
        depth += token.token_type == TokenType.L_PAREN
        if token.token_type == TokenType.COMMA and depth == 0:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return [argument for argument in arguments if argument]


def _times(function: str, arguments: list[list[Token]]) -> Iterator[str]:
    if len(arguments) < _FEWEST_ARGUMENTS[function]:
        yield f"the machine's clock ({function.lower()}() without a time)"
    for argument in arguments:
        said = argument[0].text.strip().lower() if argument[0].token_type == TokenType.STRING else ""
        if said in _MACHINE_TIMES:
            yield f"{_MACHINE_TIMES[said]} ({function.lower()}('{said}'))"
