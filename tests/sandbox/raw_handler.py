"""Runs attacks with every module within reach, also those a worker forgets, so that no missing import does a wall's
work.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import multiprocessing
import multiprocessing.shared_memory
import resource
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from types import ModuleType
from typing import Any

from tests.sandbox import own_attacks
from tests.sandbox.plain_handler import Plain

_USED = (ctypes, fcntl, mmap, multiprocessing, resource, select, signal, socket, sqlite3, subprocess, threading)
_KEPT: dict[str, ModuleType] = dict(sys.modules)


class Raw(Plain):
    """`Plain`, and own: one of our attacks by name."""

    def __init__(self) -> None:
        sys.modules.update(_KEPT)

    def handle(self, op: str, payload: Any) -> Any:
        """Make the attack and return its detail."""
        if op == "own":
            return getattr(own_attacks, payload["name"])(payload["context"])
        return super().handle(op, payload)


class Broken:
    """A handler that cannot be made."""

    def __init__(self) -> None:
        raise LookupError("nothing to handle")
