"""Keras starts without a line on the screen; seeds repeat; devices are named."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from coursekit import backend
from coursekit.child import run_python
from coursekit.quiet import quiet_import

REPORT = """
import json, os, sys
from coursekit import backend
assert "keras" not in sys.modules
keras = backend.keras()
backend.seed(5); first = keras.ops.convert_to_numpy(keras.random.normal((3,))).tolist()
backend.seed(5); again = keras.ops.convert_to_numpy(keras.random.normal((3,))).tolist()
print(json.dumps([backend.name(), backend.devices(), first, again]))
os.write(2, b"stderr is back")
"""


@pytest.mark.slow
def test_keras_starts_in_silence_and_seeds_repeat():
    done = run_python("-c", REPORT, timeout=120)
    assert done.stderr == "stderr is back"
    name, devices, first, again = json.loads(done.stdout)
    assert name == os.environ.get("KERAS_BACKEND", "tensorflow")
    assert devices
    assert all(kind in ("cpu", "gpu") for kind, _ in (d.split(":") for d in devices))
    assert first == again


def test_torch_devices_are_counted_by_torch(monkeypatch):
    gpus = 2
    torch = SimpleNamespace(cuda=SimpleNamespace(device_count=lambda: gpus))
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setattr(backend, "name", lambda: "torch")
    assert backend.devices() == ["gpu:0", "gpu:1"]
    gpus = 0
    assert backend.devices() == ["cpu:0"]


@pytest.fixture
def noisy(tmp_path, monkeypatch):
    (tmp_path / "noisy_module.py").write_text(
        "import os\nos.write(2, b'noise')\nif os.environ.get('NOISY') == 'fails':\n    1 / 0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    sys.modules.pop("noisy_module", None)


def test_noise_is_dropped_and_what_follows_is_not(noisy, capfd):
    quiet_import("noisy_module")
    os.write(2, b"later")
    assert capfd.readouterr().err == "later"


def test_a_failing_import_still_raises_and_gives_stderr_back(noisy, monkeypatch, capfd):
    monkeypatch.setenv("NOISY", "fails")
    with pytest.raises(ZeroDivisionError):
        quiet_import("noisy_module")
    os.write(2, b"later")
    assert capfd.readouterr().err == "later"


def test_the_callers_own_settings_win(noisy, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.delenv("TF_FORCE_GPU_ALLOW_GROWTH", raising=False)
    quiet_import("noisy_module")
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    assert os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_a_child_finds_this_coursekit_and_not_the_learners_files(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    done = run_python("-c", "import json, coursekit; print(coursekit.__file__)", timeout=30)
    assert done.stdout.strip() == sys.modules["coursekit"].__file__, done.stderr


def test_a_child_that_takes_too_long_is_ended():
    with pytest.raises(subprocess.TimeoutExpired):
        run_python("-c", "import time; time.sleep(60)", timeout=0.5)
