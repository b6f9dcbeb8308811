"""Where errors become one clear line with a hint and an exit status, and where output for programs is written.

Exit statuses: 0 done, 1 done but not verified (or the machine is lacking), 2 a mistake in what was asked,
3 stopped by a budget, 130 stopped by a person.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.exceptions import TyperException

from envfactory.errors import EnvFactoryError

MISTAKE, SPENT, INTERRUPTED = 2, 3, 130


def fail(message: str, hint: str = "", status: int = MISTAKE) -> NoReturn:
    """Print one line of error with what to do about it, and leave."""
    complain(message, hint)
    raise typer.Exit(status)


def complain(message: str, hint: str = "") -> None:
    """Print one line of error with what to do about it."""
    sys.stdout.flush()  # what was said before must stand before
    print(f"error: {message}" + (f"\n hint: {hint}" if hint else ""), file=sys.stderr)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn typed errors and what the file system refuses into one line; all else is our defect and keeps its traceback."""
    try:
        yield
    except EnvFactoryError as error:
        fail(error.message, error.remedy, error.exit_status)
    except KeyboardInterrupt:
        fail("interrupted", status=INTERRUPTED)
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            raise
        fail(f"{error.filename}: {error.strerror}", "check the path, its permissions and the space left", 1)


def start(app: typer.Typer, name: str, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command line and leave with its exit status; mistakes in the arguments are told like all others."""
    try:
        status = app(args=arguments, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except TyperException as mistake:
        complain(_lowered(mistake.format_message()), _usage(mistake))
        status = mistake.exit_code
    except BrokenPipeError:
        # Whoever read us has left, as `head` does. What is still buffered must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")


def _usage(mistake: TyperException) -> str:
    context = getattr(mistake, "ctx", None)
    return f"{context.command_path} --help" if context is not None else ""


def help_unless_asked(context: typer.Context) -> None:
    """The callback of a command with sub-commands: alone, it shows what there is."""
    if context.invoked_subcommand is None:
        print(context.get_help())


def print_json(value: Any) -> None:
    """Print a value as JSON, for programs."""
    print(json.dumps(value, indent=1, ensure_ascii=False))
