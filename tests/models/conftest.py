import ctypes
import gc
import sys

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(1674)


@pytest.fixture(scope="session")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


@pytest.fixture(scope="module", autouse=True)
def _memory_comes_back():
    """The full-size networks of one file are gone before the next one: together they would fill a small machine."""
    yield
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session(free_memory=True)
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
