"""A capable model's run, replayed without a model, a key or a network: the same files come of it, byte for byte.

The model wrote three environments from documents without business rules, in every role of stage one, and the words of
tasks in them. What it was told and what it answered is in `exchanges`; `README.md` says how it was made.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envfactory.sandbox.doctor import diagnose
from tests.recordings import replaying

pytestmark = pytest.mark.skipif(not diagnose().ok, reason="this machine lacks a layer of the sandbox")


def exchanges(role: str) -> list[dict[str, object]]:
    lines = (replaying.EXCHANGES / f"{role}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.long
def test_the_recorded_run_comes_to_the_same_environments_and_tasks(tmp_path: Path) -> None:
    replaying.build(tmp_path)
    replaying.refine(tmp_path)
    assert replaying.hashes(tmp_path) == replaying.stored()


def test_an_environment_was_rejected_and_revised_on_the_way() -> None:
    asked = str(exchanges("reviser")[0]["messages"])
    assert "The gate rejected this environment" in asked
    assert "contract-adequate" in asked


@pytest.mark.parametrize("role", ["explorer", "schema_designer", "coder", "tester"])
def test_every_role_answered_in_every_environment(role: str) -> None:
    keys = [line["key"] for line in exchanges(role)]
    assert len(keys) == len(set(keys)) >= len(replaying.DOCUMENTS)


def test_at_least_twenty_tasks_were_refined() -> None:
    assert len(replaying.TASKS.read_text(encoding="utf-8").splitlines()) >= 20
