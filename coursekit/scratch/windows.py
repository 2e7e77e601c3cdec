"""Windows that slide over images: their sizes, their positions, and views of them that copy nothing.

Convolution and pooling both look at an image through a small window that moves by a stride. What
they share is here. Images are (n, rows, columns, channels).
"""

from operator import index
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from coursekit.scratch.inputs import FloatArray, real

Pair = int | tuple[int, int]


def output_size(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    """Return how many windows fit along one axis: ``floor((n + 2 * pad - kernel) / stride) + 1``.

    Where the division leaves a remainder, that many of the last pixels (of the padded axis) are in
    no window. No stride is refused for that: a 3 × 3 kernel with stride 3 has 2 × 2 places on a
    7 × 7 image.

    Args:
        n: pixels along the axis, before padding.
        kernel: pixels of the window, 1 or more.
        stride: pixels from one window to the next, 1 or more.
        pad: pixels added on each of the two sides, 0 or more.

    Raises:
        ValueError: if not even one window fits.

    Source: Dumoulin & Visin 2016, "A guide to convolution arithmetic for deep learning",
    relationship 6.
    """
    n, kernel, stride = _whole("n", n, 1), _whole("kernel", kernel, 1), _whole("stride", stride, 1)
    pad = _whole("pad", pad, 0)
    if kernel > n + 2 * pad:
        raise ValueError(
            f"kernel: {kernel} pixels do not fit into {n} pixels with {pad} of padding on each side.\n"
            f"  fix: take a kernel of at most {n + 2 * pad}, or pad by {(kernel - n + 1) // 2} or more."
        )
    return (n + 2 * pad - kernel) // stride + 1


def output_shape(shape: tuple[int, int], kernel: Pair, stride: Pair = 1, pad: Pair = 0) -> tuple[int, int]:
    """Return `output_size` along the rows and along the columns."""
    axes = zip(shape, pair("kernel", kernel), pair("stride", stride), pair("pad", pad, least=0), strict=True)
    rows, columns = (output_size(*axis) for axis in axes)
    return rows, columns


def windows(
    x: FloatArray, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), writeable: bool = False
) -> FloatArray:
    """Return all windows of padded images as a view: (n, out_rows, out_columns, kernel_rows, kernel_columns, channels).

    A pixel that lies in nine windows is not stored nine times: the view only steps through the same
    memory in another way. Copying it, as ``reshape`` does, is what costs memory.

    ``view[:, :, :, k, m]`` holds pixel (k, m) of each window. It is another pixel in each, so that a
    ``writeable`` view can be added to there. Added to as a whole, it loses sums where windows overlap.
    """
    view = sliding_window_view(x, kernel, axis=(1, 2), writeable=writeable)[:, :: stride[0], :: stride[1]]
    return view.transpose(0, 1, 2, 4, 5, 3)


def pad_images(x: FloatArray, pad: tuple[int, int]) -> FloatArray:
    """Return images with ``pad`` rows and columns of zeros on each side; with none, ``x`` itself."""
    if pad == (0, 0):
        return x
    n, h, w, c = x.shape
    padded = np.zeros((n, h + 2 * pad[0], w + 2 * pad[1], c), x.dtype)
    padded[:, pad[0] : pad[0] + h, pad[1] : pad[1] + w] = x
    return padded


def unpad_images(x: FloatArray, pad: tuple[int, int]) -> FloatArray:
    """Return a view of padded images without the padding."""
    return x[:, pad[0] : x.shape[1] - pad[0], pad[1] : x.shape[2] - pad[1]]


def images(name: str, values: ArrayLike) -> FloatArray:
    """Return a `real` array of shape (n, rows, columns, channels) that is not empty."""
    array = real(name, values)
    if array.ndim != 4:
        fixes = {2: f"{name}[np.newaxis, :, :, np.newaxis]", 3: f"{name}[np.newaxis] or {name}[..., np.newaxis]"}
        raise ValueError(
            f"{name}: expected shape (n, rows, columns, channels), got {array.shape}.\n"
            f"  fix: give it four axes, e.g. {fixes.get(array.ndim, f'{name}.reshape(n, rows, columns, channels)')}."
        )
    if array.size == 0:
        raise ValueError(
            f"{name}: shape {array.shape} holds no pixel.\n"
            "  fix: pass at least one image; leave empty mini-batches out."
        )
    return array


def gradient_of_output(dout: ArrayLike, shape: tuple[int, ...], dtype: np.dtype[np.floating[Any]]) -> FloatArray:
    """Return ``dout`` as a `real` array of the output's shape and type."""
    dout = real("dout", dout)
    if dout.shape != shape:
        raise ValueError(
            f"dout: expected the output's shape {shape}, got {dout.shape}.\n"
            "  fix: pass the gradient of the loss with respect to this output, with its own cache."
        )
    return dout.astype(dtype, copy=False)


def pair(name: str, value: Pair, least: int = 1) -> tuple[int, int]:
    """Return (rows, columns) from one whole number for both, or from two."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(both) != 2:
        raise ValueError(f"{name}: got {value!r}.\n  fix: pass one whole number, or two as (rows, columns).")
    rows, columns = (_whole(name, each, least) for each in both)
    return rows, columns


def _whole(name: str, value: int, least: int) -> int:
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name}: got {value!r}.\n  fix: pass whole numbers, e.g. {name}=1.") from None
    if number < least:
        raise ValueError(f"{name}: got {value!r}.\n  fix: pass {least} or more.")
    return number
