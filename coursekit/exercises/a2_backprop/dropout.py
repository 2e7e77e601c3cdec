"""a2: inverted dropout. The random numbers come as an argument, so that there is one right answer."""

from collections.abc import Sequence

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Array, Array]

HIDDEN = np.array([[1.2, 0.0, 3.4, 0.7, 2.0], [0.3, 5.1, 0.0, 1.6, 0.9]])
UNIFORM = np.array([[0.12, 0.61, 0.93, 0.27, 0.48], [0.85, 0.06, 0.33, 0.22, 0.71]])
SIGNED = np.array([[-1.0, 2.5, 0.4], [0.8, -0.6, -3.0], [1.9, 0.2, -0.1], [-0.7, 1.1, 4.2]])
NUMBERS = np.array([[0.03, 0.44, 0.79], [0.58, 0.15, 0.91], [0.67, 0.36, 0.24], [0.52, 0.88, 0.09]])

CASES = (
    Case("a quarter is dropped", (HIDDEN, 0.25, UNIFORM, True)),
    Case("most is dropped, also of negative numbers", (SIGNED, 0.7, NUMBERS, True)),
    Case("a test: nothing is dropped", (HIDDEN, 0.4, UNIFORM, False)),
    Case("a rate of 0 drops nothing", (SIGNED, 0.0, NUMBERS, True)),
    Case("training is the default", (SIGNED, 0.4, NUMBERS)),
    Case("one row of numbers, a third dropped", (HIDDEN[0], 1 / 3, UNIFORM[1])),
)


def random_numbers(rng: np.random.Generator) -> list[Arguments]:
    """Draw arrays of several shapes and rates, in training and after it."""
    return [
        (rng.normal(1, 1, shape), float(rng.choice([0.1, 0.2, 0.35, 0.65, 0.8])), rng.random(shape), training)
        for shape, training in (((6, 7), True), ((3, 11), False), ((2, 3, 4), True))
    ]


def many_numbers(rng: np.random.Generator) -> list[Arguments]:
    """Draw 40,000 numbers about 3, and a rate."""
    shape = (80, 500)
    return [(rng.normal(3, 0.1, shape), float(rng.uniform(0.2, 0.8)), rng.random(shape), True)]


def same_on_average(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    before, after = calls[0][0].mean(), values[0][0].mean()
    # With four numbers in five dropped, the mean of 40,000 has a standard error of 1 %.
    if abs(after / before - 1) < 0.07:
        return None
    return f"at rate {calls[0][1]:.2f} the mean went from {before:.3g} to {after:.3g}"


def matches_the_slope(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (x, *_), (out, slope) in zip(calls, values, strict=True):
        if not np.allclose(out, x * slope):
            index = tuple(int(i) for i in np.argwhere(~np.isclose(out, x * slope))[0])
            return f"at {index}, x is {x[index]:.4g}, out {out[index]:.4g}, but the slope {slope[index]:.4g}"
    return None


def reference(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    """What is kept is made larger, so that the average stays."""
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope


dropout = Exercise(
    name="dropout",
    points=3,
    reference=reference,
    returns=("out", "slope"),
    cases=CASES,
    properties=[
        Property("agrees on random numbers", random_numbers),
        Property(
            "on average nothing changes",
            many_numbers,
            same_on_average,
            hint="what share is kept? Divide what is kept by it.",
        ),
        Property(
            "every output is its input times its slope",
            random_numbers,
            matches_the_slope,
            hint="slope is what out is multiplied by: 0 where a number was dropped, and the factor where it was kept.",
        ),
    ],
)


@dropout.variant
def number_by_number(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    out, slope = x.astype(float), np.ones(x.shape)
    if training:
        for index in np.ndindex(x.shape):
            slope[index] = 0 if uniform[index] < rate else 1 / (1 - rate)
            out[index] *= slope[index]
    return out, slope


@dropout.variant
def with_where(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    if not training:
        return x, np.ones_like(x)
    dropped = uniform < rate
    return np.where(dropped, 0, x / (1 - rate)), np.where(dropped, 0, 1 / (1 - rate))


@dropout.variant
def by_choosing_what_stays(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    share = 1 - rate * training
    kept = np.zeros(x.size)
    kept[np.flatnonzero(uniform.ravel() >= 1 - share)] = 1
    slope = (kept / share).reshape(x.shape)
    return np.multiply(slope, x), slope
