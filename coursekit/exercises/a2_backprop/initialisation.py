"""a2: random weights to start from, judged by what they have in common: mean, variance, and who equals whom.

Which random numbers they are is the learner's affair, and so is their distribution. Arrays have at least 30,000
entries, so that even six standard errors of a sample's mean or variance are less than what is tolerated.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

VARIANCES: dict[str, tuple[str, Callable[[int, int], float]]] = {
    "he": ("2 / fan_in", lambda fan_in, fan_out: 2 / fan_in),
    "xavier": ("2 / (fan_in + fan_out)", lambda fan_in, fan_out: 2 / (fan_in + fan_out)),
}
TOLERANCE = 0.06
"""Allowed relative error of the variance, and allowed mean in standard deviations: the standard error of the variance
of 30,000 normal numbers is 0.8 %, of their mean 0.6 %."""


def as_spread(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    """Say how mean or variance differ from what they should be."""
    for (fan_in, fan_out, _, *rest), weights in zip(calls, values, strict=True):
        formula, variance = VARIANCES[rest[0] if rest else "he"]
        expected = variance(fan_in, fan_out)
        if not abs(weights.mean()) <= TOLERANCE * expected**0.5:
            return f"the mean of the weights is {weights.mean():.3g}; it should be 0 but for chance"
        if not abs(weights.var() / expected - 1) <= TOLERANCE:
            times = weights.var() / expected
            return f"variance of the weights: expected {expected:.3g} = {formula}, got {times:.3g} times as much"
    return None


HINT = "the variance is the square of the standard deviation; numbers drawn uniformly from ±a have variance a² / 3."


def case(name: str, *arguments: Any) -> Case:
    """Return a case that any numbers of the right mean and variance pass."""
    return Case(name, arguments, as_spread, HINT)


CASES = (
    case("He, 400 inputs and 100 units", 400, 100, 0, "he"),
    case("He, 75 inputs and 600 units", 75, 600, 1, "he"),
    case("Xavier, 400 inputs and 100 units", 400, 100, 2, "xavier"),
    case("Xavier, 150 inputs and 300 units", 150, 300, 3, "xavier"),
    case("He is the default", 250, 160, 4),
)


def random_sizes(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide and a narrow layer of each kind."""
    calls: list[Arguments] = []
    for kind in VARIANCES:
        few, many = int(rng.integers(60, 100)), int(rng.integers(500, 700))
        calls += [(few, many, int(rng.integers(10**6)), kind), (many, few, int(rng.integers(10**6)), kind)]
    return calls


def one_seed_twice(rng: np.random.Generator) -> list[Arguments]:
    """Draw a seed, to be used twice."""
    seed = int(rng.integers(10**6))
    return [(9, 14, seed, "he"), (9, 14, seed, "he")]


def equal(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    return None if np.array_equal(values[0], values[1]) else f"seed {calls[0][2]} gave two different sets of weights"


def two_seeds(rng: np.random.Generator) -> list[Arguments]:
    """Draw two seeds."""
    seed = int(rng.integers(10**6))
    return [(9, 14, seed, "xavier"), (9, 14, seed + 1, "xavier")]


def different(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    same = np.allclose(values[0], values[1])
    return f"seeds {calls[0][2]} and {calls[1][2]} gave the same weights" if same else None


def a_layer(rng: np.random.Generator) -> list[Arguments]:
    """Draw a seed for one layer of each kind."""
    return [(60, 25, int(rng.integers(10**6)), kind) for kind in VARIANCES]


def each_its_own(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for weights in values:
        for name, rows in (("units", weights.T), ("inputs", weights)):
            if len(np.unique(np.round(rows, 7), axis=0)) < len(rows):
                return f"some {name} have the same weights as others"
    return None


def reference(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    """Normal numbers, times the standard deviation."""
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


initial_weights = Exercise(
    name="initial_weights",
    points=4,
    reference=reference,
    returns=("weights",),
    cases=CASES,
    properties=[
        Property(
            "mean 0 and the right variance, for wide and narrow layers",
            random_sizes,
            as_spread,
            hint=HINT,
            diagnose=False,
        ),
        Property(
            "no two units start with the same weights",
            a_layer,
            each_its_own,
            hint="units that start alike get the same gradient and stay alike; draw a number for every weight.",
        ),
        Property(
            "the same seed gives the same weights",
            one_seed_twice,
            equal,
            hint="make the random generator from the argument seed, and draw everything from it.",
        ),
        Property(
            "another seed gives other weights",
            two_seeds,
            different,
            hint="make the random generator from the argument seed.",
        ),
    ],
)


@initial_weights.variant
def uniform_numbers(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    limit = np.sqrt(6 / fan_in if kind == "he" else 6 / (fan_in + fan_out))
    return np.random.default_rng(seed).uniform(-limit, limit, size=(fan_in, fan_out)).astype(np.float32)


@initial_weights.variant
def with_the_old_generator(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    np.random.seed(seed)
    scale = {"he": (2 / fan_in) ** 0.5, "xavier": (2 / (fan_in + fan_out)) ** 0.5}[kind]
    return scale * np.random.randn(fan_in, fan_out)


@initial_weights.variant
def number_by_number(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> list[list[float]]:
    import random

    draw = random.Random(seed)
    mean_fan = fan_in / 2 if kind == "he" else (fan_in + fan_out) / 2
    return [[draw.gauss(0, mean_fan**-0.5) for _ in range(fan_out)] for _ in range(fan_in)]
