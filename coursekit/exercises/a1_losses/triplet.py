"""a1: the triplet loss of three embeddings, and its three gradients."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Any, tuple[Array, Array, Array]]

TWINS = np.array([[0.4, -1.0, 2.0], [1.5, 0.3, -0.7]])

CASES = (
    Case(
        "the negative is nearer than the positive",
        (np.array([[0.5, 0.0]]), np.array([[3.0, 4.0]]), np.array([[1.5, 0.5]]), 0.2),
    ),
    Case(
        "the negative is far away",
        (np.array([[0.5, 1.0, -0.2]]), np.array([[0.7, 0.8, 0.1]]), np.array([[2.5, -1.0, 1.4]]), 0.2),
    ),
    Case(
        "the negative is farther, but not by the margin",
        (np.array([[1.0, 2.0, 0.5]]), np.array([[1.6, 2.0, 0.5]]), np.array([[1.0, 1.3, 0.5]]), 0.5),
    ),
    Case("all three in one place", (TWINS, TWINS, TWINS, 0.3)),
    Case(
        "four triplets in the plane, two of them satisfied",
        (
            np.array([[0.0, 1.0], [2.0, -1.0], [1.0, 3.0], [-2.0, 0.5]]),
            np.array([[0.5, 1.5], [0.0, 1.0], [1.5, 2.0], [-1.0, 0.0]]),
            np.array([[3.0, -1.0], [1.5, -2.0], [2.0, 3.5], [1.0, 4.0]]),
            1.0,
        ),
    ),
    Case(
        "whole numbers, and the margin left out",
        (np.array([[1, 4, 2], [0, 2, 5]]), np.array([[3, 5, 2], [0, 3, 5]]), np.array([[2, 4, 1], [4, 2, 1]])),
    ),
)


def triplets(rng: np.random.Generator, n: int, d: int) -> Arguments:
    """Draw n triplets and a margin that puts none of them near the corner of the hinge."""
    anchor, positive, negative = rng.normal(0, 1, (3, n, d))
    gaps = ((anchor - negative) ** 2).sum(axis=1) - ((anchor - positive) ** 2).sum(axis=1)
    margins = rng.uniform(0.4, 2.5, 40)
    clearance = np.abs(margins[:, None] - gaps).min(axis=1)
    return anchor, positive, negative, float(margins[clearance.argmax()])


def random_batch(rng: np.random.Generator) -> list[Arguments]:
    """Draw a tall and a wide batch, so that triplets and features cannot be mixed up."""
    return [triplets(rng, 9, 4), triplets(rng, 3, 7)]


def nudged(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch, and the batch a small step either way along a random direction."""
    *points, margin = triplets(rng, 5, 3)
    steps = 1e-4 * rng.normal(0, 1, (3, 5, 3))
    return [
        (*(point + sign * step for point, step in zip(points, steps, strict=True)), margin) for sign in (0.0, 1.0, -1.0)
    ]


