"""VGG has the parameters of its table, and with Keras's weights the outputs of Keras's VGG."""

import numpy as np
import pytest

from coursekit import models
from coursekit.errors import CourseError

pytestmark = pytest.mark.slow

# Table 2 of the paper gives millions, the exact numbers are sums over table 1.
COUNTS = {
    "vgg11": (132_863_336, 133),
    "vgg11_lrn": (132_863_336, 133),
    "vgg13": (133_047_848, 133),
    "vgg16_1x1": (133_638_952, 134),
    "vgg16": (138_357_544, 138),
    "vgg19": (143_667_240, 144),
}


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


@pytest.mark.parametrize("name", COUNTS)
def test_the_published_parameters(name):
    count = models.build(name, weights=False).count_params()
    assert (count, round(count / 1e6)) == COUNTS[name]


@pytest.mark.parametrize(("name", "layers"), [("vgg11", 11), ("vgg13", 13), ("vgg16_1x1", 16), ("vgg19", 19)])
def test_the_name_counts_the_layers_with_weights(name, layers):
    rows = models.ledger(models.build(name, (64, 32, 3), 10, width=1 / 64))
    assert sum(row.params > 0 for row in rows) == layers


def test_configuration_c_ends_three_blocks_with_1x1():
    model = models.build("vgg16_1x1", (32, 32, 3), width=1 / 64)
    sizes = {layer.name: layer.kernel_size for layer in model.layers if layer.name.startswith("conv")}
    assert {name for name, size in sizes.items() if size == (1, 1)} == {"conv3_3", "conv4_3", "conv5_3"}


def test_a_lrn_normalises_after_its_first_layer():
    names = [row.name for row in models.ledger(models.build("vgg11_lrn", (32, 32, 3), width=1 / 64))]
    assert names[:3] == ["conv1_1", "lrn1", "pool1"]
    assert sum("lrn" in name for name in names) == 1


@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_keras_weights_give_keras_outputs(keras, name):
    keras.utils.set_random_seed(0)
    size = (32, 48, 3)
    theirs = getattr(keras.applications, name.upper())(weights=None, input_shape=size, classifier_activation=None)
    ours = models.build(name, size, classifier_activation=None)
    rng = np.random.default_rng(0)
    # Larger kernels and some bias, so that signals stay near 1 and 1e-4 is small.
    weights = [1.4 * w if w.ndim > 1 else rng.normal(0, 0.1, w.shape) for w in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    x = rng.normal(size=(2, *size)).astype("float32")
    expected = np.asarray(theirs(x))
    assert 0.1 < expected.std() < 10
    assert np.asarray(ours(x)) == pytest.approx(expected, abs=1e-4)
    body = models.build(name, size, include_top=False)
    body.set_weights(weights[:-6])
    features = keras.Model(theirs.inputs[0], theirs.get_layer("block5_pool").output)
    assert np.asarray(body(x)) == pytest.approx(np.asarray(features(x)), abs=1e-4)


def test_mistakes_say_the_fix():
    from coursekit.models.vgg import vgg

    with pytest.raises(CourseError, match="no 'F'"):
        vgg("F")
    with pytest.raises(CourseError, match="five poolings"):
        models.build("vgg16", (28, 28, 1))
