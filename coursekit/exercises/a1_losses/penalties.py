"""a1: the L2 and L1 penalties on weights, each with its gradient."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Any, Array]

SMALL_TABLE = np.array([[1.5, -2.0, 0.5], [0.0, 3.0, -1.0]])

CASES = (
    Case("two features, three classes", (SMALL_TABLE, 0.1)),
    Case("one class", (np.array([[-0.5], [2.0], [0.25], [-3.0]]), 2.0)),
    Case("whole-number weights", (np.array([[4, 0, -3], [-1, 2, 7]]), 0.3)),
    Case("no weight is used", (np.zeros((3, 2)), 0.3)),
    Case("a strength of 0", (np.array([[0.7, -1.2], [2.5, 0.4], [-3.0, 1.1]]), 0.0)),
)


def random_weights(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tall and a wide table, some of their weights exactly 0."""
    tables = [rng.normal(0, 2, shape) * (rng.random(shape) > 0.2) for shape in ((7, 3), (2, 5))]
    return [(weights, float(rng.uniform(0.2, 0.9))) for weights in tables]


def doubled(rng: np.random.Generator) -> list[Arguments]:
    """Draw weights, and the same weights twice as large."""
    weights, strength = random_weights(rng)[0]
    return [(weights, strength), (2 * weights, strength)]


def changed_by_doubling(values: Sequence[Answer], loss_factor: float, slope_factor: float) -> str | None:
    """Say what did not grow by its factor."""
    (loss, dweights), (doubled_loss, doubled_dweights) = values
    if not np.allclose(doubled_loss, np.multiply(loss_factor, loss)):
        before, after = np.sum(loss), np.sum(doubled_loss)  # the learner's may be no single numbers
        return f"the loss should become {loss_factor:g} times as large: {before:.6g}, then {after:.6g}"
    if not np.allclose(doubled_dweights, np.multiply(slope_factor, dweights)):
        return f"every slope should become {slope_factor:g} times what it was"
    return None


