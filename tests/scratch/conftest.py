import numpy as np
import pytest
from hypothesis import settings

# A busy machine is no reason to fail: the first example also pays for imports.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


@pytest.fixture
def rng():
    return np.random.default_rng(1674)
