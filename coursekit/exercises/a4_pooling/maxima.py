"""a4: max pooling, forward. Its misconceptions are in `maxima_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Pair = tuple[int, int]

CASES = (
    Case("windows that touch", (distinct(1, (1, 4, 6, 1)), (2, 2), (2, 2))),
    Case("negative pixels only", (distinct(2, (1, 4, 5, 1), -5.0), (2, 2), (2, 1))),
    Case("windows that overlap, two images of three channels", (distinct(3, (2, 7, 9, 3)), (3, 3), (2, 2))),
    Case("a row and two columns left over", (distinct(4, (1, 5, 8, 2)), (2, 3), (2, 3))),
    Case("tall windows, other strides", (distinct(5, (2, 8, 6, 1)), (4, 2), (1, 3))),
    Case("a single row of pixels", (distinct(6, (1, 1, 8, 2)), (1, 3), (1, 2))),
    Case("a window as large as the image", (distinct(7, (2, 4, 3, 2)), (4, 3), (1, 1))),
)


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide and a tall image; windows overlap along one axis and leave pixels over."""
    return [
        (rng.normal(-1, 2, (2, 6, 10, 2)), (2, 4), (3, 3)),
        (rng.normal(-1, 2, (3, 11, 7, 3)), (3, 2), (2, 2)),
    ]


def together_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw two images of three channels, and one channel of the second alone."""
    x = rng.normal(-1, 2, (2, 5, 7, 3))
    return [(x, (2, 3), (1, 2)), (x[1:, :, :, 2:].copy(), (2, 3), (1, 2))]


def same_together_and_alone(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0][1:, :, :, 2:], values[1], rtol=1e-4, atol=1e-5):
        return None
    return "channel 2 of image 1 is pooled otherwise when it comes alone"


def lifted(rng: np.random.Generator) -> list[Arguments]:
    """Draw an image, and the same with 10 subtracted, so that all of it is negative."""
    x = rng.normal(0, 2, (1, 5, 8, 2))
    return [(x, (2, 3), (2, 2)), (x - 10, (2, 3), (2, 2))]


def moves_along(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    lost = values[0] - values[1]
    wrong = ~np.isclose(lost, 10, rtol=1e-4, atol=1e-4)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"every pixel lost 10, but out[{', '.join(map(str, index))}] lost {lost[index]:.6g}"


def reference(x: Array, size: Pair, stride: Pair) -> Array:
    """One window of all images and channels at a time."""
    n, h, w, channels = x.shape
    out = np.zeros((n, (h - size[0]) // stride[0] + 1, (w - size[1]) // stride[1] + 1, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
    return out


max_pool = Exercise(
    name="max_pool",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "images and channels do not see each other",
            together_and_alone,
            same_together_and_alone,
            hint="a window spans rows and columns only: pool each channel of each image by itself.",
        ),
        Property(
            "10 taken from every pixel is taken from every maximum",
            lifted,
            moves_along,
            hint="something that is no pixel takes part in the comparison, such as a 0, or absolute values are "
            "compared.",
        ),
        Property(
            "agrees on random images",
            random_images,
            hint="compute out[0, 0, 1, 0] by hand: the largest of the window that starts at column `stride[1]` of row "
            "0.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@max_pool.variant
def with_a_view_of_windows(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].max(axis=(4, 5))


@max_pool.variant
def by_pixels_of_the_window(x: Array, size: Pair, stride: Pair) -> Any:
    rows, columns = (x.shape[1] - size[0]) // stride[0] + 1, (x.shape[2] - size[1]) // stride[1] + 1
    out = np.full((len(x), rows, columns, x.shape[3]), -np.inf)
    for k in range(size[0]):
        for m in range(size[1]):
            pixel = x[:, k : k + stride[0] * rows : stride[0], m : m + stride[1] * columns : stride[1]]
            out = np.maximum(out, pixel[:, :rows, :columns])
    return out


@max_pool.variant
def number_by_number(x: Array, size: Pair, stride: Pair) -> Any:
    n, h, w, channels = x.shape
    rows, columns = (h - size[0]) // stride[0] + 1, (w - size[1]) // stride[1] + 1
    out = np.empty((n, rows, columns, channels))
    for b, i, j, c in np.ndindex(out.shape):
        largest = x[b, i * stride[0], j * stride[1], c]
        for k in range(size[0]):
            for m in range(size[1]):
                largest = max(largest, x[b, i * stride[0] + k, j * stride[1] + m, c])
        out[b, i, j, c] = largest
    return out


@max_pool.variant
def rows_first_and_then_columns(x: Array, size: Pair, stride: Pair) -> Any:
    rows = [x[:, t : t + size[0]].max(axis=1) for t in range(0, x.shape[1] - size[0] + 1, stride[0])]
    tall = np.stack(rows, axis=1)
    columns = [tall[:, :, t : t + size[1]].max(axis=2) for t in range(0, x.shape[2] - size[1] + 1, stride[1])]
    return np.stack(columns, axis=2)
