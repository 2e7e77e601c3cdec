"""Convolution, from the sliding sum to the layer of a network.

`convolve` and `cross_correlate` are the textbook's operations on one signal or one grey image.
`conv2d` is the layer: many images, channels and kernels, a bias, and a way back for gradients.
"""

from collections.abc import Iterator
from math import ceil
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from coursekit.scratch.inputs import FloatArray, real
from coursekit.scratch.windows import (
    Pair,
    gradient_of_output,
    images,
    output_shape,
    output_size,
    pad_images,
    pair,
    unpad_images,
    windows,
)

__all__ = ["conv2d", "conv2d_backward", "convolve", "cross_correlate", "im2col", "output_size"]

Mode = Literal["valid", "same", "full"]
Block = tuple[slice, slice]

BLOCK_BYTES = 2**22
"""How much of im2col's matrix exists at any time: several images' worth, few enough to stay in cache."""


def convolve(x: ArrayLike, kernel: ArrayLike, mode: Mode = "valid") -> FloatArray:
    """Return the convolution of a signal (n,) or a grey image (rows, columns) with a kernel.

    In 1-D ``out_i = sum over k of x_(i - k) kernel_k``, which is the correlation with the kernel
    turned by 180°: the sliding window reads the kernel backwards. That makes convolution commute
    (``full``: convolve(x, k) equals convolve(k, x)), and the response to a single 1 is the kernel.

    Args, modes, errors: see `cross_correlate`.
    """
    x, kernel = _signal_and_kernel(x, kernel)
    return cross_correlate(x, np.flip(kernel), mode)


def cross_correlate(x: ArrayLike, kernel: ArrayLike, mode: Mode = "valid") -> FloatArray:
    """Return the sliding dot product of a kernel with a signal (n,) or a grey image (rows, columns).

    In 1-D ``out_i = sum over k of x_(i + k) kernel_k``. Networks call this convolution, as does
    `conv2d`; their kernels are learned, so that turning them makes no difference.

    Args:
        x: (n,) or (rows, columns).
        kernel: of as many axes as ``x``.
        mode: along an axis of n pixels and k weights there are, with zeros beyond x's border,
            ``valid``: n - k + 1 outputs, for the windows that lie within x;
            ``full``: n + k - 1, for those that share at least one pixel with x;
            ``same``: n, the middle of ``full`` as SciPy cuts it. With an even k it has one output
            more on the left than on the right of what is ``valid``; Keras's "same" has it on the right.

    Returns:
        The outputs, float32 if both inputs are, else float64.

    Raises:
        ValueError: on an unknown mode, wrong numbers of axes, or ``valid`` where nothing fits.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", eqs. 9.4 to 9.6.
    """
    x, kernel = _signal_and_kernel(x, kernel)
    padded = np.pad(x, [_margins(mode, k) for k in kernel.shape])
    shape = [output_size(n, k) for n, k in zip(padded.shape, kernel.shape, strict=True)]
    out = np.zeros(shape, x.dtype)
    for offset in np.ndindex(kernel.shape):  # the image, shifted and weighted, once a weight
        out += kernel[offset] * padded[tuple(slice(o, o + n) for o, n in zip(offset, shape, strict=True))]
    return out


