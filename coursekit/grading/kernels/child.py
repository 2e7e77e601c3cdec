"""What a process does to become a kernel: forked from a template, or started cold (``python -m …child < payload``).

Both run the same application with the same settings, so that a notebook cannot tell which it got.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import inspect
import io
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import traceback
from types import ModuleType
from typing import Any, ClassVar, NoReturn, cast

import zmq
from ipykernel import ipkernel
from ipykernel.compiler import XCachingCompiler
from ipykernel.kernelapp import IPKernelApp
from traitlets import Type
from traitlets.config import Config

from coursekit.grading.sandbox import Box, enter

MODULES = ("psutil", "ipykernel.kernelapp", "ipykernel.ipkernel")
"""What every kernel imports; the rest is learned."""

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36

_SETTINGS = Config(
    {
        "IPKernelApp": {"log_level": "ERROR"},
        "HistoryManager": {"hist_file": ":memory:", "enabled": False},  # of this session only: no data base, no thread
        # The notebook's folder comes last on sys.path, not first: a submission's ./numpy.py is not NumPy.
        "InteractiveShellApp": {"ignore_cwd": True},
    }
)


class _NoModules(ModuleType):
    """`sys`, but for the modules."""

    modules: ClassVar[dict[str, ModuleType]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


class Compiler(XCachingCompiler):
    """Tells `inspect` that a cell is of no module, which every traceback asks it several times.

    It would compare with the files of all modules each time: 7 ms with TensorFlow, 0.2 s the first time.
    """

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """Return the name of a cell's file."""
        name = str(super().get_code_name(raw_code, code, number))  # type: ignore[no-untyped-call]
        inspect.modulesbyfile[name] = ""
        return name


class Kernel(ipkernel.IPythonKernel):
    """IPython's, whose errors cost little."""

    compiler_class = Type(Compiler)


class KernelApp(IPKernelApp):
    """IPython's kernel on sockets that are handed to it: no connection file, no heartbeat, no settings of a user's."""

    kernel_class = Type(Kernel)

    listeners: dict[int, int]  # descriptors by port

    def parse_command_line(self, argv: Any = None) -> None:
        """There is none."""

    def load_config_file(self, *args: Any, **kwargs: Any) -> None:
        """Nobody's settings belong in here."""

    def init_connection_file(self) -> None:
        """The connection was loaded before."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Whoever needs it has it."""

    def init_heartbeat(self) -> None:
        """None if forked: whether the kernel lives is asked of its parent process, which cannot be fooled."""
        if not self.listeners:
            super().init_heartbeat()  # type: ignore[no-untyped-call]

    def init_kernel(self) -> None:
        """Spare the debugger's list of all modules, which copies a page for each: 45 MiB of private memory, not 20."""
        names = vars(ipkernel)
        held, names["sys"] = names["sys"], _NoModules("sys")
        try:
            super().init_kernel()  # type: ignore[no-untyped-call]
        finally:
            names["sys"] = held

    def init_code(self) -> None:
        """There is no code of a user's to run first; and no list of all modules for ``%reset aggressive``, either."""
        assert self.shell is not None
        self.shell.user_ns_hidden.update(self.shell.user_ns)
        sys.stdout.flush()
        sys.stderr.flush()

    def init_control(self, context: Any) -> None:
        """The debugger's socket connects by path, which does not exist in a sandbox: it shall not try for ever."""
        context.setsockopt(zmq.RECONNECT_IVL, -1)
        super().init_control(context)  # type: ignore[no-untyped-call]

    def init_iopub(self, context: Any) -> None:
        """Drop no message, however slowly they are read: a lost "idle" looks like a cell that never ends."""
        context.setsockopt(zmq.SNDHWM, 0)
        super().init_iopub(context)  # type: ignore[no-untyped-call]

    def _try_bind_socket(self, socket: Any, port: int) -> int:
        if port in self.listeners:
            socket.setsockopt(zmq.USE_FD, self.listeners[port])
        return int(super()._try_bind_socket(socket, port))  # type: ignore[no-untyped-call]


def adopt_orphans() -> None:
    """Become the parent of whatever descendants lose theirs, so that they can be found."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """End this process when its parent ends."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that took effect
        os._exit(1)


