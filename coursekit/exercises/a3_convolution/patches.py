"""a3: every window of every image as one row of a matrix, which turns a convolution into a matrix product."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Size = tuple[int, int]


def numbered(*shape: int) -> Array:
    """Return images whose pixels are numbered, so that one sees where each came from."""
    return np.arange(1.0, np.prod(shape) + 1).reshape(shape)


CASES = (
    Case("a grey image of 3 × 4 numbered pixels", (numbered(1, 3, 4, 1), (2, 3))),
    Case("two wide images of three colours", (numbered(2, 4, 6, 3), (3, 2))),
    Case("padded by one", (numbered(1, 3, 4, 2), (2, 3), 1, 1)),
    Case("stride 2, a row and a column left over", (numbered(1, 6, 9, 2), (3, 2), 2)),
    Case("two tall images, stride 3, padded by two", (numbered(2, 8, 5, 2), (3, 2), 3, 2)),
    Case("a kernel as large as the image", (numbered(2, 3, 4, 2), (3, 4))),
    Case("a single row of pixels", (numbered(1, 1, 6, 2), (1, 3))),
)


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw wide images, and tall ones with stride 2, whose windows leave pixels over, and padding."""
    return [(rng.normal(0, 1, (2, 5, 8, 3)), (3, 2)), (rng.normal(0, 1, (3, 8, 4, 2)), (3, 3), 2, 1)]


def tiles(rng: np.random.Generator) -> list[Arguments]:
    """Draw images that windows cover like tiles."""
    return [(rng.normal(0, 1, (2, 4, 4, 3)), (2, 2), 2)]


def each_pixel_once(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    pixels, entries = np.sort(calls[0][0], axis=None), np.sort(values[0], axis=None)
    if np.allclose(pixels, entries, rtol=1e-4, atol=1e-5):
        return None
    return "the entries of the matrix are not the pixels of the images, each of them once"


def together_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw two images, and each of them alone."""
    x, size = random_images(rng)[0]
    return [(x, size), (x[:1].copy(), size), (x[1:].copy(), size)]


def one_below_the_other(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    both, first, second = values
    if np.allclose(both, np.concatenate([first, second]), rtol=1e-4, atol=1e-5):
        return None
    return "the rows of two images are not the rows of the first, and below them those of the second"


def reference(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    """Cut out the windows one by one, in reading order; `ravel` reads (row, column, channel)."""
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for image in padded:
        for i in range(0, image.shape[0] - kh + 1, stride):
            for j in range(0, image.shape[1] - kw + 1, stride):
                rows.append(image[i : i + kh, j : j + kw].ravel())
    return np.array(rows)


im2col = Exercise(
    name="im2col",
    points=4,
    reference=reference,
    returns=("matrix",),
    cases=CASES,
    properties=[
        Property(
            "with windows like tiles, each pixel comes once",
            tiles,
            each_pixel_once,
            hint="2 × 2 windows with stride 2 neither overlap nor leave gaps; is a window cut out in the wrong place?",
        ),
        Property(
            "each image has its own rows",
            together_and_alone,
            one_below_the_other,
            hint="images come one after the other: all windows of image 0 first, then those of image 1.",
        ),
        Property(
            "agrees on random images",
            random_images,
            hint="look at row 1 of the numbered image: it is the window one stride to the right of the first, read row "
            "by row, with the channels of each pixel side by side.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@im2col.variant
def with_sliding_windows(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.variant
def one_place_in_the_window_at_a_time(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    (n, h, w, c), (kh, kw) = x.shape, kernel_size
    padded = np.zeros((n, h + 2 * pad, w + 2 * pad, c))
    padded[:, pad : pad + h, pad : pad + w] = x
    high, wide = (h + 2 * pad - kh) // stride + 1, (w + 2 * pad - kw) // stride + 1
    matrix = np.empty((n, high, wide, kh, kw, c))
    for k in range(kh):
        for m in range(kw):
            down, along = slice(k, k + stride * (high - 1) + 1, stride), slice(m, m + stride * (wide - 1) + 1, stride)
            matrix[:, :, :, k, m] = padded[:, down, along]
    return matrix.reshape(n * high * wide, kh * kw * c)


@im2col.variant
def with_arrays_of_indices(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    (kh, kw), c = kernel_size, x.shape[3]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    i = np.arange(0, padded.shape[1] - kh + 1, stride)[:, None, None, None] + np.arange(kh)[:, None]
    j = np.arange(0, padded.shape[2] - kw + 1, stride)[:, None, None] + np.arange(kw)
    return padded[:, i, j].reshape(-1, kh * kw * c)


@im2col.misconception(
    "within a row the channels come first: all pixels of channel 0, then of channel 1. The order is (row, column, "
    "channel), with the channels of a pixel side by side."
)
def puts_channels_first(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("a window is read column by column; read it row by row, like `weights.reshape(-1, c_out)`.")
def reads_windows_column_by_column(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 5, 4, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("windows are read backwards, as if the kernel were turned; a layer turns nothing.")
def reads_windows_backwards(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for image in padded:
        for i in range(0, image.shape[0] - kh + 1, stride):
            for j in range(0, image.shape[1] - kw + 1, stride):
                rows.append(image[i : i + kh, j : j + kw][::-1, ::-1].ravel())
    return np.array(rows)


@im2col.misconception("every window is a column (hence the function's name), but here it should be a row.")
def makes_windows_columns(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3]).T


@im2col.misconception("the windows go down the image first, then to the right; they should go along a row first.")
def goes_down_before_it_goes_right(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for image in padded:
        for j in range(0, image.shape[1] - kw + 1, stride):
            for i in range(0, image.shape[0] - kh + 1, stride):
                rows.append(image[i : i + kh, j : j + kw].ravel())
    return np.array(rows)


@im2col.misconception(
    "the images take turns: window 0 of each, then window 1 of each. All windows of an image should stay together."
)
def lets_the_images_take_turns(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for i in range(0, padded.shape[1] - kh + 1, stride):
        for j in range(0, padded.shape[2] - kw + 1, stride):
            for image in padded:
                rows.append(image[i : i + kh, j : j + kw].ravel())
    return np.array(rows)


@im2col.misconception("each image has a matrix of its own, along a third axis; put them into one, one below the other.")
def makes_a_matrix_an_image(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(len(x), -1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("the zeros stand before the image only; `pad` goes on each side.")
def pads_one_side(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, 0), (pad, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("beyond its border the image goes on at the opposite one; there should be zeros.")
def wraps_around(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="wrap")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("`stride` is not used: windows start at every pixel, not at every stride-th.")
def ignores_stride(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("the stride is applied to the rows only; the windows move by it along the columns too.")
def strides_along_one_axis(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])


@im2col.misconception("the last windows of each row and column are missing: h pixels have room for h − kh + 1 starts.")
def stops_one_window_early(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = kernel_size
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = []
    for image in padded:
        for i in range(0, image.shape[0] - kh, stride):
            for j in range(0, image.shape[1] - kw, stride):
                rows.append(image[i : i + kh, j : j + kw].ravel())
    return np.array(rows)


@im2col.misconception(
    "windows that hang over the edge were added, filled up with zeros; what is left over should be dropped."
)
def rounds_the_number_up(x: Array, kernel_size: Size, stride: int = 1, pad: int = 0) -> Any:
    spare = [-(size + 2 * pad - k) % stride for size, k in zip(x.shape[1:3], kernel_size)]
    padded = np.pad(x, ((0, 0), (pad, pad + spare[0]), (pad, pad + spare[1]), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(1, 2))[:, ::stride, ::stride]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, kernel_size[0] * kernel_size[1] * x.shape[3])
