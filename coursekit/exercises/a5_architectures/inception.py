"""a5: GoogLeNet's Inception block. Its misconceptions are in `inception_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.tensors import OPEN_BOOK, kernels, maps
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Widths = tuple[int, int, int, int, int, int]


def weights(seed: int, channels: int, widths: Widths) -> Arguments:
    """Return the six kernels of a block: one, reduce3, three, reduce5, five, pool."""
    one, reduce3, three, reduce5, five, pool = widths
    shapes = [
        (1, 1, channels, one),
        (1, 1, channels, reduce3),
        (3, 3, reduce3, three),
        (1, 1, channels, reduce5),
        (5, 5, reduce5, five),
        (1, 1, channels, pool),
    ]
    return tuple(kernels(seed + i, shape) for i, shape in enumerate(shapes))


CASES = (
    Case("GoogLeNet's first, in miniature", (maps(10, (2, 5, 6, 6)), *weights(11, 6, (4, 6, 8, 2, 3, 2)))),
    Case("four branches of the same width", (maps(20, (1, 4, 5, 3)), *weights(21, 3, (2, 2, 2, 2, 2, 2)))),
    Case("negative everywhere", (-1 - np.abs(maps(30, (1, 4, 3, 4))), *weights(31, 4, (2, 3, 2, 3, 3, 4)))),
    Case("no reductions to speak of: as wide as the input",
         (maps(40, (1, 6, 5, 3)), *weights(41, 3, (3, 3, 2, 3, 4, 1)))),
    Case("a single row", (maps(50, (2, 1, 6, 2)), *weights(51, 2, (3, 2, 4, 2, 3, 2)))),
)  # fmt: skip


def random_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw three blocks."""
    found = []
    for _ in range(3):
        n, h, w, channels = (int(rng.integers(*span)) for span in ((1, 3), (3, 7), (3, 7), (3, 6)))
        drawn: Widths = tuple(int(width) for width in rng.integers(2, 6, 6))  # type: ignore[assignment]
        x = rng.normal(0, 1, (n, h, w, channels)).astype(np.float32)
        found.append((x, *weights(int(rng.integers(2**31)), channels, drawn)))
    return found


def scaled(rng: np.random.Generator) -> list[Arguments]:
    """Draw a block, and the same for an input three times as large."""
    ((x, *rest), *_) = random_blocks(rng)
    return [(x, *rest), (3 * x, *rest)]


def scale_along(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if min(value.min() for value in values) < -1e-6:
        return "there are negative numbers in the output"
    if np.allclose(3 * values[0], values[1], rtol=1e-3, atol=1e-4):
        return None
    return "of an input three times as large, the output is not three times as large"


def reference(x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array) -> Array:
    """Four branches read the same input; every convolution is followed by a ReLU."""
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Array:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


inception_block = Exercise(
    name="inception_block",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "three times the input, three times the output, never negative",
            scaled,
            scale_along,
            hint="convolutions without biases, ReLUs and maxima keep a positive factor; each branch ends in a ReLU.",
        ),
        Property(
            "agrees on random blocks",
            random_blocks,
            hint="the maps are those of 1 × 1, 3 × 3, 5 × 5 and pooling, in this order; find the first wrong branch.",
        ),
    ],
    rtol=1e-3,
    atol=1e-4,
    closed_book=OPEN_BOOK,
)


@inception_block.variant
def window_by_window(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    n, h, w, _ = x.shape

    def conv(maps: Array, kernel: Array) -> Array:
        side = kernel.shape[0]
        framed = np.pad(maps, ((0, 0), (side // 2, side // 2), (side // 2, side // 2), (0, 0)))
        out = np.zeros((n, h, w, kernel.shape[3]))
        for i in range(h):
            for j in range(w):
                out[:, i, j] = np.tensordot(framed[:, i : i + side, j : j + side], kernel, 3)
        return out * (out > 0)

    largest = np.empty_like(x)
    for i in range(h):
        for j in range(w):
            largest[:, i, j] = x[:, max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2].max(axis=(1, 2))
    out = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(out, axis=-1)


@inception_block.variant
def one_by_ones_together(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    first = np.maximum(x @ np.concatenate([one, reduce3, reduce5], axis=3)[0, 0], 0)
    a, b, c = np.split(first, np.cumsum([one.shape[3], reduce3.shape[3]]), axis=3)
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-1e9)
    largest = np.lib.stride_tricks.sliding_window_view(framed, (3, 3), axis=(1, 2)).max(axis=(-2, -1))
    out = [a, conv2d(b, three, pad=1)[0], conv2d(c, five, pad=2)[0], largest @ pool[0, 0]]
    return np.maximum(np.concatenate(out, axis=3), 0)


@inception_block.variant
def with_shifted_images(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    h, w = x.shape[1:3]

    def conv(maps: Array, kernel: Array) -> Any:
        p = len(kernel) // 2
        framed = np.pad(maps, ((0, 0), (p, p), (p, p), (0, 0)))
        sums = sum(framed[:, i : i + h, j : j + w] @ kernel[i, j] for i in range(2 * p + 1) for j in range(2 * p + 1))
        return np.where(sums > 0, sums, 0)

    rows = np.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)), mode="edge")
    rows = np.maximum(np.maximum(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    both = np.pad(rows, ((0, 0), (0, 0), (1, 1), (0, 0)), mode="edge")
    both = np.maximum(np.maximum(both[:, :, :-2], both[:, :, 1:-1]), both[:, :, 2:])
    out = np.zeros((*x.shape[:3], one.shape[3] + three.shape[3] + five.shape[3] + pool.shape[3]))
    end = 0
    for branch in (conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(both, pool)):
        out[..., end : end + branch.shape[3]] = branch
        end += branch.shape[3]
    return out
