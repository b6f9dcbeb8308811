"""A training run in several processes: started under torchrun, accelerate or DeepSpeed, with ZeRO or without.

The command resolves everything that can go wrong once, writes run.json, and starts `envfactory.cli.trainworker` on the
run's folder as often as the configuration says, on CPUs (gloo) as on GPUs (nccl). What processes other than the first say
goes to the run's `logs` folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envfactory.environments.files import readable_json, write_atomically
from envfactory.errors import ConfigError, EnvFactoryError
from envfactory.training import shm
from envfactory.training.config import LaunchSection
from envfactory.training.extra import require
from envfactory.training.lifeline import told_of_launcher
from envfactory.training.models import resolve
from envfactory.training.runs import TrainingRun, Watcher
from envfactory.training.zero import zero_settings

WORKER = "envfactory.cli.trainworker"


def needs_launching(section: LaunchSection) -> bool:
    """Say whether a run takes more than the process it was asked in. ZeRO wants a process group even of one."""
    return section.processes * section.machines > 1 or section.zero > 0


def launch(run: TrainingRun, watcher: Watcher, options: tuple[str, ...] = ()) -> None:
    """Train in the processes that the configuration asks for; `options` are for the worker's command line.

    Raise UserError where the machine lacks something, EnvFactoryError where a process failed.
    """
    section = run.config.launch
    require("training in several processes", ("torch", "accelerate"))
    resolve(run.config.model.name)  # once, before several processes want the same
    if section.zero:
        require("ZeRO", ("deepspeed",))
        shm.ready(watcher)
    worker = [str(run.folder), *(["--resume"] if run.resume else []), *options]
    environment = worker_environment(section)
    if section.launcher == "torchrun":
        _torchrun(run, worker, environment)
    else:
        _started(_command(run, worker), environment)


def worker_environment(section: LaunchSection) -> dict[str, str]:
    """Return what the processes find in their environment beyond what is there: threads shared out, tools on the path."""
    threads = section.threads or max(1, (os.cpu_count() or 1) // section.processes)
    told = {"OMP_NUM_THREADS": str(threads), "PATH": shm.path_with_tools(), "TOKENIZERS_PARALLELISM": "false"}
    told |= told_of_launcher()
    if not _gpu():
        told["DS_ACCELERATOR"] = "cpu"
    return told


def _gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def check_world(section: LaunchSection) -> None:
    """Raise EnvFactoryError where a launcher started another number of processes than was asked for."""
    started, asked = int(os.environ.get("WORLD_SIZE", "1")), section.processes * section.machines
    if started != asked:
        raise EnvFactoryError(f"{started} processes were started instead of {asked}", remedy="try another launcher")


def _torchrun(run: TrainingRun, worker: list[str], environment: Mapping[str, str]) -> None:
    """Run the processes under torch's elastic agent, within this process: its errors become one line."""
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException, Std
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    section = run.config.launch
    logs = DefaultLogsSpecs(
        log_dir=str(run.folder / "logs"), redirects=dict.fromkeys(range(1, section.processes), Std.ALL)
    )
    alone = section.machines == 1
    settings = LaunchConfig(
        min_nodes=section.machines,
        max_nodes=section.machines,
        nproc_per_node=section.processes,
        run_id=run.folder.name,
        rdzv_backend="c10d",
        rdzv_endpoint="127.0.0.1:0" if alone else f"{section.address}:{section.port}",
        rdzv_configs={"rank": section.machine},
        local_addr="127.0.0.1" if alone else None,
        max_restarts=0,
        logs_specs=logs,
        start_method="spawn",
    )
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        elastic_launch(settings, sys.executable)("-m", WORKER, *worker)
    except ChildFailedError as error:
        raise failure({rank: each.exitcode for rank, each in error.failures.items()}, run.folder) from error
    except SignalException as error:
        raise KeyboardInterrupt from error
    finally:
        os.environ.clear()
        os.environ.update(before)


def failure(codes: Mapping[int, int], folder: Path) -> EnvFactoryError:
    """Return the error that says which process failed: one that was not merely ended because another had."""
    rank = min(codes, key=lambda each: (codes[each] == -signal.SIGTERM, each))
    where = f"see {folder / 'logs'}" if rank else "its error stands above"
    return EnvFactoryError(
        f"training process {rank} ended with status {codes[rank]}", remedy=f"{where}; --resume goes on"
    )


def _command(run: TrainingRun, worker: list[str]) -> list[str]:
    """Return the command line of accelerate's or DeepSpeed's own launcher."""
    section = run.config.launch
    if section.launcher == "accelerate":
        file, zero, gpu = run.folder / "accelerate.json", run.folder / "zero.json", _gpu()
        write_atomically(zero, readable_json(zero_settings(section.zero, gpu=gpu, offload=section.offload)))
        write_atomically(file, readable_json(accelerate_settings(section, zero, gpu=gpu)))
        return [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(file), "-m", WORKER, *worker]
    if section.machines > 1:
        raise ConfigError(
            "deepspeed's launcher wants a hostfile and ssh for several machines", remedy="use launch.launcher=torchrun"
        )
    return [
        *(sys.executable, "-m", "deepspeed.launcher.runner"),
        *("--num_gpus", str(section.processes), "--master_port", str(section.port)),
        *("--module", WORKER, *worker),
    ]


def accelerate_settings(section: LaunchSection, zero: Path, *, gpu: bool) -> dict[str, Any]:
    """Return accelerate's configuration file (JSON is taken as well as YAML); `zero` holds DeepSpeed's settings.

    Raise ConfigError where it cannot do what is asked: without ZeRO it starts several processes on GPUs alone.
    """
    if not section.zero and not gpu:
        raise ConfigError(
            "accelerate starts several processes on CPUs under ZeRO only", remedy="use launch.launcher=torchrun"
        )
    kind = "DEEPSPEED" if section.zero else "MULTI_GPU"
    told: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": kind,
        "mixed_precision": "no",  # the trainer's arguments say it
        "num_machines": section.machines,
        "machine_rank": section.machine,
        "num_processes": section.processes * section.machines,
        "main_process_ip": section.address,
        "main_process_port": section.port,
        "rdzv_backend": "static",
        "use_cpu": not gpu,
        "main_training_function": "main",
    }
    if section.zero:
        told.pop("mixed_precision")  # which it wants said in DeepSpeed's settings alone
        told["deepspeed_config"] = {
            "deepspeed_config_file": str(zero),
            "zero3_init_flag": section.zero == 3,
            "deepspeed_multinode_launcher": "standard",
        }
    return told


def _started(command: list[str], environment: Mapping[str, str]) -> None:
    """Run a launcher to its end; a Ctrl-C reaches it as well as us, and is waited for."""
    with subprocess.Popen(command, env={**os.environ, **environment}) as process:
        try:
            status = process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if status:
        raise EnvFactoryError(
            f"{command[2]} ended with status {status}", remedy="its error stands above; --resume goes on"
        )
