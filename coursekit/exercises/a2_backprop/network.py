"""a2: the scores of a network of two layers, with ReLU units between them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

# Two hidden units are enough for XOR: one counts the inputs that are on, the other notices when both are.
XOR = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
COUNTING = (np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.array([0.0]))

# Three features, two hidden units, four classes.
IMAGE = np.array([[1.0, -2.0, 0.5]])
SMALL = (
    np.array([[0.8, -0.3], [0.2, 0.9], [-0.6, 1.1]]),
    np.array([0.4, -0.2]),
    np.array([[1.5, -0.5, 0.3, 2.0], [0.7, 1.2, -1.4, 0.1]]),
    np.array([0.1, 0.0, -0.3, 0.25]),
)
# Three of everything: only here does a product that should be transposed give numbers.
THREE = np.array([[0.9, -1.2, 0.4], [-0.7, 0.8, 1.6], [0.3, 0.5, -2.1]])
CUBE = (
    np.array([[0.6, -1.1, 0.9], [1.3, 0.4, -0.8], [-0.2, 0.7, 1.5]]),
    np.array([0.15, -0.35, 0.2]),
    np.array([[1.1, -0.4, 0.6], [0.3, 1.7, -0.9], [-1.3, 0.2, 0.8]]),
    np.array([-0.25, 0.45, 0.05]),
)
# Whole numbers, for which the third unit gets exactly 0 from the first image.
WHOLE = np.array([[1.0, 2.0], [3.0, -1.0]])
CORNER = (
    np.array([[1.0, -1.0, 2.0], [2.0, 1.0, -1.0]]),
    np.array([-1.0, 2.0, 0.0]),
    np.array([[1.0, -2.0], [3.0, 1.0], [2.0, -1.0]]),
    np.array([1.0, -1.0]),
)
ASLEEP = (SMALL[0], np.array([-5.0, -6.0]), *SMALL[2:])

CASES = (
    Case("XOR by two hidden units and one score", (XOR, *COUNTING)),
    Case("one image, one hidden unit on and one off", (IMAGE, *SMALL)),
    Case("three images, features, hidden units and classes", (THREE, *CUBE)),
    Case("a hidden unit that gets exactly 0", (WHOLE, *CORNER)),
    Case("all hidden units off: only the second bias is left", (IMAGE, *ASLEEP)),
)


def layers(rng: np.random.Generator, features: int, hidden: int, classes: int) -> Arguments:
    """Draw w1, b1, w2 and b2."""
    shapes = ((features, hidden), (hidden,), (hidden, classes), (classes,))
    return tuple(rng.normal(0, 1, shape) for shape in shapes)


def random_networks(rng: np.random.Generator) -> list[Arguments]:
    """Draw wide and narrow networks and a few images for each."""
    sizes = ((5, 3, 7, 4), (2, 6, 3, 8), (4, 4, 4, 4))
    return [(rng.normal(0, 1, (n, features)), *layers(rng, features, *rest)) for n, features, *rest in sizes]


def one_by_one(rng: np.random.Generator) -> list[Arguments]:
    """Draw a few images, together and each alone."""
    x, network = rng.normal(0, 1, (4, 3)), layers(rng, 3, 6, 2)
    return [(x, *network), *((x[i : i + 1], *network) for i in range(len(x)))]


def same_scores(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    together, *alone = values
    for i, scores in enumerate(alone):
        if not np.allclose(together[i], scores[0]):
            return f"image {i} has other scores in a batch than alone"
    return None


def exchanged(rng: np.random.Generator) -> list[Arguments]:
    """Draw a network, and the same one with its hidden units in another order."""
    x, (w1, b1, w2, b2) = rng.normal(0, 1, (3, 4)), layers(rng, 4, 6, 3)
    order = np.roll(rng.permutation(6), 1)
    return [(x, w1, b1, w2, b2), (x, w1[:, order], b1[order], w2[order], b2)]


def unmoved(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    return None if np.allclose(values[0], values[1]) else "the scores changed with the order of the hidden units"


def reference(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    """An affine map, ReLU, an affine map."""
    hidden = np.maximum(0, x @ w1 + b1)
    return hidden @ w2 + b2


two_layer_forward = Exercise(
    name="two_layer_forward",
    points=2,
    reference=reference,
    returns=("scores",),
    cases=CASES,
    properties=[
        Property("agrees on random networks", random_networks),
        Property(
            "an image has the same scores in a batch as alone",
            one_by_one,
            same_scores,
            hint="no image may hear of another; look for a sum, a mean or a maximum over the batch.",
        ),
        Property(
            "the order of the hidden units does not matter",
            exchanged,
            unmoved,
            hint="unit j has column j of w1, entry j of b1 and row j of w2.",
        ),
    ],
)


@two_layer_forward.variant
def number_by_number(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> list[Any]:
    table = []
    for image in x:
        hidden = []
        for j in range(len(b1)):
            total = b1[j] + sum(image[i] * w1[i, j] for i in range(len(image)))
            hidden.append(total if total > 0 else 0.0)
        table.append([b2[k] + sum(hidden[j] * w2[j, k] for j in range(len(hidden))) for k in range(len(b2))])
    return table


@two_layer_forward.variant
def with_the_biases_as_weights(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    ones = np.ones((x.shape[0], 1))
    z = np.hstack([x, ones]) @ np.vstack([w1, b1])
    return np.hstack([np.where(z > 0, z, 0), ones]) @ np.vstack([w2, b2])


@two_layer_forward.variant
def with_einsum(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    z = np.einsum("nf,fh->hn", x, w1) + b1[:, None]
    return np.einsum("hn,hc->nc", (z + np.abs(z)) / 2, w2) + b2


@two_layer_forward.misconception("the ReLU is missing: two linear layers in a row are no more than one.")
def forgets_the_relu(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return (x @ w1 + b1) @ w2 + b2


@two_layer_forward.misconception("the scores went through a ReLU too; a score may be negative.")
def puts_the_scores_through_a_relu(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, np.maximum(0, x @ w1 + b1) @ w2 + b2)


@two_layer_forward.misconception("the ReLU stands behind the second layer; it belongs between the two.")
def puts_the_relu_last(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, (x @ w1 + b1) @ w2 + b2)


@two_layer_forward.misconception("the first bias is missing; it decides where a hidden unit switches on.")
def forgets_the_first_bias(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, x @ w1) @ w2 + b2


@two_layer_forward.misconception("the second bias is missing: add b2 to the scores.")
def forgets_the_second_bias(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, x @ w1 + b1) @ w2


@two_layer_forward.misconception("the first bias is added after the ReLU; the ReLU takes the sum with the bias.")
def adds_the_bias_after_the_relu(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return (np.maximum(0, x @ w1) + b1) @ w2 + b2


@two_layer_forward.misconception("the first bias is subtracted, as a threshold would be; here it is added.")
def subtracts_the_bias(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, x @ w1 - b1) @ w2 + b2


@two_layer_forward.misconception("these are tanh units; ReLU, max(0, z), is asked for.")
def takes_tanh_units(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.tanh(x @ w1 + b1) @ w2 + b2


@two_layer_forward.misconception("these are sigmoid units; ReLU, max(0, z), is asked for.")
def takes_sigmoid_units(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return 1 / (1 + np.exp(-(x @ w1 + b1))) @ w2 + b2


@two_layer_forward.misconception("negative numbers lost their sign, as in |z|; a ReLU makes them 0.")
def takes_the_absolute_value(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.abs(x @ w1 + b1) @ w2 + b2


@two_layer_forward.misconception("negative numbers leak through a little; this ReLU makes them exactly 0.")
def leaks(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    z = x @ w1 + b1
    return np.maximum(z, 0.01 * z) @ w2 + b2


@two_layer_forward.misconception("the hidden units pass on only whether they are on (0 or 1); a ReLU passes z itself.")
def switches_on_and_off(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return (x @ w1 + b1 > 0) @ w2 + b2


@two_layer_forward.misconception("the scores were made probabilities; softmax comes later, in the loss.")
def makes_probabilities(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    scores = np.maximum(0, x @ w1 + b1) @ w2 + b2
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


@two_layer_forward.misconception(
    "the hidden numbers are returned, one for each hidden unit; go on to the scores, one for each class."
)
def stops_at_the_hidden_units(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return np.maximum(0, x @ w1 + b1)


@two_layer_forward.misconception("the scores of the images were added up; every image keeps its own row.")
def adds_up_the_batch(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Any:
    return (np.maximum(0, x @ w1 + b1) @ w2 + b2).sum(axis=0)
