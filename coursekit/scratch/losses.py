"""Losses and penalties, each with its gradient.

Losses are means over the examples. Float32 stays float32 and float64 float64; integer scores are
computed in float64. Labels are integer vectors, one class index an example. Inputs are never
modified, and wrong input is refused with TypeError or ValueError and a message that says the fix.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from coursekit.scratch.inputs import FloatArray, labels_of, nonnegative, real, table

Scalar = np.floating[Any]


def hinge_loss(scores: ArrayLike, labels: ArrayLike, margin: float = 1.0) -> tuple[Scalar, FloatArray]:
    """Return the multi-class hinge (SVM) loss and its gradient.

    Example i of true class y costs ``sum over j != y of max(0, s_ij - s_iy + margin)``: every other
    class should stay at least ``margin`` below the true one. Where one does so with nothing to
    spare, its term is exactly 0 and has a corner there; the subgradient taken is 0.

    Args:
        scores: (n, classes), one row an example.
        labels: (n,) integers, 0 to classes - 1.
        margin: in units of the scores, 0 or more.

    Returns:
        The mean loss, and its gradient with respect to ``scores``, (n, classes).

    Source: Weston & Watkins 1999, "Support vector machines for multi-class pattern recognition";
    CS 1674 (Kovashka).
    """
    scores = table("scores", "(n, classes)", scores)
    labels, margin = labels_of(scores, labels), nonnegative("margin", margin)
    n, rows = len(scores), np.arange(len(scores))
    terms = np.maximum(0, scores - scores[rows, labels, np.newaxis] + margin)
    terms[rows, labels] = 0  # j = y would add the margin itself
    dscores = (terms > 0).astype(scores.dtype)
    dscores[rows, labels] -= dscores.sum(axis=1)
    return terms.sum(axis=1).mean(), dscores / n


def softmax(scores: ArrayLike) -> FloatArray:
    """Return each row's probabilities, ``exp(s_ij)`` over the sum of the row's exponentials.

    The row's largest score is subtracted from it first: the quotient stays the same, and ``exp``
    cannot overflow.

    Args:
        scores: (n, classes), one row an example.

    Returns:
        (n, classes); every row sums to 1.

    Source: CS 1674 (Kovashka).
    """
    return np.asarray(np.exp(_log_softmax(table("scores", "(n, classes)", scores))))


def softmax_loss(scores: ArrayLike, labels: ArrayLike) -> tuple[Scalar, FloatArray]:
    """Return the softmax (cross-entropy) loss and its gradient.

    Example i of true class y costs ``-ln p_iy`` with p = `softmax`: natural logarithms, so the loss
    is in nats. Its gradient is p, less 1 at the true class, over n.

    Args:
        scores: (n, classes), one row an example: scores, not probabilities.
        labels: (n,) integers, 0 to classes - 1.

    Returns:
        The mean loss, and its gradient with respect to ``scores``, (n, classes).

    Source: CS 1674 (Kovashka). The slide's example takes log10: its 0.89 is 2.04 in nats.
    """
    scores = table("scores", "(n, classes)", scores)
    labels = labels_of(scores, labels)
    n, rows = len(scores), np.arange(len(scores))
    log_p = _log_softmax(scores)
    dscores = np.exp(log_p)
    dscores[rows, labels] -= 1
    return -log_p[rows, labels].mean(), dscores / n


def _log_softmax(scores: FloatArray) -> FloatArray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def triplet_loss(
    anchor: ArrayLike, positive: ArrayLike, negative: ArrayLike, margin: float = 0.2
) -> tuple[Scalar, tuple[FloatArray, FloatArray, FloatArray]]:
    """Return the triplet loss and its three gradients.

    Triplet i costs ``max(0, |a_i - p_i|² - |a_i - n_i|² + margin)``: the negative should be farther
    from the anchor than the positive, by ``margin``. A triplet that satisfies this, even with
    nothing to spare, costs 0 and has gradient 0.

    Args:
        anchor: (n, features), embeddings.
        positive: (n, features), embeddings of the same classes as the anchors.
        negative: (n, features), embeddings of other classes.
        margin: in units of squared distance, 0 or more.

    Returns:
        The mean loss, and its gradients with respect to anchor, positive and negative, each
        (n, features).

    Source: Schroff, Kalenichenko & Philbin 2015, "FaceNet", eq. 3; CS 1674 (Kovashka).
    """
    a, p, n = _triplet(anchor, positive, negative)
    excess = ((a - p) ** 2).sum(axis=1) - ((a - n) ** 2).sum(axis=1) + nonnegative("margin", margin)
    active = (excess > 0).astype(a.dtype)[:, np.newaxis] / len(a)
    gradients = 2 * active * (n - p), 2 * active * (p - a), 2 * active * (a - n)
    return np.maximum(0, excess).mean(), gradients


def _triplet(*arrays: ArrayLike) -> list[FloatArray]:
    """Return the three embeddings as tables of one shape and one type."""
    names = ("anchor", "positive", "negative")
    tables = [table(name, "(n, features)", x) for name, x in zip(names, arrays, strict=True)]
    shapes = [x.shape for x in tables]
    if len(set(shapes)) > 1:
        raise ValueError(
            f"anchor, positive and negative have different shapes: {shapes}.\n"
            "  fix: pass three arrays of one shape; row i of each makes triplet i."
        )
    dtype = np.result_type(*tables)
    return [x.astype(dtype, copy=False) for x in tables]


def l2_penalty(weights: ArrayLike, strength: float) -> tuple[Scalar, FloatArray]:
    """Return ``strength * sum(W²)`` and its gradient ``2 * strength * W``.

    There is no factor ½, as in Keras's ``regularizers.L2``; some textbooks put one.

    Args:
        weights: any shape.
        strength: 0 or more.

    Source: CS 1674 (Kovashka).
    """
    weights, strength = real("weights", weights), nonnegative("strength", strength)
    return strength * (weights**2).sum(), np.asarray(2 * strength * weights)


def l1_penalty(weights: ArrayLike, strength: float) -> tuple[Scalar, FloatArray]:
    """Return ``strength * sum(|W|)`` and its gradient ``strength * sign(W)``.

    A weight of exactly 0 sits on a corner; the subgradient taken there is 0.

    Args:
        weights: any shape.
        strength: 0 or more.

    Source: CS 1674 (Kovashka).
    """
    weights, strength = real("weights", weights), nonnegative("strength", strength)
    return strength * np.abs(weights).sum(), np.asarray(strength * np.sign(weights))
