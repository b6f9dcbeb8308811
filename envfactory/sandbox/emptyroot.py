"""A folder that no longer exists as the root: the second lock where the kernel has no Landlock (before 5.13, or switched off).

The folder is made, entered, removed, and becomes the root. Below it nothing can be found, and nothing made, for a removed
folder takes no entries, not even root's. Network, System V IPC and host name are new and empty where the kernel lets us.
Root needs CAP_SYS_CHROOT for it; anybody else takes it in a user namespace of their own, and loses it with all other
capabilities right after, without which nobody leaves a root. Standard library only: this runs in the zygote's children.
Sources: chroot(2), unshare(2), user_namespaces(7).
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from envfactory.sandbox import limits, syscalls

_CAP_SYS_CHROOT = 18
_NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_NET = 0x04000000, 0x08000000, 0x10000000, 0x40000000
_BARE = _NEW_UTS | _NEW_IPC | _NEW_NET
_FOLDERS = (Path("/dev/shm"), Path("/tmp"), Path("/var/tmp"))


def enter() -> None:
    """Leave every file behind, for good once the capabilities are dropped. Raise OSError.

    The process must have one thread only.
    """
    entitled = _CAP_SYS_CHROOT in limits.capabilities()
    _enter_removed_folder()
    if entitled:
        with contextlib.suppress(OSError):  # these three take more than the right to another root
            _unshare(_BARE)
    else:
        _unshare(_BARE | _NEW_USER)
    os.chroot(".")
    os.chdir("/")


def _enter_removed_folder() -> None:
    name = f"envfactory-{os.getpid()}-{os.urandom(8).hex()}"
    for place in (folder / name for folder in _FOLDERS):
        with contextlib.suppress(OSError):
            place.mkdir()
            place.chmod(0o755)  # for whoever a worker of root's becomes
            os.chdir(place)
            place.rmdir()
            return
    raise FileNotFoundError(f"no folder can be made in {', '.join(map(str, _FOLDERS))}")


def _unshare(what: int) -> None:
    syscalls.syscall(syscalls.architecture().numbers["unshare"], what)
