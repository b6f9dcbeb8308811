"""Finding what was said: a pattern over all prompts, answers and reasoning of a run, a line at a time.

Messages are read one by one and searched as they are, so no index has to be kept while a run is on. A conversation
repeats what was said before in every further exchange; each text is told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from envfactory.environments.files import digest
from envfactory.errors import ConfigError
from envfactory.traces.legible import Line, lines_of
from envfactory.traces.store import TraceStore

ANSWER, THOUGHT = "assistant", "reasoning"
SPEAKERS = ("system", "user", "tool", ANSWER, THOUGHT)
_ANCHORS = set("^$")  # ends of lines, which only an opened text has
_SAME = {"human": "user", "ai": ANSWER}


@dataclass(frozen=True)
class Query:
    """What is looked for: where, by which role, said by whom (see SPEAKERS); None means anyone."""

    pattern: re.Pattern[str]
    environment: str | None = None
    role: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Match:
    """A line that the pattern is found in, and where in the line."""

    span: str
    environment: str
    role: str
    revision: int
    speaker: str
    line: Line
    start: int
    end: int


def compiled(pattern: str, *, fixed: bool = False, ignore_case: bool = False) -> re.Pattern[str]:
    """Return a pattern; ConfigError where it is none."""
    try:
        return re.compile(re.escape(pattern) if fixed else pattern, re.IGNORECASE if ignore_case else 0)
    except re.error as error:
        raise ConfigError(f"{pattern!r} is no pattern: {error}", remedy="--fixed takes it literally") from error


def speaker_of(said_by: str) -> str:
    """Return one name for who speaks: libraries call the same speakers `human` and `ai`."""
    return _SAME.get(said_by, said_by)


def search(store: TraceStore, query: Query) -> Iterator[Match]:
    """Yield each line that matches, in the order in which the spans began; the same text of a role once."""
    seen: set[str] = set()
    for row in store.everything_said():
        if query.environment not in (None, row["environment"]) or query.role not in (None, row["agent"]):
            continue
        speaker = speaker_of(row["role"])
        for said_by, text in ((THOUGHT, row["reasoning"]), (speaker, row["content"])):
            if query.speaker not in (None, said_by) or not may_match(query.pattern, text):
                continue
            mark = digest("\0".join([row["environment"] or "", row["agent"] or "", text]).encode())
            if mark not in seen:
                seen.add(mark)
                place = (row["span_id"], row["environment"] or "", row["agent"] or "", row["revision"] or 0, said_by)
                yield from (Match(*place, line, *found.span()) for line, found in _found(query.pattern, text))


def may_match(pattern: re.Pattern[str], text: str) -> bool:
    """Tell quickly whether any line of a text can match; in JSON, text lies escaped."""
    if not text:
        return False
    if pattern.search(text) or _ANCHORS & set(pattern.pattern):
        return True
    return text[:1] in ("{", "[") and pattern.search(_unescaped(text)) is not None


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[Line, re.Match[str]]]:
    for line in lines_of(text):
        found = pattern.search(line.text)
        if found:
            yield line, found
