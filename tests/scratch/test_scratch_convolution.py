"""Convolution against worked examples, the definition in loops, SciPy and finite differences."""

import time
import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from coursekit.scratch import convolution
from coursekit.scratch.convolution import conv2d, conv2d_backward, convolve, cross_correlate, im2col
from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.loops import conv2d_backward_loops, conv2d_loops

MODES = ("valid", "same", "full")
TOY = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
CROSS = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])


@dataclass
class Layer:
    """A layer's inputs, and a gradient for its output."""

    x: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    stride: tuple[int, int]
    pad: tuple[int, int]
    dout: np.ndarray


@st.composite
def layers(draw, most=4):
    """Draw layers of any shape: not square, 1 × n images, kernels as large as the image, remainders, wide padding."""
    kernel, stride = [tuple(draw(st.integers(1, most)) for _ in range(2)) for _ in range(2)]
    pad = tuple(draw(st.integers(0, 2)) for _ in range(2))
    image = [max(1, k - 2 * p) + draw(st.integers(0, most)) for k, p in zip(kernel, pad, strict=True)]
    n, c_in, c_out = (draw(st.integers(1, 3)) for _ in range(3))
    out = [(size + 2 * p - k) // s + 1 for size, p, k, s in zip(image, pad, kernel, stride, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shapes = (n, *image, c_in), (*kernel, c_in, c_out), (c_out,), (n, *out, c_out)
    x, weights, bias, dout = (rng.normal(size=shape) for shape in shapes)
    return Layer(x, weights, bias, stride, pad, dout)


# Signals and grey images


@pytest.mark.parametrize("operation", [convolve, cross_correlate])
def test_toy_example(operation):
    # The slides' kernel is the same when turned by 180°, so it cannot tell the two operations apart.
    np.testing.assert_array_equal(operation(TOY, CROSS), [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


def test_asymmetric_kernel_tells_them_apart():
    impulse, kernel = [0, 0, 1, 0, 0], [1, 2, 3]
    np.testing.assert_array_equal(convolve(impulse, kernel, "same"), [0, 1, 2, 3, 0])
    np.testing.assert_array_equal(cross_correlate(impulse, kernel, "same"), [0, 3, 2, 1, 0])


@given(st.data(), st.sampled_from(MODES), st.integers(1, 2))
def test_both_equal_scipy(data, mode, axes):
    kernel_shape = [data.draw(st.integers(1, 5)) for _ in range(axes)]
    least = kernel_shape if mode == "valid" else [1] * axes
    shape = [k + data.draw(st.integers(0, 6)) for k in least]
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    x, kernel = rng.normal(size=shape), rng.normal(size=kernel_shape)
    np.testing.assert_allclose(convolve(x, kernel, mode), signal.convolve(x, kernel, mode), atol=1e-12)
    np.testing.assert_allclose(cross_correlate(x, kernel, mode), signal.correlate(x, kernel, mode), atol=1e-12)
    np.testing.assert_allclose(convolve(x, kernel, mode), cross_correlate(x, np.flip(kernel), mode), atol=1e-12)


def test_full_convolution_commutes(rng):
    x, kernel = rng.normal(size=(4, 6)), rng.normal(size=(2, 3))
    np.testing.assert_allclose(convolve(x, kernel, "full"), convolve(kernel, x, "full"))
    assert not np.allclose(cross_correlate(x, kernel, "full"), cross_correlate(kernel, x, "full"))


def test_layer_correlates_and_does_not_convolve(rng):
    x, kernel = rng.normal(size=(5, 7)), rng.normal(size=(3, 2))
    out, _ = conv2d(x[np.newaxis, ..., np.newaxis], kernel[..., np.newaxis, np.newaxis])
    np.testing.assert_allclose(out[0, ..., 0], cross_correlate(x, kernel))
    assert not np.allclose(out[0, ..., 0], convolve(x, kernel))


# The layer, against its definition


def test_layer_by_hand():
    x = np.arange(12.0).reshape(1, 3, 4, 1)
    weights = np.array([[1.0, 0], [0, -1]]).reshape(2, 2, 1, 1)
    out, cache = conv2d(x, weights, [10.0])
    np.testing.assert_array_equal(out[0, ..., 0], [[5, 5, 5], [5, 5, 5]])
    dx, dweights, dbias = conv2d_backward(np.ones_like(out), cache)
    np.testing.assert_array_equal(dx[0, ..., 0], [[1, 1, 1, 0], [1, 0, 0, -1], [0, -1, -1, -1]])
    np.testing.assert_array_equal(dweights[..., 0, 0], [[0 + 1 + 2 + 4 + 5 + 6, 24], [42, 48]])
    np.testing.assert_array_equal(dbias, [6])


@given(layers())
def test_layer_equals_loops(layer):
    expected = conv2d_loops(layer.x, layer.weights, layer.bias, layer.stride, layer.pad)
    out, cache = conv2d(layer.x, layer.weights, layer.bias, layer.stride, layer.pad)
    np.testing.assert_allclose(out, expected, atol=1e-12)
    gradients = conv2d_backward_loops(layer.dout, layer.x, layer.weights, layer.stride, layer.pad)
    for got, want in zip(conv2d_backward(layer.dout, cache), gradients, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)


@given(layers(), st.sampled_from([1, 200, 1000, 5000]))
def test_block_size_changes_nothing(layer, size):
    arguments = (layer.x, layer.weights, layer.bias, layer.stride, layer.pad)
    out, cache = conv2d(*arguments)
    gradients = conv2d_backward(layer.dout, cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convolution, "BLOCK_BYTES", size)
        small, small_cache = conv2d(*arguments)
        small_gradients = conv2d_backward(layer.dout, small_cache)
    np.testing.assert_allclose(small, out, atol=1e-12)
    for got, want in zip(small_gradients, gradients, strict=True):
        np.testing.assert_allclose(got, want, atol=1e-12)


@settings(max_examples=30)
@given(layers(most=3))
def test_gradients_are_right(layer):
    x, weights, bias, where = layer.x, layer.weights, layer.bias, (layer.stride, layer.pad)
    _, cache = conv2d(x, weights, bias, *where)
    dx, dweights, dbias = conv2d_backward(layer.dout, cache)
    # A linear function has no curvature, so a large step costs nothing and rounding matters less.
    for f, at, gradient in (
        (lambda v: conv2d(v, weights, bias, *where)[0], x, dx),
        (lambda v: conv2d(x, v, bias, *where)[0], weights, dweights),
        (lambda v: conv2d(x, weights, v, *where)[0], bias, dbias),
    ):
        assert check_gradient(f, at, gradient, layer.dout, step=1e-2)


@given(layers())
def test_im2col_makes_the_layer_one_product(layer):
    kernel, c_out = layer.weights.shape[:2], layer.weights.shape[3]
    columns = im2col(layer.x, kernel, layer.stride, layer.pad)
    out, _ = conv2d(layer.x, layer.weights, None, layer.stride, layer.pad)
    assert columns.shape == (out[..., 0].size, layer.weights[..., 0].size)
    np.testing.assert_allclose(columns @ layer.weights.reshape(-1, c_out), out.reshape(-1, c_out), atol=1e-12)


def test_im2col_order():
    x = np.arange(2 * 3 * 4 * 2).reshape(2, 3, 4, 2)
    columns = im2col(x, (2, 3))
    assert columns.shape == (2 * 2 * 2, 2 * 3 * 2)
    np.testing.assert_array_equal(columns[5], x[1, 0:2, 1:4].ravel())  # image 1, row 0, column 1


def test_im2col_of_single_pixels_is_still_a_copy(rng):
    x = rng.normal(size=(1, 3, 4, 2))
    assert not np.shares_memory(im2col(x, 1), x)


def test_pixels_that_no_window_reaches_get_no_gradient(rng):
    x, weights = rng.normal(size=(1, 7, 8, 2)), rng.normal(size=(3, 3, 2, 1))
    out, cache = conv2d(x, weights, stride=3)
    assert out.shape == (1, 2, 2, 1)
    dx, _, _ = conv2d_backward(np.ones_like(out), cache)
    assert (dx[:, 6:] == 0).all()
    assert (dx[:, :, 6:] == 0).all()
    assert (dx[:, :6, :6] != 0).all()


def test_padding_wider_than_the_kernel_gives_the_bias():
    out, _ = conv2d(np.ones((1, 2, 3, 1)), np.ones((1, 2, 1, 1)), [5.0], pad=(2, 3))
    assert (out[0, :2] == 5).all()
    np.testing.assert_array_equal(out[0, 2, :, 0], [5, 5, 6, 7, 7, 6, 5, 5])


# Types, inputs, memory, time


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_is_kept(dtype, rng):
    x, weights = rng.normal(size=(2, 5, 4, 3)).astype(dtype), rng.normal(size=(3, 2, 3, 2)).astype(dtype)
    for bias in (None, np.ones(2, dtype)):
        out, cache = conv2d(x, weights, bias, pad=1)
        results = [out, *conv2d_backward(out.astype(np.float64), cache)]
        assert {r.dtype for r in results} == {np.dtype(dtype)}
    assert im2col(x, 2).dtype == dtype
    assert convolve(x[0, 0, 0], x[0, 0, 0], "full").dtype == dtype


def test_other_numbers_are_computed_in_float64():
    assert conv2d(np.ones((1, 2, 2, 1), np.uint8), np.ones((1, 1, 1, 1), int))[0].dtype == np.float64
    assert conv2d(np.ones((1, 2, 2, 1), np.float32), np.ones((1, 1, 1, 1)))[0].dtype == np.float64
    assert convolve(TOY, CROSS).dtype == np.float64


def test_inputs_are_not_modified(rng):
    x, weights, bias, dout = (rng.normal(size=s) for s in [(2, 5, 4, 3), (3, 2, 3, 2), (2,), (2, 5, 5, 2)])
    for array in (x, weights, bias, dout):
        array.flags.writeable = False
    out, cache = conv2d(x, weights, bias, pad=1)
    for result in (out, *conv2d_backward(dout, cache)):
        assert not any(np.shares_memory(result, array) for array in (x, weights, bias, dout))
    x[0, :, :, 0].flags.writeable = False
    convolve(x[0, :, :, 0], weights[:, :, 0, 0])


@pytest.mark.parametrize("shape", [(256, 16, 16, 16), (1, 256, 256, 16)])
def test_memory_is_bounded(shape):
    x, weights = np.ones(shape, np.float32), np.ones((5, 5, 16, 16), np.float32)
    whole = 25 * x.nbytes  # im2col of the whole batch: 100 MB
    tracemalloc.start()
    out, cache = conv2d(x, weights, pad=2)
    forward = tracemalloc.get_traced_memory()[1]
    del out
    tracemalloc.reset_peak()
    conv2d_backward(np.broadcast_to(np.float32(1), (*shape[:3], 16)), cache)
    backward = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert forward < 2.5 * x.nbytes + 2 * convolution.BLOCK_BYTES < whole / 4
    assert backward < 5 * x.nbytes + 4 * convolution.BLOCK_BYTES < whole / 2


def test_at_least_fifty_times_as_fast_as_loops(rng):
    x, weights = rng.normal(size=(1, 10, 12, 8)), rng.normal(size=(3, 3, 8, 8))
    dout, bias = rng.normal(size=(1, 8, 10, 8)), np.zeros(8)

    def fast():
        conv2d_backward(dout, conv2d(x, weights, bias)[1])

    def slow():
        conv2d_loops(x, weights, bias)
        conv2d_backward_loops(dout, x, weights)

    def seconds(f):
        start = time.perf_counter()
        f()
        return time.perf_counter() - start

    fast()
    assert seconds(slow) > 50 * min(seconds(fast) for _ in range(20))


# Wrong input is refused with the fix

X, W = np.ones((2, 5, 6, 3)), np.ones((3, 2, 3, 4))
WRONG = [
    (lambda: conv2d(X, np.ones((3, 2, 4, 3))), ValueError, r"columns, 3, c_out\).*transpose\(2, 3, 1, 0\)"),
    (lambda: conv2d(X, np.ones((3, 2))), ValueError, r"weights: expected shape"),
    (lambda: conv2d(X, np.ones((3, 2, 3, 0))), ValueError, r"weights: expected shape"),
    (lambda: conv2d(X[0], W), ValueError, r"x\[np.newaxis\]"),
    (lambda: conv2d(X[:0], W), ValueError, "at least one image"),
    (lambda: conv2d(X, W, np.ones(3)), ValueError, r"bias: expected shape \(4,\), got \(3,\)"),
    (lambda: conv2d(X, W, 0.0), ValueError, r"bias: expected shape \(4,\), got \(\)"),
    (lambda: conv2d(X, np.ones((6, 2, 3, 4))), ValueError, "6 pixels do not fit into 5.*pad by 1"),
    (lambda: conv2d(X, np.ones((2, 9, 3, 4)), pad=(5, 1)), ValueError, "9 pixels do not fit into 6 pixels with 1"),
    (lambda: conv2d(X, W, stride=0), ValueError, "stride: got 0"),
    (lambda: conv2d(X, W, pad=-1), ValueError, "pad: got -1"),
    (lambda: conv2d(X, W, pad="same"), TypeError, "pad: got 'same'.*whole"),
    (lambda: conv2d(X * np.nan, W), ValueError, "x: the number.*nan"),
    (lambda: conv2d(X, W > 0), TypeError, "weights: expected real numbers"),
    (lambda: conv2d_backward(X, conv2d(X, W)[1]), ValueError, r"shape \(2, 3, 5, 4\), got \(2, 5, 6, 3\)"),
    (lambda: im2col(X[0], 2), ValueError, r"x\[np.newaxis\]"),
    (lambda: im2col(X, (2, 7)), ValueError, "7 pixels do not fit into 6"),
    (lambda: convolve(X, W), ValueError, "grey images"),
    (lambda: convolve(TOY, [1, 2]), ValueError, r"kernel\[np.newaxis\]"),
    (lambda: convolve([], [1]), ValueError, "neither empty"),
    (lambda: convolve([1, 2], [1, 2, 3]), ValueError, "3 pixels do not fit into 2"),
    (lambda: convolve([1, 2], [1], "reflect"), ValueError, "'valid', 'same' or 'full'"),
    (lambda: cross_correlate([1, np.inf], [1]), ValueError, "is inf"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)
