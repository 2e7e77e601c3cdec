"""AlexNet has the paper's shapes and parameters, two real groups, and can be taken apart."""

import numpy as np
import pytest

from coursekit import models
from coursekit.errors import CourseError

pytestmark = pytest.mark.slow
SMALL = {"input_shape": (32, 32, 3), "classes": 10, "width": 1 / 8, "stem": (5, 1), "kernel_initializer": "he_normal"}


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


def count(**options):
    return models.build("alexnet", weights=False, **options).count_params()


def test_shapes_and_parameters_of_each_layer():
    rows = models.ledger(models.build("alexnet", weights=False))
    assert [(row.name, row.output_shape, row.params) for row in rows if row.params] == [
        ("conv1", (55, 55, 96), 34_944),
        ("conv2", (27, 27, 256), 307_456),
        ("conv3", (13, 13, 384), 885_120),
        ("conv4", (13, 13, 384), 663_936),
        ("conv5", (13, 13, 256), 442_624),
        ("fc6", (4096,), 37_752_832),
        ("fc7", (4096,), 16_781_312),
        ("fc8", (1000,), 4_097_000),
    ]
    assert {row.name: row.output_shape for row in rows}["pool5"] == (6, 6, 256)


def test_the_published_total():
    assert count() == 60_965_224


@pytest.mark.parametrize(
    ("options", "difference"),
    [
        ({"groups": 1}, 307_200 + 663_552 + 442_368),
        ({"lrn": False}, 0),
        ({"activation": "tanh"}, 0),
        ({"remove": (7,)}, -16_781_312),
        ({"remove": (6, 7)}, -49_414_144),
        ({"remove": (3, 4)}, -1_696_512),
        ({"remove": (3, 4, 6, 7)}, -51_110_656),
    ],
)
def test_what_a_change_adds_or_saves(options, difference):
    assert count(**options) - 60_965_224 == difference


def test_initialisation_is_the_papers(keras):
    keras.utils.set_random_seed(0)
    model = models.build("alexnet", (67, 67, 3), 10, width=1 / 8)
    for name, bias in [("conv1", 0), ("conv2", 1), ("conv3", 0), ("conv4", 1), ("conv5", 1), ("fc6", 1), ("fc8", 0)]:
        kernel, start = model.get_layer(name).get_weights()
        assert kernel.std() == pytest.approx(0.01, rel=0.15)
        assert (start == bias).all()
    kernels = [model.get_layer(name).get_weights()[0].ravel()[:8].tolist() for name in ("conv3", "conv4", "fc7")]
    assert len({tuple(kernel) for kernel in kernels}) == 3
    tanh = models.build("alexnet", (67, 67, 3), 10, width=1 / 8, activation="tanh")
    assert not tanh.get_layer("conv2").get_weights()[1].any()


def test_a_group_sees_only_its_half(keras):
    model = models.build("alexnet", **SMALL)
    layer = model.get_layer("conv4")
    x = np.random.default_rng(0).normal(size=(1, *layer.input.shape[1:])).astype("float32")
    changed = x.copy()
    changed[..., : x.shape[-1] // 2] += 1
    difference = np.asarray(layer(changed)) - np.asarray(layer(x))
    half = difference.shape[-1] // 2
    assert np.abs(difference[..., :half]).max() > 0
    assert np.abs(difference[..., half:]).max() == 0


def test_a_miniature_learns(keras):
    """Four bright corners are four classes."""
    rng = np.random.default_rng(0)
    labels = np.arange(128) % 4
    x = rng.random((128, 32, 32, 3)).astype("float32") / 4
    for image, label in zip(x, labels, strict=True):
        image[16 * (label // 2) :, 16 * (label % 2) :][:16, :16] += 0.7
    keras.utils.set_random_seed(0)
    model = models.build("alexnet", **SMALL | {"classes": 4, "groups": 1})  # groups are slow on a CPU
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, labels, batch_size=32, epochs=6, verbose=0)
    assert model.evaluate(x, labels, verbose=0)[1] > 0.9


def test_pools_that_do_not_overlap():
    layer = models.build("alexnet", **SMALL, overlapping=False).get_layer("pool1")
    assert (layer.pool_size, layer.strides) == ((2, 2), (2, 2))


def test_mistakes_say_the_fix():
    with pytest.raises(CourseError, match="cannot remove layers \\[1\\]"):
        models.build("alexnet", remove=(1,))
    with pytest.raises(CourseError, match=r"before pool2") as error:
        models.build("alexnet", (32, 32, 3))
    assert "stem=(5, 1)" in error.value.fix
