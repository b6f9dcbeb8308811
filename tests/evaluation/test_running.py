"""A run on file: gone on with where it stopped, and only where it is the same run."""

from __future__ import annotations

from pathlib import Path

import pytest

from envfactory.errors import ConfigError
from envfactory.evaluation.running import run
from envfactory.rollouts.policy import Reply, written
from tests.evaluation.conftest import Names, Saying

NAMES = ("ann", "abe", "bob", "ben")


def test_what_is_on_file_is_not_played_again(tmp_path: Path) -> None:
    first, second = Saying(), Saying()
    run(Names(*NAMES), first, settings={}, attempts=2, folder=tmp_path)
    file = tmp_path / "names.jsonl"
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:5]) + b'{"item": "be')  # as a kill leaves it
    found = run(Names(*NAMES), second, settings={}, attempts=2, folder=tmp_path, resume=True)
    assert len(set(second.asked)) == 3
    assert (found.overall.items, len(found.scores)) == (4, 8)


def test_broken_attempts_are_made_again(tmp_path: Path) -> None:
    broken = run(Names(*NAMES), Saying(bob=Reply(failed="gone")), settings={}, folder=tmp_path)
    mended = run(Names(*NAMES), Saying(), settings={}, folder=tmp_path, resume=True)
    assert (broken.infrastructure, broken.overall.items) == (1, 3)
    assert (mended.infrastructure, mended.overall.items) == (0, 4)


def test_a_run_is_not_mixed_with_another(tmp_path: Path) -> None:
    run(Names(*NAMES), Saying(), settings={"temperature": 0.0}, folder=tmp_path)
    with pytest.raises(ConfigError, match=r"holds a run with temperature 0\.0, not 1\.0"):
        run(Names(*NAMES), Saying(), settings={"temperature": 1.0}, folder=tmp_path, resume=True)
    with pytest.raises(ConfigError, match=r"is there already .*--resume"):
        run(Names(*NAMES), Saying(), settings={"temperature": 0.0}, folder=tmp_path)


def test_a_limit_and_progress_are_heard(tmp_path: Path) -> None:
    heard = []
    found = run(
        Names(*NAMES),
        Saying(abe=written("Abraham")),
        settings={},
        limit=1,
        notice=lambda suite, done, total, scored: heard.append((suite, done, total)),
    )
    assert heard == [("names", 0, 2), ("names", 1, 2), ("names", 2, 2)]
    assert [each.item for each in found.scores] == ["ann", "bob"]
