"""Lecture 01's micro-checks: the scores of a linear classifier, one image's hinge loss, softmax."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a1_losses.hinge import ANIMALS
from coursekit.exercises.core import Arguments, Array, Assignment, Case, Exercise, Property

FOUR_PIXELS = np.array([[0.9, 0.2, 0.6, 0.1]])
CAT_DOG_SHIP = np.array([[0.5, -0.3, 0.1], [-1.2, 0.8, 0.4], [0.7, 1.1, -0.9], [0.2, -0.6, 1.3]])


def random_images(rng: np.random.Generator) -> list[Arguments]:
    """Draw many images of few pixels and few images of many, so that no two axes can be mixed up."""
    return [
        (rng.uniform(0, 1, (n, features)), rng.normal(0, 1, (features, classes)), rng.normal(0, 1, classes))
        for n, features, classes in ((7, 4, 3), (2, 5, 9))
    ]


def together_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, then each of its images by itself."""
    x, weights, bias = random_images(rng)[0]
    return [(x, weights, bias), *((row[None], weights, bias) for row in x)]


def same_rows(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for i, alone in enumerate(values[1:]):
        if not np.allclose(values[0][i], alone[0]):
            return f"image {i} has other scores in the batch than by itself"
    return None


def scores_reference(x: Array, weights: Array, bias: Array) -> Array:
    """Each image's row times each class's column, plus the class's bias."""
    return np.asarray(x @ weights + bias)


scores = Exercise(
    name="scores",
    points=0,
    reference=scores_reference,
    returns=("scores",),
    cases=(
        Case("four pixels; cat, dog and ship", (FOUR_PIXELS, CAT_DOG_SHIP, np.array([1.1, -0.4, 0.3]))),
        Case("a black image", (np.zeros((1, 4)), CAT_DOG_SHIP, np.array([1.1, -0.4, 0.3]))),
        Case(
            "whole-number pixels, two images",
            (np.array([[3, 0, 2], [1, 5, 4]]), np.array([[1, -2], [0, 3], [2, 1]]), np.array([-1, 4])),
        ),
        # Square on purpose: only here do the slides' W x and x Wᵀ give numbers at all.
        Case(
            "three images, three pixels, three classes",
            (
                np.array([[0.2, 0.9, 0.4], [0.7, 0.1, 0.5], [0.3, 0.6, 1.0]]),
                np.array([[1.0, -0.5, 0.3], [0.6, 2.0, -1.0], [-0.8, 0.4, 1.5]]),
                np.array([0.1, -0.2, 0.7]),
            ),
        ),
    ),
    properties=[
        Property("agrees on random images", random_images),
        Property(
            "an image has the same scores in a batch as by itself",
            together_and_alone,
            same_rows,
            hint="each image meets the weights alone; look for a sum or an index that reaches across images.",
        ),
    ],
)


@scores.variant
def scores_in_loops(x: Array, weights: Array, bias: Array) -> Array:
    out = np.zeros((x.shape[0], weights.shape[1]))
    for i in range(x.shape[0]):
        for j in range(weights.shape[1]):
            out[i, j] = sum(x[i, k] * weights[k, j] for k in range(x.shape[1])) + bias[j]
    return out


@scores.variant
def scores_with_einsum(x: Array, weights: Array, bias: Array) -> Any:
    return np.einsum("nf,fc->nc", x, weights) + bias[None, :]


@scores.variant
def scores_by_the_slides(x: Array, weights: Array, bias: Array) -> Array:
    return np.array([weights.T.dot(image) + bias for image in x])


@scores.misconception("the bias is missing: a black image should score the bias, not 0.")
def forgets_the_bias(x: Array, weights: Array, bias: Array) -> Any:
    return x @ weights


@scores.misconception(
    "the weights stand on the left, as in the slides' W x. Here images are rows: (n, features) meets (features, "
    "classes), so x comes first."
)
def multiplies_in_the_order_of_the_slides(x: Array, weights: Array, bias: Array) -> Any:
    return weights @ x + bias


@scores.misconception(
    "the weights are transposed; they come as (features, classes), one column a class, and fit x as they are."
)
def transposes_the_weights(x: Array, weights: Array, bias: Array) -> Any:
    return x @ weights.T + bias


@scores.misconception("each image became a column; give back one row an image: (n, classes).")
def makes_a_column_of_each_image(x: Array, weights: Array, bias: Array) -> Any:
    return weights.T @ x.T + bias[:, None]


@scores.misconception("the bias is added to every weight; add it once, to the finished scores.")
def adds_the_bias_to_the_weights(x: Array, weights: Array, bias: Array) -> Any:
    return x @ (weights + bias)


@scores.misconception("only the first image is scored; `x` holds n images, and each wants its row.")
def scores_the_first_image(x: Array, weights: Array, bias: Array) -> Any:
    return x[0] @ weights + bias


def one_image(rng: np.random.Generator) -> list[Arguments]:
    """Draw one image's scores, for few classes and for many."""
    return [
        (rng.normal(0, 2, classes), int(rng.integers(classes)), float(rng.uniform(0.3, 2)))
        for classes in (4, 4, 9, 9, 9)
    ]


def lifted(rng: np.random.Generator) -> list[Arguments]:
    """Draw one image's scores, and the same with a constant added to all of them."""
    row, label, margin = one_image(rng)[-1]
    return [(row, label, margin), (row + rng.normal(0, 20), label, margin)]


def same_loss(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    loss, lifted_loss = values
    return None if np.isclose(loss, lifted_loss) else f"the loss went from {loss:.6g} to {lifted_loss:.6g}"


def hinge_reference(scores: Array, label: int, margin: float = 1.0) -> Any:
    """Sum over the wrong classes of how far each comes too near."""
    violations = np.maximum(0, scores - scores[label] + margin)
    return violations.sum() - violations[label]


hinge_one = Exercise(
    name="hinge_one",
    points=0,
    reference=hinge_reference,
    returns=("loss",),
    cases=(
        Case("the cat, taken for a car", (ANIMALS[0], 0, 1.0)),
        Case("the car, well recognised", (ANIMALS[1], 1, 1.0)),
        Case("the frog, last of all", (ANIMALS[2], 2)),
        Case("five classes, a margin of two", (np.array([0.4, 2.1, 1.3, -0.7, 1.8]), 1, 2.0)),
    ),
    properties=[
        Property("agrees on random scores", one_image),
        Property(
            "a constant added to all the scores changes nothing",
            lifted,
            same_loss,
            hint="only differences between scores count; look for a score that is used by itself.",
        ),
    ],
)


@hinge_one.variant
def hinge_in_a_loop(scores: Array, label: int, margin: float = 1.0) -> Any:
    loss = 0.0
    for j in range(len(scores)):
        if j != label:
            loss += max(0, scores[j] - scores[label] + margin)
    return loss


@hinge_one.variant
def hinge_without_the_label(scores: Array, label: int, margin: float = 1.0) -> Any:
    return np.clip(np.delete(scores, label) + margin - scores[label], 0, None).sum()


@hinge_one.variant
def hinge_of_the_violators(scores: Array, label: int, margin: float = 1.0) -> Any:
    gaps = scores - scores[label] + margin
    return gaps[(gaps > 0) & (np.arange(scores.size) != label)].sum()


@hinge_one.misconception(
    "the correct class is counted too: its term is always the margin itself. Leave j = y out of the sum."
)
def counts_the_correct_class(scores: Array, label: int, margin: float = 1.0) -> Any:
    return np.maximum(0, scores - scores[label] + margin).sum()


@hinge_one.misconception(
    "the margin is missing: a class that is merely lower costs nothing. Add the margin inside the max."
)
def forgets_the_margin(scores: Array, label: int, margin: float = 1.0) -> Any:
    return np.maximum(0, scores - scores[label]).sum()


@hinge_one.misconception(
    "the difference is the wrong way round: a wrong class is punished for being lower. It is s_j − s_y."
)
def swaps_the_difference(scores: Array, label: int, margin: float = 1.0) -> Any:
    return np.maximum(0, scores[label] - np.delete(scores, label) + margin).sum()


@hinge_one.misconception(
    "the max is missing: classes with room to spare pay back what others cost. Each term is at least 0."
)
def forgets_the_max(scores: Array, label: int, margin: float = 1.0) -> Any:
    return (np.delete(scores, label) - scores[label] + margin).sum()


@hinge_one.misconception("only the worst wrong class is counted; this loss sums over all of them.")
def keeps_the_worst_class(scores: Array, label: int, margin: float = 1.0) -> Any:
    return max(0, np.delete(scores, label).max() - scores[label] + margin)


@hinge_one.misconception("the terms are returned one by one; the loss is their sum.")
def forgets_to_sum(scores: Array, label: int, margin: float = 1.0) -> Any:
    return np.maximum(0, np.delete(scores, label) - scores[label] + margin)


def random_scores(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tall and a wide batch of scores."""
    return [(rng.normal(0, 2, shape),) for shape in ((8, 3), (2, 7))]


def raised(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch twice, the second time with about a thousand added to the scores of each image."""
    ((batch,), _) = random_scores(rng)
    return [(batch,), (batch + rng.uniform(900, 1100, (len(batch), 1)),)]


def same_probabilities(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    return None if np.allclose(values[0], values[1]) else "the probabilities moved"


def rows_sum_to_one(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for value in values:
        sums = np.sum(value, axis=1)
        if not np.allclose(sums, 1):
            worst = int(np.argmax(np.abs(sums - 1)))
            return f"row {worst} sums to {sums[worst]:.6g}"
    return None


def softmax_reference(scores: Array) -> Array:
    """Each exp as a share of its row's sum; a row's largest is subtracted first so that none overflows."""
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exps / exps.sum(axis=1, keepdims=True))


softmax = Exercise(
    name="softmax",
    points=0,
    reference=softmax_reference,
    returns=("probabilities",),
    cases=(
        Case("the cat, taken for a car", (ANIMALS[:1],)),
        Case("whole-number scores of two images", (np.array([[2, 4, 1, 3], [3, 0, 2, -1]]),)),
        Case("scores near a thousand", (np.array([[1000.5, 1002.0, 999.0, 1001.2], [998.4, 997.0, 1000.3, 999.9]]),)),
        Case(
            "one image's scores two thousand below the other's",
            (np.array([[0.4, 1.7, -0.6], [-1999.2, -2000.9, -1998.5]]),),
        ),
    ),
    properties=[
        Property("agrees on random scores", random_scores),
        Property(
            "each row sums to one",
            random_scores,
            rows_sum_to_one,
            hint="divide each exp by the sum over the classes of its own row.",
        ),
        Property(
            "a constant added to all the scores of an image changes nothing",
            raised,
            same_probabilities,
            hint="exp of a large score overflows. You may subtract a constant from each row before the exp.",
        ),
    ],
)


@softmax.variant
def softmax_in_loops(scores: Array) -> Any:
    rows = []
    for row in scores:
        exps = [np.exp(score - max(row)) for score in row]
        rows.append([e / sum(exps) for e in exps])
    return rows


@softmax.variant
def softmax_with_logaddexp(scores: Array) -> Any:
    return np.exp(scores - np.logaddexp.reduce(scores, axis=1)[:, None])


@softmax.variant
def softmax_by_differences(scores: Array) -> Any:
    return 1 / np.exp(np.minimum(scores[:, None, :] - scores[:, :, None], 700)).sum(axis=2)


@softmax.misconception(
    "exp(1000) overflows and inf/inf is not a number. Subtract each row's largest score first: no share changes."
)
def lets_exp_overflow(scores: Array) -> Any:
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


@softmax.misconception(
    "the largest score of the whole batch is subtracted; a row far below it becomes all zeros, and 0/0. "
    "Each row needs its own largest."
)
def shifts_by_the_largest_of_the_batch(scores: Array) -> Any:
    exps = np.exp(scores - scores.max())
    return exps / exps.sum(axis=1, keepdims=True)


@softmax.misconception(
    "the probabilities add up to 1 down the columns: images compete for a class. Sum over the classes of each row."
)
def normalises_over_the_images(scores: Array) -> Any:
    exps = np.exp(scores - scores.max(axis=0))
    return exps / exps.sum(axis=0)


@softmax.misconception(
    "all the images share one sum, so only the whole table adds up to 1. Each row needs its own: `keepdims=True` helps."
)
def normalises_over_the_batch(scores: Array) -> Any:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exps / exps.sum()


@softmax.misconception("the exp is missing: scores divided by their sum can be negative, and shares cannot.")
def forgets_the_exp(scores: Array) -> Any:
    return scores / scores.sum(axis=1, keepdims=True)


@softmax.misconception("these are the exps; divide each by its row's sum to make shares of them.")
def forgets_to_divide(scores: Array) -> Any:
    return np.exp(scores - scores.max(axis=1, keepdims=True))


ASSIGNMENT = Assignment(
    name="l01_linear_classifiers", title="Linear classifiers and losses", exercises=(scores, hinge_one, softmax)
)
