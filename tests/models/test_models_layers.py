"""Our layers compute what their papers write, say their shapes, and survive a file."""

import numpy as np
import pytest

from coursekit.errors import CourseError

pytestmark = pytest.mark.slow
TABLE = ("XX.", ".XX")


@pytest.fixture(scope="module")
def keras():
    from coursekit.quiet import quiet_import

    return quiet_import("keras")


@pytest.fixture(scope="module")
def layers(keras):
    from coursekit.models import layers

    return layers


def image(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def test_scaled_tanh_is_about_one_at_one(layers):
    x = np.float32([-1, 0, 1, 100])
    assert np.asarray(layers.scaled_tanh(x)) == pytest.approx([-1, 0, 1, 1.7159], abs=1e-4)


def test_local_response_normalisation_sums_over_neighbouring_maps(layers):
    x = image(2, 3, 2, 7) * 50
    out = np.asarray(layers.LocalResponseNormalization()(x))
    for i in range(7):
        squares = (x[..., max(0, i - 2) : i + 3] ** 2).sum(-1)
        assert out[..., i] == pytest.approx(x[..., i] / (2 + 1e-4 * squares) ** 0.75, rel=1e-5)
    with pytest.raises(CourseError, match="4 maps"):
        layers.LocalResponseNormalization(4)


def test_subsampling_is_coefficient_times_sum_plus_bias(layers):
    x = image(2, 5, 7, 3)  # a row and a column too many
    layer = layers.TrainableSubsampling(2)
    layer.build(x.shape)
    coefficient, bias = np.float32([1, -2, 0.5]), np.float32([0, 1, 3])
    layer.set_weights([coefficient, bias])
    sums = x[:, :4, :6].reshape(2, 2, 2, 3, 2, 3).sum((2, 4))
    assert np.asarray(layer(x)) == pytest.approx(sums * coefficient + bias, abs=1e-5)


def test_partial_convolution_is_a_convolution_with_zeros(keras, layers):
    x = image(2, 6, 5, 2)
    layer = layers.PartialConv2D(TABLE, 3)
    layer.build(x.shape)
    kernel, bias = image(3, 3, 4, seed=1), np.float32([1, 2, 3])
    layer.set_weights([kernel, bias])
    assert layer.count_params() == 4 * 9 + 3
    full = np.zeros((3, 3, 2, 3), "float32")
    for connection, (source, target) in enumerate([(0, 0), (0, 1), (1, 1), (1, 2)]):
        full[:, :, source, target] = kernel[..., connection]
    assert np.asarray(layer(x)) == pytest.approx(np.asarray(keras.ops.conv(x, full)) + bias, abs=1e-5)


def test_partial_convolution_refuses_a_wrong_table(layers):
    with pytest.raises(CourseError, match="no rectangle"):
        layers.PartialConv2D(("X.", "X"), 3)
    with pytest.raises(CourseError, match="gets 3 maps"):
        layers.PartialConv2D(TABLE, 3)(image(1, 5, 5, 3))


def test_rbf_is_the_squared_distance(layers):
    x, codes = image(4, 6), image(3, 6, seed=1)
    expected = ((x[:, None] - codes) ** 2).sum(-1)
    assert np.asarray(layers.RBF(codes)(x)) == pytest.approx(expected, rel=1e-5)


@pytest.fixture(scope="module")
def samples(layers):
    from coursekit.models.neocognitron import ComplexCells, SimpleCells

    return {
        "lrn": (layers.LocalResponseNormalization(3, 1.0, 0.1, 0.5), (None, 5, 6, 4)),
        "subsampling": (layers.TrainableSubsampling(3, layers.scaled_tanh, "normal"), (None, 7, None, 4)),
        "partial": (layers.PartialConv2D(TABLE, 3, "relu"), (None, 7, None, 2)),
        "rbf": (layers.RBF([[1, 2], [3, 4], [5, 6]]), (None, 2)),
        "simple": (SimpleCells(5, 3, 2.5), (None, 7, None, 2)),
        "complex": (ComplexCells(), (None, 7, None, 2)),
    }


@pytest.mark.parametrize("kind", ["lrn", "subsampling", "partial", "rbf", "simple", "complex"])
def test_shapes_and_files(keras, samples, kind, tmp_path):
    layer, shape = samples[kind]
    inputs = keras.Input(shape[1:])
    model = keras.Model(inputs, layer(inputs))
    x = image(2, *(n or 6 for n in shape[1:]))
    out = np.asarray(model(x))
    assert layer.compute_output_shape((2, *x.shape[1:])) == out.shape
    assert layer.compute_output_shape(shape) == model.output_shape
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.layers[1].get_config() == layer.get_config()
    assert np.array_equal(np.asarray(again(x)), out)
