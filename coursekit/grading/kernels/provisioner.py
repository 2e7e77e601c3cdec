"""Warm kernels for nbgrader, nbclient, papermill and JupyterLab: a provisioner of jupyter_client's."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode, default

from coursekit.grading.kernels.control import Forked, KernelUnavailable, fork
from coursekit.grading.kernels.keeper import Template

MODULES = ("numpy", "matplotlib.pyplot", "keras")
"""Imported before kernels start, unless ``COURSEKIT_WARM_MODULES`` or the kernelspec says otherwise."""

_LAUNCHER = ["-m", "ipykernel_launcher"]

# What libraries read when they are imported: kernels that differ in these need templates of their own.
_READ_ON_IMPORT = re.compile(
    r"(KERAS|TF|XLA|CUDA|NVIDIA|JAX|TORCH|PYTORCH|OMP|MKL|NUMEXPR|PYTHON|LD|MPL|XDG|LC)_|"
    r"(PYTHON[A-Z]+|MPLCONFIGDIR|HOME|PATH|LANG|TZ)$"
)

_templates: dict[tuple[Any, ...], Template] = {}
_lock = threading.Lock()


class WarmProvisioner(LocalProvisioner):
    """Forks IPython kernels of this very Python from a template; starts everything else, and where it fails, as usual.

    The kernel is an ordinary one, with the user's settings and rights. A kernelspec's ``metadata`` may say
    ``{"kernel_provisioner": {"provisioner_name": "coursekit-warm", "config": {"modules": ["numpy", "torch"]}}}``.
    """

    modules: Any = List(Unicode(), help="Modules to import before kernels start, by dotted name.")

    _unheard = False

    @default("modules")
    def _default_modules(self) -> list[str]:
        named = os.environ.get("COURSEKIT_WARM_MODULES")
        return list(MODULES) if named is None else [name.strip() for name in named.split(",") if name.strip()]

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Start a kernel, warm if possible, and return how to connect to it."""
        arguments = _arguments(cmd)
        if arguments is not None:
            environment, folder = kwargs.get("env") or os.environ, kwargs.get("cwd") or os.getcwd()
            try:
                found = await asyncio.to_thread(_fork, arguments, environment, folder, self.modules)
            except KernelUnavailable as error:
                self.log.warning("This kernel starts cold: %s", error)
            else:
                self.process, self.pid, self.pgid = found, found.pid, None  # type: ignore[assignment]
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel, and see it dead: its manager would look only every tenth of a second."""
        await super().kill(restart)
        if isinstance(self.process, Forked):
            await asyncio.to_thread(_see_off, self.process)

    async def shutdown_requested(self, restart: bool = False) -> None:
        """Note a request to a kernel that was dead already: it waits for whatever listens on that port next."""
        self._unheard = await self.poll() is not None

    async def cleanup(self, restart: bool = False) -> None:
        """Let such a request expire (0.1 s, `KernelManager._connect_control_socket`) before the next kernel listens."""
        await super().cleanup(restart)
        if restart and self._unheard:
            await asyncio.sleep(0.2)
        self._unheard = False

    async def wait(self) -> int | None:
        """Wait for the kernel to end and let go of it."""
        process: Any = self.process
        status = await super().wait()
        if isinstance(process, Forked):
            process.close()
        return status


def _arguments(cmd: Sequence[str]) -> list[str] | None:
    """Return what a command hands to ipykernel, or None where forking could not do the same."""
    if not sys.platform.startswith("linux") or not cmd or os.path.abspath(cmd[0]) != os.path.abspath(sys.executable):
        return None
    options = list(cmd[1:])
    if options[:1] == ["-Xfrozen_modules=off"]:  # for the debugger
        del options[0]
    return options[2:] if options[:2] == _LAUNCHER else None


def _fork(arguments: list[str], environment: Mapping[str, str], folder: str, modules: Sequence[str]) -> Forked:
    address = os.environ.get("COURSEKIT_TEMPLATE") or _address(tuple(modules), environment)
    payload = {"arguments": arguments, "environment": dict(environment), "folder": folder, "box": None}
    return fork(address, payload, [1, 2])


def _address(modules: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """Return the address of this process's template for an environment, started when first asked for."""
    relevant = {name: value for name, value in environment.items() if _READ_ON_IMPORT.match(name)}
    key = (modules, *sorted(relevant.items()))
    with _lock:
        if key not in _templates:
            _templates[key] = Template(modules, relevant).__enter__()
            atexit.register(_templates[key].__exit__)
        return _templates[key].address or ""


def _see_off(process: Forked) -> None:
    try:
        process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        return  # the manager will say so