def detach(template: int, stdout: int, stderr: int) -> None:
    """Make a freshly forked process its own: session, signals, standard streams; it dies with its template.

    Args:
        template: process id of the template.
        stdout: descriptor for what is written past Python.
        stderr: likewise.
    """
    os.setsid()
    die_with(template)
    adopt_orphans()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (stdout, 1), (stderr, 2)):
        os.dup2(source, target)
        os.close(source)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))


def become_kernel(request: dict[str, Any], ready: int, listeners: list[int]) -> NoReturn:
    """Enter the sandbox, start the kernel, say so, run, end the process.

    Args:
        request: ``environment`` (None: as it is), ``folder`` (``""``: likewise), ``box`` (None: no sandbox), and for a
            grader's kernel ``connection`` (as in a connection file), for an ordinary one ``arguments`` (of ipykernel).
        ready: descriptor to which ``ready`` is written, or what went wrong.
        listeners: descriptors of listening sockets for ports 1, 2, …; none: it binds its own.
    """
    if request["environment"] is not None:
        os.environ.clear()
        os.environ.update(request["environment"])
    _renew()
    if request["box"] is not None:
        seal = enter(Box.from_json(request["box"]), keep=(ready, *listeners))
    elif request["folder"]:
        os.chdir(request["folder"])
    gc.disable()  # a collection now would only cost time
    app = _app(request["arguments"]) if "arguments" in request else grading_app(request["connection"], listeners)
    gc.enable()
    if request["box"] is not None:
        seal()
    os.write(ready, b"ready")
    os.close(ready)
    status = 0
    try:
        run(app)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    end(status)


def run(app: IPKernelApp) -> None:
    """Run a kernel until it is told to end."""
    app.start()  # type: ignore[no-untyped-call]


def end(status: int) -> NoReturn:
    """End the process as Python would, but without taking TensorFlow apart, which takes seconds."""
    try:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def give_up(ready: int, reason: str) -> NoReturn:
    """Say why there will be no kernel, and end."""
    try:
        os.write(ready, reason.encode()[-4096:])
    finally:
        os._exit(1)


def grading_app(connection: dict[str, Any], listeners: list[int]) -> KernelApp:
    """Return a grader's kernel, listening.

    Args:
        connection: as in a connection file.
        listeners: descriptors of listening sockets for ports 1, 2, …; none: it binds its own.
    """
    sys.argv = ["kernel"]
    sys.path.append(os.getcwd())
    app: KernelApp = KernelApp.instance(config=_SETTINGS)
    app.listeners = dict(enumerate(listeners, start=1))
    app.load_connection_info(cast(Any, connection))
    app.initialize([])  # type: ignore[no-untyped-call]
    return app


def _app(arguments: list[str]) -> IPKernelApp:
    """Return an ordinary kernel: a user's settings, a connection file, the folder first on `sys.path`."""
    sys.argv = ["ipykernel_launcher", *arguments]
    app: IPKernelApp = IPKernelApp.instance()
    app.initialize(arguments)  # type: ignore[no-untyped-call]
    return app


def _renew() -> None:
    """Set what libraries took from the template's environment, and what forks must not share: random state, keys."""
    tempfile.tempdir = None
    multiprocessing.current_process().authkey = os.urandom(32)
    choose_backend()
    if "numpy.random" in sys.modules:  # Python's own generator is reseeded by os.fork
        sys.modules["numpy.random"].seed()


def choose_backend() -> None:
    """Let matplotlib draw into the notebook, as ipykernel does: here once for all, it takes a hundredth of a second."""
    backend = os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    if "matplotlib" in sys.modules:
        settings = sys.modules["matplotlib"].rcParams
        if dict.get(settings, "backend") != backend:  # to ask it would choose one
            settings["backend"] = backend


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _main() -> None:
    """Start cold: the request comes on standard input, which then stays open as long as somebody wants the kernel."""
    ready = os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(null, stream)
    try:
        lifeline = os.dup(0)
        request = json.loads(sys.stdin.buffer.readline())
        os.dup2(null, 0)
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
        become_kernel(request, ready, [])
    except BaseException:
        give_up(ready, traceback.format_exc())


def _end_with(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(1)


if __name__ == "__main__":
    _main()
