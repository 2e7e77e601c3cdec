"""Grading many submissions at once: worker processes, the longest submission first, none able to stop the rest."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import Graded
from coursekit.grading.limits import Limits
from coursekit.grading.staging import Staged
from coursekit.grading.worker import faulty, receive, send

Grader = Callable[[Bundle, Staged, Limits], Graded]
"""Grades one submission. It travels to workers by name: it must be a function of a module, or a `partial` of one."""

RETRIES = 2
"""How often a submission is tried again after a fault that is not its own: a worker lost, no kernel to be had."""

_STARTING = 60.0  # seconds that a worker may take to import what it needs
_ENDING = 5.0
_LOOK_AGAIN = 0.5  # seconds between two looks at the memory that is left


@dataclass(frozen=True)
class Started:
    """A worker has begun with a submission."""

    student: str


@dataclass
class _Job:
    staged: Staged
    seconds: float  # expected
    attempts: int = 0


class Pool:
    """Grades submissions in worker processes.

    Args:
        function: grades one submission, in a worker.
        bundle: the assignment.
        limits: of each submission; a worker that overstays them in spite of the runner's own deadlines is ended.
        workers: how many processes at most.
        log: takes what workers print.
        deadline: seconds for one submission; from `limits` if left out.
    """

    def __init__(
        self,
        function: Grader,
        bundle: Bundle,
        limits: Limits,
        workers: int,
        log: Path,
        deadline: float | None = None,
    ) -> None:
        self._setup = pickle.dumps((function, bundle, limits))
        self._limits, self._workers, self._log = limits, max(1, workers), log
        # Cells may be run twice, for hidden tests; starting kernels, judging and the last words come on top.
        self._deadline = deadline or _STARTING + 60.0 + 2.5 * limits.notebook_seconds
        self._events: queue.SimpleQueue[Started | Graded | BaseException] = queue.SimpleQueue()
        self._free = threading.Condition()
        self._jobs: list[_Job] = []
        self._running = 0
        self._closed = False
        self._lanes: list[_Lane] = []

    def run(
        self, submissions: Sequence[Staged], seconds: Mapping[str, float] | None = None
    ) -> Generator[Started | Graded, None, None]:
        """Grade submissions; yield each when it begins and when it is done, in any order.

        What could not be graded for a fault of ours, however often it was tried, comes with its `fault`. Nothing goes
        on once the caller closes the iterator.

        Args:
            submissions: each is graded once.
            seconds: how long it took earlier, by student: the longest begin first, those unknown among them.
        """
        known = seconds or {}
        usual = sum(known.values()) / len(known) if known else 0.0
        jobs = [_Job(staged, known.get(staged.student, usual)) for staged in submissions]
        self._jobs = sorted(jobs, key=lambda job: -job.seconds)
        self._lanes = [_Lane(self._setup, self._log) for _ in range(min(self._workers, len(jobs)))]
        threads = [threading.Thread(target=self._drive, args=(lane,), daemon=True) for lane in self._lanes]
        left = len(jobs)
        try:
            for thread in threads:
                thread.start()
            while left:
                event = self._events.get()  # comes: every lane has a deadline
                if isinstance(event, BaseException):
                    raise event
                left -= isinstance(event, Graded)
                yield event
        finally:
            self._close()
            for thread in threads:
                thread.join(_ENDING)

    def _close(self) -> None:
        with self._free:
            self._closed = True
            self._free.notify_all()
        for lane in self._lanes:
            lane.end()

    def _drive(self, lane: _Lane) -> None:
        """Grade one submission after the other, in a thread of its own, until there are no more."""
        try:
            while (job := self._next()) is not None:
                self._events.put(Started(job.staged.student))
                graded = lane.grade(job.staged, self._deadline)
                with self._free:
                    self._running -= 1
                    job.attempts += 1
                    again = bool(graded.fault) and job.attempts <= RETRIES and not self._closed
                    if again:
                        self._jobs.append(job)  # last: what was short may be there by then
                    self._free.notify_all()
                if not again:
                    self._events.put(graded)
        except BaseException as error:  # a fault of this module: the run ends with it rather than waits for ever
            self._events.put(error)
        finally:
            lane.discard()

    def _next(self) -> _Job | None:
        """Return the next submission once there is room for it; None when all are done."""
        with self._free:
            while not self._closed and (self._jobs or self._running):
                if self._jobs and (not self._running or available_bytes() >= self._limits.memory_bytes):
                    self._running += 1
                    return self._jobs.pop(0)
                self._free.wait(_LOOK_AGAIN)
            return None


class _Lane:
    """A place for one worker process, which is started when it is needed, and again when it is lost."""

    def __init__(self, setup: bytes, log: Path) -> None:
        self._setup, self._log = setup, log
        self._worker: subprocess.Popen[bytes] | None = None
        self._ended = False
        self._lock = threading.Lock()

    def grade(self, staged: Staged, deadline: float) -> Graded:
        """Have a submission graded; a worker that is lost over it, or overstays the deadline, is a fault."""
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            self._kill()  # whoever waits for its answer reads the end of it

        timer = threading.Timer(deadline, give_up)
        timer.daemon = True
        timer.start()
        try:
            worker = self._started()
            send(_pipe(worker.stdin), pickle.dumps(staged))
            return Graded.from_json(receive(_pipe(worker.stdout)).decode())
        except (OSError, EOFError, ValueError) as error:
            status = self.discard()
            if overdue.is_set():
                return faulty(staged, f"the grader came to no end within {deadline:.0f} s")
            return faulty(staged, f"a worker process was lost (status {status}: {error})")
        finally:
            timer.cancel()

    def end(self) -> None:
        """End the worker, whatever it is doing, and start no other. For any thread."""
        self._ended = True
        self._kill()

    def discard(self) -> int | None:
        """End the worker and forget it; return its status, None if there was none. For the thread that grades."""
        self._kill()
        worker, self._worker = self._worker, None
        if worker is None:
            return None
        status = worker.wait(_ENDING)
        for pipe in (worker.stdin, worker.stdout):
            with contextlib.suppress(OSError):  # what it did not read any more
                _pipe(pipe).close()
        return status

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._ended:
                raise OSError("the run is over")
            if self._worker is None:
                self._worker = self._launched()
                send(_pipe(self._worker.stdin), self._setup)
            return self._worker

    def _launched(self) -> subprocess.Popen[bytes]:
        # The same modules as here, wherever they come from; never what lies in the working directory.
        path = os.pathsep.join(filter(None, sys.path))
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-m", "coursekit.grading.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path},
            )

    def _kill(self) -> None:
        """Kill the worker; the kernels that it had started end with it."""
        with self._lock:
            if self._worker is not None:
                self._worker.kill()


def _pipe(pipe: IO[bytes] | None) -> Any:
    assert pipe is not None
    return pipe


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def available_bytes() -> int:
    """Return how much memory can still be had, also in a container that has less than its machine."""
    import psutil

    found = [int(psutil.virtual_memory().available)]
    for folder, most, used, cache in (
        ("", "memory.max", "memory.current", "inactive_file"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        with contextlib.suppress(OSError, ValueError, KeyError):  # there is no such group, or it has no limit ("max")
            group = Path("/sys/fs/cgroup", folder)
            statistics = dict(line.split() for line in (group / "memory.stat").read_text("ascii").splitlines())
            taken = int((group / used).read_text("ascii")) - int(statistics[cache])
            found.append(int((group / most).read_text("ascii")) - taken)
    return max(0, min(found))
