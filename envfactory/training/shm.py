"""DeepSpeed on a CPU compiles an operation once, on first use: this looks that it can, and that it is not waiting for ever.

A process that is killed while it compiles leaves a lock file behind, and every later one waits for it without a word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from envfactory.errors import EnvFactoryError, UserError
from envfactory.training.runs import Watcher

NAME = "deepspeed_shm_comm"
_BUILD = "from deepspeed.comm.torch import build_shm_op; build_shm_op()"
_TOOLS = ("g++", "ninja")


def path_with_tools() -> str:
    """Return PATH with this Python's own scripts first, where a `ninja` from PyPI lies."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def build_folder() -> Path:
    """Return where torch builds the operation."""
    import torch
    from torch.utils.cpp_extension import get_default_build_root

    given = os.environ.get("TORCH_EXTENSIONS_DIR")
    if given:
        return Path(given) / NAME
    version = f"py{sys.version_info.major}{sys.version_info.minor}{getattr(sys, 'abiflags', '')}"
    kind = "cpu" if torch.version.cuda is None else f"cu{torch.version.cuda.replace('.', '')}"
    return Path(get_default_build_root()) / f"{version}_{kind}" / NAME


def missing_tools() -> list[str]:
    """Return what compiling needs and is not there."""
    return [tool for tool in _TOOLS if shutil.which(tool, path=path_with_tools()) is None]


def stale_lock(folder: Path) -> Path | None:
    """Return the lock file in a build folder that no process of this machine holds open, if there is one."""
    lock = folder / "lock"
    return lock if lock.exists() and not _is_open(lock) else None


def _is_open(file: Path) -> bool:
    meant = str(file.resolve())
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(link.readlink()) == meant:
                return True
        except OSError:
            continue  # a process that has ended, or another user's
    return False


def ready(watcher: Watcher) -> None:
    """Make sure that DeepSpeed can start here, compiling what it needs now where it has not been.

    Raise UserError where a stale lock or a missing compiler would stop it. On a machine with a GPU nothing is needed.
    """
    import torch

    if torch.cuda.is_available():
        return
    folder = build_folder()
    lock = stale_lock(folder)
    if lock is not None:
        raise UserError(
            f"a killed build of DeepSpeed left {lock}, on which every later run waits for ever",
            remedy=f"rm -r {folder}",
        )
    if (folder / f"{NAME}.so").is_file():
        return
    missing = missing_tools()
    if missing:
        raise UserError(
            f"DeepSpeed on a CPU compiles an operation and needs {' and '.join(missing)}",
            remedy="apt-get install g++; pip install ninja",
        )
    watcher.note("compiling DeepSpeed's operation for CPUs; this happens once and takes a minute or two")
    build()


def build() -> None:
    """Compile the operation in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-c", _BUILD],
        env={**os.environ, "PATH": path_with_tools(), "DS_ACCELERATOR": "cpu"},
        capture_output=True,
        text=True,
    )
    if told.returncode:
        last = told.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise EnvFactoryError(f"DeepSpeed's operation could not be compiled: {last[0]}", remedy="see g++ --version")
