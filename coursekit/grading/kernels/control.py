"""Asking a template for a kernel, watching it, ending it: one connection a kernel.

Requests and answers are JSON, a packet each, on an ``AF_UNIX`` ``SOCK_SEQPACKET`` socket that only its owner may open:

    {"folder": "/tmp/x"}  with descriptors: payload, stdout, stderr, ready, listeners …  ->  {"pid": 123}, {"status": 0}
    {"signal": 15}        to the kernel's process group

Closing the connection kills the kernel and removes the folder, so whoever asked cannot leave them behind by dying.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import Any

PACKET_BYTES = 65536
"""Longest message on a control connection; whatever can be long travels in a file."""

ANSWER_SECONDS = 180.0
"""How long a template may take to answer, its own start included."""

READY_SECONDS = 60.0
"""How long a kernel may take to listen."""


class KernelUnavailable(Exception):
    """No kernel could be had, or the template died under one: our fault, never the student's."""


class Forked:
    """A kernel's process that a template forked for us: `subprocess.Popen`'s methods, for what is not our child.

    Attributes:
        pid: of the process, as the template sees it (with a sandbox: the process outside that waits for the kernel).
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self._status: int | None = None
        self._lost = False
        self.pid = pid

    @property
    def lost(self) -> bool:
        """Whether the template died, and the kernel with it."""
        self.poll()
        return self._lost

    @property
    def returncode(self) -> int | None:
        """The exit status, once `poll` or `wait` has seen it."""
        return self._status

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while the process runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit status.

        Raises:
            subprocess.TimeoutExpired: if it still runs after ``timeout`` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            status = self._look(1.0 if deadline is None else min(1.0, max(0.0, deadline - time.monotonic())))
            if status is not None:
                return status
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel's process group."""
        with contextlib.suppress(OSError):  # gone already
            self._connection.send(json.dumps({"signal": int(number)}).encode())

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """End it, wait until it and everything it started is gone, and let go of the connection."""
        if self._status is None:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait(timeout=10.0)
        self._connection.close()

    def _look(self, seconds: float) -> int | None:
        with self._lock:
            if self._status is None and _readable(self._connection, seconds):
                message = _receive(self._connection)
                self._lost = message is None
                self._status = -signal.SIGKILL if message is None else int(message["status"])
            return self._status


def fork(
    address: str,
    payload: dict[str, Any],
    descriptors: Sequence[int],
    folder: str = "",
    seconds: float = ANSWER_SECONDS,
) -> Forked:
    """Ask the template at an address for a kernel.

    Args:
        address: `Template.address`.
        payload: what `coursekit.grading.kernels.child.become_kernel` is to do.
        descriptors: standard output and error of the kernel, then its listening sockets.
        folder: to be removed after the kernel has ended and the connection was closed.
        seconds: how long to wait for the template.

    Returns:
        Its process; it listens.

    Raises:
        KernelUnavailable: if there is no template, or it does not answer, or the kernel does not start.
    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ready, ready_end = os.pipe()
    try:
        connection.settimeout(seconds)
        connection.connect(address)
        pid = _ask(connection, folder, payload, [*descriptors[:2], ready_end, *descriptors[2:]])
        os.close(ready_end)
        ready_end = -1
        process = Forked(connection, pid)
        try:
            await_ready(ready)
        except KernelUnavailable:
            process.close()
            raise
        return process
    except OSError as error:
        connection.close()
        raise KernelUnavailable(f"the template for kernels at {address} is of no use: {error}") from error
    finally:
        os.close(ready)
        if ready_end >= 0:
            os.close(ready_end)


def _ask(connection: socket.socket, folder: str, payload: dict[str, Any], descriptors: Sequence[int]) -> int:
    """Ask for a kernel and return its process id."""
    seconds = connection.gettimeout() or 0.0
    with os.fdopen(os.memfd_create("kernel"), "wb") as file:
        file.write(json.dumps(payload).encode())
        file.flush()
        request = json.dumps({"folder": folder}).encode()
        socket.send_fds(connection, [request], [file.fileno(), *descriptors])
    if not _readable(connection, seconds):
        raise TimeoutError(f"no answer for {seconds:g} s")
    message = _receive(connection)
    if message is None:
        raise ConnectionResetError("it died")
    if "pid" not in message:
        raise OSError(message.get("error", "it answers something else"))
    return int(message["pid"])


def await_ready(ready: int, seconds: float = READY_SECONDS) -> None:
    """Wait until a kernel says on a descriptor that it listens.

    Raises:
        KernelUnavailable: if it ends, says what went wrong, or says nothing in time.
    """
    said = b""
    deadline = time.monotonic() + seconds
    while not said.endswith(b"ready"):
        if not _readable(ready, max(0.0, deadline - time.monotonic())):
            raise KernelUnavailable(f"a kernel was not ready after {seconds:g} s")
        more = os.read(ready, PACKET_BYTES)
        if not more:
            raise KernelUnavailable(f"a kernel could not start: {said.decode(errors='replace') or 'it ended'}")
        said += more


def _readable(source: socket.socket | int, seconds: float) -> bool:
    poller = select.poll()  # unlike select, at home with descriptors above 1023
    poller.register(source, select.POLLIN)
    return bool(poller.poll(seconds * 1000))


def _receive(connection: socket.socket) -> dict[str, Any] | None:
    """Return one message, or None when the other side is gone."""
    try:
        packet = connection.recv(PACKET_BYTES)
        return dict(json.loads(packet)) if packet else None
    except (OSError, ValueError):
        return None
