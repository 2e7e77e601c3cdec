"""a4: how much features change when images move. Its misconceptions are in `invariance_mistakes`."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling import meters
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Features = Callable[[Array], Array]
Shifts = list[tuple[int, int]]

CASES = (
    Case("edges, moved to the right", (meters.edges, meters.pictures(60, (1, 4, 7, 1)), [(0, 1), (0, 2)])),
    Case("edges, moved up and down", (meters.edges, meters.pictures(61, (2, 5, 6, 2)), [(1, 0), (-1, 0), (3, 0)])),
    Case("pooled edges, moved both ways", (meters.pooled_edges, meters.pictures(62, (3, 5, 8, 1)), [(1, -2), (2, 1)])),
    Case("the mean of each row, moved to the side and down", (meters.by_rows, meters.pictures(63, (2, 6, 4, 1)),
                                                               [(0, 1), (1, 0), (1, 1)])),
    Case("the global maximum", (meters.strongest_edges, meters.pictures(64, (2, 4, 5, 3)), [(1, 1), (-2, 3)])),
    Case("not moved at all", (meters.pooled_edges, meters.pictures(65, (2, 5, 5, 2)), [(0, 0)])),
)  # fmt: skip


def random_meters(rng: np.random.Generator) -> list[Arguments]:
    """Draw images and shifts for two functions."""
    seeds = [int(seed) for seed in rng.integers(2**31, size=2)]
    return [
        (meters.edges, meters.pictures(seeds[0], (3, 6, 9, 2)), [(1, 0), (0, -1), (2, 3)]),
        (meters.pooled_edges, meters.pictures(seeds[1], (4, 9, 6, 1)), [(-1, 2), (2, 0)]),
    ]


def blind_functions(rng: np.random.Generator) -> list[Arguments]:
    """Draw images for functions that notice no shift, or none to the side."""
    x = meters.pictures(int(rng.integers(2**31)), (3, 5, 8, 2))
    return [(meters.brightness, x, [(1, 2), (-3, 0)]), (meters.by_rows, x, [(0, 3), (0, -1)])]


def read_zero(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (f, _, shifts), gaps in zip(calls, values, strict=True):
        if not np.allclose(gaps, 0, atol=1e-6):
            return f"{f.__name__} is the same for shifts of {shifts}, but you measure {np.round(gaps, 4).tolist()}"
    return None


def bright_and_dark(rng: np.random.Generator) -> list[Arguments]:
    """Draw images, and the same three times as bright."""
    x, shifts = meters.pictures(int(rng.integers(2**31)), (3, 6, 7, 2)), [(0, 1), (2, -1)]
    return [(meters.edges, x, shifts), (meters.edges, 3 * x, shifts)]


def read_the_same(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0], values[1], rtol=1e-4, atol=1e-5):
        return None
    return "with features three times as large, the relative change is another"


def reference(f: Features, x: Array, shifts: Shifts) -> Array:
    """The length of the difference, relative to that of the features at rest; all images together."""
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


invariance_meter = Exercise(
    name="invariance_meter",
    points=3,
    reference=reference,
    returns=("gaps",),
    cases=CASES,
    properties=[
        Property(
            "what does not notice a shift reads 0",
            blind_functions,
            read_zero,
            hint="compare f of the moved images with f of the images at rest; if both are equal, the gap is 0.",
        ),
        Property(
            "three times as bright reads the same",
            bright_and_dark,
            read_the_same,
            hint="divide the length of the difference by the length of the features at rest.",
        ),
        Property("agrees on random images", random_meters),
    ],
    rtol=1e-4,
    atol=1e-6,
)


@invariance_meter.variant
def with_flat_norms(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = np.ravel(f(x))
    moved = [np.ravel(f(np.roll(np.roll(x, down, axis=1), right, axis=2))) for down, right in shifts]
    return [np.linalg.norm(each - rest) / np.linalg.norm(rest) for each in moved]


@invariance_meter.variant
def with_indices(f: Features, x: Array, shifts: Shifts) -> Any:
    _, h, w, _ = x.shape
    gaps = np.empty(len(shifts))
    for k, (down, right) in enumerate(shifts):
        rows, columns = (np.arange(h) - down) % h, (np.arange(w) - right) % w
        change = f(x[:, rows][:, :, columns]) - f(x)
        gaps[k] = (change**2).sum() ** 0.5 / (f(x) ** 2).sum() ** 0.5
    return gaps


@invariance_meter.variant
def image_by_image(f: Features, x: Array, shifts: Shifts) -> Any:
    gaps = []
    for shift in shifts:
        change = length = 0.0
        for i in range(len(x)):
            rest, moved = f(x[i : i + 1]), f(np.roll(x[i : i + 1], shift, axis=(1, 2)))
            change += float(((moved - rest) ** 2).sum())
            length += float((rest**2).sum())
        gaps.append((change / length) ** 0.5)
    return gaps
