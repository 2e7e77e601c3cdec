"""a1: the multiclass hinge loss without loops, and its gradient with respect to the scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a1_losses.hinge import CASES, random_batch
from coursekit.exercises.core import Arguments, Array, Exercise, Property

Answer = tuple[Any, Array]


def reference(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    """Mean over the images of the summed violations; each violation pulls its two scores apart."""
    n = len(labels)
    images = np.arange(n)
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


def shifted(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch twice, the second time with another constant added to each image's scores."""
    scores, labels, margin = random_batch(rng)[0]
    return [(scores, labels, margin), (scores + rng.normal(0, 20, (len(scores), 1)), labels, margin)]


def same_answers(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (loss, dscores), (shifted_loss, shifted_dscores) = values
    if np.isclose(loss, shifted_loss) and np.allclose(dscores, shifted_dscores):
        return None
    return f"the loss went from {loss:.6g} to {shifted_loss:.6g}, or the gradient moved"


hinge_loss = Exercise(
    name="hinge_loss",
    points=4,
    reference=reference,
    returns=("loss", "dscores"),
    cases=CASES,
    properties=[
        Property("agrees on random batches", random_batch),
        Property(
            "a constant added to all the scores of an image changes nothing",
            shifted,
            same_answers,
            hint="only differences between scores count; look for a score that is used by itself.",
        ),
    ],
)


@hinge_loss.variant
def in_loops(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, classes = scores.shape
    loss, dscores = 0.0, np.zeros((n, classes))
    for i in range(n):
        for j in range(classes):
            violation = scores[i, j] - scores[i, labels[i]] + margin
            if j != labels[i] and violation > 0:
                loss += violation
                dscores[i, j] += 1
                dscores[i, labels[i]] -= 1
    return loss / n, dscores / n


@hinge_loss.variant
def with_a_mask(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    wrong = np.arange(scores.shape[1]) != labels[:, None]
    right = np.take_along_axis(scores, labels[:, None], axis=1)
    violations = np.where(wrong, scores - right + margin, 0).clip(min=0)
    active = np.sign(violations)
    dscores = active - active.sum(axis=1, keepdims=True) * ~wrong
    return violations.sum(axis=1).mean(), dscores / scores.shape[0]


@hinge_loss.variant
def with_one_hot_rows(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    onehot = np.eye(scores.shape[1])[labels]
    violations = np.maximum(0, scores - (scores * onehot).sum(1, keepdims=True) + margin * (1 - onehot))
    active = (violations > 0).astype(float)
    return np.mean(violations.sum(1)), (active - onehot * active.sum(1)[:, None]) / len(scores)


@hinge_loss.misconception(
    "the correct class is counted too: its term is always the margin itself. Set it to 0 before summing."
)
def counts_the_correct_class(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    dscores = (violations > 0) / n
    dscores[images, labels] -= dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "the margin is missing: a class that is merely lower costs nothing. Add the margin inside the max."
)
def forgets_the_margin(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None])
    dscores = (violations > 0) / n
    dscores[images, labels] -= dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "the margin is added after the max, so that every wrong class costs at least the margin. It belongs inside."
)
def adds_the_margin_outside(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None]) + margin
    violations[images, labels] = 0
    dscores = (violations > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "the difference is the wrong way round: a wrong class is punished for being lower. It is s_j − s_y."
)
def swaps_the_difference(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores[images, labels, None] - scores + margin)
    violations[images, labels] = 0
    dscores = (violations > 0) / -n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "loss and gradient are summed over the images; the loss of a batch is a mean, so divide both by N."
)
def sums_over_images(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    images = np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0).astype(float)
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum(), dscores


@hinge_loss.misconception(
    "the mean runs over the classes too (`.mean()` of the whole matrix); sum over classes, average over images."
)
def averages_over_classes(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    images = np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0) / violations.size
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.mean(), dscores


@hinge_loss.misconception("the violations are squared: that is another loss, the squared hinge.")
def squares_the_violations(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = 2 * violations / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return (violations**2).sum() / n, dscores


@hinge_loss.misconception("only the worst wrong class of each image is counted; this loss sums over all of them.")
def keeps_the_worst_class(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    worst = violations.argmax(axis=1)
    dscores = np.zeros(scores.shape)
    dscores[images, worst] = (violations[images, worst] > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.max(axis=1).sum() / n, dscores


@hinge_loss.misconception(
    "in the gradient the correct class is left at 0, but each violation also pushes the correct score up by one."
)
def leaves_the_correct_class_out_of_the_gradient(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    return violations.sum() / n, (violations > 0) / n


@hinge_loss.misconception(
    "the correct class gets −1 once; it gets −1 for every class that violates the margin, so count them."
)
def counts_one_violation_an_image(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0) / n
    dscores[images, labels] = (violations > 0).any(axis=1) / -n
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "the loss is a mean, but its gradient was not divided by N; the gradient of a mean is one too."
)
def forgets_to_average_the_gradient(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    images = np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0).astype(float)
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / len(labels), dscores


@hinge_loss.misconception(
    "the gradient has its sign turned: it should point uphill (wrong scores +, the correct one −); SGD subtracts it."
)
def turns_the_gradient_round(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = (violations > 0) / -n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "the gradient holds the size of each violation; a max has slope 1 where it is active, however large it is."
)
def puts_violations_into_the_gradient(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    dscores = violations / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception("the margin is fixed at 1; use the argument that the function is given.")
def fixes_the_margin(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + 1)
    violations[images, labels] = 0
    dscores = (violations > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return violations.sum() / n, dscores


@hinge_loss.misconception(
    "`scores -= …` changes the caller's array: whoever uses them next has other scores. Make a new array."
)
def works_in_place(scores: Array, labels: Array, margin: float = 1.0) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    scores[:] = np.maximum(0, scores - scores[images, labels, None] + margin)
    scores[images, labels] = 0
    dscores = (scores > 0) / n
    dscores[images, labels] = -dscores.sum(axis=1)
    return scores.sum() / n, dscores


@hinge_loss.misconception("only the loss is returned; the caller also needs the gradient: `return loss, dscores`.")
def returns_the_loss_alone(scores: Array, labels: Array, margin: float = 1.0) -> Any:
    images = np.arange(len(labels))
    violations = np.maximum(0, scores - scores[images, labels, None] + margin)
    violations[images, labels] = 0
    return violations.sum() / len(labels)
