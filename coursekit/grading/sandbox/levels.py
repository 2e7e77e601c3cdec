"""How well a kernel can be shut in on this machine, and in words what that means."""

from __future__ import annotations

import enum
import functools
import subprocess
import sys


class Level(enum.StrEnum):
    """How a kernel is shut in, best first."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    NONE = "none"

    @property
    def sentence(self) -> str:
        """What is and what is not protected, for people."""
        return _SENTENCES[self]


_SENTENCES = {
    Level.NAMESPACES: (
        "Submissions run in Linux namespaces of their own: they see their own files, the libraries and the course's "
        "data, nothing else of this machine; no network, no other process; memory, processes and disk are limited, and "
        "all that they start ends with them."
    ),
    Level.LANDLOCK: (
        "Submissions run under Landlock and a filter of system calls: they can open their own files, the libraries and "
        "the course's data, but see that other files and processes are there; no network. They can start threads but "
        "no other program, so cells with !command, subprocess or multiprocessing fail here."
    ),
    Level.NONE: (
        "Submissions run as any program of yours does: they can read and change your files, the gradebook and other "
        "submissions included, use the network, and leave programs running. Only deadlines hold. Grade like this what "
        "you would run by hand."
    ),
}

_ADVICE = {
    "linux": (
        "Linux namespaces are not available here: the system forbids user namespaces (sysctl user.max_user_namespaces, "
        "kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns), or a container does "
        "(docker run --security-opt seccomp=unconfined --cap-add SYS_ADMIN allows them), or Linux is older than 5.14. "
        "Landlock would do from Linux 6.12 on, where it is switched on and your Python can be read by everybody."
    ),
    "darwin": "macOS has no namespaces: grade in a Linux container or virtual machine (Docker Desktop, Colima, Lima).",
    "win32": "Windows has no namespaces: grade inside WSL 2, which is Linux and has them.",
}


@functools.cache
def probe() -> Level:
    """Return the best level that works here, found by trying them in a process of their own (below a second)."""
    if sys.platform != "linux":
        return Level.NONE
    return next((level for level in (Level.NAMESPACES, Level.LANDLOCK) if _works(level)), Level.NONE)


def advice() -> str:
    """Return what stands in the way of the best level here, and how to get it."""
    return _ADVICE.get(sys.platform, "This system has no Linux namespaces: grade in a Linux container.")


def _works(level: Level) -> bool:
    command = [sys.executable, "-P", "-m", "coursekit.grading.sandbox", "--try", level.value]
    try:
        tried = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0
