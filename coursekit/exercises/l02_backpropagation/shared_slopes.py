"""Lecture 02: the slopes of (x + y)(y - z), where y is used twice."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

Slopes = tuple[Any, Any, Any]


def three_numbers(rng: np.random.Generator) -> list[Arguments]:
    """Draw a few triples of numbers."""
    return [tuple(float(number) for number in rng.normal(0, 3, 3)) for _ in range(4)]


def stays_in_step(calls: Sequence[Arguments], values: Sequence[Slopes]) -> str | None:
    for dx, dy, dz in values:
        if not np.isclose(dx - dy - dz, 0, atol=1e-6):
            return f"yours say that f changes by {dx - dy - dz:.6g} a unit"
    return None


def shared_slopes_reference(x: float, y: float, z: float) -> Slopes:
    """Each factor receives the other; y gets a share from both."""
    total, difference = x + y, y - z
    return difference, difference + total, -total


shared_slopes = Exercise(
    name="shared_slopes",
    points=0,
    reference=shared_slopes_reference,
    returns=("dx", "dy", "dz"),
    cases=(
        Case("the numbers of the text", (-2.0, 5.0, -4.0)),
        Case("fractions", (0.5, -1.25, 2.75)),
        Case("y is 0", (3.0, 0.0, 1.5)),
        Case("whole numbers", (4, -1, 2)),
    ),
    properties=[
        Property("agrees on random numbers", three_numbers),
        Property(
            "x up, y and z down by as much: neither factor changes, nor does f",
            three_numbers,
            stays_in_step,
            hint="y sits in both factors: one share of its slope comes from each, and shares add.",
        ),
    ],
)


@shared_slopes.variant
def shared_slopes_of_the_polynomial(x: float, y: float, z: float) -> Slopes:
    return y - z, x + 2 * y - z, -x - y


@shared_slopes.variant
def shared_slopes_backward(x: float, y: float, z: float) -> Slopes:
    a, b = x + y, y - z
    da, db = b, a
    slopes = {"x": 0.0, "y": 0.0, "z": 0.0}
    slopes["x"] += da
    slopes["y"] += da
    slopes["y"] += db
    slopes["z"] -= db
    return slopes["x"], slopes["y"], slopes["z"]


@shared_slopes.variant
def shared_slopes_by_centred_differences(x: float, y: float, z: float) -> Any:
    at, h = np.array([x, y, z], dtype=float), 0.5  # f has no third derivative: any step will do
    out = []
    for step in h * np.eye(3):
        (a, b, c), (d, e, f) = at + step, at - step
        out.append(((a + b) * (b - c) - (d + e) * (e - f)) / (2 * h))
    return tuple(out)


@shared_slopes.misconception("y's second use is lost: it sits in y − z too. Add that share to the first.")
def keeps_the_first_use(x: float, y: float, z: float) -> Slopes:
    return y - z, y - z, -(x + y)


@shared_slopes.misconception(
    "y's first share was overwritten by its second: write `+=`, not `=`, where gradients of a value meet."
)
def keeps_the_last_use(x: float, y: float, z: float) -> Slopes:
    return y - z, x + y, -(x + y)


@shared_slopes.misconception("y's two shares are multiplied; along a path slopes multiply, but paths add.")
def multiplies_the_paths(x: float, y: float, z: float) -> Slopes:
    return y - z, (y - z) * (x + y), -(x + y)


@shared_slopes.misconception("z enters with a minus: when z grows, y − z shrinks.")
def forgets_the_minus(x: float, y: float, z: float) -> Slopes:
    return y - z, (y - z) + (x + y), x + y


@shared_slopes.misconception(
    "each factor received itself. In a product the upstream gradient is multiplied by the *other* factor."
)
def gives_each_factor_itself(x: float, y: float, z: float) -> Slopes:
    return x + y, (x + y) + (y - z), -(y - z)


@shared_slopes.misconception("these are the local slopes of x + y and y − z; multiply them by what comes from above.")
def stops_at_the_local_slopes(x: float, y: float, z: float) -> Slopes:
    return 1, 2, -1
