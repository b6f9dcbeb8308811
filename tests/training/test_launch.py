"""Several processes: what launchers are told, and real runs of two with sharded state, killed and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from envfactory.errors import ConfigError, EnvFactoryError
from envfactory.training import shm
from envfactory.training.config import LaunchSection
from envfactory.training.launch import (
    accelerate_settings,
    check_world,
    failure,
    needs_launching,
    worker_environment,
)
from envfactory.training.runs import read_metrics
from envfactory.training.zero import zero_settings
from tests.training.conversations import write_dataset
from tests.training.tiny import tiny_folder

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("section", "wanted"),
    [
        (LaunchSection(), False),
        (LaunchSection(processes=2), True),
        (LaunchSection(zero=2), True),
        (LaunchSection(machines=2), True),
    ],
)
def test_one_process_without_zero_is_this_one(section: LaunchSection, wanted: bool) -> None:
    assert needs_launching(section) is wanted


def test_processes_share_the_threads_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert worker_environment(LaunchSection(processes=4))["OMP_NUM_THREADS"] == "2"
    assert worker_environment(LaunchSection(processes=4, threads=5))["OMP_NUM_THREADS"] == "5"


@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize("gpu", [False, True])
def test_zero_settings_name_their_stage_and_let_the_trainer_fill_in_the_rest(stage: int, gpu: bool) -> None:
    told = zero_settings(stage, gpu=gpu)
    assert told is not None
    assert told["zero_optimization"]["stage"] == stage
    assert told["train_micro_batch_size_per_gpu"] == "auto"
    assert ("bf16" in told) is gpu
    if stage == 3:  # else no process could write the whole model
        assert told["zero_optimization"]["stage3_gather_16bit_weights_on_model_save"]


def test_offloading_moves_the_state_to_the_machines_memory() -> None:
    told = zero_settings(3, gpu=True, offload=True)
    assert told is not None
    assert told["zero_optimization"]["offload_optimizer"]["device"] == "cpu"
    assert told["zero_optimization"]["offload_param"]["device"] == "cpu"
    assert zero_settings(0, gpu=True) is None


def test_accelerate_counts_the_processes_of_all_machines() -> None:
    told = accelerate_settings(LaunchSection(processes=8, machines=2, machine=1, zero=3), Path("z"), gpu=True)
    assert (told["num_processes"], told["num_machines"], told["machine_rank"]) == (16, 2, 1)
    assert told["deepspeed_config"]["zero3_init_flag"]


def test_accelerate_without_zero_cannot_start_several_on_cpus() -> None:
    with pytest.raises(ConfigError, match="torchrun"):
        accelerate_settings(LaunchSection(processes=2), Path("z"), gpu=False)


def test_the_process_that_failed_is_named_and_not_those_ended_for_it() -> None:
    told = failure({0: -signal.SIGTERM, 1: -signal.SIGKILL}, Path("run"))
    assert told.message == "training process 1 ended with status -9"
    assert "run/logs" in told.remedy


def test_a_launcher_that_starts_too_few_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "1")
    with pytest.raises(EnvFactoryError, match="1 processes were started instead of 2"):
        check_world(LaunchSection(processes=2))


def _command(out: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "envfactory.cli.main", "train", "sft", "--out", str(out), *words]


@pytest.mark.long
def test_two_processes_with_sharded_weights_are_killed_and_go_on(tmp_path: Path) -> None:
    if missing := shm.missing_tools():  # where they are there, a first run compiles, which takes a minute more
        pytest.skip(f"DeepSpeed on a CPU needs {' and '.join(missing)}")
    if shm.stale_lock(shm.build_folder()):
        pytest.skip(f"a killed build left {shm.build_folder()}/lock")
    tiny_folder(tmp_path / "model")
    write_dataset(tmp_path / "set", train=8, validation=2)
    out = tmp_path / "out"
    begun = _command(out, "--data", str(tmp_path / "set"), "--model", str(tmp_path / "model"), "--steps", "12")
    begun += ["--processes", "2", "--zero", "3", "--set", "checkpoints.every=3"]
    with subprocess.Popen(begun, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not (out / "checkpoints/checkpoint-6/trainer_state.json").is_file():
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "--resume" in said
    sharded = list((out / "checkpoints").glob("checkpoint-6/global_step6/*_optim_states.pt"))
    assert len(sharded) == 2
    done = subprocess.run(
        _command(out, "--resume", "--json"), cwd=ROOT, capture_output=True, text=True, timeout=240, check=True
    )
    assert json.loads(done.stdout)["steps"] == 12
    assert [line["step"] for line in read_metrics(out / "metrics.jsonl") if "loss" in line] == list(range(1, 13))
    assert (out / "model" / "model.safetensors").is_file()
