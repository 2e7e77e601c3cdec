"""Layers: every gradient against finite differences, training against evaluation, and against Keras."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit.scratch.convolution import conv2d
from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.initialisation import xavier
from coursekit.scratch.layers import (
    Affine,
    BatchNorm,
    Conv2D,
    Dropout,
    Flatten,
    Layer,
    Parameter,
    Pool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from coursekit.scratch.pooling import pool2d

SEEDS = st.integers(0, 2**32 - 1)


def away_from_corners(rng, shape):
    """Return distinct numbers of both signs, all at least 0.05 apart and from 0."""
    size = int(np.prod(shape))
    steps = np.arange(1, size + 1) * 0.05 * rng.choice([-1, 1], size)
    return rng.permutation(steps).reshape(shape)


def in_float64(layer):
    for parameter in layer.parameters:
        parameter.data = parameter.data.astype(np.float64)
    return layer


def check_layer(layer, x, training, rng):
    """Hold the gradients of the input and of every parameter to finite differences."""
    upstream = rng.normal(size=layer.forward(x, training).shape)
    dx = layer.backward(upstream)
    gradients = [p.grad.copy() for p in layer.parameters]
    check = check_gradient(lambda v: layer.forward(v, training), x, dx, upstream, rtol=1e-4)
    assert check, check
    for parameter, gradient in zip(layer.parameters, gradients, strict=True):
        start = parameter.data

        def output(v, parameter=parameter):
            parameter.data = v
            return layer.forward(x, training)

        check = check_gradient(output, start, gradient, upstream, rtol=1e-4)
        parameter.data = start
        assert check, check


# Gradients


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 4), SEEDS)
@settings(max_examples=25)
def test_affine(n, inputs, outputs, seed):
    rng = np.random.default_rng(seed)
    layer = in_float64(Affine(inputs, outputs, rng))
    x = rng.normal(size=(n, inputs))
    layer.bias.data += rng.normal(size=outputs)
    np.testing.assert_allclose(layer.forward(x), x @ layer.weights.data + layer.bias.data)
    check_layer(layer, x, True, rng)


@given(st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), SEEDS)
@settings(max_examples=15)
def test_conv(kernel, stride, pad, seed):
    rng = np.random.default_rng(seed)
    layer = in_float64(Conv2D(2, 3, (kernel, 2), rng, stride=(stride, 1), pad=(pad, 1)))
    layer.bias.data += rng.normal(size=3)
    x = rng.normal(size=(2, 5, 4, 2))
    expected, _ = conv2d(x, layer.weights.data, layer.bias.data, (stride, 1), (pad, 1))
    np.testing.assert_allclose(layer.forward(x), expected)
    check_layer(layer, x, True, rng)


@pytest.mark.parametrize("kind", ["max", "average", "l2", "gaussian", "disc"])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), ((2, 3), (1, 2))])
def test_pool(kind, size, stride, rng):
    layer, x = Pool2D(size, stride, kind), away_from_corners(rng, (2, 5, 6, 2))
    np.testing.assert_allclose(layer.forward(x), pool2d(x, size, stride, kind)[0])
    check_layer(layer, x, True, rng)


@pytest.mark.parametrize("make", [ReLU, Tanh, Sigmoid, Flatten])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 2, 1)])
def test_layers_without_parameters(make, shape, rng):
    check_layer(make(), away_from_corners(rng, shape), True, rng)


@given(st.sampled_from([(2, 3), (6, 1), (3, 2, 4, 2)]), st.booleans(), SEEDS)
@settings(max_examples=25)
def test_batch_norm(shape, training, seed):
    rng = np.random.default_rng(seed)
    layer = in_float64(BatchNorm(shape[-1]))
    layer.scale.data += rng.uniform(0, 1, shape[-1])
    layer.shift.data += rng.normal(size=shape[-1])
    layer.forward(rng.normal(3, 2, shape), training=True)
    # Spread out: two almost equal examples would make a deviation that finite differences step over.
    check_layer(layer, away_from_corners(rng, shape) + rng.normal(), training, rng)


def test_dropout(rng):
    class Same:
        """A generator that drops the same numbers each time, as finite differences need."""

        def random(self, shape, dtype):
            return np.random.default_rng(5).random(shape, dtype)

    check_layer(Dropout(0.4, Same()), rng.normal(size=(5, 4)), True, rng)


# What they compute


def test_activations_by_hand():
    x = np.array([[-2.0, 0.0, 3.0]])
    np.testing.assert_array_equal(ReLU().forward(x), [[0, 0, 3]])
    np.testing.assert_allclose(Tanh().forward(x), np.tanh(x))
    np.testing.assert_allclose(Sigmoid().forward(x), 1 / (1 + np.exp(-x)))
    with np.errstate(all="raise"):
        np.testing.assert_allclose(Sigmoid().forward(np.array([[-1e4, 1e4]])), [[0, 1]])


def test_relu_hands_nothing_down_at_exactly_zero():
    layer = ReLU()
    layer.forward(np.array([[-1.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(layer.backward(np.full((1, 3), 7.0)), [[0, 0, 7]])


def test_flatten_keeps_the_order_of_pixels():
    x = np.arange(24.0).reshape(2, 2, 3, 2)
    np.testing.assert_array_equal(Flatten().forward(x), [np.arange(12), np.arange(12, 24)])


# Training against evaluation


def test_dropout_drops_its_share_and_keeps_the_mean(rng):
    x = np.full((400, 500), 2.0, np.float32)
    layer = Dropout(0.3, rng)
    out = layer.forward(x, training=True)
    assert (out == 0).mean() == pytest.approx(0.3, abs=0.005)
    np.testing.assert_allclose(out[out != 0], 2 / 0.7, rtol=1e-6)
    assert out.mean() == pytest.approx(2, abs=0.01)
    gradient = layer.backward(np.ones_like(x))
    np.testing.assert_allclose(gradient, out / 2, rtol=1e-6)
    assert (layer.forward(x, training=True) != out).any(), "anew at each pass"


def test_dropout_does_nothing_after_training(rng):
    x, layer = rng.normal(size=(3, 4)), Dropout(0.9, rng)
    layer.forward(x, training=True)
    assert layer.forward(x) is x
    np.testing.assert_array_equal(layer.backward(x), x)


def test_batch_norm_normalises_each_channel_in_training(rng):
    x = rng.normal(loc=[5, -3, 0], scale=[0.1, 10, 1], size=(8, 6, 5, 3))
    out = BatchNorm(3).forward(x, training=True)
    np.testing.assert_allclose(out.mean(axis=(0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(out.std(axis=(0, 1, 2)), 1, rtol=1e-2)


def test_batch_norm_uses_running_averages_after_training(rng):
    layer = BatchNorm(2, momentum=0.7)
    batches = [rng.normal(loc=[4, -1], scale=[2, 3], size=(500, 2)) for _ in range(20)]
    mean, variance = np.zeros(2), np.ones(2)
    for batch in batches:
        layer.forward(batch, training=True)
        mean, variance = 0.7 * mean + 0.3 * batch.mean(axis=0), 0.7 * variance + 0.3 * batch.var(axis=0)
    np.testing.assert_allclose(layer.mean, mean, rtol=1e-4)
    np.testing.assert_allclose(layer.variance, variance, rtol=1e-4)
    one = np.array([[4.0, -1.0]])
    assert np.abs(layer.forward(one)).max() < 0.2, "a single example, by the averages"
    before = layer.mean.copy()
    layer.forward(one + 100)
    np.testing.assert_array_equal(layer.mean, before)


# Types, seeds, parameters


@pytest.mark.parametrize("training", [True, False])
def test_float32_stays_float32(training, rng):
    images = rng.normal(size=(2, 6, 5, 2)).astype(np.float32)
    rows = images.reshape(2, -1)
    layers = [
        (Affine(60, 3, rng), rows),
        (Conv2D(2, 3, 3, rng, pad=1), images),
        (Pool2D(2), images),
        *((layer, images) for layer in (Flatten(), ReLU(), Tanh(), Sigmoid(), Dropout(0.5, rng), BatchNorm(2))),
    ]
    for layer, x in layers:
        before = x.copy()
        out = layer.forward(x, training)
        dx = layer.backward(np.ones_like(out))
        assert out.dtype == dx.dtype == np.float32, layer
        assert dx.shape == x.shape
        assert {p.grad.dtype for p in layer.parameters} <= {np.dtype(np.float32)}, layer
        np.testing.assert_array_equal(x, before)


def test_weights_come_from_the_generator_and_biases_are_zero():
    def draw(seed):
        rng = np.random.default_rng(seed)
        return [Affine(3, 4, rng), Conv2D(1, 2, (3, 2), rng), Affine(3, 4, rng, init=xavier)]

    for first, again, other in zip(draw(1), draw(1), draw(2), strict=True):
        np.testing.assert_array_equal(first.weights.data, again.weights.data)
        assert (first.weights.data != other.weights.data).all()
        assert not first.bias.data.any()
    assert np.abs(draw(1)[2].weights.data).max() <= (6 / 7) ** 0.5


def test_a_layer_of_ones_own_needs_only_forward_and_backward():
    class Double(Layer):
        def forward(self, x, training=False):
            return 2 * x

        def backward(self, dout):
            return 2 * dout

    assert Double().parameters == ()
    assert isinstance(Affine(2, 2, np.random.default_rng(0)).parameters[0], Parameter)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda rng: Affine(5, 2, rng).forward(np.ones((3, 4))), r"\(n, 5\), got \(3, 4\)"),
        (lambda rng: Affine(4, 2, rng).forward(np.ones((3, 2, 2))), r"put Flatten\(\)"),
        (lambda rng: BatchNorm(3).forward(np.ones((4, 2))), r"\(n, ..., 3\), got \(4, 2\)"),
        (lambda rng: Dropout(1.0, rng), "less than 1"),
        (lambda rng: Dropout(-0.1, rng), "rate: got -0.1"),
        (lambda rng: BatchNorm(3, momentum=-1), "momentum: got -1"),
    ],
)
def test_wrong_input_is_refused_with_the_fix(wrong, says, rng):
    with pytest.raises(ValueError, match=f"(?s){says}") as caught:
        wrong(rng)
    assert "\n  fix: " in str(caught.value)


@pytest.mark.slow
def test_batch_norm_and_affine_against_keras(rng):
    from keras import layers, ops

    x = rng.normal(2, 3, size=(16, 5, 4, 3)).astype(np.float32)
    ours, theirs = BatchNorm(3, momentum=0.9, epsilon=1e-3), layers.BatchNormalization(momentum=0.9, epsilon=1e-3)
    for _ in range(3):
        np.testing.assert_allclose(
            ours.forward(x, training=True), ops.convert_to_numpy(theirs(x, training=True)), atol=1e-4
        )
    np.testing.assert_allclose(ours.forward(x), ops.convert_to_numpy(theirs(x)), atol=1e-4)

    affine = Affine(60, 7, rng)
    dense = layers.Dense(7)
    dense.build((None, 60))
    dense.set_weights([affine.weights.data, affine.bias.data])
    rows = x.reshape(16, -1)
    np.testing.assert_allclose(affine.forward(rows), ops.convert_to_numpy(dense(rows)), rtol=1e-4, atol=1e-4)
