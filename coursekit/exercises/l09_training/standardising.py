"""Standardise test inputs with what the training inputs say."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_inputs(rng: np.random.Generator) -> list[Arguments]:
    """Draw inputs whose features differ in mean and spread; test inputs lie elsewhere."""
    calls: list[Arguments] = []
    for n, m, features in ((7, 4, 3), (5, 3, 6), (6, 8, 2)):
        mean, spread = rng.normal(2, 3, features), rng.uniform(0.5, 3, features)
        train = mean + spread * rng.normal(0, 1, (n, features))
        calls.append((train, mean + 1 + 2 * spread * rng.normal(0, 1, (m, features))))
    return calls


def one_at_a_time(rng: np.random.Generator) -> list[Arguments]:
    """Draw test inputs, then two of them without the others."""
    train, test = rng.normal(3, 2, (6, 4)), rng.normal(1, 3, (5, 4))
    return [(train, test), (train, test[:2])]


def does_not_mind_company(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    together, alone = (np.asarray(value) for value in values)
    same = together.shape == (5, 4) and alone.shape == (2, 4) and np.allclose(together[:2], alone)
    return None if same else "two test inputs changed when three others were left out"


def standardise_test_reference(train: Array, test: Array) -> Any:
    """Subtract the training mean of each feature and divide by its standard deviation in training."""
    return (test - train.mean(axis=0)) / train.std(axis=0)


TRAIN = np.array([[0.0, 10.0, 1.0], [2.0, 14.0, 4.0], [4.0, 30.0, 1.5], [10.0, 18.0, 2.5]])

standardise_test = Exercise(
    name="standardise_test",
    points=0,
    reference=standardise_test_reference,
    returns=("standardised",),
    cases=(
        Case("the training mean itself: zeros", (TRAIN, TRAIN.mean(axis=0, keepdims=True))),
        Case("two inputs, three features", (TRAIN, np.array([[1.0, 12.0, 3.0], [6.0, 25.0, 0.5]]))),
        Case("two features", (TRAIN[:, :2] * [1, -1], np.array([[3.0, -8.0], [-1.0, -20.0], [8.0, 5.0]]))),
        Case("the training inputs, without the last", (TRAIN, TRAIN[:3])),
    ),
    properties=[
        Property("agrees on random inputs", random_inputs),
        Property(
            "a test input's result does not depend on its neighbours",
            one_at_a_time,
            does_not_mind_company,
            hint="no number may be computed from the test inputs together.",
        ),
    ],
)


@standardise_test.variant
def standardise_test_by_loops(train: Array, test: Array) -> Any:
    out = np.empty(test.shape)
    for j in range(train.shape[1]):
        column = [row[j] for row in train]
        mean = sum(column) / len(column)
        spread = (sum((value - mean) ** 2 for value in column) / len(column)) ** 0.5
        for i in range(len(test)):
            out[i, j] = (test[i, j] - mean) / spread
    return out


@standardise_test.variant
def standardise_test_by_moments(train: Array, test: Array) -> Any:
    mean, square = np.mean(train, axis=0), np.mean(np.square(train), axis=0)
    return (test - mean) / np.sqrt(square - mean**2)


@standardise_test.variant
def standardise_test_as_a_layer(train: Array, test: Array) -> Any:
    scale = np.diag(1 / train.std(axis=0))
    return test @ scale - train.mean(axis=0) @ scale


@standardise_test.misconception("the test inputs' own mean and spread were used: they hide how the test inputs differ.")
def uses_the_test_statistics(train: Array, test: Array) -> Any:
    return (test - test.mean(axis=0)) / (test.std(axis=0) + 1e-9)


@standardise_test.misconception("the mean is that of the test inputs; take both numbers from training.")
def uses_the_test_mean(train: Array, test: Array) -> Any:
    return (test - test.mean(axis=0)) / train.std(axis=0)


@standardise_test.misconception("training and test inputs were pooled: statistics come from training alone.")
def pools_both_sets(train: Array, test: Array) -> Any:
    both = np.concatenate([train, test])
    return (test - both.mean(axis=0)) / both.std(axis=0)


@standardise_test.misconception("that is centred only; divide by the standard deviation, too.")
def only_centres(train: Array, test: Array) -> Any:
    return test - train.mean(axis=0)


@standardise_test.misconception("the mean was not subtracted.")
def only_scales(train: Array, test: Array) -> Any:
    return test / train.std(axis=0)


@standardise_test.misconception("that divides by the variance; its root is in the features' own units.")
def divides_by_the_variance(train: Array, test: Array) -> Any:
    return (test - train.mean(axis=0)) / train.var(axis=0)


@standardise_test.misconception("one mean and one spread were taken for all features; each feature has its own.")
def takes_one_mean_for_all(train: Array, test: Array) -> Any:
    return (test - train.mean()) / train.std()


@standardise_test.misconception("each input was standardised by itself, along its row; go along the examples.")
def goes_along_the_rows(train: Array, test: Array) -> Any:
    return (test - test.mean(axis=1, keepdims=True)) / test.std(axis=1, keepdims=True)


@standardise_test.misconception("that squeezes into 0 … 1 by extremes; use mean and standard deviation.")
def squeezes_between_extremes(train: Array, test: Array) -> Any:
    low, high = train.min(axis=0), train.max(axis=0)
    return (test - low) / (high - low)


@standardise_test.misconception("the spread was divided by n − 1; NumPy's std and Keras's Normalization divide by n.")
def divides_by_one_less(train: Array, test: Array) -> Any:
    return (test - train.mean(axis=0)) / train.std(axis=0, ddof=1)
