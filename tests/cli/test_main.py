"""The console command as a process: help without waiting, versions, pipes that close early."""

from __future__ import annotations

import subprocess
import sys

import pytest

from envfactory import __version__
from tests.cli.conftest import Call

# typer itself loads pydantic for the types of arguments; nothing of ours may add to it, and `envfactory.config` would.
HEAVY = ("langgraph", "langchain_core", "langchain_openai", "sqlglot", "faker", "rich.live", "pydantic_settings")
COMMANDS = [
    [],
    ["run"],
    ["verify"],
    ["show"],
    ["doctor"],
    ["catalog"],
    ["catalog", "list"],
    ["catalog", "search"],
    ["catalog", "show"],
    ["traces"],
    ["traces", "list"],
    ["traces", "show"],
]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    done = python(
        "import sys\nfrom envfactory.cli.main import main\n"
        f"try: main({[*command, '--help']})\n"
        f"finally: print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert done.stdout.startswith("Usage: envfactory")
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_module_is_the_command_run() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "envfactory.run", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.startswith("Usage: python -m envfactory.run [OPTIONS]")
    assert "\n    python -m envfactory.run --domain travel\n" in done.stdout
    assert not [name for name in HEAVY if f"| {name}\n" in done.stderr.replace("|  ", "| ")]


def test_alone_it_shows_what_there_is(call: Call) -> None:
    told = call()
    assert (told.status, told.err) == (0, "")
    assert {"run", "verify", "show", "doctor", "catalog", "traces"} <= {
        line.split()[0] for line in told.out.splitlines() if line.strip()
    }


def test_version(call: Call) -> None:
    assert call("--version") == (0, f"envfactory {__version__}\n", "")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    code = "from envfactory.cli.main import main\nmain(['catalog', 'show', 'travel/rail', '--json'])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
