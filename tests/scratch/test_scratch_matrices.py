"""Matrices of convolutions: products, shapes of zeros, transposes, eigenvectors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

from coursekit.scratch.convolution import conv2d, conv2d_backward, convolve, cross_correlate, im2col
from coursekit.scratch.matrices import circular_convolve, conv2d_matrix, doubly_block_circulant, toeplitz

seeds = st.integers(0, 2**32 - 1)


def test_toeplitz_by_hand():
    np.testing.assert_array_equal(toeplitz([1, 2, 3], 5), [[3, 2, 1, 0, 0], [0, 3, 2, 1, 0], [0, 0, 3, 2, 1]])
    np.testing.assert_array_equal(toeplitz([1, 2], 2, "full"), [[1, 0], [2, 1], [0, 2]])
    np.testing.assert_array_equal(toeplitz([1, 2, 3], 3, "same"), [[2, 1, 0], [3, 2, 1], [0, 3, 2]])


@given(seeds, st.integers(1, 5), st.integers(0, 5), st.sampled_from(["valid", "same", "full"]))
def test_toeplitz_convolves(seed, k, more, mode):
    rng = np.random.default_rng(seed)
    kernel, x = rng.normal(size=k), rng.normal(size=k + more)
    matrix = toeplitz(kernel, len(x), mode)
    np.testing.assert_allclose(matrix @ x, convolve(x, kernel, mode), atol=1e-12)
    np.testing.assert_allclose(matrix, linalg.toeplitz(matrix[:, 0], matrix[0]))
    assert (matrix != 0).sum(axis=1).max() <= k


@given(seeds, st.integers(1, 5), st.integers(0, 5))
def test_toeplitz_transposed_is_the_backward_pass(seed, k, more):
    rng = np.random.default_rng(seed)
    kernel, g = rng.normal(size=k), rng.normal(size=more + 1)
    matrix = toeplitz(kernel, k + more)
    np.testing.assert_allclose(matrix.T @ g, cross_correlate(g, kernel, "full"), atol=1e-12)


@st.composite
def tori(draw):
    """Draw an image and a kernel no larger than it."""
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(2))
    shape = tuple(k + draw(st.integers(0, 4)) for k in kernel)
    rng = np.random.default_rng(draw(seeds))
    return rng.normal(size=shape), rng.normal(size=kernel)


@given(tori())
def test_doubly_block_circulant_convolves_around_the_edges(drawn):
    x, kernel = drawn
    matrix = doubly_block_circulant(kernel, x.shape)
    np.testing.assert_allclose((matrix @ x.ravel()).reshape(x.shape), circular_convolve(x, kernel), atol=1e-12)
    rolled = sum(kernel[k, m] * np.roll(x, (k, m), (0, 1)) for k, m in np.ndindex(kernel.shape))
    np.testing.assert_allclose(circular_convolve(x, kernel), rolled, atol=1e-12)
    # Where nothing goes around, it is the ordinary convolution.
    k, m = kernel.shape
    np.testing.assert_allclose(circular_convolve(x, kernel)[k - 1 :, m - 1 :], convolve(x, kernel), atol=1e-12)


@given(tori())
def test_fourier_transform_diagonalises_it(drawn):
    x, kernel = drawn
    matrix = doubly_block_circulant(kernel, x.shape)
    waves = np.kron(linalg.dft(x.shape[0]), linalg.dft(x.shape[1]))  # each row of it is a wave over the image
    diagonal = waves @ matrix @ np.linalg.inv(waves)
    np.testing.assert_allclose(diagonal, np.diag(np.fft.fft2(kernel, x.shape).ravel()), atol=1e-9)


def test_blocks_are_circulant_and_so_is_their_order(rng):
    kernel, (h, w) = rng.normal(size=(2, 3)), (3, 5)
    blocks = doubly_block_circulant(kernel, (h, w)).reshape(h, w, h, w).transpose(0, 2, 1, 3)
    assert not np.allclose(blocks[0, 0], blocks[1, 0])
    for i, j in np.ndindex(h, h):
        np.testing.assert_array_equal(blocks[i, j], blocks[(i - j) % h, 0])
        np.testing.assert_array_equal(blocks[i, j], linalg.circulant(blocks[i, j][:, 0]))


@given(seeds, st.tuples(st.integers(1, 3), st.integers(1, 3)), st.tuples(st.integers(0, 2), st.integers(0, 2)))
def test_layer_matrix_and_its_transpose(seed, stride, pad):
    rng = np.random.default_rng(seed)
    weights, x = rng.normal(size=(3, 2, 2, 3)), rng.normal(size=(1, 4, 5, 2))
    matrix = conv2d_matrix(weights, (4, 5), stride, pad)
    out, cache = conv2d(x, weights, None, stride, pad)
    np.testing.assert_allclose(matrix @ x.ravel(), out.ravel(), atol=1e-12)
    dout = rng.normal(size=out.shape)
    np.testing.assert_allclose(matrix.T @ dout.ravel(), conv2d_backward(dout, cache)[0].ravel(), atol=1e-12)


def test_layer_matrix_and_im2col_swap_roles(rng):
    """One lays out the weights and keeps the image, the other lays out the image and keeps the weights."""
    weights, x = rng.normal(size=(2, 3, 1, 1)), rng.normal(size=(1, 4, 5, 1))
    np.testing.assert_allclose(conv2d_matrix(weights, (4, 5)) @ x.ravel(), im2col(x, (2, 3)) @ weights.ravel())


def test_float_type_is_kept(rng):
    kernel, x = rng.normal(size=(2, 3)).astype(np.float32), rng.normal(size=(4, 5)).astype(np.float32)
    results = [
        toeplitz(kernel[0], 5),
        doubly_block_circulant(kernel, x.shape),
        circular_convolve(x, kernel),
        conv2d_matrix(kernel[..., None, None], (4, 5)),
    ]
    assert {r.dtype for r in results} == {np.dtype(np.float32)}


WRONG = [
    (lambda: toeplitz(np.ones((2, 2)), 5), ValueError, "one row of weights"),
    (lambda: toeplitz([1, 2, 3], 2), ValueError, "3 pixels do not fit into 2"),
    (lambda: toeplitz([1, 2, 3], 0), ValueError, "n: got 0"),
    (lambda: toeplitz([1, 2], 4, "wrap"), ValueError, "'valid', 'same' or 'full'"),
    (lambda: doubly_block_circulant(np.ones((4, 2)), (3, 5)), ValueError, r"\(4, 2\) does not fit.*\(3, 5\)"),
    (lambda: doubly_block_circulant([1, 2], (3, 5)), ValueError, "grey kernel"),
    (lambda: doubly_block_circulant([[1]], (3, 0)), ValueError, "shape: got 0"),
    (lambda: circular_convolve(np.ones((3, 3, 3)), [[1]]), ValueError, "grey kernel"),
    (lambda: conv2d_matrix([[1, 2]], (3, 3)), ValueError, r"kernel\[..., np.newaxis, np.newaxis\]"),
]


@pytest.mark.parametrize(("call", "error", "says"), WRONG)
def test_wrong_input_is_refused_with_the_fix(call, error, says):
    with pytest.raises(error, match=f"(?s){says}") as caught:
        call()
    assert "\n  fix: " in str(caught.value)
