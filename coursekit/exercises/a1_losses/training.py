"""a1: a linear classifier trained by mini-batch stochastic gradient descent.

Any random order is a right one, so exact answers are asked for only where the order cannot matter: all images in one
batch, equal images, or a loss with a constant slope. What the order itself must be is asked with losses that keep a
record: their slopes are such that the weights say which image was visited with which label, and in whose company.
"""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Function, Property

Answer = tuple[Array, Array]


def softmax_cross_entropy(scores: Array, labels: Array) -> tuple[float, Array]:
    """Mean of −ln p(label) over the images, and its gradient; scores (n, classes), labels (n,)."""
    images = np.arange(len(labels))
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dscores = np.exp(logs)
    dscores[images, labels] -= 1
    return float(-logs[images, labels].mean()), dscores / len(labels)


def steady_pull(scores: Array, labels: Array) -> tuple[float, Array]:
    """Minus the sum of the right scores: every visit pulls an image's right score up, always by the same."""
    images = np.arange(len(labels))
    dscores = np.zeros(scores.shape)
    dscores[images, labels] = -1
    return float(-scores[images, labels].sum()), dscores


def company(scores: Array, labels: Array) -> tuple[float, Array]:
    """Pull up an image's score of every label in its batch: the weights count who shared a batch with whom."""
    dscores = np.zeros(scores.shape)
    dscores[:, labels] = -1
    return float(-scores[:, labels].sum()), dscores


PIXELS = np.array([[0.2, 0.9, 0.4], [1.0, 0.1, 0.0], [0.3, 0.3, 0.8], [0.7, 0.6, 0.5], [0.0, 0.8, 0.1]])
SIX = np.array([[1.0, 0.5], [0.25, 2.0], [0.0, 1.5], [3.0, 0.75], [0.5, 0.5], [2.0, 1.0]])

CASES = (
    Case("five images, one step", (PIXELS, np.array([2, 0, 3, 0, 1]), 4, softmax_cross_entropy, 0.5, 1, 8, 0.1, 0)),
    Case(
        "three steps with a penalty, all images in the batch",
        (PIXELS, np.array([1, 0, 3, 3, 1]), 4, softmax_cross_entropy, 0.3, 3, 5, 0.2, 1),
    ),
    Case(
        "seven copies of one image in batches of three",
        (np.tile([0.5, 0.0, 1.0, 0.2], (7, 1)), np.full(7, 1), 3, softmax_cross_entropy, 0.2, 2, 3, 0.05, 2),
    ),
    Case(
        "five copies of one image in batches of two, a loss with a steady slope",
        (np.tile([0.5, 2.0], (5, 1)), np.full(5, 2), 4, steady_pull, 0.1, 3, 2, 0.0, 3),
    ),
    Case("all the defaults", (SIX, np.array([0, 2, 2, 0, 1, 2]), 3, softmax_cross_entropy)),
    Case("no epochs at all", (PIXELS, np.array([1, 1, 0, 2, 0]), 3, softmax_cross_entropy, 0.5, 0, 2, 0.1, 4)),
)


def one_batch(rng: np.random.Generator) -> list[Arguments]:
    """Draw few and many images, all in one batch: then the order cannot matter."""
    return [
        (
            *(rng.normal(0, 1, (n, features)), rng.integers(0, classes, n), classes, softmax_cross_entropy),
            *(float(rng.uniform(0.1, 0.8)), int(rng.integers(2, 5)), n + 3, float(rng.uniform(0.05, 0.2))),
            int(rng.integers(10**6)),
        )
        for n, features, classes in ((13, 3, 5), (4, 9, 2))
    ]


def steady(rng: np.random.Generator) -> list[Arguments]:
    """Draw images in small batches, the last one shorter, and a loss with a constant slope."""
    x, labels = rng.normal(0, 1, (11, 6)), rng.integers(0, 4, 11)
    return [(x, labels, 4, steady_pull, float(rng.uniform(0.1, 0.8)), 3, 4, 0.0, int(rng.integers(10**6)))]


