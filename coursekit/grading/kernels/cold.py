"""Starting a kernel without a template, as seconds slower, where there is none or forking is not possible."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Any

from coursekit.grading.kernels.control import KernelUnavailable, await_ready

ARGV = (sys.executable, "-P", "-m", "coursekit.grading.kernels.child")


class Cold:
    """A kernel's process that we started: what `coursekit.grading.kernels.control.Forked` is to one that was forked."""

    lost = False

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end, as `subprocess.Popen.wait` does."""
        return self._process.wait(timeout)

    def kill(self) -> None:
        """End it, and its process group."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                if os.name == "posix":
                    os.killpg(self.pid, signal.SIGKILL)
                else:
                    self._process.kill()

    def close(self) -> None:
        """End it and wait until it is gone."""
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10.0)


def launch(argv: Sequence[str], payload: dict[str, Any], environment: Mapping[str, str]) -> Cold:
    """Start a kernel.

    Args:
        argv: `ARGV`, or what `coursekit.grading.sandbox.wrap` made of it.
        payload: as for `coursekit.grading.kernels.control.fork`.
        environment: all of it.

    Returns:
        Its process; it listens.

    Raises:
        KernelUnavailable: if the kernel does not start.
    """
    try:
        process = subprocess.Popen(
            argv,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,  # why it did not start
            start_new_session=True,
        )
        stdin: IO[bytes] = process.stdin  # type: ignore[assignment]
        stdout: IO[bytes] = process.stdout  # type: ignore[assignment]
        stdin.write(json.dumps(payload).encode() + b"\n")
        stdin.flush()
    except OSError as error:
        raise KernelUnavailable(f"a kernel could not be started: {error}") from error
    kernel = Cold(process)
    try:
        await_ready(stdout.fileno())
    except BaseException:
        kernel.close()
        raise
    return kernel
