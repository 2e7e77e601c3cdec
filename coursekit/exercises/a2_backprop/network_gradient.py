"""a2: backpropagation through two layers."""

from collections.abc import Sequence

import numpy as np

from coursekit.exercises.a2_backprop.network import (
    ASLEEP,
    CORNER,
    COUNTING,
    CUBE,
    IMAGE,
    SMALL,
    THREE,
    WHOLE,
    XOR,
    random_networks,
)
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Array, Array, Array, Array, Array]

CASES = (
    Case("one image, one hidden unit on and one off", (np.array([[0.2, -0.7, 0.1, 0.4]]), IMAGE, *SMALL)),
    Case("XOR by two hidden units and one score", (np.array([[0.5], [-0.25], [1.0], [0.75]]), XOR + 0.1, *COUNTING)),
    Case(
        "three images, features, hidden units and classes",
        (np.array([[0.3, -0.5, 0.2], [-0.6, 0.1, 0.5], [0.25, 0.35, -0.6]]), THREE, *CUBE),
    ),
    Case("a hidden unit that gets exactly 0", (np.array([[2.0, -1.0], [1.0, 3.0]]), WHOLE, *CORNER)),
    Case("all hidden units off: only the second bias learns", (np.array([[0.2, -0.7, 0.1, 0.4]]), IMAGE, *ASLEEP)),
    Case("nothing to correct", (np.zeros((2, 2)), WHOLE + 0.5, *CORNER)),
)


def random_slopes(rng: np.random.Generator) -> list[Arguments]:
    """Draw networks, images and the gradients of their scores."""
    return [(rng.normal(0, 1, (len(x), len(b2))), x, w1, b1, w2, b2) for x, w1, b1, w2, b2 in random_networks(rng)]


def one_by_one(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, and then each of its images alone."""
    dscores, x, *network = random_slopes(rng)[0]
    return [(dscores, x, *network), *((dscores[i : i + 1], x[i : i + 1], *network) for i in range(len(x)))]


def adds_up(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    together, *alone = values
    for part, name in enumerate(("dw1", "db1", "dw2", "db2")):
        if not np.allclose(together[part], sum(each[part] for each in alone)):
            return f"{name} of the batch is not the sum of what its images give alone"
    if not np.allclose(together[4], np.concatenate([each[4] for each in alone])):
        return "a row of dx changes with the other images of the batch"
    return None


def in_proportion(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, and the same with dscores turned round and tripled."""
    dscores, *rest = random_slopes(rng)[1]
    return [(dscores, *rest), (-3 * dscores, *rest)]


def grows_alike(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for name, once, thrice in zip(("dw1", "db1", "dw2", "db2", "dx"), *values, strict=True):
        if not np.allclose(-3 * once, thrice):
            return f"dscores times −3 does not give {name} times −3"
    return None


def reference(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    """Forward once more for the hidden numbers, then the chain rule, layer by layer."""
    hidden = np.maximum(0, x @ w1 + b1)
    dhidden = (dscores @ w2.T) * (hidden > 0)
    return x.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dscores, dscores.sum(axis=0), dhidden @ w1.T


two_layer_backward = Exercise(
    name="two_layer_backward",
    points=6,
    reference=reference,
    returns=("dw1", "db1", "dw2", "db2", "dx"),
    cases=CASES,
    properties=[
        Property("agrees on random networks", random_slopes),
        Property(
            "a batch gives the sum of what its images give alone",
            one_by_one,
            adds_up,
            hint="every image adds to the gradients of weights and biases; look for a mean, or a row that is lost.",
        ),
        Property(
            "dscores times −3 gives every gradient times −3",
            in_proportion,
            grows_alike,
            hint="the way back is a chain of products; which ReLUs are on must depend on the way forward alone.",
        ),
    ],
)


@two_layer_backward.variant
def number_by_number(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    dw1, db1, dw2, db2, dx = np.zeros(w1.shape), np.zeros(b1.shape), np.zeros(w2.shape), np.zeros(b2.shape), x * 0.0
    for n in range(len(x)):
        for k in range(len(b2)):
            db2[k] += dscores[n, k]
        for j in range(len(b1)):
            z = b1[j] + sum(x[n, i] * w1[i, j] for i in range(len(w1)))
            if z > 0:
                dz = 0.0
                for k in range(len(b2)):
                    dw2[j, k] += z * dscores[n, k]
                    dz += w2[j, k] * dscores[n, k]
                db1[j] += dz
                for i in range(len(w1)):
                    dw1[i, j] += x[n, i] * dz
                    dx[n, i] += w1[i, j] * dz
    return dw1, db1, dw2, db2, dx


@two_layer_backward.variant
def image_by_image(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    rows = []
    for image, up in zip(x, dscores, strict=True):
        hidden = np.clip(image @ w1 + b1, 0, None)
        dz = np.where(hidden > 0, w2 @ up, 0)
        rows.append((np.outer(image, dz), dz, np.outer(hidden, up), up, w1 @ dz))
    dw1, db1, dw2, db2, dx = (np.array(part) for part in zip(*rows, strict=True))
    return dw1.sum(0), db1.sum(0), dw2.sum(0), db2.sum(0), dx


@two_layer_backward.variant
def with_the_biases_as_weights(dscores: Array, x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Answer:
    ones = np.ones((len(x), 1))
    first = np.hstack([x, ones])
    z = first @ np.vstack([w1, b1])
    second = np.hstack([np.maximum(z, 0), ones])
    dw2 = np.einsum("nh,nc->hc", second, dscores)
    dz = np.einsum("nc,hc->nh", dscores, w2)
    dz[z <= 0] = 0
    dw1 = np.einsum("nf,nh->fh", first, dz)
    return dw1[:-1], dw1[-1], dw2[:-1], dw2[-1], np.einsum("nh,fh->nf", dz, w1)
