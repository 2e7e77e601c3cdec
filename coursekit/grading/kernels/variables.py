"""Environments of templates and of kernels: made from nothing, so that nothing of the instructor's leaks into them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

_MACHINE = ("LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")
"""Passed on: they say what this machine is like, not whose it is."""

_ONE_THREAD = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow, which pandas imports, would start one
    "OPENBLAS_NUM_THREADS": "1",  # NumPy's and SciPy's likewise
}
"""Threads do not survive a fork."""

_ONE_CORE = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
}
"""Kernels side by side would be in each other's way; and one seed gives one result on machines of any size."""

_DEFAULTS = {
    **_ONE_THREAD,
    **_ONE_CORE,
    "COURSEKIT_PROGRESS": "off",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # no advice from the debugger, which ipykernel imports
    "PYTHONHASHSEED": "0",  # the order of a set is the same for every student
    "PYTHONIOENCODING": "utf-8",
    "TF_CPP_MIN_LOG_LEVEL": "3",  # what it writes about missing GPUs is nobody's fault
}


def kernel_environment(extra: Mapping[str, str], home: str) -> dict[str, str]:
    """Return all variables of a grader's kernel.

    Args:
        extra: what the assignment wants; it wins.
        home: a folder for HOME.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    machine = {name: os.environ[name] for name in _MACHINE if name in os.environ}
    private = {"HOME": home, "IPYTHONDIR": os.path.join(home, ".ipython"), "TMPDIR": os.path.join(home, "tmp")}
    return {"PATH": path, "LANG": "C.UTF-8", **machine, **_DEFAULTS, **private, **extra}


def template_environment(extra: Mapping[str, str], home: str) -> dict[str, str]:
    """Return all variables of a template: those of its kernels, but for what a fork needs otherwise.

    Args:
        extra: as for its kernels.
        home: a folder for HOME: settings of Keras or matplotlib that a person has do not count.
    """
    # matplotlib's list of fonts takes seconds to make
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    found = {"XDG_CACHE_HOME": cache, **kernel_environment(extra, home), **_ONE_THREAD}
    # With it pyplot imports the backend at once; before a fork, the one for notebooks shows no figures after it.
    del found["MPLBACKEND"]
    # Read when ipykernel is imported: no watching of a parent process, no advice on how to connect.
    return found | {"JPY_PARENT_PID": "1"}
