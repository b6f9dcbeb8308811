"""The manifest names every file by hash, and tells a dataset of ours from anything else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from envfactory.datasets.manifest import NAME, changed_files, is_ours, manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sft").mkdir()
    (tmp_path / "sft" / "train.jsonl").write_bytes(b"{}\n")
    (tmp_path / NAME).write_bytes(manifest(tmp_path, {"seed": 3}))
    return tmp_path


def test_files_are_named_by_hash_and_size(folder: Path) -> None:
    told = json.loads((folder / NAME).read_bytes())
    assert told["files"] == {"sft/train.jsonl": {"sha256": hashlib.sha256(b"{}\n").hexdigest(), "bytes": 3}}
    assert told["seed"] == 3


def test_a_changed_a_missing_and_an_added_file_are_told(folder: Path) -> None:
    assert changed_files(folder) == []
    (folder / "more").write_text("")
    (folder / "sft" / "train.jsonl").write_bytes(b"{ }\n")
    assert changed_files(folder) == ["more", "sft/train.jsonl"]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"kind": "other"}'])
def test_what_we_did_not_write_is_not_ours(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    if content is not None:
        (tmp_path / NAME).write_text(content)
    assert not is_ours(tmp_path)


def test_a_dataset_and_an_empty_folder_may_be_replaced(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert is_ours(folder)
    assert is_ours(tmp_path_factory.mktemp("empty"))
