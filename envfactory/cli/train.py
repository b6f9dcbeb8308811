"""The commands `train sft|grpo|curves|recipes`: models from datasets and environments, in one process or many."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envfactory.cli.boundary import INTERRUPTED, clear_errors, fail, help_unless_asked, print_json
from envfactory.cli.options import UnsafeForTools, grouped

if TYPE_CHECKING:
    from envfactory.training.config import TrainConfig
    from envfactory.training.runs import Method, TrainingRun

EXAMPLES = """\b
Examples:
  envfactory train recipes
  envfactory train sft --data datasets/travel --recipe smollm2-cpu-sft
  envfactory train grpo --data datasets/travel --recipe smollm2-cpu-grpo
  envfactory train curves trained/smollm2-cpu-sft
"""
SFT_EXAMPLES = """\b
Examples:
  envfactory train sft --data datasets/travel --recipe smollm2-cpu-sft
  envfactory train sft --data datasets/travel --model models/qwen3-0.6b --set optimisation.epochs=2 --out trained/mine
  envfactory train sft --data datasets/travel --recipe qwen3-4b-sft --processes 8 --zero 3
  envfactory train sft --out trained/smollm2-cpu-sft --resume
"""
GRPO_EXAMPLES = """\b
Examples:
  envfactory train grpo --data datasets/travel --recipe smollm2-cpu-grpo --model trained/smollm2-cpu-sft/model
  envfactory train grpo --data datasets/travel --recipe qwen3-4b-grpo --library library --processes 8 --zero 3
  envfactory train grpo --out trained/smollm2-cpu-grpo --resume
