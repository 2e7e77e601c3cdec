"""Max pooling along a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_rows(rng: np.random.Generator) -> list[Arguments]:
    """Draw rows of both signs, with windows that overlap, touch, leave gaps or leave a rest."""
    return [
        (rng.normal(0, 2, n), width, stride) for n, width, stride in ((9, 3, 2), (10, 4, 3), (11, 2, 3), (12, 5, 1))
    ]


def lifted_rows(rng: np.random.Generator) -> list[Arguments]:
    """Draw a row, and the same row with 10 subtracted, so that all of it is negative."""
    row = rng.normal(0, 2, 11)
    return [(row, 4, 3), (row - 10, 4, 3)]


def moves_along(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    before, after = (np.asarray(value) for value in values)
    if before.shape == after.shape and np.allclose(before - 10, after):
        return None
    return f"the row lost 10 everywhere, and its maxima went from {before} to {after}"


def pool_row_reference(row: Array, width: int, stride: int) -> Array:
    """Take the maximum of each window that lies wholly on the row."""
    starts = range(0, len(row) - width + 1, stride)
    return np.array([row[start : start + width].max() for start in starts])


pool_row = Exercise(
    name="pool_row",
    points=0,
    reference=pool_row_reference,
    returns=("maxima",),
    cases=(
        Case("seven detectors, width 3, stride 2", (np.array([0.2, 0.7, 0.1, 0.4, 0.9, 0.3, 0.5]), 3, 2)),
        Case("six detectors, width 3, stride 2: one left over", (np.array([0.1, 1.0, 0.2, 0.1, 0.0, 0.6]), 3, 2)),
        Case("whole numbers, width 2, stride 1", (np.array([4, 1, 3, 7, 2]), 2, 1)),
        Case("only negative numbers", (np.array([-3.0, -1.0, -2.0, -5.0, -4.0, -6.0, -2.5]), 2, 2)),
        Case("gaps: width 2, stride 3", (np.array([5.0, 2.0, 8.0, 1.0, 3.0, 9.0, 4.0, 6.0]), 2, 3)),
    ),
    properties=[
        Property("agrees on random rows", random_rows),
        Property(
            "a constant taken from the row is taken from the maxima",
            lifted_rows,
            moves_along,
            hint="look for a 0 that takes part in the comparison: padding, or an initial value.",
        ),
    ],
)


@pool_row.variant
def pool_row_from_a_view(row: Array, width: int, stride: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(row, width)[::stride].max(axis=1)


@pool_row.variant
def pool_row_walking(row: Array, width: int, stride: int) -> Any:
    maxima, start = [], 0
    while start + width <= len(row):
        largest = row[start]
        for value in row[start + 1 : start + width]:
            if value > largest:
                largest = value
        maxima.append(largest)
        start += stride
    return maxima


@pool_row.variant
def pool_row_by_shifts(row: Array, width: int, stride: int) -> Any:
    count = (len(row) - width) // stride + 1
    shifted = [row[k : k + stride * (count - 1) + 1 : stride] for k in range(width)]
    return np.maximum.reduce(shifted)


@pool_row.misconception("the stride is ignored: the windows start at 0, stride, 2 · stride and so on.")
def moves_by_one(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].max() for i in range(len(row) - width + 1)])


@pool_row.misconception("the windows move by their width, so they never overlap; move them by the stride.")
def moves_by_the_width(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].max() for i in range(0, len(row) - width + 1, width)])


@pool_row.misconception("a window at the end is incomplete; here only windows that lie wholly on the row count.")
def keeps_the_rest(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].max() for i in range(0, len(row), stride)])


@pool_row.misconception("the last window is missing: one that ends exactly at the row's end still counts.")
def drops_the_last_window(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].max() for i in range(0, len(row) - width, stride)])


@pool_row.misconception("that is the average of each window; asked for is its largest value.")
def averages(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].mean() for i in range(0, len(row) - width + 1, stride)])


@pool_row.misconception("a window of negative numbers gave 0: start the comparison from the window's own values.")
def starts_from_zero(row: Array, width: int, stride: int) -> Any:
    return np.array([max(0.0, row[i : i + width].max()) for i in range(0, len(row) - width + 1, stride)])


@pool_row.misconception("those are the places of the maxima, counted within each window; asked for are the values.")
def gives_places(row: Array, width: int, stride: int) -> Any:
    return np.array([row[i : i + width].argmax() for i in range(0, len(row) - width + 1, stride)])
