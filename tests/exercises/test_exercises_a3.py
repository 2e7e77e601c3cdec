"""What the enumeration cannot see of a3: other libraries agree, the lecture's numbers, and unlisted mistakes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from coursekit import exercises
from coursekit.exercises import caller, examine
from coursekit.exercises.sources import as_answer
from coursekit.scratch import convolution, filters, matrices
from coursekit.scratch.gradients import numeric_gradient

A3 = {each.name: each for each in exercises.assignment("a3").exercises}
RIGHT = {name: each.reference for name, each in A3.items()}

layers = st.tuples(
    *(st.integers(1, most) for most in (3, 9, 9, 3, 4, 4, 4, 3)), st.integers(0, 2), st.integers(0, 10**6)
).filter(lambda s: s[4] <= s[1] + 2 * s[8] and s[5] <= s[2] + 2 * s[8])


def drawn(sizes):
    """A layer's arrays: n, rows, columns, c_in, kernel rows, kernel columns, c_out, stride, pad, seed."""
    n, h, w, c_in, kh, kw, c_out, stride, pad, seed = sizes
    rng = np.random.default_rng(seed)
    shapes = (n, h, w, c_in), (kh, kw, c_in, c_out), (c_out,)
    return *(rng.normal(0, 1, shape) for shape in shapes), stride, pad


def rewritten(exercise, *changes):
    """The reference with parts of its source replaced; each must occur."""
    source = as_answer(exercise.reference, exercise.name)
    for before, after in changes:
        assert before in source
        source = source.replace(before, after)
    namespace = {"np": np}
    exec(source, namespace)
    return namespace[exercise.name]


def look(name, function, seed=0):
    return examine(A3[name], caller(function), seed)


@settings(deadline=None, max_examples=60)
@given(layers)
def test_the_layer_and_its_gradients_agree_with_scratch(sizes):
    x, weights, bias, stride, pad = drawn(sizes)
    out, cache = convolution.conv2d(x, weights, bias, stride, pad)
    np.testing.assert_allclose(RIGHT["conv2d_forward"](x, weights, bias, stride, pad), out, atol=1e-10)
    assert out.shape[1] == RIGHT["output_size"](x.shape[1], weights.shape[0], stride, pad)
    dout = np.cos(np.arange(out.size)).reshape(out.shape)
    gradients = RIGHT["conv2d_backward"](dout, x, weights, stride, pad)
    for mine, theirs in zip(gradients, convolution.conv2d_backward(dout, cache), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-10)
    windows = RIGHT["im2col"](x, weights.shape[:2], stride, pad)
    np.testing.assert_array_equal(windows, convolution.im2col(x, weights.shape[:2], stride, pad))


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 10**6))
def test_signals_and_matrices_agree_with_scipy_and_scratch(n, k, seed):
    x, kernel = np.random.default_rng(seed).normal(0, 1, n), np.random.default_rng(seed + 1).normal(0, 1, k)
    expected = signal.convolve(x, kernel, "full", "direct")
    np.testing.assert_allclose(RIGHT["convolve_1d"](x, kernel), expected, atol=1e-12)
    np.testing.assert_allclose(convolution.convolve(x, kernel, "full"), expected, atol=1e-12)
    np.testing.assert_allclose(RIGHT["toeplitz_matrix"](kernel, n), matrices.toeplitz(kernel, n, "full"), atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 5), st.integers(0, 5), st.integers(0, 10**6))
def test_images_agree_with_scipy(kh, kw, more_rows, more_columns, seed):
    rng = np.random.default_rng(seed)
    x, kernel = rng.normal(0, 1, (kh + more_rows, kw + more_columns)), rng.normal(0, 1, (kh, kw))
    expected = signal.correlate2d(x, kernel, "valid")
    np.testing.assert_allclose(RIGHT["cross_correlate_2d"](x, kernel), expected, atol=1e-12)


def test_the_gradients_are_the_slopes_of_the_layer():
    x, weights, bias, stride, pad = drawn((2, 5, 6, 2, 3, 2, 3, 2, 1, 0))
    forward = RIGHT["conv2d_forward"]
    dout = np.random.default_rng(1).normal(0, 1, forward(x, weights, bias, stride, pad).shape)
    slopes = (
        numeric_gradient(lambda a: np.sum(dout * forward(a, weights, bias, stride, pad)), x),
        numeric_gradient(lambda a: np.sum(dout * forward(x, a, bias, stride, pad)), weights),
        numeric_gradient(lambda a: np.sum(dout * forward(x, weights, a, stride, pad)), bias),
    )
    for mine, slope in zip(RIGHT["conv2d_backward"](dout, x, weights, stride, pad), slopes, strict=True):
        np.testing.assert_allclose(mine, slope, atol=1e-7)


