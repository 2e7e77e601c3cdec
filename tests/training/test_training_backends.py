"""The training room gives the same numbers on JAX and PyTorch as on TensorFlow, and augmentation keeps its promises."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

PROGRAM = Path(__file__).with_name("training_elsewhere.py")


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """Data that a small network learns, its first weights, the program's functions, and what they find here."""
    here = runpy.run_path(str(PROGRAM))
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 160)
    x = rng.normal(size=(160, 6, 6, 1)).astype("float32")
    for image, label in zip(x, y, strict=True):
        image[2 * label : 2 * label + 2] += 1.5
    weights = [0.3 * rng.standard_normal(each.shape).astype("float32") for each in here["network"]().get_weights()]
    weights[2:6] = [np.full_like(each, value) for each, value in zip(weights[2:6], (1, 0, 0, 1), strict=True)]
    file = tmp_path_factory.mktemp("training") / "given.npz"
    np.savez(file, x, y, *weights)
    found = here["measure"](weights, x, y)
    return SimpleNamespace(weights=weights, x=x, y=y, file=file, here=here, found=found)


@pytest.mark.slow
def test_the_room_works_here(given):
    found = given.found
    assert found["losses"][0, -1] < 0.8 * found["losses"][0, 0]
    assert found["cycled"][-1] < 0.8 * found["cycled"][0]
    assert found["ladder"].all()
    assert not found["mixed"].all()
    kept = given.here["promises"](given.weights, given.x, given.y)
    assert [name for name, holds in kept.items() if not holds] == []


@pytest.mark.slow
@pytest.mark.parametrize("other", ["jax", "torch"])
def test_the_room_works_alike_on_another_back_end(given, other, tmp_path, run_on_backend):
    file = tmp_path / "found.npz"
    run_on_backend(other, PROGRAM, given.file, file, seconds=900)
    with np.load(file) as elsewhere:
        assert list(elsewhere["broken"]) == []
        for name, ours in given.found.items():
            np.testing.assert_allclose(elsewhere[name], ours, rtol=2e-3, atol=2e-4, err_msg=name)
