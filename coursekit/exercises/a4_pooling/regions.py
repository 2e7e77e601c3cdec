"""a4: maxima on a grid of any number of regions, for an image of any size. Its misconceptions: `regions_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Pair = tuple[int, int]


def sloped(shape: tuple[int, ...]) -> Array:
    """Return an image that grows darker downwards and to the right: the maximum of a region is where it begins."""
    return -np.arange(float(np.prod(shape))).reshape(shape) / 10


CASES = (
    Case("a 6 × 9 image in 2 × 3 regions", (distinct(50, (1, 6, 9, 1)), (2, 3))),
    Case("7 rows in 3 regions, 4 columns in 2", (distinct(51, (2, 7, 4, 2)), (3, 2))),
    Case("growing darker, 8 columns in 3 regions", (sloped((1, 2, 8, 1)), (1, 3))),
    Case("growing brighter, 5 rows in 4 regions", (-sloped((1, 5, 3, 1)), (4, 1))),
    Case("one region: the global maximum", (distinct(52, (2, 5, 6, 3), -12.0), (1, 1))),
    Case("as many regions as pixels", (distinct(53, (1, 3, 4, 1)), (3, 4))),
    Case("more regions than pixels", (distinct(54, (1, 2, 3, 2)), (3, 5))),
)


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw images whose sides do not divide by the number of regions."""
    return [
        (rng.normal(-1, 2, (2, 8, 11, 2)), (3, 4)),
        (rng.normal(-1, 2, (1, 10, 7, 3)), (4, 3)),
        (rng.normal(-1, 2, (2, 13, 5, 1)), (5, 2)),
    ]


def mirrored(rng: np.random.Generator) -> list[Arguments]:
    """Draw an image, and the same turned by 180°."""
    x = rng.normal(-1, 2, (1, 8, 11, 2))
    return [(x, (3, 4)), (x[:, ::-1, ::-1].copy(), (3, 4))]


def mirrors_the_regions(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0][:, ::-1, ::-1], values[1], rtol=1e-4, atol=1e-5):
        return None
    return "of the image turned by 180°, the regions are not those of the image turned by 180°"


def reference(x: Array, regions: Pair) -> Array:
    """A region begins at the pixel into which its share of the side begins, and ends after the one in which it ends."""
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


adaptive_pool = Exercise(
    name="adaptive_pool",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "a turned image has turned regions",
            mirrored,
            mirrors_the_regions,
            hint="rounding the start down and the end up treats both ends alike; check which of your two is rounded "
            "otherwise.",
        ),
        Property(
            "agrees on random images",
            random_images,
            hint="write down where the 3 regions of 8 pixels begin and end: 0 to 3, 2 to 6, 5 to 8.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@adaptive_pool.variant
def with_floor_and_ceil(x: Array, regions: Pair) -> Any:
    out = np.empty((x.shape[0], regions[0], regions[1], x.shape[3]))
    for i in range(regions[0]):
        top = int(np.floor(i * x.shape[1] / regions[0]))
        bottom = int(np.ceil((i + 1) * x.shape[1] / regions[0]))
        for j in range(regions[1]):
            left = int(np.floor(j * x.shape[2] / regions[1]))
            right = int(np.ceil((j + 1) * x.shape[2] / regions[1]))
            out[:, i, j, :] = np.max(x[:, top:bottom, left:right, :], axis=(1, 2))
    return out


@adaptive_pool.variant
def rows_first_and_then_columns(x: Array, regions: Pair) -> Any:
    for axis, k in zip((1, 2), regions):
        n = x.shape[axis]
        parts = [x.take(range(i * n // k, ((i + 1) * n + k - 1) // k), axis=axis).max(axis=axis) for i in range(k)]
        x = np.stack(parts, axis=axis)
    return x


@adaptive_pool.variant
def pixel_by_pixel(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.full((n, *regions, channels), -np.inf)
    for row, column in np.ndindex(h, w):
        for i, j in np.ndindex(*regions):
            # Pixel and region overlap if each begins before the other ends; in units of 1 / (pixels · regions).
            meets_rows = row * regions[0] < (i + 1) * h and i * h < (row + 1) * regions[0]
            meets_columns = column * regions[1] < (j + 1) * w and j * w < (column + 1) * regions[1]
            if meets_rows and meets_columns:
                out[:, i, j] = np.maximum(out[:, i, j], x[:, row, column])
    return out


@adaptive_pool.variant
def by_enlarging_the_image(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    large = np.repeat(np.repeat(x, regions[0], axis=1), regions[1], axis=2)
    return large.reshape(n, regions[0], h, regions[1], w, channels).max(axis=(2, 4))