def _signal_and_kernel(x: ArrayLike, kernel: ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, kernel = real("x", x), real("kernel", kernel)
    if x.ndim not in (1, 2) or kernel.ndim != x.ndim or x.size == 0 or kernel.size == 0:
        raise ValueError(
            f"x has shape {x.shape} and kernel {kernel.shape}.\n"
            "  fix: pass two signals (n,) or two grey images (rows, columns), neither empty; one row is "
            "kernel[np.newaxis]; filter a colour image channel by channel, or with conv2d."
        )
    dtype = np.result_type(x, kernel)
    return x.astype(dtype, copy=False), kernel.astype(dtype, copy=False)


def _margins(mode: Mode, k: int) -> tuple[int, int]:
    """Return how many zeros go before and after an axis."""
    margins = {"valid": (0, 0), "same": (k // 2, (k - 1) // 2), "full": (k - 1, k - 1)}
    if mode not in margins:
        raise ValueError(f"mode: got {mode!r}.\n  fix: pass 'valid', 'same' or 'full'.")
    return margins[mode]


class ConvCache(NamedTuple):
    """What `conv2d_backward` needs of the forward pass. It holds the arrays themselves: leave them as they are."""

    padded: FloatArray
    weights: FloatArray
    stride: tuple[int, int]
    pad: tuple[int, int]


def conv2d(
    x: ArrayLike, weights: ArrayLike, bias: ArrayLike | None = None, stride: Pair = 1, pad: Pair = 0
) -> tuple[FloatArray, ConvCache]:
    """Return a convolution layer's output, and what its backward pass needs.

    Output channel q at output pixel (i, j) of an image is the dot product of kernel q with a window
    of all input channels: ``bias_q + sum over k, m, p of x[i * stride + k, j * stride + m, p] *
    weights[k, m, p, q]``, x being padded with zeros. The kernel is not turned: see `cross_correlate`.

    All those dot products are one matrix product, as `im2col` explains. Its left matrix repeats each
    pixel once for every window that holds it, nine times for a 3 × 3 kernel, so it is made block by
    block. Beyond copies of input and output the memory needed does not grow with the batch, and a
    block is still in the processor's cache when it is multiplied.

    Args:
        x: (n, rows, columns, c_in).
        weights: (kernel_rows, kernel_columns, c_in, c_out).
        bias: (c_out,), or None for none.
        stride: pixels from one window to the next, one number or (rows, columns).
        pad: zeros on each side, one number or (rows, columns).

    Returns:
        The output (n, out_rows, out_columns, c_out), sizes by `output_size`, in float32 if all inputs
        are, else float64; and the cache for `conv2d_backward`.

    Raises:
        ValueError: if shapes do not fit or the kernel is larger than the padded image.

    Source: LeCun et al. 1989; CS 1674 (Kovashka).
    """
    x, weights, bias = _layer_inputs(x, weights, bias)
    stride, pad = pair("stride", stride), pair("pad", pad, least=0)
    kernel, c_out = (weights.shape[0], weights.shape[1]), weights.shape[-1]
    out_rows, out_columns = output_shape((x.shape[1], x.shape[2]), kernel, stride, pad)
    padded = pad_images(x, pad)
    view, matrix = windows(padded, kernel, stride), weights.reshape(-1, c_out)
    out = np.empty((len(x), out_rows, out_columns, c_out), x.dtype)
    for block in _blocks(view):
        np.matmul(view[block].reshape(-1, len(matrix)), matrix, out=out[block].reshape(-1, c_out))
    out += bias
    return out, ConvCache(padded, weights, stride, pad)


def conv2d_backward(dout: ArrayLike, cache: ConvCache) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the gradients of a loss with respect to `conv2d`'s x, weights and bias.

    In the forward pass a block is ``out = columns @ matrix``, a row of ``columns`` being a window. Both
    factors of a product get their gradient by a product: ``dmatrix = columns.T @ dout`` and
    ``dcolumns = dout @ matrix.T``. A pixel occurs in several windows, and its gradient is the sum over
    these; see `_add_windows`.

    Args:
        dout: the loss's gradient with respect to the output, of its shape.
        cache: the one that this output came with.

    Returns:
        dx of x's shape, dweights of weights' shape, and dbias (c_out,), which a layer without a bias
        has no use for.

    Raises:
        ValueError: if dout is not of the output's shape.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", eqs. 9.11 (``g``) and 9.13 (``h``).
    """
    padded, weights, stride, pad = cache
    kernel, matrix = (weights.shape[0], weights.shape[1]), weights.reshape(-1, weights.shape[3])
    dpadded, dmatrix, dbias = np.zeros_like(padded), np.zeros_like(matrix), np.zeros_like(matrix[0])
    view, dview = windows(padded, kernel, stride), windows(dpadded, kernel, stride, writeable=True)
    dout = gradient_of_output(dout, (*view.shape[:3], len(dbias)), padded.dtype)
    apart = (ceil(kernel[0] / stride[0]), ceil(kernel[1] / stride[1]))
    for block in _blocks(view):
        columns, dblock = view[block], dout[block].reshape(-1, len(dbias))
        dbias += dblock.sum(axis=0)
        dmatrix += columns.reshape(-1, len(matrix)).T @ dblock
        _add_windows(dview[block], (dblock @ matrix.T).reshape(columns.shape), apart)
    return unpad_images(dpadded, pad), dmatrix.reshape(weights.shape), dbias


def _add_windows(view: FloatArray, values: FloatArray, apart: tuple[int, int]) -> None:
    """Add to all windows of ``view`` their ``values``, though windows overlap.

    ``view += values`` would lose sums: where windows share a pixel, each reads the value from before,
    and the last one to write wins. Windows that are ``apart`` rows or columns of windows from each
    other share none; they are added together, group after group.
    """
    for i, j in np.ndindex(apart):
        view[:, i :: apart[0], j :: apart[1]] += values[:, i :: apart[0], j :: apart[1]]


def im2col(x: ArrayLike, kernel: Pair, stride: Pair = 1, pad: Pair = 0) -> FloatArray:
    """Return every window of every image as one row of a matrix.

    The name says "image to columns"; here windows are rows, which suits images with their channels
    last. A convolution is then one matrix product, the operation that processors do best:
    ``im2col(x, kernel) @ weights.reshape(-1, c_out)`` holds conv2d's output, one window a row.

    Args:
        x: (n, rows, columns, channels).
        kernel: the window's size, one number or (rows, columns).
        stride: see `conv2d`.
        pad: see `conv2d`.

    Returns:
        (n * out_rows * out_columns, kernel_rows * kernel_columns * channels), a copy: windows in the
        order of the images, rows and columns; within one, its pixels row by row, channels innermost.

    Source: Chellapilla, Puri & Simard 2006, "High performance convolutional neural networks for
    document processing".
    """
    x, kernel = images("x", x), pair("kernel", kernel)
    stride, pad = pair("stride", stride), pair("pad", pad, least=0)
    output_shape((x.shape[1], x.shape[2]), kernel, stride, pad)
    view = windows(pad_images(x, pad), kernel, stride)
    return view.reshape(-1, kernel[0] * kernel[1] * x.shape[3]).copy()


def _blocks(view: FloatArray) -> Iterator[Block]:
    """Yield (images, output rows) so that the windows of a block fill about BLOCK_BYTES.

    A block holds whole images or, where one is too large for that, some rows of one image.
    """
    n, rows = view.shape[:2]
    per_row = view[0, 0].size * view.itemsize
    n_step = max(1, BLOCK_BYTES // (per_row * rows))
    row_step = min(rows, max(1, BLOCK_BYTES // per_row))
    for i in range(0, n, n_step):
        for j in range(0, rows, row_step):
            yield slice(i, i + n_step), slice(j, j + row_step)


def _layer_inputs(
    x: ArrayLike, weights: ArrayLike, bias: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    x, weights = images("x", x), real("weights", weights)
    if weights.ndim != 4 or weights.size == 0 or weights.shape[2] != x.shape[3]:
        raise ValueError(
            f"weights: expected shape (kernel_rows, kernel_columns, {x.shape[3]}, c_out), since x has shape "
            f"{x.shape}, got {weights.shape}.\n"
            "  fix: one kernel spans all the channels of x; PyTorch's (c_out, c_in, rows, columns) becomes "
            "weights.transpose(2, 3, 1, 0)."
        )
    c_out = weights.shape[3]
    bias = np.zeros(c_out, weights.dtype) if bias is None else real("bias", bias)
    if bias.shape != (c_out,):
        raise ValueError(
            f"bias: expected shape ({c_out},), got {bias.shape}.\n  fix: pass one number an output channel."
        )
    dtype = np.result_type(x, weights, bias)
    x, weights, bias = (a.astype(dtype, copy=False) for a in (x, weights, bias))
    return x, weights, bias
