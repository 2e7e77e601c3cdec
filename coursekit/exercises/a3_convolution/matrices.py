"""a3: the matrix that convolves: signals of n pixels go in, all overlaps with the kernel come out."""

from collections.abc import Sequence

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

CASES = (
    Case("three weights, four pixels", (np.array([1.0, 2.0, -3.0]), 4)),
    Case("two weights, six pixels", (np.array([0.5, -1.5]), 6)),
    Case("whole-number weights", (np.array([4, 0, 1, 7]), 5)),
    Case("a kernel longer than the signal", (np.array([0.2, 1.4, -0.6, 2.5, 3.0]), 2)),
    Case("one weight", (np.array([2.5]), 3)),
    Case("one pixel", (np.array([1.0, 0.3, -2.0]), 1)),
)


def random_kernels(rng: np.random.Generator) -> list[Arguments]:
    """Draw a long signal and a short one, with an even and an odd number of weights."""
    return [(rng.normal(0, 2, k), n) for k, n in ((4, int(rng.integers(7, 12))), (3, int(rng.integers(3, 6))))]


def convolves(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (kernel, n), matrix in zip(calls, values, strict=True):
        x = np.arange(1.0, n + 1) ** 2
        got, expected = matrix @ x, np.convolve(x, kernel)
        wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-5)
        if wrong.any():
            i = int(wrong.argmax())
            return f"with x = 1, 4, 9, … entry {i} of matrix @ x is {got[i]:.6g}; the convolution has {expected[i]:.6g}"
    return None


def equal_along_diagonals(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for matrix in values:
        moved = np.isclose(matrix[1:, 1:], matrix[:-1, :-1], rtol=1e-4, atol=1e-5)
        if not moved.all():
            i, j = np.argwhere(~moved)[0]
            return f"matrix[{i + 1}, {j + 1}] is {matrix[i + 1, j + 1]:.6g}, but matrix[{i}, {j}] is {matrix[i, j]:.6g}"
    return None


def reference(kernel: Array, n: int) -> Array:
    """Column j is what pixel j leaves in the output: the kernel, from row j on."""
    matrix = np.zeros((n + len(kernel) - 1, n))
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel
    return matrix


toeplitz_matrix = Exercise(
    name="toeplitz_matrix",
    points=4,
    reference=reference,
    returns=("matrix",),
    cases=CASES,
    properties=[
        Property(
            "along a diagonal all numbers are equal",
            random_kernels,
            equal_along_diagonals,
            hint="a convolution treats every pixel alike, so each column is the one before it, moved down by one.",
        ),
        Property(
            "the matrix times a signal is their convolution",
            random_kernels,
            convolves,
            hint="column j is the answer to a signal that is 1 at pixel j and 0 elsewhere; what does a convolution "
            "answer to that?",
        ),
        Property("agrees on random kernels", random_kernels),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@toeplitz_matrix.variant
def from_differences_of_indices(kernel: Array, n: int) -> Array:
    k = np.arange(n + len(kernel) - 1)[:, None] - np.arange(n)
    return np.where((k >= 0) & (k < len(kernel)), kernel[k.clip(0, len(kernel) - 1)], 0)


@toeplitz_matrix.variant
def as_a_sum_of_diagonals(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for k, weight in enumerate(kernel):
        matrix += weight * np.eye(n + len(kernel) - 1, n, -k)
    return matrix


@toeplitz_matrix.variant
def from_answers_to_single_pixels(kernel: Array, n: int) -> Array:
    return np.array([np.convolve(pixel, kernel) for pixel in np.eye(n)]).T


@toeplitz_matrix.variant
def row_by_row(kernel: Array, n: int) -> list[list[float]]:
    rows = []
    for i in range(n + len(kernel) - 1):
        rows.append([float(kernel[i - j]) if 0 <= i - j < len(kernel) else 0.0 for j in range(n)])
    return rows


@toeplitz_matrix.misconception(
    "the kernel runs up the columns, which makes this the matrix of cross-correlation. In column j it runs down."
)
def turns_the_kernel(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel[::-1]
    return matrix


@toeplitz_matrix.misconception(
    "rows and columns are exchanged: a signal of n pixels is multiplied from the right, so the matrix has n columns."
)
def exchanges_rows_and_columns(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n, n + len(kernel) - 1))
    for i in range(n):
        matrix[i, i : i + len(kernel)] = kernel
    return matrix


@toeplitz_matrix.misconception(
    "only outputs whose window lies within the signal have a row. Partial overlaps count too: n + k − 1 rows."
)
def keeps_whole_windows_only(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n - len(kernel) + 1, n))
    for i in range(n - len(kernel) + 1):
        matrix[i, i : i + len(kernel)] = kernel[::-1]
    return matrix


@toeplitz_matrix.misconception(
    "the first and last rows are cut off until the matrix is square (mode “same”); all n + k − 1 rows count here."
)
def is_square_by_cutting_both_ends(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel
    start = (len(kernel) - 1) // 2
    return matrix[start : start + n]


@toeplitz_matrix.misconception(
    "weights that run over the bottom come back at the top: this matrix is circulant. Give them rows of their own."
)
def wraps_around(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n, n))
    for j in range(n):
        for k in range(len(kernel)):
            matrix[(j + k) % n, j] += kernel[k]
    return matrix


@toeplitz_matrix.misconception(
    "the last rows are missing: the last pixel's kernel ends in row n + k − 2. Think of where the last overlap is."
)
def cuts_the_last_rows(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n, n))
    for j in range(n):
        for k in range(min(len(kernel), n - j)):
            matrix[j + k, j] = kernel[k]
    return matrix


@toeplitz_matrix.misconception("there is a row of zeros too many at the bottom: it has n + k − 1 rows, not n + k.")
def has_a_row_too_many(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel), n))
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel
    return matrix


@toeplitz_matrix.misconception(
    "the kernel moves down as one goes left, so pixels are taken from the last to the first. Column 0 is pixel 0."
)
def goes_from_right_to_left(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for j in range(n):
        matrix[j : j + len(kernel), n - 1 - j] = kernel
    return matrix


@toeplitz_matrix.misconception(
    "the weights lie along the rows, to the right of the diagonal; pixel j reaches outputs j and later, so they hang "
    "below it."
)
def lies_above_the_diagonal(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for i in range(n):
        for k in range(min(len(kernel), n - i)):
            matrix[i, i + k] = kernel[k]
    return matrix


@toeplitz_matrix.misconception(
    "the matrix is symmetric: weight |i − j| stands on both sides of the diagonal. Above it there are only zeros."
)
def mirrors_the_kernel(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    for i in range(n + len(kernel) - 1):
        for j in range(n):
            if abs(i - j) < len(kernel):
                matrix[i, j] = kernel[abs(i - j)]
    return matrix


@toeplitz_matrix.misconception(
    "the matrix was made of whole numbers, and fractions were cut off on the way in. Let np.zeros make floats."
)
def cuts_off_fractions(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n), dtype=int)
    for j in range(n):
        matrix[j : j + len(kernel), j] = kernel
    return matrix


@toeplitz_matrix.misconception("the kernel stands at the top of every column; in column j it starts in row j.")
def does_not_move_the_kernel(kernel: Array, n: int) -> Array:
    matrix = np.zeros((n + len(kernel) - 1, n))
    matrix[: len(kernel)] = kernel[:, None]
    return matrix
