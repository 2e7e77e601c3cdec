"""The process outside a box: it waits, shuts the exchange when it is time, and ends as the box ended."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import socket
from collections.abc import Callable, Sequence
from typing import NoReturn

from coursekit.grading.limits import Limits
from coursekit.grading.sandbox import system
from coursekit.grading.sandbox.boxes import SandboxError

_SOCKETS = 5  # shell, iopub, stdin, control, heartbeat
_PATIENCE = 250  # times 0.02 seconds


def stand(child: int, wait: Callable[[], int], keep: Sequence[int]) -> NoReturn:
    """Wait for the child, and end with its exit status or signal.

    Args:
        child: the process inside.
        wait: `until_sealed` or the like: returns the child's wait status, or raises.
        keep: descriptors that are the child's business.
    """
    try:
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)  # meant for the kernel, which is told by message
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        for descriptor in set(keep):
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
        status = os.waitstatus_to_exitcode(wait())
        if status < 0:
            if status not in (-signal.SIGKILL, -signal.SIGSTOP):
                signal.signal(-status, signal.SIG_DFL)
            os.kill(os.getpid(), -status)
        os._exit(status & 0xFF)
    finally:
        os._exit(1)  # and the child with it


def seal(channel: socket.socket) -> None:
    """Ask the guard to shut the exchange; return when it has.

    Raises:
        SandboxError: if it could not.
    """
    try:
        channel.settimeout(10)
        channel.send(b"s")
        if channel.recv(1) != b"s":
            raise SandboxError("the exchange could not be shut")
    except OSError as error:
        raise SandboxError(f"the exchange could not be shut: {error}") from error
    finally:
        channel.close()


def until_sealed(child: int, channel: socket.socket, exchange: str) -> int:
    """Return the child's wait status; shut the exchange when asked to, or when all sockets lie in it.

    Raises:
        OSError: if the exchange cannot be shut.
    """
    asked, failed = [channel], 0
    while True:
        heard = select.select(asked, [], [], 0.02)[0]
        message = channel.recv(1) if heard else b""
        if heard and not message:
            asked = []  # a program was started instead: its sockets tell
        if message or _all_bound(exchange):
            try:
                system.set_attributes(exchange, system.ATTR_RDONLY, recursive=False)
                break
            except OSError:  # a file in it is open for writing: an honest kernel's not for long
                failed += 1
                if message or failed > _PATIENCE:
                    raise
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
    if message:
        channel.send(b"s")
    return os.waitpid(child, 0)[1]


def while_modest(child: int, channel: socket.socket, folder: str, limits: Limits) -> int:
    """Return the wait status of a child without namespaces; end it when its threads or files are too many.

    Args:
        child: the process inside.
        channel: to it; there is nothing to shut, which it is told at once.
        folder: the only one in which it can write.
        limits: what it may use.
    """
    with contextlib.suppress(BrokenPipeError):  # a program was started instead
        channel.send(b"s")
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        if len(os.listdir(f"/proc/{child}/task")) > limits.processes or _size(folder) > limits.disk_bytes:
            os.kill(child, signal.SIGKILL)
        select.select([], [], [], 0.1)


def _size(folder: str) -> int:
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += max(os.lstat(os.path.join(parent, name)).st_blocks * 512, 4096)
    return total


def _all_bound(exchange: str) -> bool:
    try:
        with os.scandir(exchange) as entries:
            kinds = [entry.stat(follow_symlinks=False).st_mode & 0o170000 for entry in entries]
    except OSError:
        return False
    return kinds.count(0o140000) >= _SOCKETS
