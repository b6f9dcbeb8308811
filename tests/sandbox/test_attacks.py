"""The whole boundary: the shared corpus and our own attacks, as root or not, with full builtins; and a normal tool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tenacity

from envfactory.sandbox import Sandbox
from tests.sandbox.attack_run import SQLITE_TOOL
from tests.sandbox.world import (
    IMPORTS,
    INSIDE,
    RAW,
    ROOT,
    attempt_file,
    attempt_own,
    corpus,
    corpus_names,
    own_names,
    own_properly_stopped,
    properly_stopped,
)

ORDINARY_USER = 54321  # an id without an account: nothing is its own
# Harmless to the machine, so tried without walls too: they must get through there, or their targets prove nothing.
CONTROLS = """
    abstract_socket hardlink list_dir proc_mem_outside proc_ppid_environ read_passwd sqlite_attach sqlite_vacuum_into
    stat_secret subprocess_run symlink_plant tcp_listen tcp_loopback unlink_outside utime_outside write_outside
"""

needs_corpus = pytest.mark.skipif(not corpus_names(), reason=f"no attacks at {corpus()}")


@pytest.mark.parametrize("name", corpus_names() or ["absent"])
@needs_corpus
def test_corpus_attack_is_stopped(name: str, raw: Sandbox, plain: Sandbox, context: dict[str, Any]) -> None:
    outcome = attempt_file(plain if name in IMPORTS else raw, name, context)
    assert name in INSIDE or properly_stopped(name, outcome), outcome


@pytest.mark.parametrize("name", own_names())
def test_own_attack_ends_as_it_must(name: str, raw: Sandbox, context: dict[str, Any]) -> None:
    outcome = attempt_own(raw, name, context)
    assert own_properly_stopped(name, outcome), outcome


@pytest.mark.parametrize("name", sorted(INSIDE))
@needs_corpus
def test_escape_to_the_interpreter_reaches_nothing_outside(name: str, raw: Sandbox, context: dict[str, Any]) -> None:
    source = (corpus() / f"{name}.py").read_text()
    with raw.open() as worker:
        worker.request("attack", {"source": source, "context": context})
        reached = (
            "import builtins\ntry: result = builtins.open('/etc/passwd').read()\nexcept OSError as e: result = e.errno"
        )
        assert worker.request("run", {"source": reached}) == 1  # EPERM


@pytest.mark.parametrize("name", CONTROLS.split())
@needs_corpus
def test_the_same_attack_gets_through_without_walls(name: str, context: dict[str, Any]) -> None:
    victim = Path(context["outside"], "victim2")
    victim.write_text("victim")
    victim.chmod(0o777)
    with Sandbox("none", handler=RAW, paths=[ROOT]) as bare:
        outcome = attempt_file(bare, name, context)
    assert outcome.how == "through", outcome


def test_a_normal_tool_works(plain: Sandbox) -> None:
    with plain.open() as worker:
        assert worker.request("run", {"source": SQLITE_TOOL}) == [[1]]


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: the tests above have run as an ordinary user")
def test_all_is_stopped_for_an_ordinary_user_too(walls: None) -> None:
    report = json.loads(_as_ordinary_user("-m", "tests.sandbox.attack_run", "jail"))
    assert (report["user"], report["tool"], report["bad"]) == (ORDINARY_USER, [[1]], {})
    assert report["tried"] == len(corpus_names()) + len(own_names())


@pytest.mark.parametrize("user", ["who runs the tests", "ordinary"])
def test_all_is_stopped_by_an_empty_root_too(user: str, empty_root: None) -> None:
    run = _as_ordinary_user if user == "ordinary" and os.geteuid() == 0 else _as_ourselves
    report = json.loads(run("-m", "tests.sandbox.attack_run", "emptyroot"))
    assert (report["tool"], report["bad"]) == ([[1]], {})
    assert report["tried"] == len(corpus_names()) + len(own_names())


def _as_ourselves(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    command = [sys.executable, "-B", *arguments]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


def _as_ordinary_user(*arguments: str) -> str:
    """Run this project's Python as ORDINARY_USER; skip where that user can reach no such interpreter or package."""
    for interpreter in (sys.executable, "/usr/bin/python3", f"/usr/bin/python3.{sys.version_info.minor}"):
        if _run_as(interpreter, "-c", "import envfactory.sandbox.pool").returncode == 0:
            done = _run_as(interpreter, *arguments)
            assert done.returncode == 0, done.stderr
            return done.stdout
    pytest.skip("an ordinary user can reach no interpreter here that imports this project and its packages")


def _run_as(interpreter: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    folders = [ROOT, *(Path(str(package.__file__)).parents[1] for package in (msgspec, tenacity))]
    path = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    environment = {**path, "ENVFACTORY_ATTACKS": str(corpus())}
    command = [interpreter, "-B", *arguments]
    try:
        return subprocess.run(
            command,
            env=environment,
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            user=ORDINARY_USER,
            group=ORDINARY_USER,
            extra_groups=[],
        )
    except OSError as error:  # the interpreter lies in a folder closed to that user
        return subprocess.CompletedProcess(command, 127, "", str(error))
