"""a1: the softmax (cross-entropy) loss and its gradient with respect to the scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a1_losses.hinge import ANIMALS
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Any, Array]

CASES = (
    Case("cat, car and frog", (ANIMALS, np.array([0, 1, 2]))),
    Case("one image, five classes", (np.array([[0.3, -1.2, 2.4, 1.9, 0.1]]), np.array([3]))),
    Case("whole-number scores", (np.array([[2, 4, 1, 3], [3, 0, 2, -1]]), np.array([3, 0]))),
    Case(
        "sure of itself, and wrong",
        (np.array([[38.0, -2.0, 1.5, 0.0], [0.5, 1.0, -30.0, 2.0]]), np.array([1, 2])),
    ),
    Case(
        "scores near a thousand",
        (np.array([[1000.5, 1002.0, 999.0, 1001.2], [998.4, 997.0, 1000.3, 999.9]]), np.array([3, 2])),
    ),
    Case(
        "one image's scores two thousand below the other's",
        (np.array([[0.4, 1.7, -0.6], [-1999.2, -2000.9, -1998.5]]), np.array([2, 0])),
    ),
)


def random_batch(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tall and a wide batch, so that images and classes cannot be mixed up."""
    return [(rng.normal(0, 2, (n, classes)), rng.integers(0, classes, n)) for n, classes in ((11, 4), (3, 8))]


def hopeless(rng: np.random.Generator) -> list[Arguments]:
    """Draw one image whose correct class is 30 points below the others, and then 40."""
    scores, label = rng.normal(0, 1, (1, 6)), rng.integers(0, 6, 1)
    near, far = scores.copy(), scores.copy()
    near[0, label], far[0, label] = -30, -40
    return [(near, label), (far, label)]


def costs_ten_more(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (near, _), (far, _) = values
    if np.isclose(far - near, 10):
        return None
    return f"ten points further off, the loss went from {near:.6g} to {far:.6g}; it should grow by 10"


def nudged(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, and the batch a small step either way along a random direction."""
    scores, labels = random_batch(rng)[1]
    step = 1e-4 * rng.normal(0, 1, scores.shape)
    return [(scores, labels), (scores + step, labels), (scores - step, labels)]


def gradient_is_the_slope(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    risen = values[1][0] - values[2][0]
    foretold = np.sum(values[0][1] * (calls[1][0] - calls[2][0]))
    if np.isclose(risen, foretold, rtol=1e-4, atol=1e-8):
        return None
    return f"along a small step your loss changes by {risen:.6g}; your gradient says {foretold:.6g}"


def shifted(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch twice, the second time with about a thousand added to the scores of each image."""
    scores, labels = random_batch(rng)[0]
    return [(scores, labels), (scores + rng.uniform(900, 1100, (len(scores), 1)), labels)]


def same_answers(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (loss, dscores), (shifted_loss, shifted_dscores) = values
    if np.isclose(loss, shifted_loss) and np.allclose(dscores, shifted_dscores):
        return None
    return f"the loss went from {loss:.6g} to {shifted_loss:.6g}, or the gradient moved"


def reference(scores: Array, labels: Array) -> Answer:
    """Mean over the images of −ln p of the correct class; its gradient is p, less 1 there, over N."""
    n = len(labels)
    images = np.arange(n)
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(log_p)
    dscores[images, labels] -= 1
    return -log_p[images, labels].mean(), dscores / n


# The first hint that applies is the one shown when no misconception matches, so the sharpest come first.
softmax_loss = Exercise(
    name="softmax_loss",
    points=4,
    reference=reference,
    returns=("loss", "dscores"),
    cases=CASES,
    properties=[
        Property(
            "ten points further off costs ten more",
            hopeless,
            costs_ten_more,
            hint="for a hopeless image −ln p is nearly the gap between the scores. Look at the base of your logarithm, "
            "and for a clip or a small number added to p: they cap the loss.",
        ),
        Property(
            "the gradient is the slope of the loss",
            nudged,
            gradient_is_the_slope,
            hint="nudge one score and see by how much your own loss changes: that, per unit, is what dscores holds.",
        ),
        Property(
            "agrees on random batches",
            random_batch,
            hint="follow one image by hand: each class's exp as a share of its row's sum, −ln of the correct class's "
            "share, and only then the mean over the images.",
        ),
        Property(
            "a constant added to all the scores of an image changes nothing",
            shifted,
            same_answers,
            hint="exp of a large score overflows. Only differences within a row count, so you may subtract a constant "
            "from each row before the exp.",
        ),
    ],
)


@softmax_loss.variant
def step_by_step(scores: Array, labels: Array) -> Answer:
    exps = np.exp(scores - np.max(scores, axis=1)[:, None])
    p = exps / exps.sum(axis=1)[:, None]
    onehot = np.zeros(p.shape)
    onehot[range(len(labels)), labels] = 1
    return -np.sum(onehot * np.log(p)) / len(labels), (p - onehot) / len(labels)


@softmax_loss.variant
def in_loops(scores: Array, labels: Array) -> Answer:
    n, classes = scores.shape
    loss, dscores = 0.0, np.zeros((n, classes))
    for i in range(n):
        top = max(scores[i])
        exps = [np.exp(score - top) for score in scores[i]]
        loss += np.log(sum(exps)) - (scores[i, labels[i]] - top)
        for j in range(classes):
            dscores[i, j] = (exps[j] / sum(exps) - (j == labels[i])) / n
    return loss / n, dscores


@softmax_loss.variant
def with_logaddexp(scores: Array, labels: Array) -> Answer:
    log_sums = np.logaddexp.reduce(scores, axis=1, keepdims=True)
    right = np.take_along_axis(scores, labels[:, None], axis=1)
    wanted = labels[:, None] == np.arange(scores.shape[1])
    return np.mean(log_sums - right), (np.exp(scores - log_sums) - wanted) / len(scores)


@softmax_loss.misconception(
    "the logarithm has base 10: it makes 0.89 of the cat's 2.04. The loss takes the natural logarithm."
)
def takes_log_to_base_10(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log10(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "exp(1000) overflows and inf/inf is not a number. Subtract each row's largest score first: p stays the same."
)
def lets_exp_overflow(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "the largest score of the whole batch is subtracted; a row far below it becomes all zeros, and 0/0. "
    "Each row needs its own largest."
)
def shifts_by_the_largest_of_the_batch(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max())
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "the probabilities add up to 1 down the columns: images compete for a class. Sum over the classes of each row."
)
def normalises_over_the_images(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=0))
    p = exps / exps.sum(axis=0)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "the exp is missing: scores divided by their sum can be negative, and have no logarithm then."
)
def forgets_the_exp(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    p = scores / scores.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "softmax is applied twice: probabilities went through exp again. It expects scores, and is needed once."
)
def applies_softmax_twice(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    p = scores
    for _ in range(2):
        exps = np.exp(p - p.max(axis=1, keepdims=True))
        p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "`p[:, labels]` takes every label's column for every image. Pair them up: one row index and one label an image."
)
def takes_all_labels_for_each_image(scores: Array, labels: Array) -> Answer:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[:, labels]).mean()
    p[:, labels] -= 1
    return loss, p / len(labels)


