"""The same numbers as Keras: layers forward and backward, pooling with its ties, "same" and where it differs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursekit import backend
from coursekit.scratch.convolution import conv2d, conv2d_backward, cross_correlate
from coursekit.scratch.pooling import pool2d, pool2d_backward

pytestmark = pytest.mark.slow
sizes = st.integers(1, 4)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def keras():
    return backend.keras()


def gradients(f, inputs, dout):
    """Return f's output and its gradients, by TensorFlow."""
    import tensorflow as tf

    inputs = [tf.constant(each) for each in inputs]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out = f(*inputs)
    return [out.numpy(), *(g.numpy() for g in tape.gradient(out, inputs, tf.constant(dout)))]


@settings(max_examples=60)
@given(st.data(), sizes, sizes, st.integers(1, 3), seeds)
def test_layer(keras, data, kh, kw, stride, seed):
    # TensorFlow's convolution has no gradient for unequal strides on a CPU; loops test those.
    pad = [data.draw(st.integers(0, k)) for k in (kh, kw)]
    h, w = (max(1, k - 2 * p) + data.draw(st.integers(0, 5)) for k, p in zip((kh, kw), pad, strict=True))
    c_in, c_out = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    rng = np.random.default_rng(seed)
    x, weights, bias = rng.normal(size=(2, h, w, c_in)), rng.normal(size=(kh, kw, c_in, c_out)), rng.normal(size=c_out)
    out, cache = conv2d(x, weights, bias, stride, tuple(pad))
    dout = rng.normal(size=out.shape)

    def theirs(x, weights, bias):
        padded = keras.ops.pad(x, [(0, 0), (pad[0], pad[0]), (pad[1], pad[1]), (0, 0)])
        return keras.ops.conv(padded, weights, stride, "valid", data_format="channels_last") + bias

    expected = gradients(theirs, [x, weights, bias], dout)
    for got, want in zip([out, *conv2d_backward(dout, cache)], expected, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-10)


@settings(max_examples=60)
@given(st.data(), st.tuples(sizes, sizes), st.tuples(sizes, sizes), st.booleans(), seeds)
@pytest.mark.parametrize("kind", ["max", "average"])
def test_pooling(keras, kind, data, size, stride, ties, seed):
    rng = np.random.default_rng(seed)
    shape = (2, size[0] + data.draw(st.integers(0, 5)), size[1] + data.draw(st.integers(0, 5)), 3)
    x = (rng.integers(-2, 2, shape) if ties else rng.normal(size=shape)).astype(np.float32)
    out, cache = pool2d(x, size, stride, kind)
    dout = rng.normal(size=out.shape).astype(np.float32)
    pool = getattr(keras.ops, f"{kind}_pool")
    expected = gradients(lambda x: pool(x, size, stride, "valid", data_format="channels_last"), [x], dout)
    np.testing.assert_allclose(out, expected[0], atol=1e-6)
    np.testing.assert_allclose(pool2d_backward(dout, cache), expected[1], atol=1e-5)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_same_differs_from_keras_for_even_kernels_by_one_place(keras, k, rng):
    x, kernel = rng.normal(size=9), rng.normal(size=k)
    theirs = keras.ops.conv(x.reshape(1, -1, 1), kernel.reshape(-1, 1, 1), 1, "same", data_format="channels_last")
    theirs, ours = np.asarray(theirs).ravel(), cross_correlate(x, kernel, "same")
    if k % 2:
        np.testing.assert_allclose(ours, theirs)
    else:
        np.testing.assert_allclose(ours[1:], theirs[:-1])
