"""Each gap is found and comes with what to do."""

import importlib.metadata
import json
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest

from coursekit.cli import doctor
from coursekit.data import storage
from coursekit.errors import CourseError

Usage = namedtuple("Usage", "total used free")


def answer(returncode=0, stdout="", stderr=""):
    return lambda *arguments, timeout: subprocess.CompletedProcess(arguments, returncode, stdout, stderr)


def kept(backend="tensorflow", devices=("cpu:0",)):
    return "a line at the start\n" + json.dumps([backend, "3.15.1", list(devices)])


def by_subject(findings):
    return {finding.subject: finding for finding in findings}


@pytest.fixture
def declared(monkeypatch):
    """Let coursekit declare other requirements, and other versions be installed."""

    def declare(requirements, versions, python=">=3.11"):
        def version(name):
            if name not in versions:
                raise importlib.metadata.PackageNotFoundError(name)
            return versions[name]

        monkeypatch.setattr(importlib.metadata, "requires", lambda name: requirements)
        monkeypatch.setattr(importlib.metadata, "metadata", lambda name: {"Requires-Python": python})
        monkeypatch.setattr(importlib.metadata, "version", version)
        return by_subject(doctor._packages())

    return declare


def test_packages_in_range_out_of_range_and_absent(declared):
    found = declared(
        ["numpy>=2.0", "keras>=3.10", "scipy>=1.13", 'jax>=0.5; extra == "jax"'],
        {"numpy": "2.4.6", "keras": "3.9.2"},
    )
    assert set(found) == {"Python", "numpy", "keras", "scipy"}, "extras are not asked for"
    assert found["numpy"].state == "ok"
    assert found["keras"].state == "gap"
    assert found["keras"].found == "3.9.2, needs >=3.10"
    assert found["keras"].fix == 'pip install "keras>=3.10"'
    assert (found["scipy"].state, found["scipy"].found) == ("gap", "not installed")


def test_a_python_out_of_range(declared):
    python = declared([], {}, python=">=4")["Python"]
    assert python.state == "gap"
    assert "needs >=4" in python.found


def test_coursekit_itself_not_installed(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "metadata", absent)
    (finding,) = doctor._packages()
    assert (finding.state, finding.fix) == ("gap", "run `make course` in the clone.")


def test_the_back_end_that_keras_sees(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda program: None)
    monkeypatch.setattr(doctor, "run_python", answer(stdout=kept()))
    finding = doctor._backend()
    assert (finding.state, finding.fix) == ("ok", "")
    assert finding.found == "Keras 3.15.1 on tensorflow, computes on cpu:0"


def test_a_gpu_that_keras_does_not_see(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda program: "/usr/bin/nvidia-smi")
    monkeypatch.setattr(doctor, "run_python", answer(stdout=kept()))
    assert doctor._backend().state == "gap"
    assert "coursekit[gpu]" in doctor._backend().fix
    monkeypatch.setattr(doctor, "run_python", answer(stdout=kept(devices=("gpu:0",))))
    assert doctor._backend().state == "ok"


@pytest.mark.parametrize(
    ("done", "says"),
    [
        (answer(1, stderr="Traceback\nImportError: no libfoo"), "ImportError: no libfoo"),
        (answer(-11), "exit -11"),
    ],
)
def test_a_back_end_that_does_not_start(done, says, monkeypatch):
    monkeypatch.setattr(doctor, "run_python", done)
    finding = doctor._backend()
    assert finding.state == "gap"
    assert says in finding.found
    assert "import keras" in finding.fix


def test_a_back_end_that_hangs(monkeypatch):
    def hangs(*arguments, timeout):
        raise subprocess.TimeoutExpired(arguments, timeout)

    monkeypatch.setattr(doctor, "run_python", hangs)
    assert "did not end within 120 s" in doctor._backend().found


def test_data_sets_prepared_damaged_and_not(monkeypatch, tmp_path):
    def is_prepared(name):
        if name == "cifar10":
            raise CourseError("cifar10 is damaged", fix="delete it.")
        return name == "mnist"

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(storage, "is_prepared", is_prepared)
    found = by_subject(doctor._data_sets())
    assert found["data: mnist"].state == "ok"
    assert str(tmp_path / "mnist") in found["data: mnist"].found
    assert (found["data: digits"].state, found["data: trec"].state) == ("info", "info")
    assert "coursekit data prepare trec" in found["data: trec"].fix
    assert (found["data: cifar10"].state, found["data: cifar10"].fix) == ("gap", "delete it.")


def test_a_data_directory_that_cannot_be_written_to(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(storage, "is_prepared", lambda name: False)
    digits = by_subject(doctor._data_sets())["data: digits"]
    assert digits.state == "gap"
    assert "TFDS_DATA_DIR" in digits.fix


def test_tfds_itself_does_not_start(monkeypatch):
    def broken(name):
        raise ModuleNotFoundError("No module named 'importlib_resources'")

    monkeypatch.setattr(storage, "is_prepared", broken)
    (finding,) = doctor._data_sets()
    assert finding.state == "gap"
    assert "importlib_resources" in finding.found


def test_where_progress_is_recorded(monkeypatch, tmp_path):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "new" / "progress.json"))
    assert doctor._progress_file().state == "ok"
    assert not (tmp_path / "new").exists(), "looking leaves nothing behind"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSEKIT_PROGRESS", str(tmp_path / "file" / "progress.json"))
    assert doctor._progress_file().state == "gap"
    monkeypatch.setenv("COURSEKIT_PROGRESS", "off")
    assert doctor._progress_file().state == "info"


def test_programs_on_path_beside_python_and_absent(monkeypatch):
    beside = str(Path(sys.executable).parent)

    def which(program, path=None):
        if program == "dot" or (program == "alembic" and path == beside):
            return f"/there/{program}"
        return None

    monkeypatch.setattr(doctor, "shutil", SimpleNamespace(which=which))
    found = by_subject(doctor._programs())
    assert found["command nbgrader"].fix == "pip install nbgrader"
    assert found["command nbgrader"].state == "gap"
    assert found["command alembic"].state == "info"
    assert f'export PATH="{beside}:$PATH"' in found["command alembic"].fix
    assert (found["Graphviz"].state, found["Graphviz"].found) == ("ok", "/there/dot")
    assert found["Chromium"].state == "info"
    assert "optional" in found["Chromium"].found


@pytest.mark.parametrize(("free", "state"), [(1e9, "gap"), (50e9, "ok")])
def test_free_disk_where_data_will_lie(free, state, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: asked.append(folder) or Usage(1e12, 0, free))
    finding = doctor._disk(tmp_path / "not" / "yet")
    assert finding.state == state
    assert bool(finding.fix) == (state == "gap")
    assert asked == [tmp_path], "the nearest folder that exists"


@pytest.mark.slow
def test_here_everything_declared_is_installed_and_keras_starts():
    findings = doctor.diagnose()
    found = by_subject(findings)
    assert len(found) == len(findings), "each subject once"
    assert found["back end"].state == "ok", found["back end"]
    packages = findings[: next(i for i, f in enumerate(findings) if f.subject == "back end")]
    assert {f.state for f in packages} == {"ok"}, packages
    assert {"numpy", "tensorflow", "nbgrader"} <= {f.subject for f in packages}
    assert all(f.fix for f in findings if f.state == "gap")
