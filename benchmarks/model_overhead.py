"""What our own code costs per model call, and what several environments at once gain where a model is what is waited for.

    python benchmarks/model_overhead.py --library library [--latency 0.2] [--runs] [--out FILE]

The prompts are those that coder and tester get for ten verified environments, the answers what their authors had
answered; a loopback server in a process of its own serves them. Overhead is the processor time of a call through
everything (prompt, key, recording, parsing, trace) less that of LangChain's client alone with the same messages.
Environments side by side: each asks its four questions one after the other, as the roles of a run do; the endpoint takes
one call at a time, then eight. With `--runs`, two whole runs besides: the command itself builds the same environments from
their documents, coder and tester answered by the server with what their authors had answered, all else by rules, first
one thing at a time and then eight calls and as many processes as there are cores. The runs' traces tell when a call was
under way, when a program was (a role answered by rules, or a gate), and when nothing but a call was: that alone is what
waiting for the model costs, and what more calls at once can save. The rest waits for processors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonserver
from rich.console import Console
from rich.table import Table

from envfactory.agents.answers import CasesAnswer, CodeAnswer
from envfactory.agents.language import LanguageAgent
from envfactory.agents.showing import shown_design
from envfactory.config import ModelConfig, ModelsConfig
from envfactory.environments.artefact import Environment, load
from envfactory.models.backends import Backends
from envfactory.models.chat import open_chat
from envfactory.models.recording import Tape
from envfactory.prompts import render
from envfactory.synthesis.design import Design
from envfactory.traces.recorder import Recorder
from envfactory.traces.redaction import Redactor
from envfactory.traces.store import TraceStore

MODEL = "openai:stored"
ROLES: dict[str, Any] = {"coder": CodeAnswer, "tester": CasesAnswer}


def main() -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--library", type=Path, required=True, help="verified environments, at least ten for the figures"
    )
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that the server takes to answer")
    parser.add_argument("--calls", type=int, default=60, help="calls that the overhead is measured over")
    parser.add_argument("--runs", action="store_true", help="make two whole runs of the environments besides")
    parser.add_argument("--out", type=Path, help="write the figures to this JSON file")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(json.loads(options.serve.read_text()), options.latency)
        return
    places = sorted(file.parent for file in options.library.rglob("environment.json"))[:10]
    asked = {place.name: questions(load(place)) for place in places}
    figures: dict[str, Any] = {**overhead(asked, options.calls), **side_by_side(asked, options.latency)}
    if options.runs:
        figures |= whole_runs(places, asked, options.latency)
    table = Table(box=None, show_header=False)
    for name, value in figures.items():
        table.add_row(name, f"{value:.2f}" if isinstance(value, float) else str(value))
    Console().print(table)
    if options.out:
        options.out.write_text(json.dumps(figures, indent=1) + "\n")


def questions(environment: Environment) -> dict[str, tuple[dict[str, Any], str]]:
    """Return what each role is shown of an environment, and what its author answered."""
    design = Design(
        schema_sql=environment.schema_sql, seed_rows=environment.seed_rows, contracts=environment.contracts, notes=[]
    )
    cases = [
        {
            **case.model_dump(mode="json", exclude={"expect"}),
            "expect": "ok" if case.expect.status == "ok" else case.expect.codes[0],
        }
        for case in environment.cases.cases
    ]
    answers = {"coder": {"source": environment.tools_source}, "tester": {"cases": cases}}
    return {role: (shown_design(design, whole=role == "tester"), json.dumps(answers[role])) for role in ROLES}


def serve(stored: list[list[str]], latency: float) -> None:
    """Answer each prompt with what is stored for its role and schema, after a while; what is not known is refused."""

    def answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        time.sleep(latency)
        asked = body["messages"][1]["content"]
        known = [answer for start, schema, answer in stored if asked.startswith(start) and schema in asked]
        if not known:
            return 400, {"error": {"message": "no answer is stored for this prompt: build the library again"}}
        return 200, jsonserver.completion({"content": known[0]}, "stop", 1000, 1000)

    jsonserver.serve(answer)


@contextmanager
def serving(asked: dict[str, Any], latency: float) -> Iterator[str]:
    """Run the server in a process of its own; yield its address."""
    stored = [
        (render(role, **facts).splitlines()[0], facts["schema_sql"].strip(), answer)
        for environment in asked.values()
        for role, (facts, answer) in environment.items()
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(json.dumps(stored))
        file.flush()
        command = [sys.executable, __file__, "--library", ".", "--serve", file.name, "--latency", str(latency)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait()


def overhead(asked: dict[str, Any], calls: int) -> dict[str, float]:
    """Return milliseconds of processor time per call: the client's alone, and ours on top of it."""
    plan = [(role, *asked[name][role]) for name in asked for role in ROLES]
    with serving(asked, 0.0) as url, tempfile.TemporaryDirectory() as scratch:
        config = ModelConfig(model=MODEL, base_url=url, structured_output="text")
        record = Recorder(TraceStore(Path(scratch) / "trace.db"), Redactor())
        backends = Backends(ModelsConfig(default=config), Tape(Path(scratch) / "exchanges", "bench"))
        agents = {role: LanguageAgent(ROLES[role], backends.exchange(role, record)) for role in ROLES}
        chat = open_chat(config)

        async def by_client(number: int) -> None:
            role, facts, _ = plan[number % len(plan)]
            await chat.ainvoke([("system", render("system")), ("human", render(role, **facts))])

        async def by_agent(number: int) -> None:
            role, facts, _ = plan[number % len(plan)]
            await agents[role].answer("rail", 0, taken, repeat=str(number), **facts)

        async def both() -> tuple[list[float], list[float]]:
            return await timed(by_client, calls), await timed(by_agent, calls)

        client, agent = asyncio.run(both())
    kilobytes = statistics.mean(len(render(role, **facts)) for role, facts, _ in plan) / 1000
    alone, ours = statistics.median(client), statistics.median(agent)
    rendered = statistics.median(asyncio.run(timed(by_rendering(plan), calls)))
    told = {"prompt, kB": kilobytes, "writing the prompt, ms": rendered, "client alone, ms": alone - rendered}
    return {**told, "recording, parsing, trace, ms": ours - alone, "ours in all, ms": ours - alone + rendered}


