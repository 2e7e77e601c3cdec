import runpy
import statistics
import sys
from pathlib import Path

import pytest

from coursekit.grading.kernels import Template
from coursekit.grading.sandbox import Level, probe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="kernels are forked on Linux only"),
]

BENCHMARK = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "kernels.py"))


def test_many_kernels_that_end_in_every_way_leave_nothing():
    before, after, longest = BENCHMARK["soak"](30, ("numpy",))
    assert after == before
    assert longest < 5.0


def test_tensorflow_is_there_at_once_and_shared():
    if probe() is not Level.NAMESPACES:
        pytest.skip("no namespaces on this machine")
    with Template(BENCHMARK["MODULES"], {}) as template:
        found = [BENCHMARK["measure"](template.address, BENCHMARK["box"]()) for _ in range(8)][1:]
    assert statistics.median(each["imported ms"] for each in found) < 400  # 140 on a quiet machine
    assert max(each["private MiB"] for each in found) < 60
