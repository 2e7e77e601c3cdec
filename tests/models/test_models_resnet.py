"""ResNets: the published sizes and work, the same outputs as Keras's, and what the options do."""

import numpy as np
import pytest

from coursekit.errors import CourseError
from coursekit.models import build, ledger

pytestmark = pytest.mark.slow

# He et al. (2016), table 1: multiply-adds in 10⁹. The counts of trainable parameters are torchvision's.
IMAGENET = {
    "resnet18": (11_689_512, 1.8),
    "resnet34": (21_797_672, 3.6),
    "resnet50": (25_557_032, 3.8),
    "resnet101": (44_549_160, 7.6),
    "resnet152": (60_192_808, 11.3),
}
# Table 6, in millions, beside the exact counts.
CIFAR = {20: (269_722, 0.27), 32: (464_154, 0.46), 44: (658_586, 0.66), 56: (853_018, 0.85), 110: (1_727_962, 1.7)}


def trainable(model):
    return sum(int(np.prod(weights.shape)) for weights in model.trainable_variables)


def outputs(model, x):
    return np.asarray(model(x, training=False))


@pytest.fixture
def images(rng):
    return rng.normal(size=(2, 64, 64, 3)).astype("float32")


@pytest.fixture
def digits(rng):
    return rng.random((3, 8, 8, 1), np.float32)


@pytest.mark.parametrize("name", IMAGENET)
def test_imagenet_form_has_the_published_size_work_and_shapes(name):
    model = build(name, weights=False)
    count, work = IMAGENET[name]
    assert trainable(model) == count
    rows = ledger(model)
    assert sum(row.macs for row in rows) / 1e9 == pytest.approx(work, abs=0.07)
    widen = 1 if name in ("resnet18", "resnet34") else 4
    shapes = {row.name: row.output_shape for row in rows}
    assert shapes["conv1"] == (112, 112, 64)
    for stage, side in zip((2, 3, 4, 5), (56, 28, 14, 7), strict=True):
        assert shapes[f"conv{stage}_1_relu"] == (side, side, widen * 32 * 2 ** (stage - 1))
    assert model.output_shape == (None, 1000)


def test_plain_twins_lack_the_projections_and_nothing_else():
    projections = sum(before * after + 2 * after for before, after in [(64, 128), (128, 256), (256, 512)])
    for depth in (18, 34):
        assert trainable(build(f"plain{depth}", weights=False)) == IMAGENET[f"resnet{depth}"][0] - projections


@pytest.mark.parametrize("depth", CIFAR)
def test_cifar_form_has_the_published_size(keras, depth):
    residual, plain = build(f"resnet{depth}", weights=False), build(f"plain{depth}", weights=False)
    exact, published = CIFAR[depth]
    assert trainable(residual) == trainable(plain) == exact
    assert exact / 1e6 == pytest.approx(published, abs=0.05 if depth == 110 else 0.005)
    assert sum(isinstance(layer, keras.layers.Add) for layer in residual.layers) == (depth - 2) // 2
    assert not any(isinstance(layer, keras.layers.Add) for layer in plain.layers)


def test_projections_cost_two_small_convolutions():
    more = trainable(build("resnet20", weights=False, shortcut="projection")) - CIFAR[20][0]
    assert more == (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)


def copy_from_keras(ours, theirs):
    """Give our bottleneck network the weights of the same one from keras.applications."""
    for layer in theirs.layers:
        if not layer.weights:
            continue
        name = layer.name.replace("predictions", "classifier").replace("conv1_conv", "conv1")
        if "_block" in name:  # conv2_block1_0_conv is the projection of conv2_1
            stage, _, rest = name.partition("_block")
            block, number, kind = rest.split("_")
            part = "projection" if number == "0" else f"conv{number}"
            name = f"{stage}_{block}_{part}" + ("_bn" if kind == "bn" else "")
        ours.get_layer(name).set_weights(layer.get_weights())


