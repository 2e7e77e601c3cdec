"""The template process: imports what kernels need, executes nothing of it, and forks kernels on request.

``python -m coursekit.grading.kernels.template SETTINGS``, started by `coursekit.grading.kernels.keeper`. One thread and
no event loop, because neither survives a fork; nothing secret in its memory or environment, because every kernel can
read both.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import psutil

from coursekit.grading.kernels import child, learning
from coursekit.grading.kernels.control import PACKET_BYTES
from coursekit.grading.kernels.deferring import DEFERRED, Deferring
from coursekit.grading.kernels.keeper import SERVING

_MAX_DESCRIPTORS = 16


@dataclass
class Running:
    """A connection, and the kernel that was asked for on it."""

    connection: socket.socket
    pid: int = 0
    watch: int = -1  # a pidfd: readable once the process has ended
    status: int | None = None
    folder: str = ""  # of whoever asked for it, who may not live to remove it
    gone: bool = False  # whoever asked for it


class Server:
    """Forks a kernel for each connection, tells how it ended, ends it when the connection closes."""

    def __init__(self, listener: socket.socket, lifeline: int) -> None:
        self._listener = listener
        self._selector = selectors.DefaultSelector()
        self._kernels: dict[int, Running] = {}
        self._ended: list[Running] = []
        self._owner = os.getppid()
        self._serving = True
        listener.setblocking(False)
        self._on(listener, self._accept)
        self._on(lifeline, self._stop)

    def serve(self) -> None:
        """Serve until whoever started this process is gone."""
        while self._serving and os.getppid() == self._owner:
            for key, _ in self._selector.select(0.005 if self._ended else 1.0):
                key.data()
            if self._ended:
                self._report()
        _end_children()
        for kernel in self._kernels.values():
            kernel.gone, kernel.status = True, -signal.SIGKILL
            _remove(kernel)

    def _on(self, source: Any, action: Callable[[], None]) -> None:
        self._selector.register(source, selectors.EVENT_READ, action)

    def _stop(self) -> None:
        self._serving = False

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # whoever connected is gone again
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            self._on(connection, partial(self._read, Running(connection)))

    def _read(self, kernel: Running) -> None:
        try:
            packet, descriptors, _, _ = socket.recv_fds(
                kernel.connection, PACKET_BYTES, _MAX_DESCRIPTORS, socket.MSG_CMSG_CLOEXEC
            )
        except BlockingIOError:
            return
        except OSError:
            packet, descriptors = b"", []
        try:
            if not packet:
                self._drop(kernel)
            elif not kernel.pid:
                kernel.folder = json.loads(packet)["folder"]
                self._fork(kernel, descriptors)
            elif kernel.status is None:
                _kill(kernel.pid, int(json.loads(packet)["signal"]))
        except Exception as error:  # whatever one client asked for, the others are served
            self._say(kernel, {"error": f"{type(error).__name__}: {error}"})
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _fork(self, kernel: Running, descriptors: list[int]) -> None:
        payload, stdout, stderr, ready, *listeners = descriptors
        kernel.pid = os.fork()
        if not kernel.pid:
            self._become(payload, stdout, stderr, ready, listeners)
        self._kernels[kernel.pid] = kernel
        kernel.watch = os.pidfd_open(kernel.pid)
        self._on(kernel.watch, partial(self._reap, kernel))
        self._say(kernel, {"pid": kernel.pid})

    def _become(self, payload: int, stdout: int, stderr: int, ready: int, listeners: list[int]) -> NoReturn:
        template = os.getppid()
        try:
            for key in list(self._selector.get_map().values()):
                if key.fd > 2:
                    os.close(key.fd)
            self._selector.close()
            os.lseek(payload, 0, os.SEEK_SET)
            with os.fdopen(payload, "rb") as file:
                request = json.load(file)
            child.detach(template, stdout, stderr)
            child.become_kernel(request, ready, listeners)
        except BaseException:
            child.give_up(ready, traceback.format_exc())

    def _reap(self, kernel: Running) -> None:
        _, status = os.waitpid(kernel.pid, 0)
        kernel.status = os.waitstatus_to_exitcode(status)
        self._selector.unregister(kernel.watch)
        os.close(kernel.watch)
        del self._kernels[kernel.pid]
        self._ended.append(kernel)

    def _report(self) -> None:
        """Tell how kernels ended, once nothing that they started is left: orphans come to us."""
        orphans = [each for each in psutil.Process().children() if each.pid not in self._kernels]
        for orphan in orphans:
            with contextlib.suppress(psutil.Error):
                orphan.kill()
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan.pid, os.WNOHANG)
        if not orphans:
            for kernel in self._ended:
                self._say(kernel, {"status": kernel.status})
                _remove(kernel)
            self._ended = []

    def _drop(self, kernel: Running) -> None:
        self._selector.unregister(kernel.connection)
        kernel.connection.close()
        kernel.gone = True
        if kernel.pid and kernel.status is None:
            _kill(kernel.pid, signal.SIGKILL)
        _remove(kernel)

    @staticmethod
    def _say(kernel: Running, message: dict[str, Any]) -> None:
        if not kernel.gone:
            with contextlib.suppress(OSError):  # it will be dropped when its end is read
                kernel.connection.send(json.dumps(message).encode())


def _remove(kernel: Running) -> None:
    """Remove the folder of somebody who is gone, once the kernel is gone too."""
    if kernel.folder and kernel.gone and kernel.status is not None:
        shutil.rmtree(kernel.folder, ignore_errors=True)


def _end_children() -> None:
    """End every kernel and what it started, and wait until they are gone."""
    signal.alarm(10)  # whatever cannot be killed shall not keep us
    while children := psutil.Process().children():
        for each in children:
            with contextlib.suppress(psutil.Error):
                each.kill()
        with contextlib.suppress(ChildProcessError):
            os.wait()


def _kill(pid: int, number: int) -> None:
    """Signal a kernel and its group; before it has one (just forked), at least itself."""
    for send in (os.kill, os.killpg) if number == signal.SIGKILL else (os.killpg,):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, number)


def threads() -> int:
    """Return how many threads this process has."""
    return len(os.listdir("/proc/self/task"))


def load(modules: list[str]) -> str:
    """Import modules; return the first that started a thread, or ``""``. One that cannot be imported is left out."""
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception as error:  # the notebook that needs it will say so
            print(f"{name} cannot be imported: {error}", file=sys.stderr)
        if threads() > 1:
            print(f"{name} starts a thread: kernels will have to import it themselves", file=sys.stderr)
            return name
    return ""


def main(settings_text: str) -> None:
    """Import, learn, freeze, serve.

    Args:
        settings_text: JSON: ``listener`` (descriptor), ``folder`` (of the template), ``modules``, ``without`` (modules
            that start threads).
    """
    settings = json.loads(settings_text)
    del sys.path[0]  # this folder, which ``-m`` adds; ``-P`` would keep ordinary kernels from adding theirs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is for whoever started us
    child.adopt_orphans()
    gc.disable()  # nothing imported is garbage
    sys.meta_path.insert(0, Deferring(DEFERRED))
    wanted = [name for name in (*settings["modules"], *child.MODULES) if name not in settings["without"]]
    culprit = load(wanted) or load([name for name in learning.learn() if name not in settings["without"]])
    if culprit:  # its thread cannot be stopped: once more, without
        settings["without"].append(culprit)
        arguments = ["-m", "coursekit.grading.kernels.template", json.dumps(settings)]
        os.execv(sys.executable, [sys.executable, *arguments])
    child.choose_backend()
    # Whoever looks for a module by its file has all files looked up first, with TensorFlow for 0.2 s: a kernel's first
    # error does. It is kept.
    inspect.getmodule(compile("", "<no file>", "exec"))
    gc.freeze()  # no collection before, which takes long and finds little; one in a kernel would copy every page
    gc.enable()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # from now on, the end of standard input ends us, kernels first
    Path(SERVING).touch()
    Server(socket.socket(fileno=settings["listener"]), lifeline=0).serve()
    shutil.rmtree(settings["folder"], ignore_errors=True)  # our owner may not have lived to do it
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