def one_pixel_each(rng: np.random.Generator) -> list[Arguments]:
    """Draw images of which each lights a pixel and has a label of its own: weights[i] is what visits to i left."""
    n = int(rng.integers(5, 9)) * 2 + 1
    return [(np.eye(n), rng.permutation(n), n + 2, steady_pull, 1.0, 3, 4, 0.0, int(rng.integers(10**6)))]


def evenly(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    visits = values[0][0].sum(axis=1)
    if np.allclose(visits, visits[0]):
        return None
    most, least = int(visits.argmax()), int(visits.argmin())
    return f"image {most} was visited more often than image {least} in {calls[0][5]} epochs"


def with_own_label(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    labels, weights = calls[0][1], values[0][0]
    own = np.arange(weights.shape[1]) == labels[:, None]
    foreign = np.argwhere(~np.isclose(weights, 0) & ~own)
    if not len(foreign):
        return None
    image, label = foreign[0]
    return f"image {image} has label {labels[image]}, but was trained with label {label}"


def who_met_whom(rng: np.random.Generator) -> list[Arguments]:
    """Draw nothing but the seed: weights[i, j] counts the batches that images i and j shared in five epochs."""
    return [(np.eye(24), np.arange(24), 26, company, 1.0, 5, 4, 0.0, int(rng.integers(10**6)))]


def mixed(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    met = ~np.isclose(values[0][0][:, :24], 0)
    neighbours = np.kron(np.eye(6), np.ones((4, 4))) > 0
    return "every batch held four images that stand together in x" if (met == neighbours).all() else None


def always_new(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    met = np.abs(values[0][0][:, :24])
    always_or_never = np.isclose(met, 0) | np.isclose(met, met.max())
    return "in all five epochs the same images shared a batch" if always_or_never.all() else None


def small_batches(rng: np.random.Generator) -> Arguments:
    x, labels = rng.normal(0, 1, (14, 5)), rng.integers(0, 3, 14)
    return x, labels, 3, softmax_cross_entropy, 0.5, 3, 4, 0.01


def two_seeds(rng: np.random.Generator) -> list[Arguments]:
    """Draw images and two seeds."""
    drawn, seed = small_batches(rng), int(rng.integers(10**6))
    return [(*drawn, seed), (*drawn, seed + 1)]


def one_seed_twice(rng: np.random.Generator) -> list[Arguments]:
    """Draw images and a seed, to be used twice."""
    drawn, seed = small_batches(rng), int(rng.integers(10**6))
    return [(*drawn, seed), (*drawn, seed)]


def different(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    same = np.allclose(values[0][0], values[1][0], rtol=1e-9, atol=1e-12)
    return f"seeds {calls[0][-1]} and {calls[1][-1]} gave the same weights" if same else None


def equal(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    same = np.allclose(values[0][0], values[1][0], rtol=1e-9, atol=1e-12)
    return None if same else f"seed {calls[0][-1]} gave two different answers"


@functools.cache
def _digits() -> Any:
    from coursekit import data

    return data.load("digits")


def real_digits(rng: np.random.Generator) -> list[Arguments]:
    """Draw the training half of real digits, 1,437 images of 64 pixels, in a new order; all else by default."""
    digits = _digits()
    order = rng.permutation(len(digits.x_train))
    return [(digits.x_train[order].reshape(-1, 64), digits.y_train[order], 10, softmax_cross_entropy)]


def recognised(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    weights, bias = values[0]
    digits = _digits()
    right = np.mean((digits.x_test.reshape(-1, 64) @ weights + bias).argmax(axis=1) == digits.y_test)
    return None if right >= 0.94 else f"{right:.1%} of the digits held out are recognised; 94 % is easy to reach"


def reference(
    x: Array,
    labels: Array,
    classes: int,
    loss: Function,
    learning_rate: float = 0.5,
    epochs: int = 20,
    batch_size: int = 32,
    strength: float = 1e-4,
    seed: int = 0,
) -> Answer:
    """One step down the gradient of loss plus penalty for each batch of a new random order."""
    rng = np.random.default_rng(seed)
    weights, bias = np.zeros((x.shape[1], classes)), np.zeros(classes)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            _, dscores = loss(x[batch] @ weights + bias, labels[batch])
            weights -= learning_rate * (x[batch].T @ dscores + 2 * strength * weights)
            bias -= learning_rate * dscores.sum(axis=0)
    return weights, bias


train_linear_classifier = Exercise(
    name="train_linear_classifier",
    points=5,
    reference=reference,
    returns=("weights", "bias"),
    cases=CASES,
    properties=[
        Property("agrees on random images, all in one batch", one_batch),
        Property("agrees in small batches where the order leaves no trace", steady, diagnose=False),
        Property(
            "no image is visited more often than another",
            one_pixel_each,
            evenly,
            hint="go through one permutation of all the images in an epoch, to its very end.",
            diagnose=False,
        ),
        Property(
            "every image keeps its own label",
            one_pixel_each,
            with_own_label,
            hint="images and labels must go in the same order: index both with the same permutation.",
            diagnose=False,
        ),
        Property(
            "the images are shuffled",
            who_met_whom,
            mixed,
            hint="draw a random order of the images and take the batches from it.",
            diagnose=False,
        ),
        Property(
            "every epoch has a new order",
            who_met_whom,
            always_new,
            hint="draw the order inside the loop over epochs, from a generator made before it.",
            diagnose=False,
        ),
        Property(
            "another seed, another order",
            two_seeds,
            different,
            hint="make the random generator from the argument seed.",
            diagnose=False,
        ),
        Property(
            "the same seed gives the same weights",
            one_seed_twice,
            equal,
            hint="make the random generator from the argument seed, and draw everything from it.",
            diagnose=False,
        ),
        Property(
            "recognises real digits that it has not seen",
            real_digits,
            recognised,
            hint="plot the loss over the epochs: does it fall?",
            diagnose=False,
        ),
    ],
    rtol=1e-4,
    atol=1e-7,
)


@train_linear_classifier.variant
def with_a_row_for_the_bias(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    n, features = x.shape
    ones = np.hstack([x, np.ones((n, 1))])
    parameters = np.zeros((features + 1, classes))
    decay = np.full((features + 1, 1), 2 * strength)
    decay[-1] = 0
    rng = np.random.RandomState(seed)
    for _ in range(epochs):
        order = np.arange(n)
        rng.shuffle(order)
        for batch in np.split(order, np.arange(batch_size, n, batch_size)):
            slopes = loss(ones[batch] @ parameters, labels[batch])[1]
            parameters = parameters - learning_rate * (ones[batch].T @ slopes + decay * parameters)
    return parameters[:-1], parameters[-1]


@train_linear_classifier.variant
def one_image_at_a_time(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    import random

    generator = random.Random(seed)
    weights, bias = np.zeros((len(x[0]), classes)), np.zeros(classes)
    indices = list(range(len(x)))
    for _ in range(epochs):
        generator.shuffle(indices)
        waiting = list(indices)
        while waiting:
            batch, waiting = waiting[:batch_size], waiting[batch_size:]
            scores = np.array([x[i] @ weights + bias for i in batch])
            dscores = loss(scores, labels[batch])[1]
            dweights = 2 * strength * weights
            for i, row in zip(batch, dscores):
                dweights = dweights + np.outer(x[i], row)
            weights, bias = weights - learning_rate * dweights, bias - learning_rate * sum(dscores)
    return weights, bias


@train_linear_classifier.variant
def on_shuffled_copies(
    x: Array, labels: Array, classes: int, loss: Function, learning_rate: float = 0.5, epochs: int = 20,
    batch_size: int = 32, strength: float = 1e-4, seed: int = 0,
) -> Answer:  # fmt: skip
    np.random.seed(seed)
    weights = np.zeros((x.shape[1], classes))
    bias = np.zeros((1, classes))
    batches = -(-len(x) // batch_size)
    for _ in range(epochs):
        order = np.argsort(np.random.rand(len(x)))
        x, labels = x[order], labels[order]
        for k in range(batches):
            chosen = slice(k * batch_size, min((k + 1) * batch_size, len(x)))
            dscores = loss(np.dot(x[chosen], weights) + bias, labels[chosen])[1]
            weights *= 1 - 2 * learning_rate * strength
            weights -= learning_rate * np.einsum("nf,nc->fc", x[chosen], dscores)
            bias -= learning_rate * dscores.sum(axis=0, keepdims=True)
    return weights, bias[0]
