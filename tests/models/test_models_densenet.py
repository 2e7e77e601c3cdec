"""DenseNets: the published sizes and shapes, the same outputs as Keras's, and feature maps that stay."""

import numpy as np
import pytest

from coursekit.models import build, ledger

pytestmark = pytest.mark.slow

PARAMETERS = {"densenet121": 7_978_856, "densenet169": 14_149_480, "densenet201": 20_013_928}  # torchvision's
SMALL = {"growth": 12, "small_images": True}
BC_100_12 = {"blocks": (16, 16, 16), **SMALL}
BASIC_40_12 = {"blocks": (12, 12, 12), **SMALL, "bottleneck": False, "compression": 1.0, "first_maps": 16}


def trainable(model):
    return sum(int(np.prod(weights.shape)) for weights in model.trainable_variables)


@pytest.mark.parametrize("name", PARAMETERS)
def test_imagenet_form_has_the_published_size(name):
    model = build(name, weights=False)
    assert trainable(model) == PARAMETERS[name]
    assert model.name == name
    assert model.output_shape == (None, 1000)


def test_densenet121_has_the_published_shapes():
    shapes = {row.name: row.output_shape for row in ledger(build("densenet121", weights=False))}
    assert shapes["conv1"] == (112, 112, 64)
    assert [shapes[f"dense{i}_{n}_concat"] for i, n in ((1, 6), (2, 12), (3, 24), (4, 16))] == [
        (56, 56, 256),
        (28, 28, 512),
        (14, 14, 1024),
        (7, 7, 1024),
    ]
    assert [shapes[f"transition{i}_pool"] for i in (1, 2, 3)] == [(28, 28, 128), (14, 14, 256), (7, 7, 512)]


@pytest.mark.parametrize(("options", "millions"), [(BC_100_12, 0.8), (BASIC_40_12, 1.0)], ids=["BC", "basic"])
def test_cifar_forms_have_the_published_size(options, millions):
    """Table 2 of the paper: DenseNet-BC (L = 100, k = 12) and DenseNet (L = 40, k = 12)."""
    from coursekit.models.densenet import densenet

    model = densenet((32, 32, 3), 10, **options)
    assert round(trainable(model) / 1e6, 1) == millions
    assert model.name == ("densenet100" if options is BC_100_12 else "densenet40")


def test_densenet121_gives_the_outputs_of_keras(keras, rng):
    theirs = keras.applications.DenseNet121(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
    for layer in theirs.layers:  # no weight may be idle, as moving averages are at first
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    ours = build("densenet121", (64, 64, 3), epsilon=1.001e-5, classifier_activation=None)
    # Neither network branches into parts with weights: both list their layers in the same order.
    ours.set_weights(theirs.get_weights())
    images = rng.normal(size=(2, 64, 64, 3)).astype("float32")
    expected = np.asarray(theirs(images, training=False))
    found = np.asarray(ours(images, training=False))
    assert np.abs(expected).std() > 1e-3
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_a_layer_keeps_what_it_was_given_and_adds_its_growth(keras, rng):
    from coursekit.models.densenet import densenet

    model = densenet((8, 8, 3), 5, blocks=(2, 1), growth=4, small_images=True, dropout=0.2)
    taps = [model.get_layer(name).output for name in ("conv1", "dense1_1_concat", "dense1_2_concat")]
    images = rng.random((2, 8, 8, 3), np.float32)
    first, second, third = map(np.asarray, keras.Model(model.inputs[0], taps)(images, training=False))
    assert (first.shape[-1], second.shape[-1], third.shape[-1]) == (8, 12, 16)
    np.testing.assert_array_equal(second[..., :8], first)
    np.testing.assert_array_equal(third[..., :12], second)
    assert model.get_layer("transition1_conv").filters == 8
    assert model.get_layer("dense2_1_dropout").rate == 0.2
