"""col2im in one dimension: windows are added back to where they were read."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_windows(rng: np.random.Generator) -> list[Arguments]:
    """Draw windows that overlap twice, once, not at all, or leave a rest."""
    calls: list[Arguments] = []
    for n, width, stride in ((9, 3, 1), (11, 4, 2), (10, 2, 3), (13, 5, 3)):
        calls.append((rng.normal(0, 2, ((n - width) // stride + 1, width)), stride, n))
    return calls


def keeps_the_sum(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (windows, _, _), value in zip(calls, values):
        given, received = float(np.sum(windows)), float(np.sum(value))
        if not np.isclose(given, received):
            return f"numbers of sum {given:.6g} went in, {received:.6g} arrived"
    return None


def fold_windows_reference(windows: Array, stride: int, n: int) -> Array:
    """Window i is added to the pixels from i * stride on."""
    signal = np.zeros(n)
    for i, window in enumerate(windows):
        signal[i * stride : i * stride + len(window)] += window
    return signal


fold_windows = Exercise(
    name="fold_windows",
    points=0,
    reference=fold_windows_reference,
    returns=("signal",),
    cases=(
        Case("three windows that overlap", (np.array([[1.0, 2.0, 3.0], [10, 20, 30], [100, 200, 300]]), 1, 5)),
        Case("stride 2: neighbours share one pixel", (np.array([[1.0, -2.0, 4.0], [5, 7, 3]]), 2, 5)),
        Case("one pixel lies in no window", (np.array([[1.5, 2.5], [3.0, 4.0]]), 2, 5)),
        Case("gaps between the windows", (np.array([[2.0, 9.0], [4.0, 1.0], [8.0, 6.0]]), 3, 9)),
        Case("a single window", (np.array([[3.0, -1.0, 0.5, 2.0]]), 1, 4)),
    ),
    properties=[
        Property("agrees on random windows", random_windows),
        Property(
            "what goes in arrives: both have the same sum",
            random_windows,
            keeps_the_sum,
            hint="every number of every window is added exactly once, whatever is there already.",
        ),
    ],
)


@fold_windows.variant
def fold_windows_with_add_at(windows: Array, stride: int, n: int) -> Any:
    places = stride * np.arange(windows.shape[0])[:, None] + np.arange(windows.shape[1])
    signal = np.zeros(n)
    np.add.at(signal, places, windows)
    return signal


@fold_windows.variant
def fold_windows_with_bincount(windows: Array, stride: int, n: int) -> Any:
    places = stride * np.arange(windows.shape[0])[:, None] + np.arange(windows.shape[1])
    return np.bincount(places.ravel(), weights=windows.ravel(), minlength=n)


@fold_windows.variant
def fold_windows_tap_by_tap(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for k in range(windows.shape[1]):
        signal[k : k + stride * (windows.shape[0] - 1) + 1 : stride] += windows[:, k]
    return signal


@fold_windows.variant
def fold_windows_with_the_transpose(windows: Array, stride: int, n: int) -> Any:
    gather = np.zeros((windows.size, n))
    for i in range(windows.shape[0]):
        for k in range(windows.shape[1]):
            gather[i * windows.shape[1] + k, i * stride + k] = 1
    return gather.T @ windows.ravel()


@fold_windows.misconception(
    "where windows overlap only the last one is left. That happens with = for +=, and also with += on an array of "
    "indices that repeat."
)
def overwrites(windows: Array, stride: int, n: int) -> Any:
    places = stride * np.arange(windows.shape[0])[:, None] + np.arange(windows.shape[1])
    signal = np.zeros(n)
    signal[places] += windows
    return signal


@fold_windows.misconception("where windows overlap only the first one is left; later ones must be added to it.")
def keeps_the_first(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for i in range(len(windows) - 1, -1, -1):
        signal[i * stride : i * stride + len(windows[i])] = windows[i]
    return signal


@fold_windows.misconception(
    "overlapping windows were averaged. The transpose of reading a pixel twice is adding twice."
)
def averages_the_overlap(windows: Array, stride: int, n: int) -> Any:
    signal, count = np.zeros(n), np.zeros(n)
    for i, window in enumerate(windows):
        signal[i * stride : i * stride + len(window)] += window
        count[i * stride : i * stride + len(window)] += 1
    return signal / np.maximum(count, 1)


@fold_windows.misconception("overlapping windows left their largest number; they must be added.")
def takes_the_largest(windows: Array, stride: int, n: int) -> Any:
    signal = np.full(n, -np.inf)
    for i, window in enumerate(windows):
        part = slice(i * stride, i * stride + len(window))
        signal[part] = np.maximum(signal[part], window)
    return np.where(np.isinf(signal), 0, signal)


@fold_windows.misconception("the stride is ignored: window i starts at i · stride.")
def moves_by_one(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for i, window in enumerate(windows):
        signal[i : i + len(window)] += window
    return signal


@fold_windows.misconception("the windows were laid end to end; they start every stride pixels and may overlap.")
def lays_end_to_end(windows: Array, stride: int, n: int) -> Any:
    flat = windows.ravel()[:n]
    return np.append(flat, np.zeros(n - len(flat)))


@fold_windows.misconception("the signal ends with the last window; pixels that no window reads get 0, n in all.")
def forgets_the_rest(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros((windows.shape[0] - 1) * stride + windows.shape[1])
    for i, window in enumerate(windows):
        signal[i * stride : i * stride + len(window)] += window
    return signal


@fold_windows.misconception("each window was turned round; its first number goes to its first pixel.")
def turns_the_windows(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for i, window in enumerate(windows):
        signal[i * stride : i * stride + len(window)] += window[::-1]
    return signal


@fold_windows.misconception("each window was summed and put on its first pixel; every number has a pixel of its own.")
def sums_the_windows(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for i, window in enumerate(windows):
        signal[i * stride] += window.sum()
    return signal


@fold_windows.misconception("the last window is missing.")
def loses_the_last_window(windows: Array, stride: int, n: int) -> Any:
    signal = np.zeros(n)
    for i, window in enumerate(windows[:-1]):
        signal[i * stride : i * stride + len(window)] += window
    return signal
