"""Keras starts without a line on the screen; seeds repeat; devices are named; gradients are the same everywhere."""

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
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


GRADIENTS = Path(__file__).with_name("gradients_elsewhere.py")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Weights, inputs and labels for `gradients_elsewhere.py`, its functions, and what they find here."""
    here = runpy.run_path(str(GRADIENTS))
    rng = np.random.default_rng(0)
    shapes = [each.shape for each in here["network"]().get_weights()]
    weights = [rng.uniform(0.2, 0.8, shape).astype("float32") for shape in shapes]
    x, y = rng.normal(size=(5, 6, 6, 2)).astype("float32"), rng.integers(0, 3, 5)
    file = tmp_path_factory.mktemp("gradients") / "given.npz"
    np.savez(file, x, y, *weights)
    return SimpleNamespace(weights=weights, x=x, y=y, file=file, here=here, found=here["gradients"](weights, x, y))


@pytest.mark.slow
def test_input_gradients_are_slopes(given):
    score, compiled, plain, *_ = given.found
    np.testing.assert_allclose(compiled, plain, rtol=1e-5, atol=1e-6)
    assert compiled.shape == given.x.shape
    model = given.here["network"]()
    model.set_weights(given.weights)

    def at(x):
        scores = model.predict(x, verbose=0).astype(np.float64)
        return 2 * scores[np.arange(5), given.y].sum()

    assert score == pytest.approx(at(given.x), rel=1e-5)
    step = np.float32(0.02)
    for place in [(0, 0, 0, 0), (2, 3, 3, 1), (4, 5, 2, 0)]:
        up, down = given.x.copy(), given.x.copy()
        up[place] += step
        down[place] -= step
        assert compiled[place] == pytest.approx((at(up) - at(down)) / (2 * step), rel=0.02, abs=1e-3)


@pytest.mark.slow
def test_weights_that_change_are_seen_by_the_compiled_gradient(given):
    model = given.here["network"]()
    gradient = backend.input_gradient(model, given.here["own_score"])
    before = gradient(given.x, given.y, 1.0)
    model.set_weights([2 * each for each in model.get_weights()])
    assert gradient(given.x, given.y, 1.0)[0] != before[0]


@pytest.mark.slow
@pytest.mark.parametrize("other", ["jax", "torch"])
def test_gradients_are_the_same_on_another_back_end(given, other, tmp_path, run_on_backend):
    file = tmp_path / "found.npz"
    run_on_backend(other, GRADIENTS, given.file, file, seconds=300)
    with np.load(file) as found:
        for ours, name in zip(given.found, found.files, strict=True):
            np.testing.assert_allclose(found[name], ours, rtol=1e-5, atol=1e-5)
