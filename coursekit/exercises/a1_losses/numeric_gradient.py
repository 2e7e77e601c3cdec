"""a1: the gradient of any function, from nothing but its values."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

ScalarFunction = Callable[[Array], Any]


# Functions to differentiate. They stand at module level so that another process can name them. -----------------------


def sum_of_cubes(x: Array) -> Any:
    return (x**3).sum()


def sum_of_squares(x: Array) -> Any:
    return (x**2).sum()


def product(x: Array) -> Any:
    return x.prod()


def wave(x: Array) -> Any:
    return np.sin(x.sum()) + (x**2).sum() / 3


def growth(x: Array) -> Any:
    return np.exp(1.5 * x).sum()


def mixed_rows(x: Array) -> Any:
    """Treat the rows of a table differently, so that x must keep its shape."""
    return (np.exp(x[0]) * np.cos(2 * x[1])).sum()


CASES = (
    Case("three cubes, a coarse step", (sum_of_cubes, np.array([1.0, -2.0, 0.5]), 0.1)),
    Case("a product of four", (product, np.array([1.3, -0.7, 2.1, 0.9]))),
    Case("a table of two rows", (mixed_rows, np.array([[0.3, -0.8, 0.5], [1.1, 0.2, -0.6]]), 1e-3)),
    Case("whole numbers", (wave, np.array([2, -3, 4, 0]), 1e-3)),
    Case("the bottom of a bowl", (sum_of_squares, np.zeros((2, 1, 3)), 0.05)),
    Case("steep growth", (growth, np.array([[2.0], [-1.0], [3.0]]), 0.02)),
)


def random_places(rng: np.random.Generator) -> list[Arguments]:
    """Draw places of one, two and three axes, whole numbers among them, and steps from fine to coarse."""
    return [
        (wave, rng.normal(0, 1, 5), float(rng.uniform(0.05, 0.2))),
        (growth, rng.normal(0, 1, (3, 2)), float(rng.uniform(1e-4, 1e-3))),
        (sum_of_cubes, rng.normal(0, 2, (2, 1, 3)), 1e-5),
        (mixed_rows, rng.normal(0, 1, (2, 4)), float(rng.uniform(0.02, 0.1))),
        (wave, rng.integers(-5, 6, (4, 2)), float(rng.uniform(1e-3, 1e-2))),
    ]


def places_on_a_parabola(rng: np.random.Generator) -> list[Arguments]:
    """Draw a place for a coarse step and a fine one."""
    x = rng.normal(0, 3, (4, 3))
    return [(sum_of_squares, x, 0.5), (sum_of_squares, x, 1e-3)]


def twice_x(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (_, x, step), value in zip(calls, values, strict=True):
        if np.shape(value) != x.shape or not np.allclose(value, 2 * x, atol=1e-6):
            return f"the gradient of the sum of squares is 2x, whatever the step; with step {step:g} yours is not"
    return None


def reference(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    """Move one entry at a time, a step up and a step down, each on a fresh copy."""
    x = np.asarray(x, dtype=np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        gradient[index] = (f(above) - f(below)) / (2 * step)
    return gradient


numeric_gradient = Exercise(
    name="numeric_gradient",
    points=4,
    reference=reference,
    returns=("gradient",),
    cases=CASES,
    properties=[
        Property("agrees at random places", random_places),
        Property(
            "on squares it is exact, whatever the step",
            places_on_a_parabola,
            twice_x,
            hint="step up and down equally far from x, and divide the difference by both steps together, 2h.",
        ),
    ],
)


@numeric_gradient.variant
def puts_the_old_value_back(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    x = np.array(x, dtype=float)
    gradient = np.zeros_like(x)
    points = np.nditer(x, flags=["multi_index"])
    while not points.finished:
        i = points.multi_index
        old = x[i]
        x[i] = old + step
        above = f(x)
        x[i] = old - step
        below = f(x)
        x[i] = old
        gradient[i] = (above - below) / (2 * step)
        points.iternext()
    return gradient


@numeric_gradient.variant
def along_unit_vectors(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    slopes = []
    for direction in np.eye(x.size):
        offset = step * direction.reshape(x.shape)
        slopes.append((f(x + offset) - f(x - offset)) / step / 2)
    return np.array(slopes).reshape(x.shape)


@numeric_gradient.variant
def over_a_flat_copy(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    flat = x.astype(float).ravel()
    gradient = np.empty(flat.size)
    for i in range(flat.size):
        flat[i] += step
        above = f(flat.reshape(x.shape))
        flat[i] -= 2 * step
        below = f(flat.reshape(x.shape))
        flat[i] += step
        gradient[i] = 0.5 * (above - below) / step
    return gradient.reshape(x.shape)


@numeric_gradient.misconception(
    "you step up only, a forward difference; its error shrinks with the step, that of the centred one with its square."
)
def takes_a_forward_difference(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above = x.astype(float)
        above[i] += step
        gradient[i] = (f(above) - f(x.astype(float))) / step
    return gradient


@numeric_gradient.misconception("you step down only, a backward difference. Compare a step up with a step down.")
def takes_a_backward_difference(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        below = x.astype(float)
        below[i] -= step
        gradient[i] = (f(x.astype(float)) - f(below)) / step
    return gradient


@numeric_gradient.misconception(
    "every slope comes out twice too large: from x − h to x + h it is two steps, so divide by 2h."
)
def divides_by_one_step(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / step
    return gradient


@numeric_gradient.misconception(
    "`/ 2 * step` divides by 2 and then multiplies by the step; put brackets round the product: `/ (2 * step)`."
)
def multiplies_by_the_step(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / 2 * step
    return gradient


@numeric_gradient.misconception(
    "above and below are swapped, which turns every sign round: it is what f is above, less what it is below."
)
def turns_the_difference_round(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(below) - f(above)) / (2 * step)
    return gradient


@numeric_gradient.misconception(
    "an array of whole numbers cannot take a small step: 2 + 0.001 stored in it is 2 again. Copy x as float first."
)
def truncates_whole_numbers(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / (2 * step)
    return gradient


@numeric_gradient.misconception(
    "the slopes lose their decimals when x holds whole numbers: np.zeros_like(x) is then an integer array as well."
)
def collects_whole_numbers(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / (2 * step)
    return gradient


@numeric_gradient.misconception(
    "the caller's x is changed and stays changed. Step in a copy, and put each entry back before the next."
)
def leaves_x_changed(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += step
        above = f(x)
        x[i] -= 2 * step
        gradient[i] = (above - f(x)) / (2 * step)
    return gradient


@numeric_gradient.misconception(
    "x comes back changed in its last digits: adding and subtracting a step rounds. Step in a copy of x."
)
def adds_the_step_back(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    x = np.asarray(x, dtype=float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        x[i] += step
        above = f(x)
        x[i] -= 2 * step
        gradient[i] = (above - f(x)) / (2 * step)
        x[i] += step
    return gradient


@numeric_gradient.misconception(
    "an entry is not put back before the next one moves, so that later slopes are taken somewhere else than at x."
)
def forgets_to_put_entries_back(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    moved = x.astype(float)
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        moved[i] += step
        above = f(moved)
        moved[i] -= 2 * step
        gradient[i] = (above - f(moved)) / (2 * step)
    return gradient


@numeric_gradient.misconception(
    "all entries are moved at once, which gives one slope along the diagonal; move one entry, keep the others, repeat."
)
def moves_every_entry_at_once(f: ScalarFunction, x: Array, step: float = 1e-5) -> Any:
    return (f(x + step) - f(x - step)) / (2 * step)


@numeric_gradient.misconception(
    "`for i in range(len(x))` walks over rows, so a whole row moves at once. Visit every index, as np.ndindex does."
)
def moves_a_row_at_a_time(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / (2 * step)
    return gradient


@numeric_gradient.misconception("the slopes come back in one long row; give the gradient the shape of x.")
def returns_a_flat_gradient(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    slopes = []
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        slopes.append((f(above) - f(below)) / (2 * step))
    return np.array(slopes)


@numeric_gradient.misconception(
    "the slopes are added up to one number; a gradient keeps them apart, each at its entry's place."
)
def adds_the_slopes_up(f: ScalarFunction, x: Array, step: float = 1e-5) -> Any:
    total = 0.0
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step
        below[i] -= step
        total += (f(above) - f(below)) / (2 * step)
    return total


@numeric_gradient.misconception(
    "float32 keeps seven digits, and the difference of two nearly equal numbers eats most of them. Stay in float64."
)
def works_in_float32(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(np.float32), x.astype(np.float32)
        above[i] += step
        below[i] -= step
        gradient[i] = (f(above) - f(below)) / (2 * step)
    return gradient


@numeric_gradient.misconception("the step is a small number of your own; use the argument that the function is given.")
def fixes_a_fine_step(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += 1e-5
        below[i] -= 1e-5
        gradient[i] = (f(above) - f(below)) / 2e-5
    return gradient


@numeric_gradient.misconception(
    "the step is fixed at 0.01, whatever the caller asks for, and that is a coarse one. Use the argument."
)
def fixes_a_coarse_step(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += 0.01
        below[i] -= 0.01
        gradient[i] = (f(above) - f(below)) / 0.02
    return gradient


@numeric_gradient.misconception(
    "you go half a step to each side and divide by one: centred, but finer than asked. Go a whole step each way."
)
def halves_the_step(f: ScalarFunction, x: Array, step: float = 1e-5) -> Array:
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.astype(float), x.astype(float)
        above[i] += step / 2
        below[i] -= step / 2
        gradient[i] = (f(above) - f(below)) / step
    return gradient
