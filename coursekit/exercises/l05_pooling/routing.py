"""The way back through max pooling of a row."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_rows(rng: np.random.Generator) -> list[Arguments]:
    """Draw rows after a ReLU, so that zeros tie, with windows that overlap, touch or leave a rest."""
    calls: list[Arguments] = []
    for n, width, stride in ((9, 3, 2), (10, 4, 3), (12, 5, 1), (13, 3, 3)):
        count = (n - width) // stride + 1
        calls.append((np.maximum(rng.normal(0, 2, n), 0), rng.uniform(0.5, 2, count), width, stride))
    return calls


def keeps_the_sum(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (_, upstream, _, _), value in zip(calls, values):
        given, received = float(np.sum(upstream)), float(np.sum(value))
        if not np.isclose(given, received):
            return f"gradients of sum {given:.6g} came in, {received:.6g} arrived"
    return None


def unpool_row_reference(row: Array, upstream: Array, width: int, stride: int) -> Array:
    """Add each window's gradient at the place of its first maximum."""
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        start = window * stride
        drow[start + np.argmax(row[start : start + width])] += gradient
    return drow


unpool_row = Exercise(
    name="unpool_row",
    points=0,
    reference=unpool_row_reference,
    returns=("drow",),
    cases=(
        Case("windows that touch", (np.array([1.0, 4.0, 3.0, 2.0, 0.5, 6.0, 9.0]), np.array([10.0, 20.0, 30.0]), 2, 2)),
        Case(
            "overlap: one pixel wins two windows",
            (np.array([0.1, 0.4, 1.0, 0.2, 0.3, 0.6, 0.5]), np.array([5.0, 7.0, 11.0]), 3, 2),
        ),
        Case("a window of zeros, after a ReLU", (np.array([0.0, 0.0, 0.0, 0.0, 2.0, 1.0]), np.array([3.0, 8.0]), 3, 3)),
        Case("two equal maxima", (np.array([1.0, 6.0, 2.0, 6.0, 5.0, 0.0, 3.0]), np.array([4.0, 9.0]), 4, 3)),
    ),
    properties=[
        Property("agrees on random rows after a ReLU", random_rows),
        Property(
            "what comes in arrives: both gradients have the same sum",
            random_rows,
            keeps_the_sum,
            hint="each window hands all of its gradient to one pixel; a pixel that wins several windows adds them up.",
        ),
    ],
)


@unpool_row.variant
def unpool_row_with_add_at(row: Array, upstream: Array, width: int, stride: int) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(row, width)[::stride]
    places = windows.argmax(axis=1) + stride * np.arange(len(windows))
    drow = np.zeros(len(row))
    np.add.at(drow, places, upstream)
    return drow


@unpool_row.variant
def unpool_row_with_bincount(row: Array, upstream: Array, width: int, stride: int) -> Any:
    starts = stride * np.arange(len(upstream))
    places = [s + np.argmax(row[s : s + width]) for s in starts]
    return np.bincount(places, weights=upstream, minlength=len(row))


@unpool_row.variant
def unpool_row_searching(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = [0.0] * len(row)
    for window in range(len(upstream)):
        best = window * stride
        for place in range(window * stride + 1, window * stride + width):
            if row[place] > row[best]:
                best = place
        drow[best] += upstream[window]
    return drow


@unpool_row.misconception(
    "where windows overlap, the later gradient overwrote the earlier: a pixel adds up what all its windows send."
)
def overwrites(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        start = window * stride
        drow[start + np.argmax(row[start : start + width])] = gradient
    return drow


@unpool_row.misconception(
    "equally large values all got the whole gradient, so it multiplied; here the first maximum takes all of it."
)
def pays_every_tie(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        part = row[window * stride : window * stride + width]
        drow[window * stride : window * stride + width] += gradient * (part == part.max())
    return drow


@unpool_row.misconception("equally large values share the gradient; here the first maximum takes all of it.")
def shares_among_ties(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        part = row[window * stride : window * stride + width]
        drow[window * stride : window * stride + width] += gradient * (part == part.max()) / (part == part.max()).sum()
    return drow


@unpool_row.misconception("of equally large values the last one got the gradient; here it is the first.")
def pays_the_last_tie(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        part = row[window * stride : window * stride + width]
        drow[window * stride + width - 1 - np.argmax(part[::-1])] += gradient
    return drow


@unpool_row.misconception("the gradient was spread over the whole window: that is average pooling.")
def spreads_evenly(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        drow[window * stride : window * stride + width] += gradient / width
    return drow


@unpool_row.misconception("every pixel of a window got its whole gradient; only the largest one does.")
def pays_everyone(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        drow[window * stride : window * stride + width] += gradient
    return drow


@unpool_row.misconception(
    "the gradient is multiplied by the pixel's value; the slope of a maximum is 1 at the pixel that won."
)
def multiplies_by_the_value(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        start = window * stride
        place = start + np.argmax(row[start : start + width])
        drow[place] += gradient * row[place]
    return drow


@unpool_row.misconception("argmax counts from the window's start; add where the window starts on the row.")
def forgets_where_the_window_is(row: Array, upstream: Array, width: int, stride: int) -> Any:
    drow = np.zeros(len(row))
    for window, gradient in enumerate(upstream):
        drow[np.argmax(row[window * stride : window * stride + width])] += gradient
    return drow
