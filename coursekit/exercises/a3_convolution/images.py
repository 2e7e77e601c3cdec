"""a3: the cross-correlation of a grey image with a kernel, for the windows that lie within the image."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

# The toy of the lecture (Gurari 2021): its kernel is the same turned by 180°, so it cannot tell convolution apart.
TOY = np.array([[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]])
TOY_KERNEL = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])

DOT = np.zeros((5, 7))
DOT[2, 3] = 1

CASES = (
    Case("the 5 × 5 toy", (TOY, TOY_KERNEL)),
    Case("one bright pixel in a wide image", (DOT, np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))),
    Case(
        "a tall image, a wide kernel",
        (
            np.array([[3.0, 1, 0, 2], [0, 5, 1, 1], [4, 2, 2, 7], [1, 0, 6, 3], [2, 8, 1, 0], [9, 1, 1, 5]]),
            np.array([[1.0, -2.0, 0.5], [0.0, 1.5, 3.0]]),
        ),
    ),
    Case(
        "a kernel as large as the image",
        (
            np.array([[1.0, 2, 0, 4], [0, 3, 1, 5], [2, 2, 7, 1]]),
            np.array([[1.0, 0, 2, 1], [3, 1, 0, 0], [0, 2, 1, 4]]),
        ),
    ),
    Case("a single row", (np.array([[5.0, 3.0, 0.0, 1.0, 4.0, 4.0, 2.0]]), np.array([[2.0, 0.0, -1.0]]))),
    Case(
        "whole-number pixels, a kernel of fractions",
        (np.array([[9, 4, 7, 1, 8], [2, 6, 3, 5, 5], [1, 8, 0, 7, 2]]), np.array([[0.5, 0.2], [0.1, 0.4]])),
    ),
)


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide image with a tall kernel, and the other way round."""
    return [(rng.normal(0, 2, x), rng.normal(0, 1, k)) for x, k in (((6, 9), (3, 2)), ((8, 5), (2, 4)))]


def cropped(rng: np.random.Generator) -> list[Arguments]:
    """Draw an image, and the same without its first row and its first two columns."""
    x, kernel = random_images(rng)[0]
    return [(x, kernel), (x[1:, 2:].copy(), kernel)]


def crops_the_answer(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0][1:, 2:], values[1], rtol=1e-4, atol=1e-5):
        return None
    return "without the image's first row and first two columns, the remaining outputs are others"


def reference(x: Array, kernel: Array) -> Array:
    """Output (i, j) is the dot product of the kernel with the window whose top left pixel is (i, j)."""
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out


