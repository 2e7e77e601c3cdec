"""A worker process: grades the submissions that it is handed, one after the other, for as long as its owner lives.

``python -m coursekit.grading.worker``, started by `coursekit.grading.pool`. On its standard input comes first how to
grade, then a submission at a time; on its standard output goes one line of results for each. Whatever else is printed
goes to the log that is its standard error.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import sys
import threading
from typing import BinaryIO

from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import Graded
from coursekit.grading.limits import Limits
from coursekit.grading.staging import Staged

_LENGTH = struct.Struct(">Q")


def send(pipe: BinaryIO, data: bytes) -> None:
    """Write one message.

    Raises:
        OSError: if nobody reads any more.
    """
    pipe.write(_LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes:
    """Read one message.

    Raises:
        EOFError: if whoever writes has ended.
    """
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return _exactly(pipe, length)


def _exactly(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError("the other end is gone")
    return data


def faulty(staged: Staged, reason: str) -> Graded:
    """Return what stands for a submission that could not be graded through no fault of its own."""
    return Graded(staged.student, staged.key, "", (), level="", fault=reason)


def main() -> None:
    """Take submissions until the owner closes the pipe, or is gone; then end, whatever is under way."""
    from coursekit.grading.quick import quick_import, uncollected

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is for the owner
    with os.fdopen(os.dup(0), "rb") as jobs, os.fdopen(os.dup(1), "wb") as answers:
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_take, args=(jobs, waiting), daemon=True).start()
        quick_import("nbformat")
        setup = waiting.get()
        with uncollected():
            function, bundle, limits = pickle.loads(setup)
        while True:
            send(answers, _graded(function, bundle, pickle.loads(waiting.get()), limits).to_json().encode())


def _take(jobs: BinaryIO, waiting: queue.SimpleQueue[bytes]) -> None:
    try:
        while True:
            waiting.put(receive(jobs))
    except EOFError:
        os._exit(0)


def _graded(function: object, bundle: Bundle, staged: Staged, limits: Limits) -> Graded:
    """Grade one submission; what goes wrong in the grader itself is a fault, not the student's."""
    try:
        graded = function(bundle, staged, limits)  # type: ignore[operator]
        assert isinstance(graded, Graded)
        return graded
    except Exception as error:
        import traceback

        traceback.print_exc(file=sys.stderr)
        return faulty(staged, f"the grader failed: {type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
