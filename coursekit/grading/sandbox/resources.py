"""What a kernel may use, as limits that the system itself holds for each of its processes."""

from __future__ import annotations

import ctypes
import os
import resource

from coursekit.grading.limits import Limits

_FILES = 1024


def set_limits(limits: Limits, *, alone: bool = False) -> None:
    """Limit this process and all that it starts.

    Args:
        limits: what it may use.
        alone: whether it can start threads only and is nobody's own user: the system counts a user's processes
            together, so a limit would count those of the person who grades; the watchdog counts instead.

    Memory is limited as data (RLIMIT_DATA): TensorFlow reserves addresses by the gigabyte that it never touches, so a
    limit of addresses (RLIMIT_AS) would stop it at its import. A core dump is not even begun (RLIMIT_CORE 1: of 0, a
    system that pipes them to a program takes no notice).
    """
    own_user = os.geteuid() == 0 or not alone
    for which, value in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        *([(resource.RLIMIT_NPROC, limits.processes)] if own_user else []),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_MEMLOCK, 2**16),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_CORE, 1),
    ):
        hard = resource.getrlimit(which)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (allowed, allowed))


def go_first() -> None:
    """Let the system end this process, and what it starts, before others when the machine runs out of memory."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def wipe_start_environment() -> None:
    """Overwrite the environment that this process was started with, which /proc/PID/environ shows for good.

    Nothing may point into it any more: clear ``os.environ`` first, and set it anew after.
    """
    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