cross_correlate_2d = Exercise(
    name="cross_correlate_2d",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "cropping the image crops the answer",
            cropped,
            crops_the_answer,
            hint="output (i, j) depends on one window only, which starts at pixel (i, j); something else gets in.",
        ),
        Property(
            "agrees on random images",
            random_images,
            hint="compute output (0, 1) by hand: lay the kernel on rows 0 … and columns 1 …, multiply what lies on top "
            "of each other, add up.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@cross_correlate_2d.variant
def with_windows_and_einsum(x: Array, kernel: Array) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return np.einsum("ijkl,kl->ij", windows, kernel)


@cross_correlate_2d.variant
def one_weight_at_a_time(x: Array, kernel: Array) -> Array:
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    out = np.zeros((rows, columns))
    for k in range(kernel.shape[0]):
        for l in range(kernel.shape[1]):  # noqa: E741
            out += kernel[k, l] * x[k : k + rows, l : l + columns]
    return out


@cross_correlate_2d.variant
def four_loops(x: Array, kernel: Array) -> list[list[float]]:
    (h, w), (kh, kw) = x.shape, kernel.shape
    return [
        [sum(float(x[i + a, j + b] * kernel[a, b]) for a in range(kh) for b in range(kw)) for j in range(w - kw + 1)]
        for i in range(h - kh + 1)
    ]


@cross_correlate_2d.variant
def by_fourier(x: Array, kernel: Array) -> Array:
    rows, columns = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    product = np.fft.rfft2(x) * np.conj(np.fft.rfft2(kernel, x.shape))
    return np.fft.irfft2(product, x.shape)[:rows, :columns]


@cross_correlate_2d.misconception(
    "the kernel is turned by 180°: this is a true convolution. Here the kernel is laid over the image as it stands."
)
def turns_the_kernel(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel[::-1, ::-1])
    return out


@cross_correlate_2d.misconception(
    "the kernel's rows are read from bottom to top (`kernel[::-1]`); a cross-correlation turns nothing."
)
def turns_the_rows_of_the_kernel(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel[::-1])
    return out


@cross_correlate_2d.misconception(
    "rows and columns of the kernel are exchanged, as by a transpose. Its first axis goes down, like the image's."
)
def transposes_the_kernel(x: Array, kernel: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.T.shape)
    return np.asarray((windows * kernel.T).sum(axis=(2, 3)))


@cross_correlate_2d.misconception(
    "the output has as many columns as rows: its width comes from the image's height. Use x.shape[1] for it."
)
def takes_the_height_for_both_axes(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[0] - kh + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out


@cross_correlate_2d.misconception(
    "the number of output columns was computed with the kernel's height; along the columns its width counts."
)
def takes_the_height_of_the_kernel_for_both_axes(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kh + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out


@cross_correlate_2d.misconception(
    "the last row and the last column of outputs are missing: h pixels have room for h − kh + 1 windows."
)
def stops_one_window_early(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh, x.shape[1] - kw))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out


@cross_correlate_2d.misconception(
    "zeros were put around the image, so that the output has its size. Here only windows within the image count."
)
def pads_to_the_size_of_the_image(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    padded = np.pad(x, (((kh - 1) // 2, kh // 2), ((kw - 1) // 2, kw // 2)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.asarray((windows * kernel).sum(axis=(2, 3)))


@cross_correlate_2d.misconception(
    "windows that overlap the image in part are counted too (mode “full”). Only those that lie within it should be."
)
def counts_partial_overlaps(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    padded = np.pad(x, ((kh - 1, kh - 1), (kw - 1, kw - 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.asarray((windows * kernel).sum(axis=(2, 3)))


@cross_correlate_2d.misconception("each output is the mean of its products; it should be their sum.")
def averages_over_the_window(x: Array, kernel: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return np.asarray((windows * kernel).mean(axis=(2, 3)))


@cross_correlate_2d.misconception(
    "rows and columns of the output are exchanged: the window that starts in row i, column j belongs to out[i, j]."
)
def exchanges_rows_and_columns(x: Array, kernel: Array) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape)
    return np.asarray((windows * kernel).sum(axis=(2, 3)).T)


@cross_correlate_2d.misconception(
    "`@` between window and kernel is a matrix product, which mixes rows. Multiply entry by entry (`*`), then sum."
)
def multiplies_matrices(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] @ kernel.T)
    return out


@cross_correlate_2d.misconception(
    "the windows stand side by side and do not overlap; the next window starts one pixel further on."
)
def steps_by_the_kernel(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] // kh, x.shape[1] // kw))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i * kh : i * kh + kh, j * kw : j * kw + kw] * kernel)
    return out


@cross_correlate_2d.misconception(
    "the output array takes over the image's type, so that whole-number pixels cut off fractions. Make it floats."
)
def cuts_off_fractions(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    out = np.zeros((x.shape[0] - kh + 1, x.shape[1] - kw + 1), dtype=x.dtype)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out


@cross_correlate_2d.misconception(
    "`out = x` is another name for the image, not a copy: outputs overwrite pixels that later windows still read."
)
def writes_into_the_image(x: Array, kernel: Array) -> Array:
    kh, kw = kernel.shape
    rows, columns = x.shape[0] - kh + 1, x.shape[1] - kw + 1
    out = x
    for i in range(rows):
        for j in range(columns):
            out[i, j] = np.sum(x[i : i + kh, j : j + kw] * kernel)
    return out[:rows, :columns]
