"""Commands called as a user calls them, in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from envfactory.cli.main import main
from tests.cli.scripted import script

__all__ = ["script"]


class Told(NamedTuple):
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str


Call = Callable[..., Told]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call `envfactory` in `tmp_path` with arguments; output goes to a pipe, as far as it can see."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)

    def told(*arguments: str) -> Told:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(arguments)
        said = capsys.readouterr()
        return Told(int(left.value.code or 0), said.out, said.err)

    return told
