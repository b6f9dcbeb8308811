"""Does the gate hold against a terrible author? Each role is given to a poor model, and what comes through is counted.

    python benchmarks/poor_model.py --url http://127.0.0.1:8000/v1 --model smollm2 --library library [--roles coder,tester]

Every row is one real command in a scratch folder: `envfactory run` of one catalogue entry for the roles of stage one (all
of them together, then each by itself with rules for the others), `envfactory refine` or `sample` over the verified
environments of `--library` for those of stage two. A poor model is served by `benchmarks/poor_server.py`, or `transformers
serve`; answers go into `--record` if given, so that a run that is broken off is gone on with.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BUILDERS = ("explorer", "schema_designer", "coder", "tester", "reviser")
AUTHORS = ("sampler", "refiner", "solver")
ALL = "all"


def main() -> None:
    """Give the model each role, print what came of it, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True, help="base URL of the model's server")
    parser.add_argument("--model", default="smollm2", help="its name there")
    parser.add_argument("--domain", default="travel")
    parser.add_argument("--env", default="rail")
    parser.add_argument("--library", type=Path, help="verified environments, for the roles of stage two")
    parser.add_argument("--tasks", type=Path, help="sampled tasks of the library, for refiner and solver")
    parser.add_argument("--roles", default=",".join((ALL, *BUILDERS, *AUTHORS)))
    parser.add_argument("--structured-output", default="text", help="json_schema: the server fills in a schema")
    parser.add_argument("--max-tokens", type=int, default=200)
    parser.add_argument("--max-minutes", type=float, default=20.0, help="of each row")
    parser.add_argument("--max-calls", type=int, default=40, help="of each row")
    parser.add_argument("--record", type=Path)
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    options = parser.parse_args()
    rows = []
    for role in options.roles.split(","):
        with tempfile.TemporaryDirectory() as scratch:
            rows.append(
                _of_tasks(role, options, Path(scratch)) if role in AUTHORS else _built(role, options, Path(scratch))
            )
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    _print(rows)
    if options.out:
        options.out.write_text(json.dumps({"model": options.model, "rows": rows}, indent=1) + "\n")


def _built(role: str, options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Let the model play a role of stage one (or all) in a run of one environment."""
    command = ["-m", "envfactory.run", "--domain", options.domain, "--env", options.env, "--no-tasks", "--json"]
    told, seconds = _ran(role, options, scratch, command)
    outcomes, skipped = told.get("environments", []), told.get("skipped", [])
    verified = [outcome["environment"] for outcome in outcomes if outcome["verdict"] == "verified"]
    reasons = [
        _check(reason) for outcome in outcomes if outcome["verdict"] != "verified" for reason in outcome["reasons"]
    ]
    reasons += [f"explorer: {_check(each['reason'])}" for each in skipped]
    return _row(role, told, seconds, len(outcomes) + len(skipped), Counter(reasons), verified)


def _of_tasks(role: str, options: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    """Let the model play a role of stage two over verified environments."""
    out = scratch / "out.jsonl"
    library = str(options.library.absolute())
    if role == "sampler":
        command = ["sample", library, "--out", str(out), "--env", options.env, "--count", "2"]
    else:
        command = ["refine", str(options.tasks.absolute()), "--library", library, "--out", str(out)]
    told, seconds = _ran(role, options, scratch, ["-m", "envfactory.cli.main", *command, "--json"])
    tasks = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
    words = [
        turn["text"]
        for task in tasks
        if task["written_by"].get(role, "").startswith("openai:")
        for turn in task["turns"]
    ]
    refused = Counter[str]()
    for count, reason in re.findall(r"(?:refused|;) (\d+) ([\w-]+: [^;)]+)", told["progress"]):
        refused[reason] += int(count)
    row = _row(role, told, seconds, len(tasks) + sum(refused.values()), refused, [])
    return {**row, "tasks": len(tasks), "in its words": words, "solved": [task.get("calibration") for task in tasks]}


def _ran(role: str, options: argparse.Namespace, scratch: Path, command: list[str]) -> tuple[dict[str, Any], float]:
    section = "default" if role == ALL else role
    (scratch / "models.toml").write_text(
        f'[models.{section}]\nmodel = "openai:{options.model}"\nbase_url = "{options.url}"\n'
        f'structured_output = "{options.structured_output}"\n'
        f"max_tokens = {options.max_tokens}\ntimeout = 1200\nmax_concurrency = 1\nmax_retries = 1\n"
        "[tasks.calibration]\nattempts = 1\n"
    )
    kept = ["--record", str(options.record.absolute() / role)] if options.record else []
    bounds = ["--max-minutes", str(options.max_minutes), "--max-calls", str(options.max_calls)]
    limits = ["--config", "models.toml", *bounds, *kept]
    started = time.monotonic()
    done = subprocess.run([sys.executable, *command, *limits], cwd=scratch, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3) or "Traceback" in done.stderr:
        sys.exit(done.stderr)
    told = json.loads(done.stdout) if done.stdout.strip() else {}
    limited = re.search(r"\((\d+) model calls?, (\d+) tokens", done.stderr)  # a command alone that a budget stopped
    if "spent" not in told and limited:
        told["spent"] = {"calls": int(limited[1]), "input_tokens": int(limited[2])}
    return {**told, "progress": done.stderr, "error": done.stderr.strip().splitlines()[-2:]}, time.monotonic() - started


def _check(reason: str) -> str:
    """Return the step or check that a reason names."""
    return ": ".join(reason.split(": ")[:2])[:80]


def _row(
    role: str, told: dict[str, Any], seconds: float, candidates: int, rejected: Counter[str], verified: list[str]
) -> dict[str, Any]:
    spent = told.get("spent") or {}
    return {
        "role": role,
        "candidates": candidates,
        "rejected": dict(rejected),
        "verified": verified,
        "calls": spent.get("calls", 0),
        "tokens": spent.get("input_tokens", 0) + spent.get("output_tokens", 0),
        "seconds": round(seconds, 1),
        "said": told["error"],
    }


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("the model as", "candidates", "verified", "calls", "tokens", "seconds", "rejected by"):
        table.add_column(heading)
    for row in rows:
        reasons = "; ".join(f"{count} {reason}" for reason, count in row["rejected"].items())
        figures = [
            row["candidates"],
            row.get("tasks", len(row["verified"])),
            row["calls"],
            row["tokens"],
            row["seconds"],
        ]
        table.add_row(row["role"], *map(str, figures), reasons)
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
