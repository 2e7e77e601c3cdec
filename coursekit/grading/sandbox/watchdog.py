"""The watchdog: limits for all processes of a kernel together, held from outside."""

from __future__ import annotations

import os
import resource
import signal
import threading
from types import TracebackType
from typing import Literal

from coursekit.grading.limits import Limits

_PAGE = resource.getpagesize()

Reason = Literal["", "memory", "processes"]


class Watchdog:
    """Watches the processes under one process, from outside, and ends them when together they use too much.

    with Watchdog(kernel_pid, limits) as watchdog:
        ...
    watchdog.reason        # "", or why it ended them: "memory" or "processes"

    On Linux; elsewhere it sees nothing.

    Attributes:
        reason: why it ended them, or ``""``.
        sentence: the same for people.
    """

    def __init__(self, pid: int, limits: Limits, seconds: float = 0.25) -> None:
        self.reason: Reason = ""
        self.sentence = ""
        self._pid, self._limits, self._seconds = pid, limits, seconds
        self._born = _born(pid)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> Watchdog:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._end.set()
        self._thread.join(timeout=10)

    def look(self) -> Reason:
        """Look once; end them if they use too much."""
        if not self._born or _born(self._pid) != self._born:  # it has ended, and its number may be another's
            return ""
        tree = processes(self._pid)
        threads = sum(_threads(pid) for pid in tree)
        if threads > self._limits.processes * 1.25 + 8:  # the system's own limit comes first
            return self._kill("processes", f"{threads} processes and threads ran, {self._limits.processes} may.")
        allowed = self._limits.memory_bytes
        # Memory shared with the template is in each process's own count: only where that is too much, count exactly.
        used = sum(_resident(pid) for pid in tree)
        if used > allowed:
            used = sum(_proportional(pid) for pid in tree)
        if used > allowed:
            return self._kill("memory", f"{used / 2**20:.0f} MiB of memory were in use, {allowed / 2**20:.0f} may be.")
        return ""

    def _kill(self, reason: Reason, sentence: str) -> Reason:
        self.reason, self.sentence = reason, sentence
        for pid in processes(self._pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        return reason

    def _watch(self) -> None:
        while not self._end.wait(self._seconds):
            if self.look():
                return


def processes(pid: int) -> list[int]:
    """Return ``pid`` and every process under it, as far as they live."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += _children(found[-1])
    return found


def _born(pid: int) -> str:
    """Return when a process started, in the system's ticks; ``""`` if there is none."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                children += [int(word) for word in file.read().split()]
    except OSError:  # it has ended
        pass
    return children


def _threads(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except OSError:
        return 0


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """Return the memory of a process, what it shares counted by its share (0 where it may not be read)."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next((int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:")), 0)
    except OSError:
        return _resident(pid) if os.path.exists(f"/proc/{pid}") else 0