"""
train = typer.Typer(rich_markup_mode=None)
Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Dataset that envfactory run or export wrote.")
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder of the run.  [default: trained/RECIPE, or trained/METHOD]")
]
OverRecipe = Annotated[Path | None, typer.Option(metavar="FILE", help="TOML configuration; goes over the recipe.")]
Recipe = Annotated[str | None, typer.Option(metavar="NAME", help="A configuration that ships with EnvFactory.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One key, as optimisation.steps=100. Repeatable.")
]
Model = Annotated[str | None, typer.Option(metavar="MODEL", help="Folder, hub name, package:NAME or scratch:tiny.")]
Steps = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after so many steps.")]
Processes = Annotated[int | None, typer.Option(min=1, metavar="N", help="Processes on this machine.")]
Zero = Annotated[int | None, typer.Option(min=0, max=3, metavar="0-3", help="DeepSpeed ZeRO stage; 0 is none.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run in --out from its last checkpoint.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what came of it as JSON; progress goes to stderr.")]


@dataclass(frozen=True)
class TrainOptions:
    """What both methods take."""

    out: Out = None
    recipe: Recipe = None
    config: OverRecipe = None
    set_: Set = None
    model: Model = None
    steps: Steps = None
    processes: Processes = None
    zero: Zero = None
    resume: Resume = False

    def flags(self, data: Path | None) -> dict[str, Any]:
        """Return what goes over recipe, configuration and assignments."""
        return {
            "data": {"dataset": data},
            "model": {"name": self.model},
            "optimisation": {"steps": self.steps},
            "launch": {"processes": self.processes, "zero": self.zero},
        }


@train.callback(invoke_without_command=True, epilog=EXAMPLES)
def about(context: typer.Context) -> None:
    """Train a model on datasets (sft), then in the environments themselves (grpo). Needs the train extra."""
    help_unless_asked(context)


@train.command(epilog=SFT_EXAMPLES, short_help="Fine-tune a model on a dataset's conversations.")
@grouped
def sft(
    *,
    data: Data = None,
    options: TrainOptions,
    json: AsJson = False,
) -> None:
    """Fine-tune a model on the conversations of a dataset, with loss on what the assistant writes alone."""
    with clear_errors():
        _train(_run("sft", options, options.flags(data)), json)


@train.command(epilog=GRPO_EXAMPLES, short_help="Let a model practise tasks in their environments.")
@grouped
def grpo(
    *,
    data: Data = None,
    library: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Library of the tasks' environments.  [default: library]")
    ] = None,
    options: TrainOptions,
    unsafe_no_sandbox: UnsafeForTools = False,
    json: AsJson = False,
) -> None:
    """Improve a model by group-relative policy optimisation: it plays tasks in episodes of their own, and is graded."""
    with clear_errors():
        flags = {**options.flags(data), "grpo": {"library": library}}
        _train(_run("grpo", options, flags), json, unsafe=unsafe_no_sandbox)


@train.command(short_help="Draw the metrics of a run.")
def curves(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a training run.")],
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Picture.  [default: RUN/curves.png]")] = None,
) -> None:
    """Draw loss, reward, solve rate, length, KL and entropy of a run, whichever it wrote, as one picture."""
    from envfactory.training.curves import draw_curves

    with clear_errors():
        print(draw_curves(run, out))


@train.command("recipes", short_help="List the configurations that ship with EnvFactory.")
def list_recipes(json: AsJson = False) -> None:
    """List the recipes, each with what it is for."""
    from envfactory.cli.pages import columns, page
    from envfactory.training.config import recipes

    with clear_errors():
        if json:
            print_json(recipes())
        else:
            page().print(columns(list(recipes().items())))


def _run(method: Method, asked: TrainOptions, flags: dict[str, Any]) -> TrainingRun:
    """Return the run that is asked for: a new one, or the one in the folder with its own configuration."""
    from envfactory.training.config import load_config
    from envfactory.training.runs import TrainingRun, opened

    folder, assignments = asked.out or Path("trained") / (asked.recipe or method), asked.set_ or []
    told = [asked.recipe, asked.config, *assignments, *(value for part in flags.values() for value in part.values())]
    if asked.resume and not any(each is not None for each in told):
        found = opened(folder, resume=True)
        if found.method != method:
            fail(f"{folder} holds a run of {found.method}", f"envfactory train {found.method} --out {folder} --resume")
        return found
    return TrainingRun(folder, method, load_config(asked.config, asked.recipe, assignments, flags), asked.resume)


def _train(run: TrainingRun, as_json: bool, *, unsafe: bool = False) -> None:
    from envfactory.training.extra import require
    from envfactory.training.runs import begin

    require("training")
    if run.method == "grpo" and not unsafe:
        from envfactory.sandbox.doctor import require as require_walls

        require_walls("auto")
    _look_at(run.config, run)
    begin(run)
    try:
        _work(run, unsafe)
    except KeyboardInterrupt:
        fail(f"stopped; go on with: envfactory train {run.method} --out {run.folder} --resume", status=INTERRUPTED)
    _tell(run, as_json)


def _look_at(config: TrainConfig, run: TrainingRun) -> None:
    """Refuse what could only fail later, in several processes at once."""
    kind = "sft" if run.method == "sft" else "rl"
    if not (run.dataset / kind / "train.jsonl").is_file():
        fail(f"{run.dataset} holds no {kind}/train.jsonl", "name a dataset that envfactory run or export wrote: --data")


def _work(run: TrainingRun, unsafe: bool) -> None:
    from envfactory.cli.trainboard import open_board
    from envfactory.cli.trainworker import work
    from envfactory.training.launch import launch, needs_launching

    if not needs_launching(run.config.launch):
        with open_board() as board:
            work(run, board, "none" if unsafe else "auto")
        return
    from envfactory.cli.trainboard import plain

    launch(run, plain(), ("--unsafe-no-sandbox",) if unsafe else ())


def _tell(run: TrainingRun, as_json: bool) -> None:
    from envfactory.training.curves import draw_curves
    from envfactory.training.runs import told_of

    told = told_of(run.folder)
    picture = draw_curves(run.folder)
    if as_json:
        print_json({"folder": str(run.folder), "model": str(run.model), "curves": str(picture), **told["result"]})
        return
    figures = ", ".join(f"{name} {_short(value)}" for name, value in told["result"].items() if value is not None)
    print(f"{run.method}: {figures}")
    print(f"model   {run.model}\ncurves  {picture}\nnext    envfactory eval --model {run.model} --suite heldout")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