def test_resnet50_gives_the_outputs_of_keras(keras, images, rng):
    theirs = keras.applications.ResNet50(weights=None, input_shape=(64, 64, 3), classifier_activation=None)
    for layer in theirs.layers:  # no weight may be idle, as biases and moving averages are at first
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
        elif layer.weights:
            kernel, bias = layer.get_weights()
            layer.set_weights([kernel, rng.normal(size=bias.shape) * 0.1])
    options = {"input_shape": (64, 64, 3), "conv_bias": True, "epsilon": 1.001e-5, "classifier_activation": None}
    ours = build("resnet50", **options)
    copy_from_keras(ours, theirs)
    expected = outputs(theirs, images)
    assert np.abs(outputs(ours, images) - expected).max() < 1e-4 * np.abs(expected).max()
    strided_later = build("resnet50", **options, stride_in_first_conv=False)
    strided_later.set_weights(ours.get_weights())
    assert np.abs(outputs(strided_later, images) - expected).max() > 1e-2 * np.abs(expected).max()


def test_a_shortcut_without_parameters_takes_every_second_pixel_and_adds_zeros(rng):
    from coursekit.models.resnet import PadShortcut

    x = rng.normal(size=(2, 5, 4, 3)).astype("float32")
    layer = PadShortcut(7, 2)
    y = np.asarray(layer(x))
    np.testing.assert_array_equal(y[..., :3], x[:, ::2, ::2])
    assert y.shape == (2, 3, 2, 7) == layer.compute_output_shape(x.shape)
    assert not y[..., 3:].any()


def difference_of_blocks(keras, scale, x):
    """Return the input of a network's first block, and what the block adds to F(x)."""
    network = build("resnet20", input_shape=(8, 8, 1), skip_scale=scale, width=4)
    network.set_weights([np.random.default_rng(i).normal(size=w.shape) ** 2 for i, w in enumerate(network.weights)])
    layers = [network.get_layer(name).output for name in ("conv1_relu", "conv2_1_conv2_bn", "conv2_1_add")]
    x, f, h = (np.asarray(y) for y in keras.Model(network.inputs[0], layers)(x, training=False))
    return x, h - f


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.0])
def test_a_block_adds_its_input_as_often_as_skip_scale_says(keras, digits, scale):
    x, added = difference_of_blocks(keras, scale, digits)
    assert np.abs(x).max() > 0.1
    np.testing.assert_allclose(added, scale * x, rtol=1e-4, atol=1e-4 * np.abs(added).max() + 1e-6)


def test_a_residual_network_without_its_shortcuts_is_the_plain_one(digits):
    residual = build("resnet20", input_shape=(8, 8, 1), skip_scale=0.0)
    plain = build("plain20", input_shape=(8, 8, 1))
    plain.set_weights(residual.get_weights())
    np.testing.assert_allclose(outputs(plain, digits), outputs(residual, digits), atol=1e-6)


def test_without_batch_normalisation_convolutions_have_biases(keras):
    model = build("plain20", batch_norm=False, width=4)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
    assert all(layer.use_bias for layer in model.layers if isinstance(layer, keras.layers.Conv2D))


def test_a_network_of_other_size_is_saved_and_loaded(keras, tmp_path, digits):
    model = build("resnet20", input_shape=(8, 8, 1), classes=5, width=4, skip_scale=0.5)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.output_shape == (None, 5)
    np.testing.assert_array_equal(outputs(loaded, digits), outputs(model, digits))


def test_a_depth_that_is_not_6n_plus_2_is_refused():
    from coursekit.models.resnet import cifar_resnet

    with pytest.raises(CourseError, match="6n"):
        cifar_resnet((32, 32, 3), 10, depth=18)


def test_an_unknown_shortcut_is_refused():
    with pytest.raises(CourseError, match="zeros"):
        build("resnet20", shortcut="zeros")
