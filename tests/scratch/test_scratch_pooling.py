"""Pooling against worked examples, slow loops, SciPy and finite differences."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from coursekit.scratch.gradients import check_gradient
from coursekit.scratch.pooling import dynamic_pool, pool2d, pool2d_backward, quadrant_pool, window_weights

KINDS = ("max", "average", "l2", "gaussian", "disc")
AVERAGES = KINDS[1:2] + KINDS[3:]


@dataclass
class Pooling:
    """A pooling's inputs, and a gradient for its output."""

    x: np.ndarray
    size: tuple[int, int]
    stride: tuple[int, int]
    dout: np.ndarray


@st.composite
def poolings(draw, ties=False):
    """Draw overlap, gaps, remainders, 1 × n images and windows as large as the image; with ties, many equal values."""
    size, stride = [tuple(draw(st.integers(1, 4)) for _ in range(2)) for _ in range(2)]
    image = [k + draw(st.integers(0, 5)) for k in size]
    n, c = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    out = [(side - k) // s + 1 for side, k, s in zip(image, size, stride, strict=True)]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    x = rng.integers(-2, 2, (n, *image, c)).astype(float) if ties else rng.normal(size=(n, *image, c))
    return Pooling(x, size, stride, rng.normal(size=(n, *out, c)))


def pool_by_loops(p, summary, share):
    """Return out and dx: ``summary`` of a window (rows, columns), ``share(window)`` the gradient of it."""
    out, dx = np.zeros_like(p.dout), np.zeros_like(p.x)
    for n, i, j, c in np.ndindex(out.shape):
        a, b = i * p.stride[0], j * p.stride[1]
        window = p.x[n, a : a + p.size[0], b : b + p.size[1], c]
        out[n, i, j, c] = summary(window)
        dx[n, a : a + p.size[0], b : b + p.size[1], c] += share(window) * p.dout[n, i, j, c]
    return out, dx


def first_maximum(window):
    share = np.zeros_like(window)
    share[np.unravel_index(window.argmax(), window.shape)] = 1  # argmax is the first, row by row
    return share


def norm_share(window):
    norm = np.linalg.norm(window)
    return window / norm if norm else np.zeros_like(window)


LOOPS = {
    "max": (np.max, first_maximum),
    "average": (np.mean, lambda w: np.full_like(w, 1 / w.size)),
    "l2": (np.linalg.norm, norm_share),
}


@pytest.mark.parametrize("kind", LOOPS)
@given(poolings() | poolings(ties=True))
def test_pooling_equals_loops(kind, p):
    out, cache = pool2d(p.x, p.size, p.stride, kind)
    expected, dexpected = pool_by_loops(p, *LOOPS[kind])
    np.testing.assert_allclose(out, expected, atol=1e-12)
    np.testing.assert_allclose(pool2d_backward(p.dout, cache), dexpected, atol=1e-12)


@pytest.mark.parametrize("kind", AVERAGES)
@given(poolings())
def test_averages_are_correlations(kind, p):
    out, _ = pool2d(p.x, p.size, p.stride, kind)
    for n, c in np.ndindex(len(p.x), p.x.shape[3]):
        all_places = signal.correlate(p.x[n, ..., c], window_weights(kind, p.size), "valid")
        np.testing.assert_allclose(out[n, ..., c], all_places[:: p.stride[0], :: p.stride[1]], atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(poolings())
def test_gradients_are_right(kind, p):
    _, cache = pool2d(p.x, p.size, p.stride, kind)
    dx = pool2d_backward(p.dout, cache)
    assert check_gradient(lambda x: pool2d(x, p.size, p.stride, kind)[0], p.x, dx, p.dout, step=1e-6, atol=1e-7)


# By hand

IMAGE = np.array([[3.0, 1, 0, 2, 9], [4, -2, 5, 5, 9], [0, 0, 1, -1, 9], [0, 6, 2, 2, 9], [8, 8, 8, 8, 8]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("max", [[4, 5], [6, 2]]),
        ("average", [[1.5, 3], [1.5, 1]]),
        ("l2", [[30**0.5, 54**0.5], [6, 10**0.5]]),
        ("gaussian", [[1.5, 3], [1.5, 1]]),  # in 2 × 2 all pixels are equally far from the centre
        ("disc", [[1.5, 3], [1.5, 1]]),
    ],
)
def test_row_and_column_left_over_are_ignored(kind, expected):
    out, cache = pool2d(IMAGE.reshape(1, 5, 5, 1), 2, kind=kind)
    np.testing.assert_allclose(out[0, ..., 0], expected)
    dx = pool2d_backward(np.ones_like(out), cache)
    assert not dx[0, 4].any()
    assert not dx[0, :, 4].any()


def test_first_of_equal_maxima_gets_the_gradient():
    out, cache = pool2d(np.zeros((1, 4, 6, 1)), (2, 3))
    dx = pool2d_backward(np.array([[1.0, 2], [3, 4]]).reshape(out.shape), cache)
    expected = np.zeros((4, 6))
    expected[0, 0], expected[0, 3], expected[2, 0], expected[2, 3] = 1, 2, 3, 4
    np.testing.assert_array_equal(dx[0, ..., 0], expected)
    _, cache = pool2d(np.array([[0.0, 7], [7, 7]]).reshape(1, 2, 2, 1), 2)
    np.testing.assert_array_equal(pool2d_backward(np.ones((1, 1, 1, 1)), cache)[0, ..., 0], [[0, 1], [0, 0]])


def test_overlapping_windows_add_up():
    x = np.array([[0.0, 0, 0, 0], [0, 0, 5, 0], [0, 0, 0, 0], [0, 0, 0, 0]]).reshape(1, 4, 4, 1)
    out, cache = pool2d(x, 3, 1)
    np.testing.assert_array_equal(out[0, ..., 0], [[5, 5], [5, 5]])
    dx = pool2d_backward(np.array([[1.0, 10], [100, 1000]]).reshape(out.shape), cache)
    assert dx[0, 1, 2, 0] == 1111
    assert dx.sum() == 1111


def test_negative_images_are_not_pooled_with_zeros():
    out, _ = pool2d(np.full((1, 5, 7, 1), -3.0), 3, 2)
    assert (out == -3).all()


def test_norm_of_zeros_has_gradient_zero():
    out, cache = pool2d(np.zeros((1, 2, 4, 1)), 2, kind="l2")
    np.testing.assert_array_equal(out, 0)
    np.testing.assert_array_equal(pool2d_backward(np.ones_like(out), cache), 0)


def test_window_weights():
    np.testing.assert_allclose(window_weights("average", (2, 3)), 1 / 6)
    for size in (1, 2, 3, (1, 5), (4, 1)):
        np.testing.assert_allclose(window_weights("disc", size), window_weights("average", size))
    assert (window_weights("disc", 4) > 0).sum() == 12
    assert (window_weights("disc", 5) > 0).sum() == 21
    assert window_weights("disc", (4, 6))[0, 0] == 0
    weights = window_weights("gaussian", 5)
    assert weights[2, 2] == weights.max()
    np.testing.assert_allclose(weights[2, 0] / weights[2, 2], np.exp(-2 * 0.8**2))
    np.testing.assert_allclose(weights[0, 0] / weights[2, 2], np.exp(-4 * 0.8**2))


@given(st.sampled_from(AVERAGES), st.integers(1, 7), st.integers(1, 7))
def test_window_weights_are_symmetric_and_sum_to_one(kind, rows, columns):
    weights = window_weights(kind, (rows, columns))
    assert weights.shape == (rows, columns)
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(weights, np.flip(weights, 0))
    np.testing.assert_allclose(weights, np.flip(weights, 1))
    np.testing.assert_allclose(weights, window_weights(kind, (columns, rows)).T)


# Any image size


@pytest.mark.parametrize("shape", [(2, 4, 6, 3), (1, 5, 7, 2), (3, 1, 1, 2), (1, 1, 8, 1), (2, 9, 2, 4)])
def test_quadrants_of_any_size(shape, rng):
    x = rng.normal(size=shape) - 5
    out = quadrant_pool(x)
    assert out.shape == (shape[0], 2, 2, shape[3])
    h, w = shape[1:3]
    for i, j in np.ndindex(2, 2):
        rows = slice(0, -(-h // 2)) if i == 0 else slice(h // 2, h)
        columns = slice(0, -(-w // 2)) if j == 0 else slice(w // 2, w)
        np.testing.assert_array_equal(out[:, i, j], x[:, rows, columns].max(axis=(1, 2)))


def test_quadrants_of_an_even_image_are_its_2_by_2_pooling(rng):
    x = rng.normal(size=(2, 6, 10, 3))
    np.testing.assert_array_equal(quadrant_pool(x), pool2d(x, (3, 5))[0])


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_regions_cover_any_image(seed, rows, columns, regions, zeros):
    x = np.zeros((2, rows, columns, 3)) if zeros else np.random.default_rng(seed).normal(size=(2, rows, columns, 3))
    regions = min(regions, rows * columns)
    out, of = dynamic_pool(x, regions)
    assert out.shape == (2, regions, 3)
    assert of.shape == (2, rows, columns)
    for i, r in np.ndindex(2, regions):
        np.testing.assert_array_equal(out[i, r], x[i][of[i] == r].max(axis=0))


def test_regions_find_the_objects_and_move_with_them():
    x = np.zeros((2, 12, 20, 1))
    for image, shift in enumerate((0, 3)):
        for row, column, value in [(1, 2, 5), (1, 7, 6), (8, 3, 7), (7, 12, 8)]:
            x[image, row : row + 2, column + shift : column + shift + 2] = value
    out, of = dynamic_pool(x)
    assert sorted(out[0, :, 0]) == [5, 6, 7, 8]  # a region an object, which fixed quadrants do not give
    assert sorted(quadrant_pool(x)[0].ravel()) == [0, 6, 7, 8]
    np.testing.assert_array_equal(out[1], out[0])
    np.testing.assert_array_equal(of[1][x[1, ..., 0] > 0], of[0][x[0, ..., 0] > 0])


# Types and inputs


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_is_kept_and_inputs_are_not_modified(dtype, rng):
    x = rng.normal(size=(2, 5, 6, 3)).astype(dtype)
    x.flags.writeable = False
    for kind in KINDS:
        for size in (1, (3, 2)):
            out, cache = pool2d(x, size, 2, kind)
            dx = pool2d_backward(out.astype(np.float64), cache)
            assert out.dtype == dx.dtype == dtype
            assert dx.shape == x.shape
            assert not np.shares_memory(out, x)
    assert quadrant_pool(x).dtype == dynamic_pool(x)[0].dtype == dtype


X = np.ones((2, 5, 6, 3))
WRONG = [
    (lambda: pool2d(X[0], 2), ValueError, r"x\[np.newaxis\]"),
    (lambda: pool2d(X[:0], 2), ValueError, "at least one image"),
    (lambda: pool2d(X, (2, 7)), ValueError, "7 pixels do not fit into 6"),
    (lambda: pool2d(X, 0), ValueError, "size: got 0"),
    (lambda: pool2d(X, 2, 0), ValueError, "stride: got 0"),
    (lambda: pool2d(X, 2.0), TypeError, "size: got 2.0.*whole"),
    (lambda: pool2d(X, 2, kind="mean"), ValueError, "kind: got 'mean'.*'average'"),
    (lambda: window_weights("max", 2), ValueError, "kind: got 'max'.*'average', 'gaussian' or 'disc'"),
    (lambda: pool2d_backward(X, pool2d(X, 2)[1]), ValueError, r"shape \(2, 2, 3, 3\), got \(2, 5, 6, 3\)"),
    (lambda: pool2d(X * np.nan, 2), ValueError, "is nan"),
    (lambda: quadrant_pool(X[0]), ValueError, r"x\[np.newaxis\]"),
    (lambda: dynamic_pool(X, 31), ValueError, "31 are more than the 30 pixels"),
    (lambda: dynamic_pool(X, 0), ValueError, "regions: got 0"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)