def by_rendering(plan: list[Any]) -> Callable[[int], Awaitable[None]]:
    """Return what only writes the prompts."""

    async def work(number: int) -> None:
        role, facts, _ = plan[number % len(plan)]
        render("system"), render(role, **facts)

    return work


async def taken(product: Any) -> Any:
    """Take a product as it is."""
    return product


async def timed(work: Callable[[int], Awaitable[None]], calls: int) -> list[float]:
    """Return the milliseconds of processor time of each call, after two to warm up."""
    spent = []
    for number in range(calls + 2):
        started = time.process_time()
        await work(number)
        spent.append(1000 * (time.process_time() - started))
    return spent[2:]


def side_by_side(asked: dict[str, Any], latency: float) -> dict[str, float]:
    """Return the seconds that the environments' questions take one environment at a time, and eight at once."""
    seconds = {}
    for concurrency in (1, 8):
        with serving(asked, latency) as url:
            seconds[concurrency] = asyncio.run(_all_asked(asked, url, concurrency))
    told = {f"{len(asked)} environments, {count} at once, s": spent for count, spent in seconds.items()}
    return {**told, "speed-up": seconds[1] / seconds[8]}


async def _all_asked(asked: dict[str, Any], url: str, concurrency: int) -> float:
    config = ModelConfig(model=MODEL, base_url=url, structured_output="text", max_concurrency=concurrency)
    backends = Backends(ModelsConfig(default=config))
    agents = {role: LanguageAgent(ROLES[role], backends.exchange(role, lambda event: None)) for role in ROLES}

    async def one(name: str) -> None:
        for repeat in ("first", "second"):
            for role in ROLES:
                await agents[role].answer(name, 0, taken, repeat=repeat, **asked[name][role][0])

    await one(next(iter(asked)))  # opens the clients
    started = time.monotonic()
    await asyncio.gather(*(one(name) for name in asked))
    return time.monotonic() - started


def whole_runs(places: list[Path], asked: dict[str, Any], latency: float) -> dict[str, float]:
    """Return how long whole runs take, one thing at a time and eight, and how much of it a model was waited for."""
    told: dict[str, float] = {}
    whole, alone, busy = {}, {}, 0.0
    for concurrency in (1, 8):
        with serving(asked, latency) as url, tempfile.TemporaryDirectory() as scratch:
            result = _run(places, url, concurrency, Path(scratch))
            spans = TraceStore(Path(scratch, result["folder"], "trace.db"), read_only=True).spans()
        name = f"whole run, {concurrency} at once: "
        verified = [each for each in result["environments"] if each["verdict"] == "verified"]
        calls, work = _spans(spans, "chat"), _work(spans)
        whole[concurrency], alone[concurrency] = result["seconds"], _length([*calls, *work]) - _length(work)
        told |= {f"{name}s": whole[concurrency], f"{name}verified": len(verified)}
        told |= {f"{name}model calls": result["spent"]["calls"], f"{name}a call under way, s": _length(calls)}
        told |= {f"{name}a program at work, s": _length(work)}
        busy = busy or _length(work)  # of the run with one process: what one processor takes for all of it
        told |= {f"{name}nothing but a call under way, s": alone[concurrency]}
    most = whole[1] * (os.cpu_count() or 1) / busy
    told |= {"whole runs, speed-up": whole[1] / whole[8], "whole runs, most that these processors allow": most}
    return {**told, "of what was waited for a model alone": alone[1] / max(alone[8], 0.001)}


def _run(places: list[Path], url: str, concurrency: int, scratch: Path) -> dict[str, Any]:
    told = f'model = "{MODEL}"\nbase_url = "{url}"\nstructured_output = "text"\nmax_concurrency = {concurrency}\n'
    roles = "".join(f"[models.{role}]\n{told}" for role in ROLES)
    processes = min(concurrency, os.cpu_count() or 1)
    (scratch / "run.toml").write_text(f"[run]\nconcurrency = {processes}\n{roles}")
    sources = [word for place in places for word in ("--resource", load(place).manifest.resources[0].source)]
    command = [sys.executable, "-m", "envfactory.run", *sources, "--no-tasks", "--json", "--config", "run.toml"]
    done = subprocess.run(command, cwd=scratch, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.strip():
        sys.exit(f"the run ended with status {done.returncode}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _spans(spans: list[dict[str, Any]], *kinds: str) -> list[tuple[int, int]]:
    return [(span["start_ns"], span["end_ns"]) for span in spans if span["kind"] in kinds and span["end_ns"]]


def _work(spans: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Return when programs were at work: gates, and roles that asked no model."""
    asking = {span["parent_id"] for span in spans if span["kind"] == "chat"}
    return _spans([span for span in spans if span["span_id"] not in asking], "gate", "role")


def _length(times: list[tuple[int, int]]) -> float:
    """Return the seconds in which at least one of these was."""
    spent, until = 0, 0
    for start, end in sorted(times):
        spent += max(0, end - max(start, until))
        until = max(until, end)
    return spent / 1e9


if __name__ == "__main__":
    main()
