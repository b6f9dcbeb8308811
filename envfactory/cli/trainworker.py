"""One process of a training run, as launchers start it: `python -m envfactory.cli.trainworker FOLDER [--resume]`."""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path
from typing import Any

from envfactory.cli.boundary import clear_errors
from envfactory.cli.trainboard import open_board
from envfactory.training.launch import check_world
from envfactory.training.lifeline import end_with_launcher
from envfactory.training.memory import hold_on_to_memory
from envfactory.training.runs import TrainingRun, Unwatched, Watcher, opened


def work(run: TrainingRun, watcher: Watcher, tier: str) -> dict[str, Any]:
    """Train by the run's method, with what libraries warn of each other left out."""
    hold_on_to_memory()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if run.method == "sft":
            from envfactory.training.sft import train_sft

            return train_sft(run, watcher)
        from envfactory.training.grpo import train_grpo

        return train_grpo(run, watcher, tier=tier)


def main() -> None:
    """Train as the folder's run.json says. Only the first process shows anything."""
    reader = argparse.ArgumentParser()
    reader.add_argument("folder", type=Path)
    reader.add_argument("--resume", action="store_true")
    reader.add_argument("--unsafe-no-sandbox", action="store_true")
    reader.add_argument("--local_rank", "--local-rank", type=int)  # which DeepSpeed's launcher adds
    asked = reader.parse_args()
    end_with_launcher()
    os.dup2(2, 1)  # libraries greet on stdout, which is for what the command itself has to say
    tier = "none" if asked.unsafe_no_sandbox else "auto"
    with clear_errors():
        run = opened(asked.folder, resume=asked.resume)
        check_world(run.config.launch)
        if os.environ.get("RANK", "0") != "0":
            work(run, Unwatched(), tier)
            return
        with open_board() as board:
            work(run, board, tier)


if __name__ == "__main__":
    main()
