"""a4: how far the map of a moved image is from the moved map. Its misconceptions are in `equivariance_mistakes`."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling import meters
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Maps = Callable[[Array], Array]
Shifts = list[tuple[int, int]]

CASES = (
    Case(
        "a convolution moves along: 0 inside",
        (meters.slope_to_the_right, meters.pictures(70, (1, 6, 9, 1)), [(0, 1), (2, -1)], 2),
    ),
    Case(
        "the same, with its border: no longer 0",
        (meters.slope_to_the_right, meters.pictures(71, (2, 5, 8, 2)), [(0, 1), (1, 2)], 0),
    ),
    Case(
        "darker to the right and downwards",
        (meters.vignette, meters.pictures(72, (2, 7, 9, 2)), [(0, 1), (1, 0), (-2, 1)], 2),
    ),
    Case(
        "pooled 2 × 2: even shifts, then odd ones",
        (meters.blocks, meters.pictures(73, (2, 10, 8, 1)), [(2, 0), (0, -2), (1, 0), (0, 1)], 2),
    ),
    Case("zeros around the image", (meters.framed_blur, meters.pictures(74, (3, 6, 7, 1)), [(1, 1), (-1, 2)], 1)),
)


def random_meters(rng: np.random.Generator) -> list[Arguments]:
    """Draw images and shifts for two functions that do not move along."""
    seeds = [int(seed) for seed in rng.integers(2**31, size=2)]
    return [
        (meters.vignette, meters.pictures(seeds[0], (3, 7, 10, 2)), [(1, 0), (0, -1), (2, 3)], 1),
        (meters.blocks, meters.pictures(seeds[1], (2, 10, 8, 1)), [(-1, 2), (2, 1)], 2),
    ]


def convolutions(rng: np.random.Generator) -> list[Arguments]:
    """Draw images for functions that move along, away from the border."""
    x = meters.pictures(int(rng.integers(2**31)), (2, 8, 11, 2))
    return [
        (meters.slope_to_the_right, x, [(1, 2), (-2, 0)], 2),
        (meters.framed_blur, x, [(0, 1), (2, -1)], 3),
        (meters.blocks, x[:, :, :10].copy(), [(2, 0), (0, -2)], 2),
    ]


def read_zero(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (f, _, shifts, margin), gaps in zip(calls, values, strict=True):
        if not np.allclose(gaps, 0, atol=1e-6):
            return (
                f"{f.__name__} moves along by shifts of {shifts}, {margin} pixels from the border, but you measure "
                f"{np.round(gaps, 4).tolist()}"
            )
    return None


def bright_and_dark(rng: np.random.Generator) -> list[Arguments]:
    """Draw images, and the same three times as bright."""
    x, shifts = meters.pictures(int(rng.integers(2**31)), (2, 6, 8, 2)), [(0, 1), (1, -1)]
    return [(meters.vignette, x, shifts, 1), (meters.vignette, 3 * x, shifts, 1)]


def read_the_same(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0], values[1], rtol=1e-4, atol=1e-5):
        return None
    return "with maps three times as bright, the relative gap is another"


def reference(f: Maps, x: Array, shifts: Shifts, margin: int) -> Array:
    """The length of the difference inside, relative to that of the moved map inside."""
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


equivariance_meter = Exercise(
    name="equivariance_meter",
    points=4,
    reference=reference,
    returns=("gaps",),
    cases=CASES,
    properties=[
        Property(
            "what moves along reads 0",
            convolutions,
            read_zero,
            hint="both sides are maps of the moved image: f of the moved images, and the maps at rest, moved in the "
            "same way; then both lose `margin` rows and columns on each side.",
        ),
        Property(
            "three times as bright reads the same",
            bright_and_dark,
            read_the_same,
            hint="divide the length of the difference by the length of the moved maps, both without the margin.",
        ),
        Property("agrees on random images", random_meters),
    ],
    rtol=1e-4,
    atol=1e-6,
)


@equivariance_meter.variant
def with_flat_norms(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for down, right in shifts:
        wanted = np.roll(np.roll(f(x), down, axis=1), right, axis=2)
        found = f(np.roll(np.roll(x, down, axis=1), right, axis=2))
        if margin > 0:
            wanted = wanted[:, margin:-margin, margin:-margin]
            found = found[:, margin:-margin, margin:-margin]
        gaps.append(np.linalg.norm((found - wanted).ravel()) / np.linalg.norm(wanted.ravel()))
    return gaps


@equivariance_meter.variant
def with_a_mask(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    rest = f(x)
    h, w = rest.shape[1:3]
    inside = np.zeros((h, w), dtype=bool)
    inside[margin : h - margin, margin : w - margin] = True
    gaps = np.empty(len(shifts))
    for k, (down, right) in enumerate(shifts):
        moved = np.roll(rest, (down, right), axis=(1, 2))[:, inside]
        change = f(np.roll(x, (down, right), axis=(1, 2)))[:, inside] - moved
        gaps[k] = ((change**2).sum() / (moved**2).sum()) ** 0.5
    return gaps


@equivariance_meter.variant
def place_by_place(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    rest = f(x)
    h, w = rest.shape[1:3]
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        change = length = 0.0
        for i in range(margin, h - margin):
            for j in range(margin, w - margin):
                wanted = rest[:, (i - down) % h, (j - right) % w]
                change += float(((moved[:, i, j] - wanted) ** 2).sum())
                length += float((wanted**2).sum())
        gaps.append(np.sqrt(change) / np.sqrt(length))
    return gaps
