"""Starting kernels for a grader, warm or cold, shut in or not, and ending them so that nothing is left."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import psutil
import zmq

from coursekit.grading.kernels import cold
from coursekit.grading.kernels.client import Client
from coursekit.grading.kernels.control import READY_SECONDS, KernelUnavailable, fork
from coursekit.grading.kernels.variables import kernel_environment
from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import HOME, Box, Level, wrap

_PORTS = {"shell_port": 1, "stdin_port": 2, "iopub_port": 3, "control_port": 4, "hb_port": 5}


class Process(Protocol):
    """What `Forked` and `Cold` have in common."""

    pid: int

    @property
    def lost(self) -> bool:
        """Whether it died because our side did."""

    def poll(self) -> int | None:
        """Return the exit status, or None."""

    def kill(self) -> None:
        """End it."""

    def close(self) -> None:
        """End it, and wait until it is gone."""


class Kernel:
    """A running kernel; leave its ``with`` block to end it.

    Attributes:
        client: connected and ready.
    """

    def __init__(self, process: Process, client: Client, folder: str) -> None:
        self.client = client
        self._process = process
        self._folder = folder

    def __enter__(self) -> Kernel:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Its process id (in a sandbox: of the process that waits for it outside)."""
        return self._process.pid

    def alive(self) -> bool:
        """Return whether it runs.

        Raises:
            KernelUnavailable: if it died because the template did.
        """
        return self.exit_status() is None

    def exit_status(self) -> int | None:
        """Return how it ended, negative for a signal, or None while it runs.

        Raises:
            KernelUnavailable: if it died because the template did.
        """
        status = self._process.poll()
        if status is not None and self._process.lost:
            raise KernelUnavailable("the template for kernels died, and this kernel with it")
        return status

    def interrupt(self) -> None:
        """Ask it, by a message, to interrupt what it executes; returns at once."""
        session = self.client.session
        with contextlib.suppress(zmq.ZMQError):  # it is dead
            session.send(self.client.control_channel.socket, "interrupt_request", content={})

    def kill(self) -> None:
        """End it at once; `client` and `exit_status` stay usable."""
        self._process.kill()

    def private_bytes(self) -> int:
        """Return the memory that it and its processes share with nobody."""
        outer = psutil.Process(self._process.pid)
        return sum(int(each.memory_full_info().uss) for each in (outer, *outer.children(recursive=True)))

    def close(self) -> None:
        """End it; no process, socket or file is left."""
        with contextlib.ExitStack() as last:
            last.callback(shutil.rmtree, self._folder, ignore_errors=True)
            last.callback(self._process.close)
            self.client.stop_channels()


def start(address: str | None, box: Box | None, environment: Mapping[str, str], folder: str | None = None) -> Kernel:
    """Start a kernel and wait until it answers.

    Args:
        address: of the template to fork it from (`Template.address`), or None for a cold start.
        box: what to shut it in; None: it may do what we may.
        environment: variables beside those that every grader's kernel has.
        folder: where it works without a box; default: a temporary folder. What is in there can be imported, but
            hides no installed module.

    Raises:
        KernelUnavailable: if that fails on our side.
    """
    with contextlib.ExitStack() as undo:
        try:
            private = tempfile.mkdtemp(prefix="ck-")  # short: the path of a socket has about 100 bytes
            undo.callback(shutil.rmtree, private, ignore_errors=True)
            process, connection = _launch(address, box, environment, folder, private)
            undo.callback(process.close)
            limits = Limits() if box is None else box.limits
            client = Client(connection, answer_bytes=2 * limits.answer_bytes)
        except (OSError, zmq.ZMQError) as error:
            raise KernelUnavailable(f"a kernel could not be started: {error}") from error
        undo.callback(client.stop_channels)
        _await(client, process)
        undo.pop_all()
        return Kernel(process, client, private)


def _await(client: Client, process: Process) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return client.await_ready(1.0)
        except TimeoutError as error:
            status = process.poll()
            if status is not None or time.monotonic() > deadline:
                raise KernelUnavailable(f"a kernel does not answer (its exit status: {status})") from error


def _launch(
    address: str | None, box: Box | None, environment: Mapping[str, str], folder: str | None, private: str
) -> tuple[Process, dict[str, Any]]:
    """Return a kernel's process that listens, and how to connect to it."""
    for each in ("home/tmp", "work", "x"):
        Path(private, each).mkdir(parents=True)
    if box is not None and box.level is Level.NONE:
        _lay_out(box.files, Path(private, "work"))
        box = None
    # A forked kernel gets its sockets from us; one that starts cold makes them in the only folder that we share.
    path = f"{private}/s" if address is not None else f"{private}/x/s"
    connection = {"transport": "ipc", "ip": path, "key": secrets.token_hex(16), **_PORTS}
    variables = kernel_environment(environment, HOME if box is not None else f"{private}/home")
    payload = {
        "connection": connection,
        "environment": variables,
        "folder": folder or f"{private}/work",
        "box": None,
    }
    if box is not None:
        box = dataclasses.replace(box, exchange=f"{private}/x")
    if address is not None:
        return _fork(address, payload | {"box": box and box.to_json()}, private, path), connection
    if box is None:
        return cold.launch(cold.ARGV, payload, variables), connection
    return cold.launch(wrap(cold.ARGV, box, variables), payload | {"environment": None, "folder": ""}, {}), connection


def _fork(address: str, payload: dict[str, Any], private: str, path: str) -> Process:
    listeners = [_listener(f"{path}-{port}") for port in range(1, 5)]
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        return fork(address, payload, [null, null, *(each.fileno() for each in listeners)], private)
    finally:
        os.close(null)
        for each in listeners:
            each.close()


def _listener(path: str) -> socket.socket:
    """Return a socket for a kernel to listen on: so it needs no folder that both of us can write."""
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    found.bind(path)
    found.listen(16)
    return found


def _lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
