"""Keeps libraries that print while they start off the screen."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def quiet_import(name: str) -> ModuleType:
    """Import a module that brings TensorFlow, without the lines TensorFlow writes at its start.

    A caller's own environment variables win over the defaults set here.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Without this TensorFlow takes all of a GPU's memory, also from other notebooks on it.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with _stderr_dropped():
        return importlib.import_module(name)


@contextmanager
def _stderr_dropped() -> Iterator[None]:
    """Point file descriptor 2 at nothing: C++ writes there, past Python's ``sys.stderr``."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
