"""Lecture 02: the error of a hidden layer, from the errors of the layer above."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw errors, weights and tanh outputs for several sizes, among them as many hidden units as classes."""
    return [
        (rng.normal(0, 1, (n, k)), rng.normal(0, 1, (m, k)), np.tanh(rng.normal(0, 1, (n, m))))
        for n, m, k in ((5, 4, 3), (2, 3, 6), (3, 4, 4))
    ]


def batch_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, then each of its examples by itself."""
    delta, weights, hidden = random_layers(rng)[0]
    alone = [(delta[i : i + 1], weights, hidden[i : i + 1]) for i in range(len(delta))]
    return [(delta, weights, hidden), *alone]


def same_examples(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for i, alone in enumerate(values[1:]):
        if not np.allclose(values[0][i], alone[0]):
            return f"example {i} has another error in the batch than by itself"
    return None


def hidden_error_reference(delta: Array, weights: Array, hidden: Array) -> Array:
    """What each unit is blamed for by the units above it, times its own slope."""
    return np.asarray((1 - hidden**2) * (delta @ weights.T))


hidden_error = Exercise(
    name="hidden_error",
    points=0,
    reference=hidden_error_reference,
    returns=("delta_hidden",),
    cases=(
        Case(
            "one example, three hidden units, two outputs",
            (
                np.array([[0.3, -0.3]]),
                np.array([[1.0, -2.0], [0.5, 0.5], [-1.5, 1.0]]),
                np.array([[0.0, 0.6, -0.8]]),
            ),
        ),
        Case(
            "as many hidden units as outputs",  # only here does the untransposed product give numbers
            (
                np.array([[0.2, -0.5], [-0.1, 0.4]]),
                np.array([[1.0, 0.3], [-0.7, 2.0]]),
                np.array([[0.5, -0.2], [0.9, 0.1]]),
            ),
        ),
        Case(
            "a saturated unit",
            (np.array([[1.0, -0.4, 0.7]]), np.array([[2.0, 1.0, -1.0], [0.5, -3.0, 1.0]]), np.array([[0.9999, -0.3]])),
        ),
        Case(
            "two examples, one of them without error",
            (
                np.array([[0.0, 0.0], [0.6, -0.2]]),
                np.array([[1.2, -0.4], [0.8, 0.9], [-1.1, 0.5]]),
                np.array([[0.3, -0.7, 0.2], [-0.4, 0.1, 0.85]]),
            ),
        ),
    ),
    properties=[
        Property("agrees on random layers", random_layers),
        Property(
            "an example has the same error in a batch as by itself",
            batch_and_alone,
            same_examples,
            hint="no example may hear of another; look for a sum, a mean or an index over the batch.",
        ),
    ],
)


@hidden_error.variant
def hidden_error_in_loops(delta: Array, weights: Array, hidden: Array) -> Array:
    out = np.zeros(hidden.shape)
    for i in range(hidden.shape[0]):
        for j in range(hidden.shape[1]):
            blame = sum(weights[j, k] * delta[i, k] for k in range(delta.shape[1]))
            out[i, j] = (1 - hidden[i, j] ** 2) * blame
    return out


@hidden_error.variant
def hidden_error_with_einsum(delta: Array, weights: Array, hidden: Array) -> Any:
    return np.einsum("nk,mk->nm", delta, weights) * (1 - hidden) * (1 + hidden)


@hidden_error.variant
def hidden_error_example_by_example(delta: Array, weights: Array, hidden: Array) -> Array:
    return np.stack([(weights @ d) / np.cosh(np.arctanh(z)) ** 2 for d, z in zip(delta, hidden, strict=True)])


@hidden_error.misconception("the slope of the hidden units is missing: multiply by 1 − hidden².")
def forgets_the_slope(delta: Array, weights: Array, hidden: Array) -> Any:
    return delta @ weights.T


@hidden_error.misconception(
    "errors go back through the weights the other way: from outputs to hidden units, so the matrix is transposed."
)
def forgets_to_transpose(delta: Array, weights: Array, hidden: Array) -> Any:
    return (1 - hidden**2) * (delta @ weights)


@hidden_error.misconception("`hidden` is tanh's output already; yours takes its tanh again before the slope.")
def takes_tanh_again(delta: Array, weights: Array, hidden: Array) -> Any:
    return (1 - np.tanh(hidden) ** 2) * (delta @ weights.T)


@hidden_error.misconception("hidden (1 − hidden) is the slope of a sigmoid; these are tanh units: 1 − hidden².")
def takes_the_slope_of_a_sigmoid(delta: Array, weights: Array, hidden: Array) -> Any:
    return hidden * (1 - hidden) * (delta @ weights.T)


@hidden_error.misconception("the blame is multiplied by the unit's value; it is the unit's *slope* that passes it on.")
def multiplies_by_the_hidden_value(delta: Array, weights: Array, hidden: Array) -> Any:
    return hidden * (delta @ weights.T)


@hidden_error.misconception("the blame is averaged over the outputs; it is their sum.")
def averages_over_the_outputs(delta: Array, weights: Array, hidden: Array) -> Any:
    return (1 - hidden**2) * (delta @ weights.T) / delta.shape[1]


@hidden_error.misconception("the examples are added up here; that comes later, in the gradient of the weights.")
def adds_up_the_batch(delta: Array, weights: Array, hidden: Array) -> Any:
    return ((1 - hidden**2) * (delta @ weights.T)).sum(axis=0)