@softmax_loss.misconception(
    "the labels are used as if they were rows of zeros and ones; they are class numbers, so use them as indices."
)
def takes_labels_for_one_hot_rows(scores: Array, labels: Array) -> Answer:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -(labels * np.log(p)).sum() / len(labels), (p - labels) / len(labels)


@softmax_loss.misconception(
    "the most probable class is taken for the correct one, so a confident mistake costs nothing. The label decides."
)
def believes_the_prediction(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p.max(axis=1)).mean()
    p[images, p.argmax(axis=1)] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "the wrong classes have a term of their own, −ln(1 − p): that is the loss of separate yes-or-no questions. "
    "Here only the correct class's p counts."
)
def charges_the_wrong_classes_too(scores: Array, labels: Array) -> Answer:
    n, onehot = len(labels), np.eye(scores.shape[1])[labels]
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -np.log(np.where(onehot == 1, p, 1 - p)).sum() / n, (p - onehot) / n


@softmax_loss.misconception("the minus is missing: ln p is negative, and the loss of a bad answer should be large.")
def forgets_the_minus(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "a small number is added inside the logarithm; it caps the loss of a hopeless image. "
    "With each row's largest score subtracted it is not needed."
)
def adds_a_small_number(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels] + 1e-12).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception(
    "loss and gradient are summed over the images; the loss of a batch is a mean, so divide both by N."
)
def sums_over_images(scores: Array, labels: Array) -> Answer:
    images = np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).sum()
    p[images, labels] -= 1
    return loss, p


@softmax_loss.misconception(
    "the mean runs over the classes too; an image has one loss, so divide by the number of images alone."
)
def averages_over_classes(scores: Array, labels: Array) -> Answer:
    onehot = np.eye(scores.shape[1])[labels]
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -np.mean(onehot * np.log(p)), (p - onehot) / p.size


@softmax_loss.misconception(
    "the gradient holds the probabilities alone, which would push every score down. The correct class has 1 less."
)
def returns_the_probabilities_as_gradient(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -np.log(p[images, labels]).mean(), p / n


@softmax_loss.misconception(
    "only the correct class has a gradient here; each wrong class is pushed down too, by its own probability."
)
def leaves_the_wrong_classes_at_zero(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    dscores = np.zeros(p.shape)
    dscores[images, labels] = p[images, labels] - 1
    return -np.log(p[images, labels]).mean(), dscores / n


@softmax_loss.misconception(
    "the loss is a mean, but its gradient was not divided by N; the gradient of a mean is one too."
)
def forgets_to_average_the_gradient(scores: Array, labels: Array) -> Answer:
    images = np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p


@softmax_loss.misconception(
    "the gradient has its sign turned: it should point uphill (wrong classes +, the correct one −); SGD subtracts it."
)
def turns_the_gradient_round(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -np.log(p[images, labels]).mean(), (np.eye(p.shape[1])[labels] - p) / n


@softmax_loss.misconception(
    "`zeros_like(scores)` of whole-number scores makes a whole-number array, which cuts every fraction off. "
    "Ask for floats: zeros(scores.shape)."
)
def cuts_fractions_off(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    dscores = np.zeros_like(scores)
    dscores[:] = p / n
    dscores[images, labels] = (p[images, labels] - 1) / n
    return -np.log(p[images, labels]).mean(), dscores


@softmax_loss.misconception(
    "`scores -= …` changes the caller's array: whoever uses them next has other scores. Make a new array."
)
def works_in_place(scores: Array, labels: Array) -> Answer:
    n, images = len(labels), np.arange(len(labels))
    scores -= scores.max(axis=1, keepdims=True)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[images, labels]).mean()
    p[images, labels] -= 1
    return loss, p / n


@softmax_loss.misconception("only the loss is returned; the caller also needs the gradient: `return loss, dscores`.")
def returns_the_loss_alone(scores: Array, labels: Array) -> Any:
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = exps / exps.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(labels)), labels]).mean()
