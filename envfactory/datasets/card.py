"""README.md of a dataset: a Hugging Face dataset card whose every count was read from the files beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from envfactory.datasets.decontaminate import BENCHMARKS
from envfactory.datasets.tally import Tally
from envfactory.environments.artefact import Environment

_SIZES = [(1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**9, "100K<n<1M")]
_LIMITS = [
    "The environments are small synthetic services, compiled from API documents; their rows are invented, and no person in them exists.",
    "Under `rules` the words come from frames and templates: correct, but less varied than people's. `written_by` in a task says who worded it.",
    "Dates and times are those of each environment's own clock, in UTC; sums of money are in minor units in the data.",
    "One call a message: no call is made beside another.",
    "Overlap with benchmarks is told by names of tools and parameters. Of MCP-Atlas only the servers that hold a state of their own or are widely copied are listed, and no benchmark's questions are compared, for none of their texts are kept.",
    "English only.",
]  # fmt: skip


def card(
    name: str,
    counted: Tally,
    environments: Sequence[Environment],
    splits: Mapping[str, str],
    left_out: Mapping[str, int],
    suffix: str,
) -> bytes:
    """Return the card. `suffix` is that of the files which `load_dataset` reads; `left_out` counts tasks by reason."""
    parts = [
        f"---\n{_header(counted, environments, suffix)}---",
        f"# {name}",
        _about(counted),
        "## Contents",
        _contents(counted),
        _reading(name),
        "## Environments",
        _environments(counted, environments, splits),
        "## How the tasks were made and proved",
        _making(counted, left_out),
        "## Known limits",
        "\n".join(f"- {each}" for each in _LIMITS),
        "",
    ]
    return "\n\n".join(parts).encode()


def licences(environments: Iterable[Environment]) -> list[str]:
    """Return the licences of the environments' resources, each once."""
    named = {record.licence for each in environments for record in each.manifest.resources}
    return sorted(licence for licence in named if licence)


def _header(counted: Tally, environments: Sequence[Environment], suffix: str) -> str:
    """Return the YAML block: licence, size, and the files of every config and split."""
    ours = licences(environments)
    most = max((sum(by_split.values()) for by_split in counted.rows.values()), default=0)
    header: dict[str, Any] = {
        "license": ours[0].lower() if len(ours) == 1 else "other",
        "language": ["en"],
        "task_categories": ["text-generation"],
        "tags": ["tool-use", "agents", "synthetic", "reinforcement-learning", "multi-turn"],
        "size_categories": [next(said for bound, said in _SIZES if most < bound)],
        "configs": [
            {
                "config_name": config,
                "data_files": [{"split": split, "path": f"{config}/{split}{suffix}"} for split in by_split],
            }
            | ({"default": True} if config == "sft" else {})
            for config, by_split in counted.rows.items()
        ],
    }
    return yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=110)


def _about(counted: Tally) -> str:
    tasks = sum(counted.rows.get("rl", {}).values())
    proven = bool(counted.verdicts) and all(set(by) == {"pass"} for by in counted.verdicts.values())
    grading = "Every grader was proven to accept what it should and to reject what it should not."
    return (
        f"{tasks} graded multi-turn tasks for assistants that use tools, in {len(counted.environments)} verified, stateful "
        "environments. Every call in the conversations was executed, and each conversation ends in the state that its grader "
        f"demands. {grading if proven else 'Not every grader has been proven yet.'}"
    )


def _contents(counted: Tally) -> str:
    rows = [
        (config, split, str(count), _WHAT[config])
        for config, by_split in counted.rows.items()
        for split, count in by_split.items()
    ]
    turns = ", ".join(f"{count} of {number}" for number, count in sorted(counted.turns.items()))
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.outcomes.items()))
    return "\n\n".join(
        [
            _table(("config", "split", "rows", "what a row is"), rows),
            f"Conversations by number of turns: {turns}. Turns by outcome: {outcomes}. Executed calls: {counted.calls}. "
            f"Conversations with faults of the service to recover from: {counted.with_faults}; with questions for what was "
            f"left unsaid: {counted.with_questions}.",
        ]
    )


_WHAT = {
    "sft": "a whole conversation: `messages` with `tool_calls` (arguments as objects) and `reasoning_content`, and `tools`",
    "rl": "a task for rollouts: `prompt`, `tools`, the simulated user's turns, environments and state, goal, facts, budget",
}


def _reading(name: str) -> str:
    return (
        "```python\nfrom datasets import load_dataset\n\n"
        f'conversations = load_dataset("{name}", "sft", split="train")\ntasks = load_dataset("{name}", "rl", split="train")\n```\n\n'
        "Of a row for rollouts only `prompt` and `tools` are for the policy. Splits are by environment, settled over their names "
        "before anything was sampled: what is held out was never seen in training. `verl/` and `llama_factory/` hold the same "
        "rows in those stacks' forms, where they were asked for."
    )


def _environments(counted: Tally, environments: Sequence[Environment], splits: Mapping[str, str]) -> str:
    rows = []
    for each in environments:
        sources = "; ".join(f"{one.title or one.source} ({one.format}, {one.licence or 'licence unknown'}, sha256 {one.sha256[:12]})" for one in each.manifest.resources)  # fmt: skip
        tasks = sum(counted.environments.get(each.name, {}).values())
        rows.append(
            (each.name, each.manifest.domain, splits.get(each.name, ""), str(tasks), str(len(each.contracts.tools)), each.content_hash[:12], sources)
        )  # fmt: skip
    return _table(("environment", "domain", "split", "tasks", "tools", "content", "made from"), rows)


def _making(counted: Tally, left_out: Mapping[str, int]) -> str:
    parts = []
    if counted.operators:
        parts.append(
            "Refinements applied, each with its contract checked by program:\n\n"
            + _table(("operator", "turns"), [(name, str(count)) for name, count in sorted(counted.operators.items())])
        )
    if counted.solve_rates:
        parts.append(
            "Measured solve rates:\n\n"
            + _table(("rate", "tasks"), [(f"{tenth / 10:.1f}", str(count)) for tenth, count in sorted(counted.solve_rates.items())])
        )  # fmt: skip
    if counted.unmeasured:
        parts.append(f"Tasks without a measured solve rate: {counted.unmeasured}.")
    if counted.verdicts:
        verdicts = [(name, ", ".join(f"{count} {status}" for status, count in sorted(by.items()))) for name, by in sorted(counted.verdicts.items())]  # fmt: skip
        parts.append("Checks of the graders:\n\n" + _table(("check", "tasks"), verdicts))
    else:
        parts.append("The graders of these tasks have not been proven.")
    reasons = "; ".join(f"{count} {reason}" for reason, count in sorted(left_out.items())) or "none"
    parts.append(f"Compared with the tool worlds of {', '.join(BENCHMARKS)}. Tasks left out: {reasons}.")
    return "\n\n".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(each.replace('|', '/') for each in line)} |" for line in lines)
