"""a4: average pooling, forward and backward in one call. Its misconceptions are in `averages_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct, pooled_shape, slopes
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Pair = tuple[int, int]
Answer = tuple[Any, Any]


def layer(seed: int, x: Array, size: Pair, stride: Pair) -> Arguments:
    """Return the arguments for these images, with a slope for each output."""
    return x, slopes(seed, pooled_shape(x.shape, size, stride)), size, stride


CASES = (
    Case("windows that touch", layer(1, distinct(20, (1, 4, 6, 1)), (2, 2), (2, 2))),
    Case("wide windows, two images of three channels", layer(2, distinct(21, (2, 4, 9, 3)), (2, 3), (2, 3))),
    Case("overlap: 3 × 3 with stride 2", layer(3, distinct(22, (1, 5, 7, 2)), (3, 3), (2, 2))),
    Case("two rows and a column left over", layer(4, distinct(23, (1, 8, 7, 2)), (3, 2), (3, 2))),
    Case("gaps between the windows", layer(5, distinct(24, (2, 6, 8, 1)), (2, 2), (4, 3))),
    Case("a single column of pixels", layer(6, distinct(25, (1, 7, 1, 2)), (3, 1), (2, 1))),
    Case("whole-number pixels", layer(7, (10 * distinct(26, (1, 4, 5, 1))).round().astype(int), (2, 3), (1, 2))),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide and a tall layer; windows overlap along one axis and leave pixels over."""
    return [
        layer(int(rng.integers(2**31)), rng.normal(1, 2, (2, 6, 10, 2)), (2, 4), (3, 3)),
        layer(int(rng.integers(2**31)), rng.normal(1, 2, (3, 9, 6, 1)), (3, 2), (2, 3)),
    ]


def other_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw two layers with the same slopes and other images."""
    seed = int(rng.integers(2**31))
    return [layer(seed, rng.normal(mean, 2, (2, 5, 7, 2)), (3, 2), (1, 2)) for mean in (0, 3)]


def same_slopes(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    if np.allclose(values[0][1], values[1][1], rtol=1e-4, atol=1e-5):
        return None
    return "with other pixels and the same dout, dx is another"


def products_agree(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (x, dout, *_), (out, dx) in zip(calls, values, strict=True):
        forward, backward = float(np.sum(out * dout)), float(np.sum(x * dx))
        if not np.isclose(forward, backward, rtol=1e-4, atol=1e-3):
            return f"sum(out * dout) is {forward:.6g}, but sum(x * dx) is {backward:.6g}"
    return None


def reference(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    """Each output is the mean of its window, and hands every pixel of it an equal share of its slope."""
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


average_pool = Exercise(
    name="average_pool",
    points=4,
    reference=reference,
    returns=("out", "dx"),
    cases=CASES,
    properties=[
        Property(
            "dx does not depend on the pixels",
            other_images,
            same_slopes,
            hint="an average has the same slope for bright and dark pixels: 1 / the number of pixels.",
        ),
        Property(
            "out and dx tell the same story",
            random_layers,
            products_agree,
            hint="both sums are pixel × slope / pixels of the window, over all windows; one of your two misses some of "
            "its terms, or weighs them otherwise.",
        ),
        Property("agrees on random layers", random_layers),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@average_pool.variant
def number_by_number(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    pixels = size[0] * size[1]
    for b, i, j, c in np.ndindex(dout.shape):
        for k in range(size[0]):
            for m in range(size[1]):
                row, column = i * stride[0] + k, j * stride[1] + m
                out[b, i, j, c] += x[b, row, column, c] / pixels
                dx[b, row, column, c] += dout[b, i, j, c] / pixels
    return out, dx


@average_pool.variant
def by_pixels_of_the_window(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    _, rows, columns, _ = dout.shape
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for k, m in np.ndindex(*size):
        down = slice(k, k + stride[0] * (rows - 1) + 1, stride[0])
        along = slice(m, m + stride[1] * (columns - 1) + 1, stride[1])
        out += x[:, down, along]
        dx[:, down, along] += dout
    return out / np.prod(size), dx / np.prod(size)


@average_pool.variant
def with_matrices_for_rows_and_columns(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    matrices = []
    for axis in (0, 1):
        matrix = np.zeros((dout.shape[axis + 1], x.shape[axis + 1]))
        for i in range(len(matrix)):
            matrix[i, i * stride[axis] : i * stride[axis] + size[axis]] = 1 / size[axis]
        matrices.append(matrix)
    rows, columns = matrices
    return np.einsum("ih,jw,nhwc->nijc", rows, columns, x), np.einsum("ih,jw,nijc->nhwc", rows, columns, dout)


@average_pool.variant
def with_views_and_add_at(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    view = np.lib.stride_tricks.sliding_window_view
    out = view(x, size, axis=(1, 2))[:, :: stride[0], :: stride[1]].mean(axis=(-2, -1))
    names = view(np.arange(x.size).reshape(x.shape), size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    dx = np.zeros(x.size)
    np.add.at(dx, names, dout[..., np.newaxis, np.newaxis] / names[0, 0, 0, 0].size)
    return out, dx.reshape(x.shape)
