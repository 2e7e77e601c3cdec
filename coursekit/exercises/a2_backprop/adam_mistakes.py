"""a2: the mistakes people make with Adam."""

from typing import Any

import numpy as np

from coursekit.exercises.a2_backprop.adam import Answer, adam_step
from coursekit.exercises.core import Array

__all__ = ["adam_step"]


@adam_step.misconception("neither moment is corrected for its start at 0: divide by 1 − beta1^t and 1 − beta2^t.")
def forgets_the_corrections(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m, v
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("v is not corrected for its start at 0, so that early steps are far too long.")
def corrects_the_mean_alone(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("m is not corrected for its start at 0, so that early steps are too short.")
def corrects_the_square_alone(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m, v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the corrections use t − 1; t counts from 1, so the first step has beta^1.")
def counts_steps_from_0(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1 ** (t - 1)), v / (1 - beta2 ** (t - 1))
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the corrections use t + 1; t is the number of this step, counted from 1.")
def counts_a_step_too_many(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("m and v are multiplied by 1 − beta^t; they are too small at first, so divide.")
def multiplies_in_the_corrections(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m * (1 - beta1**t), v * (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("m is divided by v itself; take its square root, or a steep slope gives a short step.")
def forgets_the_root(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (square + epsilon), m, v


@adam_step.misconception("epsilon is added under the root; it belongs outside, beside the root.")
def puts_epsilon_under_the_root(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square + epsilon)), m, v


@adam_step.misconception(
    "epsilon stands beside the root of the *uncorrected* v, as in Keras; in the formula here it is added after the "
    "correction."
)
def adds_epsilon_before_the_correction(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, root = m / (1 - beta1**t), (np.sqrt(v) + epsilon) / np.sqrt(1 - beta2**t)
    return w - learning_rate * mean / root, m, v


@adam_step.misconception(
    "m and v are handed back corrected; the next step would correct them again. Keep the plain ones."
)
def keeps_the_corrected_moments(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), mean, square


@adam_step.misconception("beta1 and beta2 are exchanged: beta1 belongs to m, beta2 to v.")
def exchanges_the_betas(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    beta1, beta2 = beta2, beta1
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the old moment gets the share 1 − beta, and the new slope beta; it is the other way round.")
def exchanges_the_shares(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = (1 - beta1) * m + beta1 * dw
    v = (1 - beta2) * v + beta2 * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("v is made of the squares of m; it is the mean of the squares of dw.")
def squares_the_mean(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * m**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("v is made of |dw|; square the slopes, as the root is taken afterwards.")
def takes_sizes_for_squares(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * np.abs(dw)
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the new slope is added whole; in a moving average it gets the share 1 − beta.")
def adds_the_whole_slope(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + dw
    v = beta2 * v + dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the step follows dw itself, not its running mean m: that is RMSProp.")
def steps_along_the_slope_itself(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    square = v / (1 - beta2**t)
    return w - learning_rate * dw / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("w moves by the moments of the step before; update m and v first.")
def steps_with_the_old_moments(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the step goes uphill: subtract it from w.")
def climbs(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w + learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("the betas are 0.9 and 0.999 whatever is asked; use the arguments.")
def fixes_the_betas(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    beta1, beta2 = 0.9, 0.999
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


@adam_step.misconception("epsilon is 1e-8 whatever is asked; use the argument.")
def fixes_epsilon(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + 1e-8), m, v


@adam_step.misconception("w alone is returned; the next step needs the moments: `return w, m, v`.")
def returns_the_weights_alone(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Any:  # fmt: skip
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon)


@adam_step.misconception("`*=` and `-=` change the caller's arrays; make new ones.")
def moves_the_callers_arrays(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m *= beta1
    m += (1 - beta1) * dw
    v *= beta2
    v += (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v
