"""a5: the widest network that fits a budget of parameters. Its misconceptions are in `widths_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

CASES = (
    Case("three 3 × 3 convolutions, ten classes, 5,000 parameters", (5000, 3, 3, 3, 10)),
    Case("the budget is met exactly: 16 wide, 7,290 parameters", (7290, 4, 3, 1, 10)),
    Case("one parameter too few for 16", (7289, 4, 3, 1, 10)),
    Case("a single convolution: the budget buys width", (3000, 1, 5, 3, 36)),
    Case("1 × 1 convolutions of 12 channels", (20_000, 6, 1, 12, 7)),
    Case("deep and narrow", (9000, 20, 3, 3, 5)),
    Case("a million parameters, ten 5 × 5", (1_000_000, 10, 5, 3, 100)),
)


def random_budgets(rng: np.random.Generator) -> list[Arguments]:
    """Draw eight networks, from 2 to 30 convolutions deep, whose budget leaves room for some width."""
    return [
        (
            int(10 ** rng.uniform(4.3, 6.5)),
            int(rng.integers(2, 30)),
            int(rng.choice([3, 5, 7])),
            int(rng.integers(1, 9)),
            int(rng.integers(2, 50)),
        )
        for _ in range(8)
    ]


def fits_and_the_next_does_not(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (budget, convolutions, kernel, channels, classes), (width, parameters) in zip(calls, values, strict=True):
        network = f"{convolutions} convolutions of {kernel} × {kernel}, {channels} channels, {classes} classes"
        if width != np.floor(width) or width < 1:
            return f"{network}: a width of {width:g}"
        if parameters > budget:
            return f"{network}: {width:g} wide, it has {parameters:g} parameters of {budget}"
    return None


def reference(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> tuple[int, int]:
    """Widen the network until the next step costs too much."""

    def parameters(width: int) -> int:
        first = (kernel * kernel * channels + 1) * width
        others = (convolutions - 1) * (kernel * kernel * width + 1) * width
        return first + others + (width + 1) * classes

    width = 1
    while parameters(width + 1) <= budget:
        width += 1
    return width, parameters(width)


widest_network = Exercise(
    name="widest_network",
    points=3,
    reference=reference,
    returns=("width", "parameters"),
    cases=CASES,
    properties=[
        Property(
            "a whole width, within the budget",
            random_budgets,
            fits_and_the_next_does_not,
            hint="count the parameters of the width that you return, and hold them against the budget.",
        ),
        Property(
            "agrees on random budgets",
            random_budgets,
            hint="write down the parameters of the first convolution, of each further one, and of the classifier.",
        ),
    ],
)


@widest_network.variant
def as_a_quadratic_equation(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    area = kernel**2
    a = (convolutions - 1) * area
    b = area * channels + convolutions + classes
    c = classes - budget
    root = (-b + (b * b - 4 * a * c) ** 0.5) / (2 * a) if a else -c / b
    width = int(root + 1e-9)
    return width, a * width**2 + b * width + classes


@widest_network.variant
def by_bisection(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    def cost(width: int) -> int:
        inputs = [channels] + [width] * (convolutions - 1)
        convs = sum(kernel * kernel * each * width + width for each in inputs)
        return convs + width * classes + classes

    low, high = 1, budget
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost(middle) <= budget else (low, middle)
    return low, cost(low)


@widest_network.variant
def from_the_shapes_of_the_weights(budget: int, convolutions: int, kernel: int, channels: int, classes: int) -> Any:
    best = (0, 0)
    for width in range(1, budget):
        once = [(kernel, kernel, channels, width), (width,), (width, classes), (classes,)]
        again = [(kernel, kernel, width, width), (width,)]
        once_size, again_size = (sum(int(np.prod(shape)) for shape in shapes) for shapes in (once, again))
        total = once_size + (convolutions - 1) * again_size
        if total > budget:
            break
        best = (width, total)
    return best