def gradient_is_the_slope(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    risen = values[1][0] - values[2][0]
    foretold = sum(float(np.sum(values[0][1][i] * (calls[1][i] - calls[2][i]))) for i in range(3))
    if np.isclose(risen, foretold, rtol=1e-4, atol=1e-8):
        return None
    return f"along a small step your loss changes by {risen:.6g}; your gradients say {foretold:.6g}"


def moved_away(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch whose negatives are all far away."""
    anchor, positive, negative, margin = triplets(rng, 4, 6)
    return [(anchor, positive, negative + 50, margin)]


def nothing_to_learn(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    loss, gradients = values[0]
    if loss == 0 and not np.any(gradients):
        return None
    return f"every triplet is satisfied, yet the loss is {loss:.6g}, or a gradient is not 0"


def carried(rng: np.random.Generator) -> list[Arguments]:
    """Draw a batch twice, the second time with each triplet carried somewhere else."""
    *points, margin = triplets(rng, 6, 4)
    shift = rng.normal(0, 5, (6, 4))
    return [(*points, margin), (*(point + shift for point in points), margin)]


def same_answers(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (loss, gradients), (carried_loss, carried_gradients) = values
    if np.isclose(loss, carried_loss) and np.allclose(gradients, carried_gradients):
        return None
    return f"the loss went from {loss:.6g} to {carried_loss:.6g}, or a gradient moved"


def reference(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    """Mean of max(0, |a − p|² − |a − n|² + margin); only triplets that cost something have gradients."""
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


# The first hint that applies is the one shown when no misconception matches, so the sharpest come first.
triplet_loss = Exercise(
    name="triplet_loss",
    points=4,
    reference=reference,
    returns=("loss", ("danchor", "dpositive", "dnegative")),
    cases=CASES,
    properties=[
        Property(
            "a satisfied triplet costs nothing",
            moved_away,
            nothing_to_learn,
            hint="a negative that is far enough away leaves nothing to learn: loss 0, and all three gradients 0.",
        ),
        Property(
            "carrying a triplet elsewhere changes nothing",
            carried,
            same_answers,
            hint="only the distances between the three points count; look for a point that is used by itself.",
        ),
        Property(
            "the gradients are the slope of the loss",
            nudged,
            gradient_is_the_slope,
            hint="nudge one coordinate of one point and see by how much your own loss changes: that, per unit, is what "
            "its gradient holds. The anchor stands in both distances.",
        ),
        Property(
            "agrees on random batches",
            random_batch,
            hint="follow one triplet by hand: two squared distances, the difference, the margin, the max, "
            "and only then the mean over the triplets.",
        ),
    ],
)


@triplet_loss.variant
def in_loops(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    n, loss = len(anchor), 0.0
    da, dp, dn = np.zeros(anchor.shape), np.zeros(anchor.shape), np.zeros(anchor.shape)
    for i in range(n):
        near = sum((x - y) ** 2 for x, y in zip(anchor[i], positive[i]))
        far = sum((x - y) ** 2 for x, y in zip(anchor[i], negative[i]))
        if near - far + margin > 0:
            loss += (near - far + margin) / n
            dp[i] = 2 * (positive[i] - anchor[i]) / n
            dn[i] = -2 * (negative[i] - anchor[i]) / n
            da[i] = -dp[i] - dn[i]
    return loss, (da, dp, dn)


@triplet_loss.variant
def with_norms(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    to_positive, to_negative = anchor - positive, anchor - negative
    near, far = np.linalg.norm(to_positive, axis=1), np.linalg.norm(to_negative, axis=1)
    losses = np.clip(near**2 - far**2 + margin, 0, None)
    active = np.where(losses > 0, 1 / losses.size, 0)[:, np.newaxis]
    dp, dn = -2 * to_positive * active, 2 * to_negative * active
    return losses.sum() / losses.size, (-(dp + dn), dp, dn)


@triplet_loss.variant
def only_the_active_rows(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    near = np.einsum("ij,ij->i", anchor - positive, anchor - positive)
    far = np.einsum("ij,ij->i", anchor - negative, anchor - negative)
    rows = np.flatnonzero(near + margin > far)
    gradients = np.zeros((3, *anchor.shape))
    gradients[0, rows] = negative[rows] - positive[rows]
    gradients[1, rows] = positive[rows] - anchor[rows]
    gradients[2, rows] = anchor[rows] - negative[rows]
    loss = np.sum((near - far + margin)[rows]) / len(anchor)
    return loss, tuple(2 / len(anchor) * gradients)


@triplet_loss.misconception(
    "the max is missing: triplets with room to spare pay back what others cost, and never stop pulling. "
    "A satisfied triplet costs 0."
)
def forgets_the_hinge(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    n = len(anchor)
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    return excess.mean(), (2 * (negative - positive) / n, 2 * (positive - anchor) / n, 2 * (anchor - negative) / n)


@triplet_loss.misconception("the distances are not squared; the triplet loss compares squared distances.")
def forgets_the_squares(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    near = np.sqrt(((anchor - positive) ** 2).sum(axis=1))
    far = np.sqrt(((anchor - negative) ** 2).sum(axis=1))
    active = (near - far + margin > 0)[:, None] / len(anchor)
    dp = active * (positive - anchor) / near[:, None]
    dn = active * (anchor - negative) / far[:, None]
    return np.maximum(0, near - far + margin).mean(), (-dp - dn, dp, dn)


@triplet_loss.misconception(
    "the margin is added after the max, so that even a perfect triplet costs the margin. It belongs inside."
)
def adds_the_margin_outside(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1)
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return (np.maximum(0, excess) + margin).mean(), gradients


@triplet_loss.misconception(
    "the margin is missing: a negative that is barely farther than the positive costs nothing, and three points in "
    "one place are a perfect answer. Add the margin inside the max."
)
def forgets_the_margin(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1)
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the margin is subtracted: that forgives a negative that comes too near. It is added inside the max."
)
def subtracts_the_margin(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) - margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception("the margin is fixed at 0.2; use the argument that the function is given.")
def fixes_the_margin(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + 0.2
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "positive and negative have changed places: the loss punishes the negative for being far away. "
    "The distance to the positive counts +, the one to the negative −."
)
def swaps_positive_and_negative(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - negative) ** 2).sum(axis=1) - ((anchor - positive) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (positive - negative), slope * (anchor - positive), slope * (negative - anchor)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the negative's distance is measured from the positive; both distances are measured from the anchor."
)
def measures_from_the_positive(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((positive - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (anchor - positive), slope * (negative - anchor), slope * (positive - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the squares are averaged over the features; a squared distance is their sum (`sum(axis=1)`)."
)
def averages_over_features(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).mean(axis=1) - ((anchor - negative) ** 2).mean(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / anchor.size
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the max is taken feature by feature; add up the squared differences of a triplet first, then compare with 0."
)
def clips_each_feature(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = (anchor - positive) ** 2 - (anchor - negative) ** 2 + margin
    slope = 2 * (excess > 0) / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).sum(axis=1).mean(), gradients


@triplet_loss.misconception(
    "the max is taken of the mean, so satisfied triplets pay for the others. Take it for each triplet, the mean last."
)
def clips_the_mean(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = (((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin).mean()
    slope = 2 * (excess > 0) / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return max(0, excess), gradients


@triplet_loss.misconception(
    "loss and gradients are summed over the triplets; the loss of a batch is a mean, so divide all of them by n."
)
def sums_over_triplets(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None]
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).sum(), gradients


@triplet_loss.misconception(
    "only the triplets that cost something are averaged over; this loss divides by all of them, satisfied or not."
)
def averages_over_the_active(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    count = max(1, (excess > 0).sum())
    slope = 2 * (excess > 0)[:, None] / count
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).sum() / count, gradients


@triplet_loss.misconception(
    "the gradients ignore the max: a satisfied triplet is on its flat side, so its three rows are 0."
)
def pulls_satisfied_triplets_too(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    n = len(anchor)
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    gradients = 2 * (negative - positive) / n, 2 * (positive - anchor) / n, 2 * (anchor - negative) / n
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception("the gradients are half as large as they should be: the slope of a square is 2 times.")
def forgets_the_two(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the loss is a mean, but its gradients were not divided by n; the gradient of a mean is one too."
)
def forgets_to_average_the_gradients(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None]
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the gradients have their sign turned: they should point uphill (positive away, negative nearer); SGD subtracts."
)
def turns_the_gradients_round(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = -2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the anchor's gradient comes from the positive alone; the anchor stands in both distances, so add both slopes."
)
def pulls_the_anchor_to_the_positive_only(
    anchor: Array, positive: Array, negative: Array, margin: float = 0.2
) -> Answer:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (anchor - positive), slope * (positive - anchor), slope * (anchor - negative)
    return np.maximum(0, excess).mean(), gradients


@triplet_loss.misconception(
    "the four values stand side by side; the gradients belong together: `return loss, (danchor, dpositive, dnegative)`."
)
def returns_four_values(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Any:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    slope = 2 * (excess > 0)[:, None] / len(anchor)
    gradients = slope * (negative - positive), slope * (positive - anchor), slope * (anchor - negative)
    return (np.maximum(0, excess).mean(), *gradients)


@triplet_loss.misconception("only the loss is returned; the caller also needs the three gradients.")
def returns_the_loss_alone(anchor: Array, positive: Array, negative: Array, margin: float = 0.2) -> Any:
    excess = ((anchor - positive) ** 2).sum(axis=1) - ((anchor - negative) ** 2).sum(axis=1) + margin
    return np.maximum(0, excess).mean()
