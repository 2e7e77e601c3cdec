"""The energy model of a complex cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_patches(rng: np.random.Generator) -> list[Arguments]:
    """Draw patches and pairs of fields, none of them square."""
    return [
        (rng.normal(0, 1, shape), rng.normal(0, 1, shape), rng.normal(0, 1, shape))
        for shape in ((3, 4), (5, 2), (1, 6), (4, 7))
    ]


def opposite_patches(rng: np.random.Generator) -> list[Arguments]:
    """Draw a patch and its negative: dark where it was bright."""
    patch, even, odd = rng.normal(0, 1, (3, 4, 3))
    return [(patch, even, odd), (-patch, even, odd)]


def does_not_mind_contrast(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    bright, dark = (float(value) for value in values)
    return None if np.isclose(bright, dark) else f"a bright bar gave {bright:.4g}, the same bar in black {dark:.4g}"


def complex_cell_reference(patch: Array, even: Array, odd: Array) -> Any:
    """Add the squares of both simple cells' sums, and take the root."""
    return np.hypot((patch * even).sum(), (patch * odd).sum())


EVEN, ODD = np.array([[-1.0, 2.0, -1.0]]), np.array([[-1.0, 0.0, 1.0]])

complex_cell = Exercise(
    name="complex_cell",
    points=0,
    reference=complex_cell_reference,
    returns=("response",),
    cases=(
        Case("a thin bar in the middle", (np.array([[0.0, 1.0, 0.0]]), EVEN, ODD)),
        Case("the bar one pixel to the right", (np.array([[0.0, 0.0, 1.0]]), EVEN, ODD)),
        Case("a dark bar, left of the middle", (np.array([[-1.0, -0.5, 0.25]]), EVEN, ODD)),
        Case(
            "a patch of two rows", (np.array([[0.2, 0.9, 0.4], [0.1, 0.7, 0.8]]), EVEN * [[1], [2]], ODD * [[1], [2]])
        ),
    ),
    properties=[
        Property("agrees on random patches", random_patches),
        Property(
            "bright and dark bars count alike",
            opposite_patches,
            does_not_mind_contrast,
            hint="no sum may be cut off at 0 before it is squared.",
        ),
    ],
)


@complex_cell.variant
def complex_cell_by_loops(patch: Array, even: Array, odd: Array) -> Any:
    first = second = 0.0
    for row in range(len(patch)):
        for column in range(len(patch[row])):
            first += patch[row][column] * even[row][column]
            second += patch[row][column] * odd[row][column]
    return (first**2 + second**2) ** 0.5


@complex_cell.variant
def complex_cell_by_complex_numbers(patch: Array, even: Array, odd: Array) -> Any:
    return abs(np.vdot(patch.ravel(), even.ravel() + 1j * odd.ravel()))


@complex_cell.variant
def complex_cell_by_a_norm(patch: Array, even: Array, odd: Array) -> Any:
    return np.linalg.norm(np.stack([even, odd]).reshape(2, -1) @ np.ravel(patch))


@complex_cell.misconception("the root is missing: that is the energy, the square of the response.")
def leaves_the_root_out(patch: Array, even: Array, odd: Array) -> Any:
    return (patch * even).sum() ** 2 + (patch * odd).sum() ** 2


@complex_cell.misconception("each sum was cut off at 0 before it was squared, so half of the bars are not seen.")
def rectifies_first(patch: Array, even: Array, odd: Array) -> Any:
    return (max(0.0, (patch * even).sum()) ** 2 + max(0.0, (patch * odd).sum()) ** 2) ** 0.5


@complex_cell.misconception("those are the sizes of both sums added; square each, add, and take the root.")
def adds_sizes(patch: Array, even: Array, odd: Array) -> Any:
    return abs((patch * even).sum()) + abs((patch * odd).sum())


@complex_cell.misconception("the larger simple cell alone does not do: between two places both are weak.")
def takes_the_larger(patch: Array, even: Array, odd: Array) -> Any:
    return max(abs((patch * even).sum()), abs((patch * odd).sum()))


@complex_cell.misconception("the products were squared one by one: first sum over the patch, then square.")
def squares_products(patch: Array, even: Array, odd: Array) -> Any:
    return (((patch * even) ** 2).sum() + ((patch * odd) ** 2).sum()) ** 0.5


@complex_cell.misconception("only the even field takes part; the odd one sees what lies between.")
def forgets_the_odd_field(patch: Array, even: Array, odd: Array) -> Any:
    return abs((patch * even).sum())


@complex_cell.misconception("the sums were added before squaring, so that they can cancel.")
def adds_before_squaring(patch: Array, even: Array, odd: Array) -> Any:
    return abs((patch * even).sum() + (patch * odd).sum())


@complex_cell.misconception("those are means over the patch; a cell sums what it sees.")
def averages_the_patch(patch: Array, even: Array, odd: Array) -> Any:
    return ((patch * even).mean() ** 2 + (patch * odd).mean() ** 2) ** 0.5
