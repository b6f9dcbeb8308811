"""A run as a tree in the terminal: environments, roles, gates with what failed, model calls with tokens and cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from rich.tree import Tree

from envfactory.cli.pages import BAD, OPEN, page
from envfactory.cli.pages import GOOD as FINE
from envfactory.pages.amounts import count
from envfactory.traces.story import GOOD, UNDECIDED, Span, is_recorded

if TYPE_CHECKING:
    from envfactory.traces.store import TraceStore


def told(store: TraceStore, span: Span) -> Span:
    """Return a span with its messages and events, as `--json` prints it."""
    return {**span, "messages": store.conversation(span["span_id"]), "events": store.events(span["span_id"])}


def chosen_spans(spans: list[Span], env: str | None, role: str | None, failed: bool) -> list[Span]:
    """Return the spans that are wanted, and those that they hang from."""
    wanted = [span for span in spans if _wanted(span, env, role, failed)]
    parents = {span["span_id"]: span["parent_id"] for span in spans}
    keep: set[str] = set()
    for span in wanted:
        place: str | None = span["span_id"]
        while place and place not in keep:
            keep.add(place)
            place = parents.get(place)
    return [span for span in spans if span["span_id"] in keep]


def _wanted(span: Span, env: str | None, role: str | None, failed: bool) -> bool:
    if env is not None and span["environment"] != env:
        return False
    if role is not None and span["agent"] != role:
        return False
    return not failed or span["status"] not in GOOD


def print_tree(store: TraceStore, spans: list[Span], folder: Path, full: bool) -> None:
    """Print spans as a tree; `full` with every prompt and answer."""
    root = Tree(str(folder))
    branches: dict[str, Tree] = {}
    for span in spans:
        branch = branches.get(span["parent_id"] or "", root).add(_label(span))
        branches[span["span_id"]] = branch
        _add_details(branch, store, span, full)
    page().print(root)


def _label(span: Span) -> Text:
    status = span["status"]
    style = FINE if status in GOOD else OPEN if status in UNDECIDED else BAD
    return Text.assemble(span["name"], " ", (status, style), _detail(span), (_measures(span), "dim"))


def _detail(span: Span) -> str:
    told = span["attributes"]
    if span["kind"] == "gate" and "total" in told:
        return f" {told['passed']} of {told['total']} checks"
    if span["kind"] == "environment" and "tools" in told:
        counted = [count(told[f"{name}s"], name) for name in ("tool", "table", "revision")]
        return f" {', '.join(counted)}"
    if span["kind"] == "tasks" and "kept" in told:
        return f" {told['kept']} of {told['wanted']} kept, {told['sampled']} sampled"
    if is_recorded(span):
        return " from the record"
    return f" {told['detail']}" if told.get("detail") else ""


def _measures(span: Span) -> str:
    seconds = f"  {(span['end_ns'] - span['start_ns']) / 1e9:.1f} s" if span["end_ns"] else ""
    tokens = f"  {span['input_tokens']}+{span['output_tokens']} tokens" if span["output_tokens"] else ""
    return seconds + tokens + (f"  ${span['cost']:.4f}" if span["cost"] is not None else "")


def _add_details(branch: Tree, store: TraceStore, span: Span, full: bool) -> None:
    for check in (span["attributes"].get("report") or {}).get("checks", []):
        if check["status"] == "fail":
            branch.add(Text.assemble((check["id"], "red"), f": {check['summary']}"))
    for reason in span["attributes"].get("reasons") or []:
        if reason.startswith("revise:"):  # a reviser that gives up has answered well; all else is told where it failed
            branch.add(Text(reason, style=BAD))
    for event in store.events(span["span_id"]):
        if event["name"] not in ("check", "started"):
            words = [event["name"].replace("_", " "), *map(str, event["data"].values())]
            branch.add(Text(" ".join(words), style="dim"))
    if full and span["kind"] in ("role", "chat"):
        for message in store.conversation(span["span_id"]):
            for name, text in (("reasoning", message["reasoning"]), (message["role"], message["content"])):
                if text or name != "reasoning":
                    branch.add(Text.assemble((name, "bold"), "\n", _legible(text)))


def _legible(text: str) -> str:
    """Return JSON a key a line; other text as it is."""
    from envfactory.environments.files import readable_json

    try:
        return readable_json(json.loads(text)).decode()
    except ValueError:
        return text
