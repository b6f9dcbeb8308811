"""Files that are written whole or not at all."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envfactory.environments.files import readable_json, write_atomically
from envfactory.errors import ArtefactError


def test_a_file_is_replaced_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "deep" / "a.json", b"first, and longer")
    write_atomically(tmp_path / "deep" / "a.json", b"second")
    assert {path.name: path.read_bytes() for path in (tmp_path / "deep").iterdir()} == {"a.json": b"second"}


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / ".a.json.partial").write_bytes(b"half of something long")
    write_atomically(tmp_path / "a.json", b"whole")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.json": b"whole"}


def test_many_writers_leave_one_whole_file(tmp_path: Path) -> None:
    versions = [str(n).encode() * (1000 * n) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda data: write_atomically(tmp_path / "a", data), versions * 10))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() in versions


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ArtefactError, match="cannot write") as refused:
        write_atomically(tmp_path / "file" / "a", b"")
    assert refused.value.remedy


def test_a_name_that_is_taken_by_a_folder_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(ArtefactError, match="cannot write"):
        write_atomically(tmp_path / "a", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_readable_json_says_the_same() -> None:
    value = {"a": [{"b": "ü" * 60, "c": [1, 2.5, None]}] * 3, "d": {}}
    assert json.loads(readable_json(value)) == value
    assert b"\xc3\xbc" in readable_json(value)
