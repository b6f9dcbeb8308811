"""SFT from beginning to end with two random layers: what it leaves behind, how it goes on, why it stops."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from envfactory.errors import ConfigError, TaskError
from envfactory.training.config import load_config
from envfactory.training.models import load
from envfactory.training.runs import TrainingRun, begin, opened, read_metrics
from envfactory.training.sft import train_sft
from tests.training.conversations import write_dataset
from tests.training.tiny import tiny_folder


class Heard:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.steps: list[int] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
        self.steps.append(done)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model and a dataset."""
    folder = tmp_path_factory.mktemp("sft")
    tiny_folder(folder / "model")
    write_dataset(folder / "set")
    return folder


def made(place: Path, out: Path, *words: str, resume: bool = False) -> TrainingRun:
    settings = {"data": {"dataset": place / "set"}}
    assignments = [f"model.name={place}/model", "optimisation.learning_rate=0.01", "optimisation.warmup=0.0", *words]
    return TrainingRun(out, "sft", load_config(assignments=assignments, overrides=settings), resume)


def trained(run: TrainingRun, watcher: Heard | None = None) -> dict[str, Any]:
    begin(run)
    return train_sft(run, watcher)


@pytest.fixture(scope="module")
def run(place: Path) -> tuple[TrainingRun, dict[str, Any], Heard]:
    heard = Heard()
    one = made(place, place / "out", "optimisation.steps=6", "checkpoints.every=3", "data.validation=3")
    return one, trained(one, heard), heard


def test_the_loss_falls_and_every_step_is_written_down(run: tuple[TrainingRun, dict[str, Any], Heard]) -> None:
    lines = read_metrics(run[0].metrics)
    losses = [line["loss"] for line in lines if "loss" in line]
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4, 5, 6]
    assert losses[-1] < losses[0] - 0.3
    assert [line["step"] for line in lines if "eval_loss" in line] == [3, 6]


def test_a_run_says_what_it_was_and_what_came_of_it(run: tuple[TrainingRun, dict[str, Any], Heard]) -> None:
    told = json.loads((run[0].folder / "run.json").read_bytes())
    assert (told["method"], told["status"], told["result"]) == ("sft", "done", run[1])
    assert told["counts"]["chosen"] == 8
    assert told["versions"]["trl"]
    assert opened(run[0].folder).config == run[0].config


def test_whoever_looks_on_hears_of_data_and_steps(run: tuple[TrainingRun, dict[str, Any], Heard]) -> None:
    assert run[2].notes[1].startswith("train: 8 of 8 conversations; ")
    assert run[2].notes[2].startswith("validation: 3 of ")
    assert run[2].steps[-1] == 6


def test_validation_reads_other_environments_than_those_chosen_to_train_on(place: Path, tmp_path: Path) -> None:
    (place / "apart" / "sft").mkdir(parents=True)
    for split, environment in (("train", "lists"), ("validation", "markets")):
        rows = (place / "set" / "sft" / f"{split}.jsonl").read_text()
        moved = rows.replace('"lists"', f'"{environment}"').replace('"shops"', f'"{environment}"')
        (place / "apart" / "sft" / f"{split}.jsonl").write_text(moved)
    words = (f"data.dataset={place}/apart", "data.environments=['lists']", "data.limit=2", "optimisation.steps=1")
    heard, run = Heard(), made(place, tmp_path / "out", *words)
    trained(TrainingRun(run.folder, "sft", load_config(assignments=(f"model.name={place}/model", *words))), heard)
    assert heard.notes[1].startswith("train: 2 of 8 ")
    assert heard.notes[2].startswith("validation: 4 of 4 ")


def test_what_is_kept_is_the_best_checkpoint(run: tuple[TrainingRun, dict[str, Any], Heard]) -> None:
    best = load(str(run[0].checkpoints / f"checkpoint-{run[1]['best_step']}")).model.state_dict()
    kept = load(str(run[0].model)).model.state_dict()
    assert all(kept[name].equal(weight) for name, weight in best.items())


def test_a_killed_run_goes_on_and_comes_to_the_same(
    place: Path, run: tuple[TrainingRun, dict[str, Any], Heard]
) -> None:
    words = ("optimisation.steps=6", "checkpoints.every=3", "data.validation=3")
    out = place / "killed"

    class Killed(Heard):
        def step(self, done: int, total: int, metrics: Mapping[str, float]) -> None:
            if done == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(made(place, out, *words), Killed())
    trained(made(place, out, *words, resume=True))
    there, here = read_metrics(run[0].metrics), read_metrics(out / "metrics.jsonl")
    assert [line["step"] for line in here] == [line["step"] for line in there]
    for line, other in zip(here, there, strict=True):
        assert line.get("loss", 0) == pytest.approx(other.get("loss", 0), abs=1e-4)


def test_a_folder_that_holds_a_run_is_not_written_over(
    place: Path, run: tuple[TrainingRun, dict[str, Any], Heard]
) -> None:
    with pytest.raises(ConfigError, match="--resume"):
        begin(made(place, run[0].folder))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("sft.stop_at_loss=50.0",), "reached the floor 50.0"),
        (("sft.patience=1", "checkpoints.every=1", "optimisation.learning_rate=5.0"), "no better validation loss"),
    ],
)
def test_it_stops_early_and_says_why(place: Path, tmp_path: Path, words: tuple[str, ...], reason: str) -> None:
    told = trained(made(place, tmp_path / "out", "optimisation.steps=30", *words))
    assert told["steps"] < 10
    assert reason in told["ended"]


@pytest.mark.parametrize("save", ["merged", "adapter"])
def test_lora_trains_adapters_and_leaves_a_model(place: Path, tmp_path: Path, save: str) -> None:
    run = made(place, tmp_path / "out", "optimisation.steps=2", "model.lora.rank=2", f"sft.save={save}")
    trained(run)
    before = load(str(place / "model")).model.state_dict()
    after = load(str(run.model)).model.state_dict()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert changed
    assert not any("embed" in name or "norm" in name for name in changed)
    assert (run.model / "adapter_config.json").is_file() == (save == "adapter")


def test_packing_keeps_conversations_apart(
    place: Path, tmp_path: Path, run: tuple[TrainingRun, dict[str, Any], Heard]
) -> None:
    """The loss of the first step is the same packed and padded: no conversation sees another."""
    every = (f"model.name={run[0].model}", "optimisation.steps=1", "optimisation.batch=8", "sft.best=false")
    padded = made(place, tmp_path / "padded", *every)
    packed = made(place, tmp_path / "packed", *every, "data.packing=true", "data.max_length=4096")
    for one in (padded, packed):
        trained(one)
    first = [read_metrics(one.metrics)[0] for one in (padded, packed)]
    assert first[0]["loss"] == pytest.approx(first[1]["loss"], rel=1e-5)
    assert (first[0]["num_tokens"], math.isfinite(first[0]["loss"])) == (first[1]["num_tokens"], True)


def test_gradient_checkpointing_changes_nothing_but_memory(place: Path, tmp_path: Path) -> None:
    plain = made(place, tmp_path / "plain", "optimisation.steps=2")
    spared = made(place, tmp_path / "spared", "optimisation.steps=2", "model.gradient_checkpointing=true")
    losses = [trained(run)["train_loss"] for run in (plain, spared)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


def test_nothing_short_enough_is_said_with_what_helps(place: Path, tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"data\.max_length") as refused:
        trained(made(place, tmp_path / "out", "data.max_length=20"))
    assert "every one of 8 train conversations is longer than 20 tokens" in str(refused.value)