def four_times_the_loss(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    return changed_by_doubling(values, 4, 2)


def twice_the_loss(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    return changed_by_doubling(values, 2, 1)


def reference_l2(weights: Array, strength: float) -> Answer:
    """Strength times the sum of the squares; each square has slope 2w."""
    return strength * np.sum(weights**2), 2 * strength * weights


def reference_l1(weights: Array, strength: float) -> Answer:
    """Strength times the sum of the absolute values; each has slope −1, 0 or 1."""
    return strength * np.sum(np.abs(weights)), strength * np.sign(weights)


l2_penalty = Exercise(
    name="l2_penalty",
    points=2,
    reference=reference_l2,
    returns=("loss", "dweights"),
    cases=CASES,
    properties=[
        Property("agrees on random weights", random_weights),
        Property(
            "weights twice as large cost four times as much and are pulled back twice as hard",
            doubled,
            four_times_the_loss,
            hint="every weight is squared by itself; a square grows with the square of the weight, its slope with it.",
        ),
    ],
)

l1_penalty = Exercise(
    name="l1_penalty",
    points=2,
    reference=reference_l1,
    returns=("loss", "dweights"),
    cases=CASES,
    properties=[
        Property("agrees on random weights", random_weights),
        Property(
            "weights twice as large cost twice as much and are pulled back as hard as before",
            doubled,
            twice_the_loss,
            hint="the slope of |w| depends on the sign of w alone, not on its size.",
        ),
    ],
)


# L2: correct answers --------------------------------------------------------------------------------------------------


@l2_penalty.variant
def l2_in_loops(weights: Array, strength: float) -> Answer:
    total, dweights = 0.0, np.zeros(weights.shape)
    for i in range(weights.shape[0]):
        for j in range(weights.shape[1]):
            total += weights[i, j] * weights[i, j]
            dweights[i, j] = 2 * strength * weights[i, j]
    return strength * total, dweights


@l2_penalty.variant
def l2_as_a_norm(weights: Array, strength: float) -> Answer:
    return strength * np.linalg.norm(weights) ** 2, weights * (strength + strength)


@l2_penalty.variant
def l2_as_a_dot_product(weights: Array, strength: float) -> Answer:
    w = weights.ravel()
    return strength * (w @ w), (2 * strength * w).reshape(weights.shape)


# L2: misconceptions ---------------------------------------------------------------------------------------------------


@l2_penalty.misconception(
    "you put a ½ in front, as many textbooks do; this course, like Keras, does not: the loss is strength · Σw²."
)
def halves_loss_and_gradient(weights: Array, strength: float) -> Answer:
    return 0.5 * strength * np.sum(weights**2), strength * weights


@l2_penalty.misconception("the loss has a factor ½ that the formula does not; your gradient is that of Σw² without it.")
def halves_the_loss_alone(weights: Array, strength: float) -> Answer:
    return 0.5 * strength * np.sum(weights**2), 2 * strength * weights


@l2_penalty.misconception("the 2 is missing from the gradient: w² has slope 2w, and there is no ½ here to cancel it.")
def loses_the_two(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights**2), strength * weights


@l2_penalty.misconception(
    "the gradient leaves strength out: it scales the loss, so it scales every slope of the loss too."
)
def leaves_strength_out_of_the_gradient(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights**2), 2 * weights


@l2_penalty.misconception("strength is not used at all; multiply both the sum and its gradient by it.")
def never_uses_strength(weights: Array, strength: float) -> Answer:
    return np.sum(weights**2), 2 * weights


@l2_penalty.misconception("strength is squared with the weights: multiply by it after squaring and summing.")
def squares_strength_too(weights: Array, strength: float) -> Answer:
    return np.sum((strength * weights) ** 2), 2 * strength**2 * weights


@l2_penalty.misconception("that is the norm, √Σw²; the L2 penalty is its square, so leave the root out.")
def takes_the_norm(weights: Array, strength: float) -> Answer:
    norm = np.sqrt(np.sum(weights**2))
    return strength * norm, strength * weights / max(norm, 1e-12)


@l2_penalty.misconception("that is the L1 penalty, Σ|w|; this one squares the weights.")
def takes_absolute_values(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), strength * np.sign(weights)


@l2_penalty.misconception(
    "you average over the weights; a penalty is a sum, so that a second weight of the same size costs as much again."
)
def averages_the_squares(weights: Array, strength: float) -> Answer:
    return strength * np.mean(weights**2), 2 * strength * weights / weights.size


@l2_penalty.misconception("the weights are summed first and squared then, so that +3 and −3 cancel. Square each one.")
def squares_the_sum(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights) ** 2, 2 * strength * np.sum(weights) * np.ones(weights.shape)


@l2_penalty.misconception("the sum runs over one axis, so each class has a penalty; add them all up to one number.")
def sums_each_class(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights**2, axis=0), 2 * strength * weights


@l2_penalty.misconception(
    "the last row is left out as if it were a bias; here the bias is kept apart, and every weight counts."
)
def spares_the_last_row(weights: Array, strength: float) -> Answer:
    dweights = 2 * strength * weights
    dweights[-1] = 0
    return strength * np.sum(weights[:-1] ** 2), dweights


@l2_penalty.misconception(
    "the gradient has its sign turned: it points to where the loss grows, away from 0; SGD subtracts it."
)
def turns_the_l2_gradient_round(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights**2), -2 * strength * weights


@l2_penalty.misconception("the gradient is summed to one number; there is one slope a weight, in the weights' shape.")
def sums_the_l2_gradient(weights: Array, strength: float) -> Any:
    return strength * np.sum(weights**2), 2 * strength * np.sum(weights)


@l2_penalty.misconception("only the loss is returned; the caller also needs the gradient: `return loss, dweights`.")
def returns_the_l2_loss_alone(weights: Array, strength: float) -> Any:
    return strength * np.sum(weights**2)


@l2_penalty.misconception(
    "the caller's weights are changed: `weights *= …` and `weights[:] = …` write into them. Make a new array."
)
def shrinks_the_weights_in_place(weights: Array, strength: float) -> Answer:
    loss = strength * np.sum(weights**2)
    weights[:] = 2 * strength * weights
    return loss, weights


# L1: correct answers --------------------------------------------------------------------------------------------------


@l1_penalty.variant
def l1_in_loops(weights: Array, strength: float) -> Answer:
    total, dweights = 0.0, np.zeros(weights.shape)
    for index, weight in np.ndenumerate(weights):
        total += abs(weight)
        if weight > 0:
            dweights[index] = strength
        elif weight < 0:
            dweights[index] = -strength
    return strength * total, dweights


@l1_penalty.variant
def l1_with_masks(weights: Array, strength: float) -> Answer:
    signs = (weights > 0).astype(float) - (weights < 0).astype(float)
    return strength * (signs * weights).sum(), strength * signs


@l1_penalty.variant
def l1_with_where(weights: Array, strength: float) -> Answer:
    slopes = np.where(weights == 0, 0.0, np.where(weights < 0, -1.0, 1.0))
    return np.abs(strength * weights).sum(), slopes * strength


# L1: misconceptions ---------------------------------------------------------------------------------------------------


@l1_penalty.misconception("the absolute value is missing, so that weights of opposite sign cancel. Sum |w|.")
def sums_without_absolute_values(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights), strength * np.ones(weights.shape)


@l1_penalty.misconception(
    "the loss lacks the absolute value, so that weights of opposite sign cancel; your gradient has the signs right."
)
def forgets_the_absolute_value_in_the_loss(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights), strength * np.sign(weights)


@l1_penalty.misconception("the absolute value is taken of the sum, after weights have cancelled. Take it of each one.")
def takes_the_absolute_value_of_the_sum(weights: Array, strength: float) -> Answer:
    return strength * np.abs(np.sum(weights)), strength * np.sign(weights)


@l1_penalty.misconception("a weight of exactly 0 gets slope +1, as if it were positive; the rule here is 0 at 0.")
def calls_zero_positive(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), strength * np.where(weights >= 0, 1.0, -1.0)


@l1_penalty.misconception("a weight of exactly 0 gets slope −1, as if it were negative; the rule here is 0 at 0.")
def calls_zero_negative(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), strength * np.where(weights > 0, 1.0, -1.0)


@l1_penalty.misconception("w / |w| is 0/0 at a weight of exactly 0, which gives nan; the slope there is to be 0.")
def divides_by_the_absolute_value(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), strength * weights / np.abs(weights)


@l1_penalty.misconception(
    "the gradient grows with the weight, which is how w² behaves; |w| is as steep far from 0 as near it."
)
def pulls_large_weights_harder(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), strength * weights


@l1_penalty.misconception("that is the L2 penalty, Σw²; this one takes absolute values.")
def takes_squares(weights: Array, strength: float) -> Answer:
    return strength * np.sum(weights**2), 2 * strength * weights


@l1_penalty.misconception(
    "np.linalg.norm(W, 1) of a table is the largest column sum, not the sum of all |w|. Add up the absolute values."
)
def takes_the_matrix_norm(weights: Array, strength: float) -> Answer:
    return strength * np.linalg.norm(weights, 1), strength * np.sign(weights)


@l1_penalty.misconception(
    "you average over the weights; a penalty is a sum: a second weight of the same size costs as much again."
)
def averages_the_absolute_values(weights: Array, strength: float) -> Answer:
    return strength * np.mean(np.abs(weights)), strength * np.sign(weights) / weights.size


@l1_penalty.misconception("the gradient leaves strength out; it scales the loss, and every slope of the loss with it.")
def leaves_strength_out_of_the_slopes(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), np.sign(weights)


@l1_penalty.misconception("strength is not used at all; multiply both the sum and the signs by it.")
def leaves_strength_out(weights: Array, strength: float) -> Answer:
    return np.sum(np.abs(weights)), np.sign(weights)


@l1_penalty.misconception(
    "the gradient has its sign turned: |w| grows away from 0, so a positive weight has a positive slope."
)
def turns_the_l1_gradient_round(weights: Array, strength: float) -> Answer:
    return strength * np.sum(np.abs(weights)), -strength * np.sign(weights)


@l1_penalty.misconception("the gradient is one number; every weight has a slope of its own, in the weights' shape.")
def sums_the_l1_gradient(weights: Array, strength: float) -> Any:
    return strength * np.sum(np.abs(weights)), strength * np.sum(np.sign(weights))


@l1_penalty.misconception("only the loss is returned; the caller needs the gradient as well: `return loss, dweights`.")
def returns_the_l1_loss_alone(weights: Array, strength: float) -> Any:
    return strength * np.sum(np.abs(weights))
