"""a5: from curves of errors to what degradation is. Its misconceptions are in `degrading_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def curves(seed: int, shape: tuple[int, int, int], last: ArrayLike, gap: ArrayLike) -> tuple[Array, Array]:
    """Return training and test errors (depths, runs, epochs) that fall, with noise, to `last` and to `gap` above it."""
    rng = np.random.default_rng(seed)
    fall = np.linspace(1, 0, shape[2]) ** 2
    ends = np.reshape(last, (-1, 1, 1)) * np.exp(rng.normal(0, 0.25, (*shape[:2], 1)))
    train = ends + (0.9 - ends) * fall + rng.uniform(0, 0.02, shape)
    test = train + np.reshape(gap, (-1, 1, 1)) * (1 - fall) + rng.uniform(0, 0.02, shape)
    return train.round(4), test.round(4)


CASES = (
    Case("a plain network: the deepest is worst, and trains worst",
         (np.array([4, 12, 24]), *curves(0, (3, 3, 5), [0.12, 0.2, 0.5], [0.08, 0.05, 0.03]))),
    Case("with shortcuts: the deepest is best",
         (np.array([4, 12, 24]), *curves(1, (3, 2, 6), [0.15, 0.08, 0.03], [0.05, 0.07, 0.1]))),
    Case("not in order, best in the middle",
         (np.array([20, 56, 8, 32]), *curves(2, (4, 3, 4), [0.05, 0.3, 0.15, 0.1], [0.1, 0.04, 0.06, 0.2]))),
    Case("overfitting, not degradation: test errors grow, training errors fall",
         (np.array([50, 10, 30]), *curves(3, (3, 4, 5), [0.02, 0.2, 0.08], [0.4, 0.02, 0.2]))),
    Case("the last epoch is not the best one",
         (np.array([6, 18]), np.array([[[0.5, 0.3, 0.35], [0.6, 0.32, 0.3]], [[0.7, 0.2, 0.6], [0.8, 0.4, 0.5]]]),
          np.array([[[0.55, 0.4, 0.45], [0.6, 0.41, 0.4]], [[0.75, 0.3, 0.7], [0.8, 0.5, 0.62]]]))),
)  # fmt: skip


def random_runs(rng: np.random.Generator) -> list[Arguments]:
    """Draw four experiments of shuffled depths, no two of them with nearly the same error."""
    found: list[Arguments] = []
    for _ in range(4):
        k, runs, epochs = (int(rng.integers(*span)) for span in ((3, 6), (2, 5), (3, 8)))
        depths = rng.permutation(np.arange(1, 12))[:k] * 4
        last = rng.permutation(np.linspace(0.05, 0.6, k))
        train, test = curves(int(rng.integers(2**31)), (k, runs, epochs), last, rng.uniform(0.02, 0.3, k))
        found.append((depths, train, test))
    return found


def in_another_order(rng: np.random.Generator) -> list[Arguments]:
    """Draw an experiment, and the same with its depths in another order."""
    depths, train, test = random_runs(rng)[0]
    order = np.roll(np.arange(len(depths)), 1)
    return [(depths, train, test), (depths[order], train[order], test[order])]


def reads_the_same(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    if np.allclose(values[0], values[1], rtol=1e-5, atol=1e-7):
        return None
    return f"depths {calls[0][0].tolist()} and {calls[1][0].tolist()} are one experiment, but the answers differ"


def deeper_is_better(rng: np.random.Generator) -> list[Arguments]:
    """Draw an experiment in which the deepest network has the lowest training error."""
    train, test = curves(int(rng.integers(2**31)), (3, 3, 5), [0.02, 0.5, 0.2], rng.uniform(0.1, 0.3, 3))
    return [(np.array([40, 8, 20]), train, test)]


def is_none(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    best, degradation, _ = values[0]
    if best == 40 and abs(degradation) < 1e-9:
        return None
    return f"the deepest network, 40, trains best, but you read a best depth of {best:g}, degradation {degradation:.4g}"


def reference(depths: Array, train: Array, test: Array) -> tuple[int, float, float]:
    """Compare training errors at the end, of the deepest network and of the best; test errors only for the gap."""
    trained, tested = train[:, :, -1].mean(axis=1), test[:, :, -1].mean(axis=1)
    deepest, best = depths.argmax(), trained.argmin()
    return depths[best], trained[deepest] - trained[best], tested[deepest] - trained[deepest]


degradation = Exercise(
    name="degradation",
    points=3,
    reference=reference,
    returns=("best_depth", "degradation", "gap"),
    cases=CASES,
    properties=[
        Property(
            "no degradation where the deepest network trains best",
            deeper_is_better,
            is_none,
            hint="degradation is about training errors, and about the best depth there is, which may be the deepest.",
        ),
        Property(
            "the order of the depths does not matter",
            in_another_order,
            reads_the_same,
            hint="look the deepest network up in `depths`; it need not be the last.",
        ),
        Property(
            "agrees on random experiments",
            random_runs,
            hint="first make one number a depth: the mean over runs of the error in the last epoch.",
        ),
    ],
    rtol=1e-5,
    atol=1e-7,
)


@degradation.variant
def with_loops(depths: Array, train: Array, test: Array) -> Any:
    errors = {}
    for depth, runs, others in zip(depths.tolist(), train, test):
        errors[depth] = (sum(run[-1] for run in runs) / len(runs), sum(run[-1] for run in others) / len(others))
    best = min(errors, key=lambda depth: errors[depth][0])
    deepest = max(errors)
    return best, errors[deepest][0] - errors[best][0], errors[deepest][1] - errors[deepest][0]


@degradation.variant
def sorted_first(depths: Array, train: Array, test: Array) -> Any:
    order = np.argsort(depths)
    final = np.stack([train, test])[..., -1].mean(axis=2)[:, order]
    return depths[order][final[0].argmin()], final[0, -1] - final[0].min(), final[1, -1] - final[0, -1]


@degradation.variant
def with_masks(depths: Array, train: Array, test: Array) -> Any:
    last = train.shape[2] - 1
    trained = np.einsum("dr->d", train[:, :, last]) / train.shape[1]
    at_the_deepest = depths == np.max(depths)
    gap = np.mean(test[at_the_deepest][..., last] - train[at_the_deepest][..., last])
    return int(depths[trained == trained.min()][0]), float(trained[at_the_deepest][0] - np.amin(trained)), gap
