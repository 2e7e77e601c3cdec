"""A worker's part in a run, with real kernels and pretended GPUs."""

import asyncio
import tempfile

import nbformat
import pytest

from coursekit.grading import calibration
from coursekit.grading.bundle import bundle
from coursekit.grading.calibration import Peak
from coursekit.grading.graded import Graded
from coursekit.grading.leases import Device
from coursekit.grading.limits import MIB, Limits
from coursekit.grading.staging import Staged

REASON = "needs Dask: pip install 'coursekit[cluster]'"
node = pytest.importorskip("coursekit.grading.node", reason=REASON, exc_type=ImportError)
pytestmark = pytest.mark.slow

GPU = Device("GPU-pretended", 80_000 * MIB)
ASKS = "import os\nif False:\n    import torch\nprint('sees', os.environ.get('CUDA_VISIBLE_DEVICES'))"


class Worker:
    def __init__(self):
        self.said = []

    def log_event(self, topic, message):
        self.said.append((topic, message))


@pytest.fixture
def setup(course, tmp_path, monkeypatch):
    from coursekit.grading.sandbox import Level, probe

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    unsafe = probe() is Level.NONE
    pack = bundle(course, "salt")
    return node.Setup("run 1", pack, Limits(), unsafe, (), 30.0, None, node.code_digest())


@pytest.fixture
def opened():
    """Make nodes, and take them down afterwards."""
    nodes = []

    def make(setup):
        made = node.Node(setup)
        made.setup(Worker())
        nodes.append(made)
        return made

    yield make
    for each in nodes:
        asyncio.run(each.teardown(None))


def with_gpu(setup, monkeypatch, host_bytes=100 * MIB, device_bytes=20_000 * MIB):
    """Let the machine have a GPU, and the assignment, which asks for one, take some of it."""
    measured = []

    def measure(*arguments):
        measured.append(arguments)
        return Peak(host_bytes, device_bytes)

    monkeypatch.setattr(node, "devices", lambda: (GPU,))
    monkeypatch.setattr(calibration, "calibrate", measure)
    source = nbformat.reads(setup.bundle.source, as_version=4)
    source.cells[1].source += "\nif False:\n    import torch"
    return node.replace(setup, bundle=node.replace(setup.bundle, source=nbformat.writes(source))), measured


def printed(graded):
    cells = nbformat.reads(graded.notebook, as_version=4).cells
    return "".join(each.text for cell in cells if cell.cell_type == "code" for each in cell.outputs if "text" in each)


def test_a_node_grades_and_sees_no_gpu_where_none_is_asked_for(setup, opened, tiny, monkeypatch):
    monkeypatch.setattr(node, "devices", lambda: pytest.fail("nobody needs a GPU"))
    here = opened(setup)
    assert here.ready() == {"device": "host", "problem": ""}
    text = tiny.text({**tiny.right, "double": tiny.right["double"] + "\n" + ASKS})
    graded = Graded.from_json(here.grade(Staged("ada", text, {}, "", (), "k"), "task 1", False))
    assert [cell.points for cell in graded.cells] == [3.0, 2.0, None]
    assert printed(graded) == "sees \n"
    assert here._worker.said == [("run 1", {"started": "task 1"})]


def test_a_node_takes_a_share_of_a_gpu_and_says_when_none_is_left(setup, opened, tiny, monkeypatch):
    setup, measured = with_gpu(setup, monkeypatch)
    first, second, third = opened(setup), opened(setup), opened(setup)
    assert first.ready()["device"] == GPU.name
    assert second.ready()["device"] == GPU.name
    assert "60000 of 80000 MiB" in third.ready()["problem"]  # 1.5 times 20,000 MiB each
    assert len(measured) == 1, "once a machine and run"
    answers = {**tiny.right, "double": tiny.right["double"] + "\n" + ASKS}
    graded = Graded.from_json(first.grade(Staged("ada", tiny.text(answers), {}, "", (), "k"), "task", True))
    assert printed(graded) == f"sees {GPU.name}\n"
    refused = Graded.from_json(third.grade(Staged("ada", tiny.text(), {}, "", (), "k"), "task", False))
    assert "no share of a GPU" in refused.fault
    asyncio.run(first.teardown(None))
    assert third.ready() == {"device": GPU.name, "problem": ""}


def test_a_gpu_takes_no_more_than_the_memory_of_its_machine(setup, opened, monkeypatch):
    import psutil

    half = int(0.5 * psutil.virtual_memory().total)
    setup, _ = with_gpu(setup, monkeypatch, half, 1000 * MIB)
    assert not opened(setup).ready()["problem"]
    assert "of host are claimed" in opened(setup).ready()["problem"]


def test_a_node_waits_no_longer_than_it_may_for_a_machine_of_its_own(setup, opened, tiny):
    from coursekit.grading.leases import HOST, Ledger

    here = opened(node.replace(setup, waiting=0.5))
    with Ledger().using(HOST, alone=False, seconds=1):
        graded = Graded.from_json(here.grade(Staged("ada", tiny.text(), {}, "", (), "k"), "task", True))
    assert "host was in use" in graded.fault
    assert here._worker.said == []
