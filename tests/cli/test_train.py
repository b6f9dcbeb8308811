"""The commands `train`: what they refuse, what they print, that a run goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from envfactory.cli.train import train
from tests.training.conversations import write_dataset


def asked(*words: str) -> tuple[int, str]:
    """Return status and all that was said, with one line a message."""
    told = CliRunner().invoke(train, list(words))
    return told.exit_code, told.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sft",), "no dataset is named"),
        (("sft", "--data", "nowhere"), "nowhere holds no sft/train.jsonl"),
        (("sft", "--recipe", "nonesuch"), "there is no recipe nonesuch"),
        (("sft", "--set", "data.oops=1"), "unknown key data.oops"),
        (("sft", "--resume", "--out", "nowhere"), "nowhere holds no training run"),
        (("curves", "nowhere"), "nowhere holds no metrics to draw"),
    ],
)
def test_mistakes_are_one_line_with_a_hint(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, output = asked(*words)
    assert status == 2
    assert output.startswith(f"error: {said}") or f": {said}" in output
    assert "\n hint: " in output


def test_recipes_are_listed() -> None:
    status, output = asked("recipes", "--json")
    assert status == 0
    assert "smollm2-cpu-sft" in json.loads(output)


@pytest.mark.long
def test_a_run_from_data_to_curves(tmp_path: Path) -> None:
    data, out = write_dataset(tmp_path / "set"), tmp_path / "out"
    words = ["sft", "--data", str(data), "--recipe", "tiny-cpu", "--out", str(out)]
    first = CliRunner().invoke(train, [*words, "--json"])
    told = json.loads(first.stdout)
    assert (first.exit_code, told["steps"], told["model"]) == (0, 4, f"{out}/model")
    assert Path(told["curves"]).is_file()
    assert "step 4 of 4" in first.stderr
    again = CliRunner().invoke(train, words)
    assert (again.exit_code, again.stderr.splitlines()[0]) == (2, f"error: {out} holds a run already")
    longer = CliRunner().invoke(train, [*words, "--steps", "6", "--resume"])
    assert (longer.exit_code, "steps 6" in longer.stdout) == (0, True)
