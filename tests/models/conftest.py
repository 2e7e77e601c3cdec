import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(1674)


@pytest.fixture(scope="session")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")
