"""Convolution as a matrix: what a linear layer would hold in place of a few shared weights.

Convolution is linear, so some matrix does the same. Seeing it explains the rest: its zeros are the
sparse connections, its repeated numbers the shared weights, its transpose the backward pass.
"""

import numpy as np
from numpy.typing import ArrayLike

from coursekit.scratch.convolution import Mode, conv2d, convolve
from coursekit.scratch.inputs import FloatArray, real
from coursekit.scratch.windows import Pair, pair


def toeplitz(kernel: ArrayLike, n: int, mode: Mode = "valid") -> FloatArray:
    """Return the matrix T with ``T @ x == convolve(x, kernel, mode)`` for every signal x of n numbers.

    Along each diagonal all numbers are equal, which is what makes a matrix Toeplitz: a row is the
    row above, moved one place to the right. Of each row's n numbers at most len(kernel) are not 0.
    The transpose takes a gradient back through the convolution: for mode ``valid``,
    ``T.T @ g == cross_correlate(g, kernel, "full")``.

    Args:
        kernel: (k,).
        n: the signal's length.
        mode: see `cross_correlate`; it sets how many rows there are.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", §9.1.
    """
    kernel = real("kernel", kernel)
    if kernel.ndim != 1:
        raise ValueError(
            f"kernel: expected shape (k,), got {kernel.shape}.\n"
            "  fix: pass one row of weights; for images see doubly_block_circulant."
        )
    units = np.eye(pair("n", n)[0], dtype=kernel.dtype)
    return np.stack([convolve(unit, kernel, mode) for unit in units], axis=1)


def doubly_block_circulant(kernel: ArrayLike, shape: tuple[int, int]) -> FloatArray:
    """Return the matrix C with ``C @ x.ravel() == circular_convolve(x, kernel).ravel()`` for images x of ``shape``.

    It is made of blocks, one for each pair of an output row and an input row. The blocks are equal
    along each diagonal, which goes on at the other end where it meets the edge (block circulant), and
    so are the numbers within each block (doubly). All such matrices have the same eigenvectors, the
    waves of the Fourier transform; C's eigenvalues are ``np.fft.fft2`` of the kernel.

    Args:
        kernel: (rows, columns), no larger than the image.
        shape: the image's (rows, columns).

    Returns:
        (pixels, pixels), row and column being ``i * columns + j`` for pixel (i, j).

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", §9.1; Gray 2006, "Toeplitz and
    circulant matrices: a review", ch. 3.
    """
    padded = _on_canvas(real("kernel", kernel), pair("shape", shape))
    i, j = np.indices(padded.shape).reshape(2, -1)
    # From input pixel q to output pixel p leads the weight at p - q, counted around the edges.
    return np.asarray(padded[i[:, np.newaxis] - i, j[:, np.newaxis] - j])


def circular_convolve(x: ArrayLike, kernel: ArrayLike) -> FloatArray:
    """Return the convolution on a torus, where a row's last pixel is the neighbour of its first.

    ``out[i, j] = sum over k, l of x[i - k, j - l] kernel[k, l]``, indices taken around the edges. By
    the convolution theorem this is a product in the frequency domain: pixels times log pixels steps,
    however large the kernel.

    Args:
        x: (rows, columns).
        kernel: (rows, columns), no larger than the image.

    Returns:
        The output, of x's shape.
    """
    x, kernel = real("x", x), real("kernel", kernel)
    padded = _on_canvas(kernel, x.shape)
    spectrum = np.fft.rfft2(x) * np.fft.rfft2(padded)
    return np.asarray(np.fft.irfft2(spectrum, x.shape))


def conv2d_matrix(weights: ArrayLike, shape: tuple[int, int], stride: Pair = 1, pad: Pair = 0) -> FloatArray:
    """Return the matrix A with ``A @ image.ravel()`` equal to `conv2d`'s output for it, as a vector.

    Column q is what the layer makes of an image that is 1 at number q and 0 elsewhere. A's transpose
    is the backward pass: ``A.T @ dout.ravel()`` equals `conv2d_backward`'s dx.

    Args:
        weights: (kernel_rows, kernel_columns, c_in, c_out).
        shape: the image's (rows, columns).
        stride: see `conv2d`.
        pad: see `conv2d`.

    Returns:
        (out_rows * out_columns * c_out, rows * columns * c_in).
    """
    weights = real("weights", weights)
    if weights.ndim != 4:
        raise ValueError(
            f"weights: got shape {weights.shape}.\n"
            "  fix: pass (kernel_rows, kernel_columns, c_in, c_out); one grey kernel is "
            "kernel[..., np.newaxis, np.newaxis]."
        )
    rows, columns = pair("shape", shape)
    numbers = rows * columns * weights.shape[2]
    units = np.eye(numbers, dtype=weights.dtype).reshape(numbers, rows, columns, -1)
    return conv2d(units, weights, stride=stride, pad=pad)[0].reshape(numbers, -1).T


def _on_canvas(kernel: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Return the kernel in the top left corner of zeros of an image's shape."""
    if kernel.ndim != 2 or len(shape) != 2 or any(k > n for k, n in zip(kernel.shape, shape, strict=True)):
        raise ValueError(
            f"kernel: shape {kernel.shape} does not fit into an image of shape {shape}.\n"
            "  fix: pass a grey kernel (rows, columns), no larger than the image along either axis."
        )
    canvas = np.zeros(shape, kernel.dtype)
    canvas[: kernel.shape[0], : kernel.shape[1]] = kernel
    return canvas
