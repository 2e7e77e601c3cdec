"""The matrix of a correlation with a stride: one row a window."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_kernels(rng: np.random.Generator) -> list[Arguments]:
    """Draw kernels whose windows overlap, touch, leave gaps or leave a rest."""
    return [(rng.normal(0, 2, k), n, stride) for k, n, stride in ((3, 10, 2), (4, 11, 3), (2, 9, 3), (5, 12, 1))]


def sums_of_rows(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (kernel, n, _), value in zip(calls, values):
        got, expected = np.asarray(value) @ np.ones(n), np.sum(kernel)
        if not np.allclose(got, expected):
            i = int(np.argmax(~np.isclose(got, expected)))
            return f"row {i} makes {got[i]:.6g} of a signal of ones; the weights sum to {expected:.6g}"
    return None


def strided_matrix_reference(kernel: Array, n: int, stride: int) -> Array:
    """Row i holds the kernel, from column i * stride on."""
    count = (n - len(kernel)) // stride + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i * stride : i * stride + len(kernel)] = kernel
    return matrix


strided_matrix = Exercise(
    name="strided_matrix",
    points=0,
    reference=strided_matrix_reference,
    returns=("matrix",),
    cases=(
        Case("three weights, seven pixels, stride 2", (np.array([1.0, 2.0, -3.0]), 7, 2)),
        Case("stride 1: every place", (np.array([0.5, -1.5]), 5, 1)),
        Case("stride 3 leaves a pixel over", (np.array([2.0, 0.0, 1.0, 4.0]), 8, 3)),
        Case("gaps: two weights, stride 3", (np.array([3.0, -1.0]), 9, 3)),
        Case("whole-number weights", (np.array([4, 0, 1, 7, 2]), 11, 2)),
    ),
    properties=[
        Property("agrees on random kernels", random_kernels),
        Property(
            "a signal of ones gives the sum of the weights, in every row",
            random_kernels,
            sums_of_rows,
            hint="each row holds all the weights once; look for one that is cut off, counted twice or moved away.",
        ),
    ],
)


@strided_matrix.variant
def strided_matrix_from_all_rows(kernel: Array, n: int, stride: int) -> Any:
    padded = np.append(np.asarray(kernel, float), np.zeros(n - len(kernel)))
    return np.array([np.roll(padded, i) for i in range(n - len(kernel) + 1)])[::stride]


@strided_matrix.variant
def strided_matrix_from_indices(kernel: Array, n: int, stride: int) -> Any:
    rows = np.arange((n - len(kernel)) // stride + 1)[:, None]
    offset = np.arange(n) - rows * stride
    inside = (offset >= 0) & (offset < len(kernel))
    return np.where(inside, np.asarray(kernel)[offset.clip(0, len(kernel) - 1)], 0)


@strided_matrix.variant
def strided_matrix_as_lists(kernel: Array, n: int, stride: int) -> Any:
    matrix, start = [], 0
    while start + len(kernel) <= n:
        matrix.append([0.0] * start + [float(w) for w in kernel] + [0.0] * (n - start - len(kernel)))
        start += stride
    return matrix


@strided_matrix.misconception(
    "that is the matrix of a convolution: the kernel runs backwards. Here it stands as it is."
)
def turns_the_kernel(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // stride + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i * stride : i * stride + len(kernel)] = kernel[::-1]
    return matrix


@strided_matrix.misconception("the stride is ignored: there is a row for every place, not for every stride-th one.")
def has_all_rows(kernel: Array, n: int, stride: int) -> Any:
    count = n - len(kernel) + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i : i + len(kernel)] = kernel
    return matrix


@strided_matrix.misconception(
    "there are as many rows as there should be, but each moves by one; row i starts at i · stride."
)
def moves_rows_by_one(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // stride + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i : i + len(kernel)] = kernel
    return matrix


@strided_matrix.misconception(
    "rows move by the length of the kernel, so that windows never overlap; the stride says how far."
)
def moves_by_the_length(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // len(kernel) + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i * len(kernel) : (i + 1) * len(kernel)] = kernel
    return matrix


@strided_matrix.misconception(
    "rows and columns are exchanged: this is the matrix of the way back. Forward, a row is an output."
)
def gives_the_transpose(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // stride + 1
    matrix = np.zeros((n, count))
    for i in range(count):
        matrix[i * stride : i * stride + len(kernel), i] = kernel
    return matrix


@strided_matrix.misconception(
    "weights that run over the right edge come back on the left: that is a circulant matrix. Keep whole windows only."
)
def wraps_around(kernel: Array, n: int, stride: int) -> Any:
    matrix = np.zeros((len(range(0, n, stride)), n))
    for row, start in enumerate(range(0, n, stride)):
        for k in range(len(kernel)):
            matrix[row, (start + k) % n] += kernel[k]
    return matrix


@strided_matrix.misconception("the last rows hold only a part of the kernel; windows must lie wholly on the signal.")
def keeps_cut_windows(kernel: Array, n: int, stride: int) -> Any:
    matrix = np.zeros((len(range(0, n, stride)), n))
    for row, start in enumerate(range(0, n, stride)):
        part = min(len(kernel), n - start)
        matrix[row, start : start + part] = kernel[:part]
    return matrix


@strided_matrix.misconception("the last row is missing: after the first window come (n − k) // stride more.")
def loses_the_last_row(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // stride
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i * stride : i * stride + len(kernel)] = kernel
    return matrix


@strided_matrix.misconception("the stride went between the weights (that is dilation) instead of between the windows.")
def spreads_the_weights(kernel: Array, n: int, stride: int) -> Any:
    reach = stride * (len(kernel) - 1) + 1
    count = max(0, n - reach + 1)
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i : i + reach : stride] = kernel
    return matrix


@strided_matrix.misconception("columns were left out instead of rows: the stride skips outputs, and all n pixels stay.")
def skips_columns(kernel: Array, n: int, stride: int) -> Any:
    count = n - len(kernel) + 1
    matrix = np.zeros((count, n))
    for i in range(count):
        matrix[i, i : i + len(kernel)] = kernel
    return matrix[:, ::stride]


@strided_matrix.misconception(
    "the matrix was made of whole numbers, which cut the fractions off. Let np.zeros make floats."
)
def cuts_off_fractions(kernel: Array, n: int, stride: int) -> Any:
    count = (n - len(kernel)) // stride + 1
    matrix = np.zeros((count, n), dtype=int)
    for i in range(count):
        matrix[i, i * stride : i * stride + len(kernel)] = kernel
    return matrix
