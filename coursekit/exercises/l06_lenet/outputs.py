"""LeNet-5's output units: the squared distance to each class's code."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_units(rng: np.random.Generator) -> list[Arguments]:
    """Draw a few rows of units and codes of plus and minus one; never as many rows as classes."""
    return [
        (rng.normal(0, 1, (n, d)), np.where(rng.random((classes, d)) < 0.5, -1.0, 1.0))
        for n, d, classes in ((2, 5, 3), (4, 6, 7), (1, 8, 4))
    ]


def units_at_codes(rng: np.random.Generator) -> list[Arguments]:
    """Draw codes, and take three of them for the units."""
    codes = rng.normal(0, 1, (5, 6))
    return [(codes[[3, 0, 4]], codes)]


def is_zero_at_its_code(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    found = np.asarray(values[0])
    if found.shape == (3, 5) and np.allclose(found[[0, 1, 2], [3, 0, 4]], 0):
        return None
    return "units that equal a code should have distance 0 to it"


def rbf_distances_reference(units: Array, codes: Array) -> Any:
    """Subtract every code from every row, square, and add up."""
    return ((units[:, np.newaxis] - codes) ** 2).sum(axis=2)


CODES = np.array([[1.0, 1.0, -1.0, 1.0], [1.0, -1.0, -1.0, 1.0], [-1.0, 1.0, 1.0, -1.0]])

rbf_distances = Exercise(
    name="rbf_distances",
    points=0,
    reference=rbf_distances_reference,
    returns=("distances",),
    cases=(
        Case("units that are the second code", (CODES[1:2].copy(), CODES)),
        Case("two images, three classes", (np.array([[0.9, 0.8, -0.7, 1.0], [-0.2, 0.5, 0.1, -1.2]]), CODES)),
        Case("units that all are 0", (np.zeros((1, 4)), CODES * [[1.0], [2.0], [3.0]])),
        Case("four images, two classes", (np.arange(12.0).reshape(4, 3) / 5, np.array([[1.0, 0, 2], [0.5, -1, 1]]))),
    ),
    properties=[
        Property("agrees on random units", random_units),
        Property(
            "a code is at distance 0 of itself",
            units_at_codes,
            is_zero_at_its_code,
            hint="this is a distance, not a product: equal vectors give 0.",
        ),
    ],
)


@rbf_distances.variant
def rbf_distances_by_loops(units: Array, codes: Array) -> Any:
    return [[sum((a - b) ** 2 for a, b in zip(row, code)) for code in codes] for row in units]


@rbf_distances.variant
def rbf_distances_by_products(units: Array, codes: Array) -> Any:
    squares = (units**2).sum(axis=1)[:, np.newaxis] + (codes**2).sum(axis=1)
    return squares - 2 * units @ codes.T


@rbf_distances.variant
def rbf_distances_a_class_at_a_time(units: Array, codes: Array) -> Any:
    columns = [np.einsum("nd,nd->n", units - code, units - code) for code in codes]
    return np.stack(columns, axis=1)


@rbf_distances.misconception("those are products with the codes, large where alike; a distance is 0 where alike.")
def multiplies(units: Array, codes: Array) -> Any:
    return units @ codes.T


@rbf_distances.misconception("the root was taken: LeNet-5 puts out the squared distance.")
def takes_the_root(units: Array, codes: Array) -> Any:
    return np.linalg.norm(units[:, np.newaxis] - codes, axis=2)


@rbf_distances.misconception("those are sums of differences without their signs; square each difference.")
def sums_sizes(units: Array, codes: Array) -> Any:
    return np.abs(units[:, np.newaxis] - codes).sum(axis=2)


@rbf_distances.misconception("that is the mean over the units; the distance is their sum.")
def averages_units(units: Array, codes: Array) -> Any:
    return ((units[:, np.newaxis] - codes) ** 2).mean(axis=2)


@rbf_distances.misconception("the sign is turned: those are scores. Asked for are the distances themselves.")
def turns_the_sign(units: Array, codes: Array) -> Any:
    return -((units[:, np.newaxis] - codes) ** 2).sum(axis=2)


@rbf_distances.misconception("rows and columns are exchanged: a row for each image, a column for each class.")
def exchanges_rows_and_columns(units: Array, codes: Array) -> Any:
    return ((codes[:, np.newaxis] - units) ** 2).sum(axis=2)


@rbf_distances.misconception("first the differences were added, then the sum was squared: they cancel.")
def squares_the_sum(units: Array, codes: Array) -> Any:
    return (units[:, np.newaxis] - codes).sum(axis=2) ** 2


@rbf_distances.misconception("those are a Gaussian's values, exp(−distance); LeNet-5 puts out the distance.")
def puts_into_a_gaussian(units: Array, codes: Array) -> Any:
    return np.exp(-((units[:, np.newaxis] - codes) ** 2).sum(axis=2))
