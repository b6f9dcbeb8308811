"""What DeepSpeed compiles on a CPU: a lock that a kill left behind is told of, and so is a missing compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import UserError
from envfactory.training import shm
from envfactory.training.runs import Unwatched


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty build folder."""
    monkeypatch.setenv("TORCH_EXTENSIONS_DIR", str(tmp_path))
    (tmp_path / shm.NAME).mkdir()
    return tmp_path / shm.NAME


def test_a_lock_that_nobody_holds_is_stale(folder: Path) -> None:
    (folder / "lock").touch()
    with pytest.raises(UserError, match="waits for ever") as refused:
        shm.ready(Unwatched())
    assert refused.value.remedy == f"rm -r {folder}"


def test_a_lock_that_a_process_holds_open_is_not(folder: Path) -> None:
    with (folder / "lock").open("w"):
        assert shm.stale_lock(folder) is None
    assert shm.stale_lock(folder) == folder / "lock"


def test_a_missing_compiler_is_said_before_anything_starts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shm, "path_with_tools", lambda: str(folder))
    with pytest.raises(UserError, match=r"needs g\+\+ and ninja"):
        shm.ready(Unwatched())


def test_what_is_compiled_already_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / f"{shm.NAME}.so").touch()
    monkeypatch.setattr(shm, "build", lambda: pytest.fail("it was compiled again"))
    shm.ready(Unwatched())
