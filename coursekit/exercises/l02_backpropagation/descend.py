"""Lecture 02: gradient descent on any function, from its gradient."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Gradient = Callable[[Array], Array]


# Gradients to follow. They stand at module level so that another process can name them. -------------------------------


def gradient_of_a_bowl(w: Array) -> Array:
    """Of the sum of squares, whose minimum is at 0."""
    return np.asarray(2 * w)


def gradient_of_a_valley(w: Array) -> Array:
    """Of a quadratic with a steep and a gentle direction, whose minimum is at 1."""
    return np.asarray(np.linspace(0.5, 4, w.size).reshape(w.shape) * (w - 1))


def gradient_of_a_wave(w: Array) -> Array:
    """Of sum(sin w): its slope is never constant, so an old gradient is soon wrong."""
    return np.asarray(np.cos(w))


def starts(rng: np.random.Generator) -> list[Arguments]:
    """Draw starts of one and two axes, rates that converge, and a few steps each."""
    return [
        (gradient_of_a_bowl, rng.normal(0, 2, 3), float(rng.uniform(0.05, 0.3)), 7),
        (gradient_of_a_valley, rng.normal(0, 2, (2, 4)), float(rng.uniform(0.05, 0.3)), 4),
        (gradient_of_a_wave, rng.uniform(-1, 1, 5), float(rng.uniform(0.1, 0.4)), 9),
        (gradient_of_a_wave, rng.uniform(-1, 1, (3, 2)), float(rng.uniform(0.1, 0.4)), 2),
    ]


def walk_in_two_parts(rng: np.random.Generator) -> list[Arguments]:
    """Draw a walk of 6 steps from a start, and of 6 and 0 steps from elsewhere."""
    start, rate = rng.uniform(-1, 1, 4), float(rng.uniform(0.1, 0.3))
    return [(gradient_of_a_bowl, start, rate, 6), (gradient_of_a_bowl, start, rate, 0)]


def shrinks_by_the_same_factor(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (_, start, rate, steps), value in zip(calls, values, strict=True):
        if not np.allclose(value, start * (1 - 2 * rate) ** steps):
            return f"{steps} steps of rate {rate:.3g} down the bowl should multiply w by (1 − 2 · rate) to the {steps}"
    return None


def reference(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    """Step after step against the gradient where we stand."""
    w = np.array(start, dtype=np.float64)
    for _ in range(steps):
        w = w - rate * gradient(w)
    return w


descend = Exercise(
    name="descend",
    points=0,
    reference=reference,
    returns=("w",),
    cases=(
        Case("one step down a bowl", (gradient_of_a_bowl, np.array([3.0, -1.0]), 0.1, 1)),
        Case("three steps down a valley", (gradient_of_a_valley, np.array([2.0, -1.5, 0.5]), 0.2, 3)),
        Case("eight steps down a wave", (gradient_of_a_wave, np.array([0.3, -0.9]), 0.4, 8)),
        Case("no step at all", (gradient_of_a_bowl, np.array([1.5, 2.5]), 0.1, 0)),
    ),
    properties=[
        Property("agrees from random starts", starts),
        Property(
            "each step down a bowl shrinks w by the same factor",
            walk_in_two_parts,
            shrinks_by_the_same_factor,
            hint="take the gradient anew at every step, where you then stand.",
        ),
    ],
)


@descend.variant
def in_place_on_a_copy(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = start.astype(float).copy()
    while steps > 0:
        w -= rate * gradient(w)
        steps -= 1
    return w


@descend.variant
def keeping_the_path(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    path = [start]
    for _ in range(steps):
        path.append(path[-1] + rate * -gradient(path[-1]))
    return path[-1]


@descend.variant
def by_recursion(gradient: Gradient, start: Array, rate: float, steps: int) -> Any:
    def walk(w: Array, left: int) -> Any:
        return walk(w - rate * gradient(w), left - 1) if left else w

    return walk(start, steps)


@descend.misconception("that walks uphill: the gradient points up, so subtract it.")
def walks_uphill(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps):
        w = w + rate * gradient(w)
    return w


@descend.misconception("the gradient at the start is used for every step; take it anew where you stand.")
def keeps_the_first_gradient(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    return start - steps * rate * gradient(start)


@descend.misconception("only one step was taken; repeat it `steps` times.")
def takes_one_step(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    return start - rate * gradient(start)


@descend.misconception("the learning rate is missing: multiply each gradient by `rate`.")
def forgets_the_rate(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps):
        w = w - gradient(w)
    return w


@descend.misconception("only the gradient's sign is used; a steep slope asks for a longer step than a gentle one.")
def keeps_the_sign_alone(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps):
        w = w - rate * np.sign(gradient(w))
    return w


@descend.misconception("each gradient was scaled to length 1; take it as long as it is.")
def scales_the_gradient_to_length_one(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps):
        g = gradient(w)
        w = w - rate * g / np.sqrt((g**2).sum())
    return w


@descend.misconception("that is the gradient where the walk ends; the place itself is wanted.")
def returns_the_gradient(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps):
        w = w - rate * gradient(w)
    return gradient(w)


@descend.misconception("one step too many: `range(steps + 1)` and `<=` count 0 as well.")
def takes_one_step_too_many(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    w = np.array(start, dtype=float)
    for _ in range(steps + 1):
        w = w - rate * gradient(w)
    return w


@descend.misconception("the step was taken on `start` itself, which changes the caller's weights; begin with a copy.")
def changes_the_start(gradient: Gradient, start: Array, rate: float, steps: int) -> Array:
    for _ in range(steps):
        start -= rate * gradient(start)
    return start
