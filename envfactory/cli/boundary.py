"""Where errors become one clear line and an exit status, and where output for programs is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

from envfactory.errors import EnvFactoryError

INTERRUPTED = 130


def fail(message: str, remedy: str = "", status: int = 2) -> NoReturn:
    """Print one line of error with its remedy and leave."""
    print(f"error: {message}" + (f"\n  try: {remedy}" if remedy else ""), file=sys.stderr)
    raise typer.Exit(status)


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn typed errors into one line; everything else is a defect of ours and keeps its traceback."""
    try:
        yield
    except EnvFactoryError as error:
        fail(error.message, error.remedy, error.exit_status)
    except KeyboardInterrupt:
        fail("interrupted", status=INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(1) from None


def print_json(value: Any) -> None:
    """Print a value as JSON, for programs."""
    print(json.dumps(value, indent=1, ensure_ascii=False))
