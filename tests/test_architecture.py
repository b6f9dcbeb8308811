"""The layers of ARCHITECTURE.md, held: who may import whom, what stays out, and that no import does work."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "envfactory"
HEAVY = {"torch", "ray", "trl", "deepspeed", "transformers", "accelerate", "peft", "vllm", "datasets"}


class Import(NamedTuple):
    """`module` imports `name`, a module or something in one."""

    module: str
    name: str

    @property
    def layer(self) -> str:
        return layer_of(self.module)

    @property
    def target(self) -> str:
        return layer_of(self.name)


def layer_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def layers() -> list[set[str]]:
    """Return the rows of the layer table, from the top: the packages and modules of each."""
    section = (ROOT / "ARCHITECTURE.md").read_text().partition("## Layers")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [set(re.findall(r"`(\w+)`", cell)) for cell in cells]


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports() -> Iterator[Import]:
    """Yield every import of every module, those inside functions included."""
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (Import(module, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: relative imports hide who depends on whom"
                yield from (Import(module, f"{node.module}.{alias.name}") for alias in node.names)


IMPORTS = list(imports())
RANK = {name: rank for rank, row in enumerate(layers()) for name in row}
INWARD = [each for each in IMPORTS if each.name.startswith("envfactory.") and each.target != "__version__"]


def test_every_module_has_its_layer() -> None:
    found = {layer_of(module) for module in modules()} - {""}
    assert found == set(RANK)


def test_each_layer_imports_only_what_stands_above_it() -> None:
    wrong = [each for each in INWARD if RANK[each.target] > RANK[each.layer]]
    assert [f"{each.module} imports {each.name}" for each in wrong] == []


def test_what_runs_in_a_worker_needs_the_standard_library_alone() -> None:
    foreign = {
        (each.module, each.name)
        for each in IMPORTS
        if each.layer == "runtime"
        and each.name.split(".")[0] not in sys.stdlib_module_names
        and not each.name.startswith("envfactory.runtime")
    }
    assert foreign == set()


def heavy_modules() -> set[str]:
    """Return the modules that import what trains at their top, or a module that does: only functions may import them."""
    at_top: dict[str, set[str]] = {}
    for module, path in modules().items():
        names = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
        at_top[module] = {
            f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            for node in names
            for alias in node.names
        }
    found = {module for module, names in at_top.items() if HEAVY & {name.split(".")[0] for name in names}}
    while more := {
        module
        for module, names in at_top.items()
        if module not in found and any(name in found or name.rpartition(".")[0] in found for name in names)
    }:
        found |= more
    return found


def test_the_core_never_imports_what_trains() -> None:
    importing = {each.layer for each in IMPORTS if each.name.split(".")[0] in HEAVY}
    assert importing <= {"rollouts", "training", "evaluation"}
    assert {layer_of(module) for module in heavy_modules()} <= {"training", "evaluation"}


@pytest.mark.parametrize("solving", ["reading", "calibration"])
def test_what_plays_the_solver_knows_nothing_of_how_words_are_made(solving: str) -> None:
    told = {
        each.name for each in INWARD if each.layer == solving and each.target in {"phrasing", "sampling", "refinement"}
    }
    assert told == set()


def test_the_auditor_shares_no_code_with_the_planner() -> None:
    told = {each.name for each in INWARD if each.module == "envfactory.refinement.audit" and each.target == "phrasing"}
    assert told == set()


def test_only_the_command_line_prints() -> None:
    printing = {
        module
        for module, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert {module for module in printing if layer_of(module) not in ("cli", "run")} == set()


def test_every_module_says_its_idea() -> None:
    assert [module for module, path in modules().items() if not ast.get_docstring(ast.parse(path.read_text()))] == []


# Imports every module while an audit hook looks on. A file opened, or anything started, from a module's own top level
# is work at import; what an import itself reads, and what other distributions do when they are imported, is not ours.
WATCHED = """
import importlib, json, multiprocessing, os, sys, threading

told = []
ours = {"open", "socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.posix_spawn", "os.fork"}

def watch(event, arguments):
    if event not in ours:
        return
    frame = sys._getframe(1)
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        name = frame.f_globals.get("__name__", "")
        if name.startswith("pydantic.plugin"):  # which the first model makes pydantic look for
            return
        if name.startswith("envfactory."):
            told.append([name, event, str(arguments[0])])
            return
        frame = frame.f_back

fds = lambda: sorted(os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}"))
before = fds()
sys.addaudithook(watch)
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
after = [fd for fd in fds() if fd not in before]
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps({
    "work": told,
    "handles": after,
    "threads": [thread.name for thread in threading.enumerate()][1:],
    "processes": [child.name for child in multiprocessing.active_children()],
    "loaded": loaded,
}))
"""


@pytest.fixture(scope="module")
def imported() -> dict[str, list[str]]:
    """What importing every module did, in a process of its own."""
    command = [sys.executable, "-c", WATCHED, json.dumps(sorted(set(modules()) - heavy_modules()))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    told: dict[str, list[str]] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("what", ["work", "handles", "threads", "processes"])
def test_no_import_does_work(imported: dict[str, list[str]], what: str) -> None:
    assert imported[what] == []


def test_nothing_heavy_is_loaded_even_indirectly(imported: dict[str, list[str]]) -> None:
    assert HEAVY & set(imported["loaded"]) == set()
