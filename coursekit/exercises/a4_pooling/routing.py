"""a4: the way back through max pooling. Its misconceptions are in `routing_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct, pooled_shape, slopes
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Pair = tuple[int, int]


def layer(seed: int, x: Array, size: Pair, stride: Pair) -> Arguments:
    """Return the arguments for these images, with a slope for each output."""
    return slopes(seed, pooled_shape(x.shape, size, stride)), x, size, stride


def bright_pixel() -> Array:
    """Return an image in which one pixel wins nearly every window."""
    x = distinct(11, (1, 5, 6, 1))
    x[0, 2, 3] = 9
    return x


# In each window 5 is there twice: the first by rows is at the top right, the first by columns at the bottom left.
TWINS = np.array([[1.0, 5, 2, 5], [5, 0, 5, 3], [4, 1, 6, 7], [2, 4, 7, 0]])[np.newaxis, :, :, np.newaxis]

CASES = (
    Case("windows that touch", layer(1, distinct(10, (1, 4, 6, 1)), (2, 2), (2, 2))),
    Case("overlap: a bright pixel wins many windows", layer(2, bright_pixel(), (3, 3), (1, 1))),
    Case("after a ReLU: windows of zeros", layer(3, np.maximum(distinct(12, (2, 4, 7, 2)) - 6, 0), (2, 3), (2, 2))),
    Case("equal maxima", layer(4, TWINS, (2, 2), (2, 2))),
    Case("a row and two columns left over, three channels", layer(5, distinct(13, (1, 5, 8, 3)), (2, 3), (2, 3))),
    Case("negative pixels only, two images", layer(6, distinct(14, (2, 6, 5, 1), -9.0), (3, 2), (2, 1))),
    Case("whole-number pixels", layer(7, (distinct(15, (1, 4, 5, 2)) * 10).round().astype(int), (2, 2), (1, 2))),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw detectors after a ReLU, so that zeros tie, and images without ties; windows overlap or leave pixels over."""
    after_relu = np.maximum(rng.normal(-0.5, 1, (2, 6, 9, 2)), 0)
    return [
        layer(int(rng.integers(2**31)), after_relu, (2, 3), (2, 2)),
        layer(int(rng.integers(2**31)), rng.normal(0, 2, (2, 8, 5, 3)), (3, 2), (2, 2)),
    ]


def overlapping_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw small windows that overlap much, on images after a ReLU."""
    x = np.maximum(rng.normal(-0.5, 1, (2, 5, 6, 2)), 0)
    return [layer(int(rng.integers(2**31)), x, (3, 2), (1, 1))]


def keeps_the_sums(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (dout, *_), dx in zip(calls, values, strict=True):
        came, arrived = dout.sum(axis=(1, 2)), dx.sum(axis=(1, 2))
        wrong = ~np.isclose(came, arrived, rtol=1e-4, atol=1e-4)
        if wrong.any():
            b, c = (int(i) for i in np.argwhere(wrong)[0])
            return f"channel {c} of image {b}: slopes of sum {came[b, c]:.6g} came in, {arrived[b, c]:.6g} arrived"
    return None


def reference(dout: Array, x: Array, size: Pair, stride: Pair) -> Array:
    """Add each output's slope at the first maximum of its window."""
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        place = x[b, top : top + size[0], left : left + size[1], c].argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx


max_pool_backward = Exercise(
    name="max_pool_backward",
    points=6,
    reference=reference,
    returns=("dx",),
    cases=CASES,
    properties=[
        Property(
            "what comes in arrives, in each channel of each image",
            overlapping_layers,
            keeps_the_sums,
            hint="each output hands all of its slope to one pixel of its own channel; a pixel that wins several "
            "windows "
            "adds up what they hand to it.",
        ),
        Property(
            "agrees on random layers",
            random_layers,
            hint="set dout to 0 but for a single 1: then dx is 1 at the first maximum of that window and 0 elsewhere.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@max_pool_backward.variant
def searching_by_hand(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    n, rows, columns, channels = dout.shape
    for b in range(n):
        for c in range(channels):
            for i in range(rows):
                for j in range(columns):
                    down, right = i * stride[0], j * stride[1]
                    for k in range(i * stride[0], i * stride[0] + size[0]):
                        for m in range(j * stride[1], j * stride[1] + size[1]):
                            if x[b, k, m, c] > x[b, down, right, c]:
                                down, right = k, m
                    dx[b, down, right, c] += dout[b, i, j, c]
    return dx


@max_pool_backward.variant
def with_add_at(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    places = windows.reshape(*windows.shape[:4], -1).argmax(axis=-1)
    down, right = np.unravel_index(places, size)
    b, i, j, c = np.indices(dout.shape)
    dx = np.zeros(x.shape)
    np.add.at(dx, (b, i * stride[0] + down, j * stride[1] + right, c), dout)
    return dx


@max_pool_backward.variant
def with_bincount(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    numbers = np.arange(x.size).reshape(x.shape)
    view = np.lib.stride_tricks.sliding_window_view
    windows, names = (view(a, size, axis=(1, 2))[:, :: stride[0], :: stride[1]] for a in (x, numbers))
    flat = windows.reshape(dout.size, -1)
    winners = names.reshape(dout.size, -1)[np.arange(dout.size), flat.argmax(axis=1)]
    return np.bincount(winners, weights=dout.ravel(), minlength=x.size).reshape(x.shape)


@max_pool_backward.variant
def by_pixels_of_the_window(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    _, rows, columns, _ = dout.shape
    pixels = [
        (slice(k, k + stride[0] * (rows - 1) + 1, stride[0]), slice(m, m + stride[1] * (columns - 1) + 1, stride[1]))
        for k in range(size[0])
        for m in range(size[1])
    ]
    largest = np.max([x[:, down, along] for down, along in pixels], axis=0)
    waiting, dx = np.ones(dout.shape, dtype=bool), np.zeros(x.shape)
    for down, along in pixels:
        won = waiting & (x[:, down, along] == largest)
        dx[:, down, along] += np.where(won, dout, 0)
        waiting = waiting & ~won
    return dx
