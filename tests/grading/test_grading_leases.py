"""Which GPU a submission may use, and how much of it; the GPUs are pretended."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4, writes

from coursekit.errors import CourseError
from coursekit.grading import leases
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.leases import Device, Ledger, NoRoom
from coursekit.grading.limits import MIB

GIB = 1024 * MIB


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """Put a program in the place of nvidia-smi that prints lines, by what it is asked for."""

    def pretend(**answers):
        program = tmp_path / "bin" / "nvidia-smi"
        program.parent.mkdir(exist_ok=True)
        cases = "".join(
            f"--query-gpu={what.replace('__', '.')})\ncat <<'E'\n{text}\nE\n;;\n" for what, text in answers.items()
        )
        program.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}esac\n'.replace("_and_", ","))
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return pretend


TWO = "0, GPU-aaaa-1, 81559\n1, GPU-bbbb-2, 40960\n2, GPU-cccc-3, [N/A]"
A, B = Device("GPU-aaaa-1", 81559 * MIB), Device("GPU-bbbb-2", 40960 * MIB)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [
        (None, (A, B)),
        ("1", (B,)),
        ("1,0", (B, A)),
        ("GPU-bbbb", (B,)),
        ("0,7,1", (A,)),
        ("", ()),
        ("-1", ()),
        ("MIG-1234", ()),
        ("0,0", (A,)),
    ],
)
def test_devices_are_those_that_cuda_would_use(nvidia_smi, monkeypatch, allowed, expected):
    nvidia_smi(index_and_uuid_and_memory__total=TWO)
    if allowed is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", allowed)
    assert leases.devices() == expected


def test_no_devices_without_the_tool_or_where_it_fails(nvidia_smi, monkeypatch, tmp_path):
    nvidia_smi(other="")
    assert leases.devices() == ()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert leases.devices() == ()
    assert leases.used_bytes(A) == 0


def test_what_is_used_of_a_device(nvidia_smi):
    nvidia_smi(uuid_and_memory__used="GPU-aaaa-1, 700\nGPU-bbbb-2, [N/A]")
    assert leases.used_bytes(A) == 700 * MIB
    assert leases.used_bytes(B) == 0


def test_variables_of_a_lease():
    found = leases.environment(Device("GPU-a", 80 * GIB), 20 * GIB)
    assert found["CUDA_VISIBLE_DEVICES"] == "GPU-a"
    assert found["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert found["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.250"


@given(memory=st.integers(1, 50), size=st.integers(1, 60))
def test_claims_stop_where_the_memory_ends(tmp_path_factory, memory, size):
    from contextlib import ExitStack

    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    with ExitStack() as held:
        for _ in range(max(1, memory // size)):  # as many as fit, but always one
            held.enter_context(ledger.claimed([("gpu", memory, size)]))
        with pytest.raises(NoRoom), ledger.claimed([("gpu", memory, size)]):
            pass
        with ledger.claimed([("other", memory, size)]):
            pass
    with ledger.claimed([("gpu", memory, memory)]):
        pass


def test_claims_of_other_sizes_share_one_device(tmp_path):
    one, other = Ledger(tmp_path), Ledger(tmp_path)
    with one.claimed([("gpu", 80, 50)]):
        with pytest.raises(NoRoom, match="gpu"), other.claimed([("gpu", 80, 31)]):
            pass
        with other.claimed([("gpu", 80, 30)]):
            pass


def test_a_claim_that_fails_in_part_leaves_nothing(tmp_path):
    ledger = Ledger(tmp_path)
    with ledger.claimed([("host", 10, 8)]):
        with pytest.raises(NoRoom), ledger.claimed([("gpu", 10, 10), ("host", 10, 8)]):
            pass
        with ledger.claimed([("gpu", 10, 10)]):
            pass


def _hold(folder, ready):
    with Ledger(folder).claimed([("gpu", 10, 10)]), Ledger(folder).using("gpu", alone=True, seconds=5):
        ready.set()
        time.sleep(60)


def test_a_process_that_is_killed_gives_back_what_it_had(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    holder = spawn.Process(target=_hold, args=(tmp_path, ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(NoRoom), Ledger(tmp_path).claimed([("gpu", 10, 10)]):
        pass
    with pytest.raises(TimeoutError), Ledger(tmp_path).using("gpu", alone=False, seconds=0.2):
        pass
    holder.kill()
    holder.join(10)
    with Ledger(tmp_path).claimed([("gpu", 10, 10)]), Ledger(tmp_path).using("gpu", alone=True, seconds=1):
        pass
    assert not list(tmp_path.glob("*.claim"))


def test_many_use_a_device_beside_each_other_or_one_alone(tmp_path):
    first, second = Ledger(tmp_path), Ledger(tmp_path)
    with first.using("gpu", alone=False, seconds=1):
        with second.using("gpu", alone=False, seconds=0):
            pass
        with pytest.raises(TimeoutError), second.using("gpu", alone=True, seconds=0.2):
            pass
    with first.using("gpu", alone=True, seconds=0), pytest.raises(TimeoutError):
        second.using("gpu", alone=True, seconds=0.2).__enter__()


def test_a_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(CourseError, match="belongs to somebody else"):
        Ledger(tmp_path / "link")
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(CourseError, match="TMPDIR"):
        Ledger(tmp_path / "real")


def test_device_files_are_no_folders():
    assert all(path.startswith("/dev/nvidia") and not Path(path).is_dir() for path in leases.device_files())


def submission(cause="", ename="", evalue=""):
    error = [v4.new_output("error", ename=ename, evalue=evalue, traceback=[])] if ename else []
    text = writes(v4.new_notebook(cells=[v4.new_markdown_cell("a"), v4.new_code_cell("b", outputs=error)]))
    return Graded("ada", "key", text, (CellGrade("q", 0.0, 1.0, "judge", cause),), "none")


@pytest.mark.parametrize(
    ("graded", "expected"),
    [
        (submission(), False),
        (submission(cause="died"), False),
        (submission(ename="ValueError", evalue="shapes do not match"), False),
        (submission(ename="MemoryError"), False),  # its own limit, which is the same with nobody beside it
        (submission(cause="memory"), True),
        (submission(ename="ResourceExhaustedError", evalue="OOM when allocating tensor"), True),
        (submission(ename="tensorflow.python.framework.errors_impl.ResourceExhaustedError"), True),
        (submission(ename="OutOfMemoryError", evalue="CUDA out of memory. Tried to allocate 2 GiB"), True),
        (submission(ename="XlaRuntimeError", evalue="RESOURCE_EXHAUSTED: Out of memory"), True),
        (Graded("ada", "key", "", (), "", fault="lost"), False),
    ],
)
def test_running_out_of_memory_is_recognised(graded, expected):
    assert leases.out_of_memory(graded) is expected
