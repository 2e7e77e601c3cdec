"""What a command costs, with everything that it starts: seconds, processor seconds, memory."""

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Spent:
    """What a command cost.

    Attributes:
        wall: seconds.
        cpu: seconds of processors, of every process that it started, however it ended.
        peak_bytes: the most memory that one of the watched processes had in use.
        said: what it printed.
    """

    wall: float
    cpu: float
    peak_bytes: int
    said: str


def spend(argv: Sequence[str], folder: Path, environment: Mapping[str, str], watched: str = "") -> Spent:
    """Run a command to its end, and until everything that it has started is gone.

    Args:
        argv: the command.
        folder: where it works.
        environment: all of its environment.
        watched: whose memory is looked at beside the command's own: those with this word in their command line.

    Raises:
        RuntimeError: if it fails.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans come to us, with what they have used
    before, began = _used(), time.monotonic()
    with subprocess.Popen(
        argv, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        memory = _Memory(process.pid, watched)
        said = process.stdout.read() if process.stdout else ""
        status = process.wait()
    wall = time.monotonic() - began
    peak = memory.stop()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    if status:
        raise RuntimeError(f"{' '.join(argv)} failed:\n{said[-3000:]}")
    return Spent(wall, _used() - before, peak, said)


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


class _Memory:
    """Looks at the peak memory of a process, and of watched ones under it, for as long as they live."""

    def __init__(self, pid: int, watched: str) -> None:
        self._pid, self._watched = pid, watched
        self._peak = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._end.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._end.wait(0.2):
            with contextlib.suppress(psutil.Error, OSError):
                for pid in (self._pid, *self._found()):
                    self._peak = max(self._peak, _peak(pid))

    def _found(self) -> list[int]:
        if not self._watched:
            return []
        children = psutil.Process(self._pid).children(recursive=True)
        return [each.pid for each in children if any(self._watched in word for word in each.cmdline())]


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
