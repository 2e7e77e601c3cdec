"""Lecture 02: one step backward, through a layer of sigmoids."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def sigmoid_outputs(rng: np.random.Generator) -> list[Arguments]:
    """Draw batches of upstream gradients and outputs, tall and wide."""
    return [(rng.normal(0, 1, shape), 1 / (1 + np.exp(-rng.normal(0, 2, shape)))) for shape in ((6, 3), (2, 7))]


def mirrored_outputs(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, and the same with each output mirrored at a half, as for the opposite input."""
    upstream, out = sigmoid_outputs(rng)[0]
    return [(upstream, out), (upstream, 1 - out)]


def same_slopes(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    return None if np.allclose(values[0], values[1]) else "the slopes at out and at 1 − out differ"


def through_sigmoid_reference(upstream: Array, out: Array) -> Array:
    """The local slope is out (1 - out), number by number."""
    return np.asarray(upstream * out * (1 - out))


through_sigmoid = Exercise(
    name="through_sigmoid",
    points=0,
    reference=through_sigmoid_reference,
    returns=("downstream",),
    cases=(
        Case("the steepest place, where out is a half", (np.array([[1.0, -2.0, 3.0]]), np.array([[0.5, 0.5, 0.5]]))),
        Case(
            "two units asleep and one awake",
            (np.array([[2.0, -1.5, 0.8]]), np.array([[0.999, 0.002, 0.4]])),
        ),
        Case(
            "three examples of two units",
            (
                np.array([[0.7, -1.2], [0.1, 2.5], [-0.4, 0.9]]),
                np.array([[0.9, 0.3], [0.2, 0.6], [0.75, 0.05]]),
            ),
        ),
        Case("nothing comes from above", (np.zeros((2, 3)), np.array([[0.1, 0.5, 0.8], [0.3, 0.7, 0.6]]))),
    ),
    properties=[
        Property("agrees on random batches", sigmoid_outputs),
        Property(
            "the slope is the same on both sides of a half",
            mirrored_outputs,
            same_slopes,
            hint="out and 1 − out play the same part.",
        ),
    ],
)


@through_sigmoid.variant
def through_sigmoid_in_loops(upstream: Array, out: Array) -> Array:
    downstream = np.zeros(out.shape)
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            downstream[i, j] = upstream[i, j] * (out[i, j] - out[i, j] ** 2)
    return downstream


@through_sigmoid.variant
def through_sigmoid_by_its_input(upstream: Array, out: Array) -> Any:
    z = np.log(out / (1 - out))
    return upstream * np.exp(-z) / (1 + np.exp(-z)) ** 2


@through_sigmoid.variant
def through_sigmoid_by_tanh(upstream: Array, out: Array) -> Any:
    return upstream * (1 - (2 * out - 1) ** 2) / 4


@through_sigmoid.misconception("that is the local slope alone; multiply it by what comes from above, `upstream`.")
def forgets_what_comes_from_above(upstream: Array, out: Array) -> Any:
    return out * (1 - out)


@through_sigmoid.misconception("`out` is the sigmoid's output already; yours puts it through the sigmoid again.")
def takes_the_output_for_the_input(upstream: Array, out: Array) -> Any:
    again = 1 / (1 + np.exp(-out))
    return upstream * again * (1 - again)


@through_sigmoid.misconception("1 − out² is the slope of tanh; the sigmoid's is out (1 − out).")
def takes_the_slope_of_tanh(upstream: Array, out: Array) -> Any:
    return upstream * (1 - out**2)


@through_sigmoid.misconception("that sends the upstream gradient through the sigmoid's value; its slope is wanted.")
def multiplies_by_the_value(upstream: Array, out: Array) -> Any:
    return upstream * out


@through_sigmoid.misconception("the slope is added to the upstream gradient; the chain rule multiplies.")
def adds_instead_of_multiplying(upstream: Array, out: Array) -> Any:
    return upstream + out * (1 - out)


@through_sigmoid.misconception("the examples are added up; each unit of each example keeps its own gradient.")
def adds_up_the_examples(upstream: Array, out: Array) -> Any:
    return (upstream * out * (1 - out)).sum(axis=0)
