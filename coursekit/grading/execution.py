"""Running the cells of one submission within its time: in one kernel, or, where it dies, in another set up like it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import TracebackType

import psutil

from coursekit.grading.limits import Limits
from coursekit.grading.outputs import error_output
from coursekit.grading.sandbox import Watchdog
from coursekit.grading.session import Kernel, Ran, Session, SessionError

Start = Callable[[Mapping[str, bytes]], AbstractContextManager[Kernel]]
"""Starts a kernel, shut in, whose folder holds the given files; ends it on exit."""

OVER = "the time of the whole submission was over"

NOT_RUN = "NotRunError"
"""What the error of a cell that was not run is called among its outputs."""

_SEED_SECONDS = 60.0

# Runs in the student's kernel before everything else and leaves no name behind. Keras is seeded when a cell finds it
# imported: to import it here would cost notebooks without it seconds.
_SEED = """exec('''
import random, sys
import numpy
from IPython import get_ipython

def seed_keras(cell=None):
    if "keras" in sys.modules:
        get_ipython().events.unregister("pre_run_cell", seed_keras)
        sys.modules["keras"].utils.set_random_seed({seed})

random.seed({seed})
numpy.random.seed({seed})
get_ipython().events.register("pre_run_cell", seed_keras)
''', {{}})"""


class Unavailable(Exception):
    """Something on our side is missing that grading needs; the submission is not to blame."""


class Execution:
    """A submission's kernel: started when it is needed, and again after it died.

    Then the cells that had come to an end by themselves are run again, in order; those that never did are left out, and
    whatever they would have defined is lost.

    Args:
        start: starts kernels.
        files: beside the notebook.
        limits: of the submission; `Limits.notebook_seconds` begins to count when the first cell is run.
        seed: of the generators of random numbers in every kernel.

    Attributes:
        lost: whether a kernel has died.
        cpu_seconds: that its kernels have used.
    """

    def __init__(self, start: Start, files: Mapping[str, bytes], limits: Limits, seed: int) -> None:
        self.lost = False
        self.cpu_seconds = 0.0
        self._start, self._files, self._limits, self._seed = start, files, limits, seed
        self._until = 0.0
        self._session: Session | None = None
        self._open = contextlib.ExitStack()
        self._done: list[tuple[str, float]] = []

    def __enter__(self) -> Execution:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self, text: str, seconds: float, again: bool = True) -> Ran:
        """Run a cell; where it cannot be run, say so as if it had failed.

        Args:
            text: the cell.
            seconds: how long it may run, if the submission has that much time left.
            again: whether it is to be run again in a kernel that replaces this one.

        Raises:
            Unavailable: if no kernel can be started.
        """
        session = self.session()
        if session is None:
            return Ran([error_output(NOT_RUN, OVER)], "not run", OVER, 0.0, NOT_RUN)
        ran = session.run(text, min(seconds, self.until - time.monotonic()))
        if again and ran.cause in ("", "error"):
            self._done.append((text, seconds))
        return ran

    def session(self) -> Session | None:
        """Return a session to a living kernel in which all has run that could be; None if time is over.

        Raises:
            Unavailable: if no kernel can be started.
        """
        while self._session is None or not self._session.alive:
            if self._session is not None:
                self.lost = True
                if time.monotonic() >= self.until:
                    return None
            self._begin()
        return self._session if time.monotonic() < self.until else None

    @property
    def until(self) -> float:
        """When the submission's time is over, by `time.monotonic`."""
        return self._until

    @contextlib.contextmanager
    def apart(self, files: Mapping[str, bytes]) -> Iterator[Session]:
        """Start a kernel beside, which knows nothing of the notebook.

        Raises:
            Unavailable: if it cannot be started.
        """
        with contextlib.ExitStack() as stack:
            yield self._started(stack, files)

    def _begin(self) -> None:
        """Start a kernel and run in it what has run before; the time that our side takes for it is not counted."""
        left = self._until - time.monotonic() if self._session else self._limits.notebook_seconds
        self._open.close()
        session = self._session = self._started(self._open, self._files)
        try:
            session.evaluate(_SEED.format(seed=self._seed), "''", _SEED_SECONDS)
        except SessionError as error:
            raise Unavailable(f"a fresh kernel did not answer: {error}") from error
        self._until = time.monotonic() + left
        for each in tuple(self._done):
            left = self._until - time.monotonic()
            if left > 0:
                session.run(each[0], min(each[1], left))
            if not session.alive:
                self._done.remove(each)
                return
        if not self._done and not session.alive:
            raise Unavailable("a fresh kernel ended at once")

    def _started(self, stack: contextlib.ExitStack, files: Mapping[str, bytes]) -> Session:
        """Start a kernel and watch over it until the stack is left."""
        try:
            kernel = stack.enter_context(self._start(files))
        except Exception as error:
            raise Unavailable(f"no kernel could be started: {type(error).__name__}: {error}") from error
        stack.callback(self._count, kernel.pid)
        return Session(kernel, self._limits, stack.enter_context(Watchdog(kernel.pid, self._limits)))

    def _count(self, pid: int) -> None:
        self.cpu_seconds += _cpu_seconds(pid)


def _cpu_seconds(pid: int) -> float:
    """Return what a process and those under it have used; 0 where that is not known any more."""
    try:
        process = psutil.Process(pid)
        times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    except psutil.Error:
        return 0.0
    return float(sum(each.user + each.system for each in times))
