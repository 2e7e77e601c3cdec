"""a2: the mistakes people make when they draw initial weights."""

from typing import Any

import numpy as np

from coursekit.exercises.a2_backprop.initialisation import initial_weights

__all__ = ["initial_weights"]


@initial_weights.misconception(
    "the formulas give variances; `normal` takes a standard deviation, which is the square root."
)
def takes_the_variance_for_the_deviation(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, variance, (fan_in, fan_out))


@initial_weights.misconception("He divides by the number of *inputs* of a unit; yours divides by the number of units.")
def takes_fan_out_for_fan_in(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_out if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("He's variance is *2* / fan_in: a ReLU loses half of what passes through it.")
def forgets_the_two_of_he(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 1 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("Xavier's variance is *2* / (fan_in + fan_out), one over the mean of the two.")
def forgets_the_two_of_xavier(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 1 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("Xavier's variance looks at both sides, 2 / (fan_in + fan_out); yours is 1 / fan_in.")
def gives_xavier_fan_in_alone(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 1 / fan_in
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("both kinds come out as He's; look at the argument kind.")
def knows_no_xavier(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("both kinds come out as Xavier's; look at the argument kind.")
def knows_no_he(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("the kinds are exchanged: he gets Xavier's variance, and xavier He's.")
def exchanges_the_kinds(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind != "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception(
    "sqrt(6 / …) is the limit ±a of a uniform distribution, whose variance is a² / 3; of normal numbers it is three "
    "times too much."
)
def takes_the_limit_of_a_uniform_distribution(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 6 / fan_in if kind == "he" else 6 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception(
    "numbers drawn uniformly from ±a have variance a² / 3: with the standard deviation as limit they are too small."
)
def draws_uniformly_up_to_the_deviation(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).uniform(-np.sqrt(variance), np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception("all weights are positive (`random` gives 0 to 1); they should lie about 0.")
def draws_positive_numbers_alone(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).random((fan_in, fan_out)) * np.sqrt(variance)


@initial_weights.misconception(
    "all weights are 0: the hidden units of a network then stay at 0, and nothing but the last bias learns."
)
def starts_from_zeros(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    return np.zeros((fan_in, fan_out))


@initial_weights.misconception(
    "the deviation is 0.01 whatever the layer's size; large layers need smaller weights than small ones."
)
def takes_small_numbers(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    return np.random.default_rng(seed).normal(0, 0.01, (fan_in, fan_out))


@initial_weights.misconception("the numbers have variance 1; scale them by the layer's size.")
def forgets_to_scale(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    return np.random.default_rng(seed).normal(0, 1, (fan_in, fan_out))


@initial_weights.misconception("one column is drawn and all units get it; units that start alike stay alike for ever.")
def gives_all_units_the_same_weights(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    column = np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_in, 1))
    return np.repeat(column, fan_out, axis=1)


@initial_weights.misconception(
    "the seed has no effect: make the random generator from the argument, not from a fixed number."
)
def fixes_the_seed(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(0).normal(0, np.sqrt(variance), (fan_in, fan_out))


@initial_weights.misconception(
    "the weights have a row for each unit; here rows are inputs and columns units: (fan_in, fan_out)."
)
def turns_the_layer_round(fan_in: int, fan_out: int, seed: int, kind: str = "he") -> Any:
    variance = 2 / fan_in if kind == "he" else 2 / (fan_in + fan_out)
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), (fan_out, fan_in))
