"""What an assignment takes of a machine's memory; the GPU is pretended."""

from dataclasses import replace

import nbformat
import pytest

from coursekit.grading import calibration
from coursekit.grading.bundle import bundle
from coursekit.grading.calibration import HEADROOM, LEAST, Peak, calibrate
from coursekit.grading.leases import Device
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.sandbox import probe
from coursekit.grading.starting import started

GIB = 1024 * MIB
GPU = Device("GPU-pretended", 80_000 * MIB)


def test_slices_leave_room_and_have_a_least_size():
    assert Peak(2 * GIB, 10 * GIB).device_slice == HEADROOM * 10 * GIB
    assert Peak(2 * GIB, 0).device_slice == LEAST
    assert Peak(2 * GIB, 0).host_slice == HEADROOM * 2 * GIB
    assert Peak.from_json(Peak(1, 2).to_json()) == Peak(1, 2)


@pytest.mark.slow
def test_the_reference_solution_says_what_an_assignment_takes(course, monkeypatch):
    plain_pack, limits, level = bundle(course, "salt"), Limits(), probe()
    used = iter([300 * MIB] + [300 * MIB + 50 * MIB * step for step in (0, 4, 2)])
    last = []
    monkeypatch.setattr(calibration, "used_bytes", lambda device: last.append(next(used, 300 * MIB)) or last[-1])
    source = nbformat.reads(plain_pack.source, as_version=4)
    taking = (
        "import time\nkept = bytearray(150 * 2**20)\nfor i in range(0, len(kept), 4096): kept[i] = 1\ntime.sleep(0.8)"
    )
    source.cells[1].source += f"\n{taking}"
    pack = replace(plain_pack, source=nbformat.writes(source))
    with started(pack, limits, level) as grader:
        plain = calibrate(plain_pack, limits, grader.keywords["start"], "none")
        peak = calibrate(pack, limits, grader.keywords["start"], "none", GPU)
    assert peak.device_bytes == 200 * MIB
    assert plain.device_bytes == 0
    assert 150 * MIB < peak.host_bytes < plain.host_bytes + 250 * MIB
    assert plain.host_bytes < peak.host_bytes - 100 * MIB
