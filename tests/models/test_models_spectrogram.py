"""The spectrogram network has the parameters and the work of its paper."""

import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.models import build, ledger

pytestmark = pytest.mark.slow

# Sainath and Parada (2015), table 1, "cnn-trad-fpool3": weights without biases, and multiplications.
PUBLISHED = {
    "conv1": (10_240, 4_392_960),
    "conv2": (163_840, 5_242_880),
    "linear": (65_536, 65_536),
    "hidden": (4_096, 4_096),
    "classifier": (512, 512),
}


def test_it_has_the_published_weights_and_work():
    model = build("spectrogram_cnn")
    macs = {row.name: row.macs for row in ledger(model)}
    for name, (weights, work) in PUBLISHED.items():
        assert (int(np.prod(model.get_layer(name).kernel.shape)), macs[name]) == (weights, work), name
    assert sum(macs.values()) / 1e6 == pytest.approx(9.7, abs=0.05)


def test_only_frequencies_are_pooled():
    shapes = {row.name: row.output_shape for row in ledger(build("spectrogram_cnn", weights=False))}
    assert shapes["conv1"][0] == shapes["pool1"][0] == 13
    assert (shapes["conv1"][1], shapes["pool1"][1]) == (33, 11)


def test_smaller_spectrograms_take_smaller_kernels(rng):
    options = {"kernels": ((5, 3), (3, 3)), "maps": 4, "dropout": 0.5, "classifier_activation": None}
    model = build("spectrogram_cnn", (12, 14, 1), 3, **options)
    assert np.asarray(model(rng.random((2, 12, 14, 1), np.float32))).shape == (2, 3)
    with pytest.raises(CourseError, match=r"10 times, and kernels=.* need 29") as refused:
        build("spectrogram_cnn", (10, 40, 1))
    assert "kernels=" in refused.value.fix
    assert build("spectrogram_cnn", (29, 19, 1)).get_layer("conv2").output.shape[1:3] == (1, 1)
