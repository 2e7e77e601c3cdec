"""a1: the multiclass hinge loss in loops, one pair of classes at a time."""

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

# The worked example of the lecture (CS 1674, Kovashka): one image a row, the classes cat, car, frog.
ANIMALS = np.array([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0], [2.2, 2.5, -3.1]])

CASES = (
    Case("cat, car and frog", (ANIMALS, np.array([0, 1, 2]), 1.0)),
    Case("one image, five classes", (np.array([[0.3, -1.2, 2.4, 1.9, 0.1]]), np.array([3]), 1.0)),
    Case(
        "every margin is kept",
        (np.array([[9.0, 1.5, 2.0], [0.5, -3.0, 7.0]]), np.array([0, 2]), 1.0),
    ),
    Case(
        "a margin of a half, labels out of order",
        (np.array([[0.2, 0.9, -0.4, 0.6], [1.1, 1.0, 0.8, 3.0]]), np.array([3, 0]), 0.5),
    ),
    Case("whole-number scores", (np.array([[2, 7, 2, 5], [3, 3, 9, 0]]), np.array([0, 1]), 2.0)),
)


def random_batch(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tall and a wide batch, so that images and classes cannot be mixed up."""
    return [
        (rng.normal(0, 2, (n, classes)), rng.integers(0, classes, n), float(rng.uniform(0.3, 2)))
        for n, classes in ((11, 4), (3, 8))
    ]


def reference_loops(scores: Array, labels: Array, margin: float = 1.0) -> float:
    """Mean over the images of the summed violations, one pair at a time."""
    total = 0.0
    for row, label in zip(scores, labels, strict=True):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total / len(scores)


hinge_loss_loops = Exercise(
    name="hinge_loss_loops",
    points=3,
    reference=reference_loops,
    returns=("loss",),
    cases=CASES,
    properties=[Property("agrees on random batches", random_batch)],
)


@hinge_loss_loops.variant
def over_images(scores: Array, labels: Array, margin: float = 1.0) -> float:
    losses = []
    for i in range(scores.shape[0]):
        others = np.delete(scores[i], labels[i])
        losses.append(np.maximum(0, others - scores[i, labels[i]] + margin).sum())
    return float(np.mean(losses))


@hinge_loss_loops.variant
def with_a_comprehension(scores: Array, labels: Array, margin: float = 1.0) -> float:
    n, classes = scores.shape
    violations = [
        max(scores[i, j] - scores[i, labels[i]] + margin, 0) for i in range(n) for j in range(classes) if j != labels[i]
    ]
    return float(sum(violations) / n)


@hinge_loss_loops.variant
def without_loops(scores: Array, labels: Array, margin: float = 1.0) -> float:
    violations = np.maximum(0, scores - scores[np.arange(len(labels)), labels, None] + margin)
    return float((violations.sum() - len(labels) * margin) / len(labels))


@hinge_loss_loops.misconception(
    "the correct class is counted too: its term is always the margin itself. Leave j = y out of the sum."
)
def counts_the_correct_class(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for score in row:
            total += max(0.0, score - row[label] + margin)
    return total / len(scores)


@hinge_loss_loops.misconception(
    "the margin is missing: a class that is merely lower costs nothing. Add the margin inside the max."
)
def forgets_the_margin(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label])
    return total / len(scores)


@hinge_loss_loops.misconception("the margin is subtracted: that forgives a violation. The term is s_j − s_y + margin.")
def subtracts_the_margin(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] - margin)
    return total / len(scores)


@hinge_loss_loops.misconception(
    "the margin is added after the max, so that every wrong class costs at least the margin. It belongs inside."
)
def adds_the_margin_outside(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label]) + margin
    return total / len(scores)


@hinge_loss_loops.misconception(
    "the difference is the wrong way round: a wrong class is punished for being lower. It is s_j − s_y."
)
def swaps_the_difference(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, row[label] - score + margin)
    return total / len(scores)


@hinge_loss_loops.misconception(
    "the losses are summed over the images; the loss of a batch is their mean, so divide by N."
)
def sums_over_images(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total


@hinge_loss_loops.misconception(
    "the sum is divided by the number of classes as well; an image's loss is a sum, only images are averaged."
)
def averages_over_classes(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + margin)
    return total / scores.size


@hinge_loss_loops.misconception("only the worst wrong class of each image is counted; this loss sums over all of them.")
def keeps_the_worst_class(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        total += max(0.0, *(s - row[label] + margin for j, s in enumerate(row) if j != label))
    return total / len(scores)


@hinge_loss_loops.misconception(
    "the max is missing: classes with room to spare pay back what others cost. Each term is at least 0."
)
def forgets_the_max(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += score - row[label] + margin
    return total / len(scores)


@hinge_loss_loops.misconception("the margin is fixed at 1; use the argument that the function is given.")
def fixes_the_margin(scores: Array, labels: Array, margin: float = 1.0) -> float:
    total = 0.0
    for row, label in zip(scores, labels):
        for j, score in enumerate(row):
            if j != label:
                total += max(0.0, score - row[label] + 1)
    return total / len(scores)
