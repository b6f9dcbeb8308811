"""What `traces grep` and `traces diff` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rich.text import Text

from envfactory.cli.pages import BAD, GOOD, page
from envfactory.pages.amounts import count, money
from envfactory.traces.compare import Comparison, Pair, Run, Verdict, differences
from envfactory.traces.search import Match
from envfactory.traces.story import Spent, is_bad

_WIDEST = 240  # of a line that another program reads
_SIGNS = {"+": GOOD, "-": BAD, "@": "cyan"}


def print_matches(matches: Iterable[Match]) -> int:
    """Print each line that matches, where it stands before it; return how many."""
    console, number = page(), 0
    width = console.width if console.is_terminal else _WIDEST
    for match in matches:
        console.print(_match(match, width), soft_wrap=True)
        number += 1
    return number


def _match(match: Match, width: int) -> Text:
    place = " ".join(part for part in (match.environment, match.role, str(match.revision), match.speaker) if part)
    path = f"{match.line.path}:{match.line.number}" if match.line.number else match.line.path
    head = Text.assemble((place, "cyan"), "  ", (f"{path.removeprefix(':')}: " if path else "", "dim"))
    line, start, end = _cut(match.line.text, match.start, match.end, max(width - head.cell_len, 40))
    head.append(line[:start])
    head.append(line[start:end], style="bold red")
    head.append(line[end:])
    return head


def _cut(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Return a line, or as much of it around the match as there is room for."""
    if len(text) <= room:
        return text, start, end
    first = max(min(start - room // 3, len(text) - room + 2), 0)
    before, last = "…" if first else "", first + room - 2
    cut = before + text[first:last] + ("…" if last < len(text) else "")
    shift = len(before) - first
    return cut, start + shift, min(end + shift, len(cut))


def as_json(matches: Iterable[Match]) -> list[dict[str, Any]]:
    """Return matches for programs."""
    return [
        {
            "span": match.span,
            "environment": match.environment,
            "role": match.role,
            "revision": match.revision,
            "said_by": match.speaker,
            "path": match.line.path,
            "line": match.line.number,
            "text": match.line.text,
        }
        for match in matches
    ]


def print_comparison(left: Run, right: Run, found: Comparison, names: tuple[str, str], full: bool) -> None:
    """Print how two runs differ; `full` with the differences of prompts and answers."""
    console = page()
    console.print(Text.assemble(("first   ", "bold"), names[0]))
    console.print(Text.assemble(("second  ", "bold"), names[1]))
    for line in _verdicts(found):
        console.print(line, soft_wrap=True)
    for line in _spent(found):
        console.print(line, soft_wrap=True)
    lone = {name for name, sides in found.verdicts.items() if None in sides}
    told = [pair for pair in found.differing if pair.key[0] not in lone]
    if told:
        console.print(Text("\nsteps", style="bold"))
    for pair in told:
        console.print(_pair(pair), soft_wrap=True)
        for detail in _details(left, right, pair) if full else ():
            console.print(Text(f"    {detail}", style=_SIGNS.get(detail[:1], "")), soft_wrap=True)
    same = len(found.pairs) - len(found.differing)
    console.print(f"\n{count(len(found.differing), 'step')} of {len(found.pairs)} differ, {same} are the same")


def _verdicts(found: Comparison) -> Iterator[Text]:
    yield Text("\nenvironments", style="bold")
    for name, (ours, theirs) in found.verdicts.items():
        same = "same" if ours == theirs else f"{_verdict(ours)}  →  {_verdict(theirs)}"
        yield Text.assemble(f"  {name}  ", (same, "dim" if ours == theirs else "yellow"))


def _verdict(told: Verdict | None) -> str:
    return "absent" if told is None else f"{told[0]}, {count(told[1], 'revision')}, {count(told[2], 'step')}"


def _spent(found: Comparison) -> Iterator[Text]:
    yield Text("\nroles", style="bold")
    for role, (ours, theirs) in found.spent.items():
        yield Text(f"  {role or 'no role'}  {_cost(ours)}  →  {_cost(theirs)}")


def _cost(spent: Spent | None) -> str:
    if spent is None:
        return "absent"
    recorded = f" ({count(spent.recorded)} from the record)" if spent.recorded else ""
    calls = (
        f", {count(spent.calls, 'call')}{recorded}, {spent.input_tokens}+{spent.output_tokens} tokens"
        if spent.calls
        else ""
    )
    cost = f", {money(spent.cost)}" if spent.cost is not None else ""
    return f"{count(spent.answers, 'answer')}, {spent.seconds:.1f} s{calls}{cost}"


def _pair(pair: Pair) -> Text:
    environment, role, revision, turn = pair.key
    name = f"{environment} {role} {revision}" + (f" again ({turn + 1})" if turn else "")
    return Text.assemble("  ", name.strip(), "  ", (", ".join(pair.differs), "yellow"), _statuses(pair))


def _statuses(pair: Pair) -> str:
    if pair.left is None or pair.right is None or "status" not in pair.differs:
        return ""
    return f"  {pair.left.span['status']} → {pair.right.span['status']}"


def _details(left: Run, right: Run, pair: Pair) -> Iterator[str]:
    for part in ("prompt", "answer"):
        if part in pair.differs:
            yield f"{part}:"
            yield from differences(left, right, pair, part)
    if "checks" in pair.differs and pair.left and pair.right:
        for side, step in (("-", pair.left), ("+", pair.right)):
            checks = (step.span["attributes"].get("report") or {}).get("checks", [])
            yield from (f"{side} {check['id']}: {check['summary']}" for check in checks if check["status"] == "fail")


def comparison_json(found: Comparison) -> dict[str, Any]:
    """Return a comparison for programs."""
    return {
        "environments": {name: [_plain(side) for side in sides] for name, sides in found.verdicts.items()},
        "roles": {
            role: [None if side is None else vars(side) for side in sides] for role, sides in found.spent.items()
        },
        "steps": [
            {
                "environment": pair.key[0],
                "role": pair.key[1],
                "revision": pair.key[2],
                "turn": pair.key[3],
                "differs": pair.differs,
                "failed": [None if side is None else is_bad(side.span) for side in (pair.left, pair.right)],
            }
            for pair in found.pairs
        ],
    }


def _plain(told: Verdict | None) -> dict[str, Any] | None:
    return None if told is None else {"status": told[0], "revisions": told[1], "steps": told[2]}
