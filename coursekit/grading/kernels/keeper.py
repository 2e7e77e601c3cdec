"""`Template`: starts the process that kernels are forked from, and again when it dies."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from coursekit.grading.kernels.variables import template_environment

_ATTEMPTS = 3
SERVING = "serving"
"""File in the template's working folder that is there once it has imported everything."""


class Template:
    """A process that has imported modules and forks kernels.

    Enter it as early as possible: it returns at once, and imports meanwhile; whoever asks for a kernel before it is
    done, waits. If the process dies, kernels that it forked die with it, whoever used them gets `KernelUnavailable`,
    and another is started. If it dies three times in a row before it can fork anything, that is given up.

    Attributes:
        address: what `start` needs, in any process or thread of this user on this machine; None where kernels cannot be
            forked (not Linux), so that ``start(template.address, …)`` starts them cold.
    """

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        """Describe a template.

        Args:
            modules: to import, by dotted name; one that cannot be imported is left out.
            environment: variables beside the usual ones; what libraries read when they are imported
                (``KERAS_BACKEND``) counts only here, not in `start`.
        """
        self.address: str | None = None
        self._modules = list(modules)
        self._environment = dict(environment)
        self._folder = ""
        self._listener: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closing = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> Template:
        if not sys.platform.startswith("linux"):
            return self
        self._closing.clear()
        self._folder = tempfile.mkdtemp(prefix="ck-template-")
        self.address = os.path.join(self._folder, "socket")
        # Ours, not the process's: whoever connects while there is none, waits for the next.
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(self.address)
        os.chmod(self.address, 0o600)
        self._listener.listen(1024)
        self._launch()
        self._keeper = threading.Thread(target=self._keep, name="kernel template", daemon=True)
        self._keeper.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        if self.address is None:
            return
        self._closing.set()
        self._give_up()
        self._keeper.join(timeout=20.0)
        shutil.rmtree(self._folder, ignore_errors=True)
        self.address = None

    @property
    def pid(self) -> int:
        """Process id of the template, 0 where there is none."""
        return self._process.pid if self._process is not None else 0

    @property
    def log(self) -> str:
        """What the template wrote: modules that cannot be imported before a fork, and why it died."""
        try:
            return Path(self._folder, "log").read_text(errors="replace")
        except OSError:
            return ""

    def _launch(self) -> None:
        assert self._listener is not None
        home = Path(self._folder, "home")
        home.joinpath("tmp").mkdir(parents=True, exist_ok=True)
        home.joinpath(SERVING).unlink(missing_ok=True)
        listener = self._listener.fileno()
        settings = {"listener": listener, "folder": self._folder, "modules": self._modules, "without": []}
        with open(os.path.join(self._folder, "log"), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "coursekit.grading.kernels.template", json.dumps(settings)],
                env=template_environment(self._environment, str(home)),
                cwd=home,
                stdin=subprocess.PIPE,  # its end tells the process to end
                stdout=log,
                stderr=log,
                pass_fds=[listener],
                start_new_session=True,
            )

    def _keep(self) -> None:
        failures = 0
        while not self._closing.is_set():
            process = self._process
            assert process is not None
            process.wait()
            failures = 0 if Path(self._folder, "home", SERVING).exists() else failures + 1
            with self._lock:
                _close(process)
                if self._closing.is_set():
                    return
                if failures >= _ATTEMPTS:
                    break
                try:
                    self._launch()
                except OSError:
                    break
        self._give_up()

    def _give_up(self) -> None:
        """End the process; who connects from now on is refused."""
        with self._lock:
            if self._listener is not None:
                self._listener.close()
            if self._process is not None:
                _close(self._process)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    process.terminate()  # ends it while it imports; later, it ends its kernels first
    try:
        process.wait(timeout=15.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