def test_the_numbers_of_the_lectures():
    toy = A3["cross_correlate_2d"].cases[0].arguments
    assert RIGHT["cross_correlate_2d"](*toy).tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    sizes = {case.name: RIGHT["output_size"](*case.arguments) for case in A3["output_size"].cases}
    assert sizes["AlexNet's first layer"] == 55
    assert sizes["LeNet's padded digits"] == 28
    assert sizes["seven pixels, a kernel of three, stride 3: some are left over"] == 2
    np.testing.assert_allclose(RIGHT["photo_kernel"]((3, 3), -1.0), filters.NAMED["box_blur"])
    np.testing.assert_allclose(RIGHT["photo_kernel"]((3, 3), 9.0) - RIGHT["photo_kernel"]((3, 3), 0.0),
                               filters.NAMED["edge"], atol=1e-12)  # fmt: skip


@pytest.mark.parametrize("name", ["convolve_1d", "cross_correlate_2d", "conv2d_forward", "toeplitz_matrix"])
def test_single_precision_is_a_matter_of_taste(name):
    def in_single(*arguments):
        single = (a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in arguments)
        return np.asarray(RIGHT[name](*single), dtype=np.float32)

    assert all(look(name, in_single, seed).failures == () for seed in range(10))


@pytest.mark.parametrize(
    ("name", "change", "hint"),
    [
        ("convolve_1d", ("pixel * kernel", "2 * pixel * kernel"), "every pixel meets every weight exactly once"),
        ("convolve_1d", ("pixel * kernel", "pixel * np.sort(kernel)"), "pixel i and weight k meet in output i + k"),
        ("toeplitz_matrix", ("= kernel", "= kernel * (j + 1)"), "a convolution treats every pixel alike"),
        ("toeplitz_matrix", ("= kernel", "= 2 * kernel"), "column j is the answer to a signal that is 1 at pixel j"),
        ("cross_correlate_2d", ("* kernel)", "* kernel) + x.mean()"), "output (i, j) depends on one window only"),
        ("cross_correlate_2d", ("* kernel)", "* kernel) ** 2"), "compute output (0, 1) by hand"),
        ("photo_kernel", ("pixel - mean", "pixel - 2 * mean"), "where all pixels are equal there is nothing to"),
        ("photo_kernel", ("mean = np.full", "mean = np.arange(rows * columns).reshape(shape) * np.full"),
         "where all pixels are equal"),
        ("output_size", ("+ 1", "+ 2"), "window number i covers the pixels from"),
        ("conv2d_forward", ("+ bias", "+ bias + x.mean()"), "two images were computed together"),
        ("conv2d_forward", ("+ bias", "+ 2 * bias"), "bias[q] is added once to every output"),
        ("conv2d_forward", ("weights, axes=3)", "weights ** 2, axes=3)"), "compute out[0, 0, 1, 0] by hand"),
        ("conv2d_backward", ("dpadded[:, rows, columns] +=", "dpadded[:, rows, columns] += 2 *"), "without its bias"),
        ("conv2d_backward", ("dout.sum(axis=(0, 1, 2))", "dout.sum(axis=(0, 1, 2)) + 1"), "dx belongs to each image"),
        ("im2col", ("range(0, image.shape[0]", "range(stride - 1, image.shape[0]"), "2 × 2 windows with stride 2"),
    ],
)  # fmt: skip
def test_an_unlisted_mistake_gets_the_hint_of_what_it_breaks(name, change, hint):
    for seed in range(3):
        found = look(name, rewritten(A3[name], change), seed)
        assert found.status == "failed"
        assert found.misconception == ""
        assert found.hint.startswith(hint)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_what_no_window_reads_has_no_slope(stride):
    x, weights, bias, *_ = drawn((1, 8, 8, 1, 2, 2, 1, stride, 0, 3))
    dout = np.ones(RIGHT["conv2d_forward"](x, weights, bias, stride).shape)
    dx = RIGHT["conv2d_backward"](dout, x, weights, stride)[0]
    read = (dout.shape[1] - 1) * stride + 2
    assert not dx[:, read:].any()
    assert dx[:, :read, :read].any()


def test_a_size_may_be_a_float_that_is_whole():
    assert (
        look("output_size", lambda n, kernel, stride=1, pad=0: float((n + 2 * pad - kernel) // stride + 1)).failures
        == ()
    )


def test_random_layers_have_a_remainder_and_random_sizes_have_both():
    for seed in range(20):
        sizes = [arguments for trial in A3["output_size"].trials(seed)[9:] for arguments in trial.calls]
        left_over = [(n + 2 * pad - k) % stride for n, k, stride, pad in sizes]
        assert any(left_over)
        assert not all(left_over)
        _, tall = A3["conv2d_forward"].trials(seed)[-1].calls
        x, weights, _, stride, pad = tall
        assert stride > 1
        assert pad
        assert any((x.shape[1 + axis] + 2 * pad - weights.shape[axis]) % stride for axis in (0, 1))
        assert weights.shape[2] != weights.shape[3]
