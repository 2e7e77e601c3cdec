"""a2: one step of Adam, as in Algorithm 1 of Kingma & Ba 2015."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Array, Array, Array]

ZERO = np.zeros(2)
MATRIX = np.array([[0.2, -1.1, 0.7], [1.4, 0.3, -0.6]])
SLOPES = np.array([[0.8, 0.1, -0.5], [-1.2, 0.4, 0.9]])
MEAN = np.array([[0.3, -0.2, 0.1], [-0.7, 0.25, 0.5]])
SQUARE = np.array([[0.4, 0.2, 0.3], [0.9, 0.15, 0.6]])

CASES = (
    Case("the first step", (np.array([1.0, -2.0]), np.array([0.5, -4.0]), ZERO, ZERO, 1, 0.1, 0.9, 0.999, 1e-8)),
    Case("step 7, with much behind it", (MATRIX, SLOPES, MEAN, SQUARE, 7, 0.05, 0.8, 0.95, 1e-8)),
    Case("step 3, all the defaults", (MATRIX, SLOPES, MEAN / 5, SQUARE / 500, 3)),
    Case("a large epsilon", (MATRIX, SLOPES, MEAN, SQUARE, 4, 0.2, 0.7, 0.9, 0.5)),
    Case(
        "a slope of 0 after others",
        (np.array([0.4, 0.9]), np.array([0.0, 0.3]), np.array([0.6, -0.1]), np.array([0.5, 0.2]), 12, 0.1, 0.6, 0.98),
    ),
    Case("very small slopes", (ZERO, np.array([3e-7, -2e-6]), ZERO, ZERO, 1, 1.0, 0.9, 0.99, 1e-6)),
)


def random_steps(rng: np.random.Generator) -> list[Arguments]:
    """Draw weights, slopes and moments of several shapes, early and late in training."""
    calls = []
    for shape, t in (((4,), 1), ((3, 2), 2), ((2, 5), int(rng.integers(5, 40)))):
        w, dw, m = rng.normal(0, 1, (3, *shape))
        v = rng.uniform(0.2, 1.5, shape)
        betas = float(rng.uniform(0.5, 0.8)), float(rng.uniform(0.9, 0.97))
        calls.append((w, dw, m, v, t, float(rng.uniform(0.05, 0.5)), *betas, float(rng.uniform(0.05, 0.3))))
    return calls


def steady_slope(rng: np.random.Generator) -> list[Arguments]:
    """Draw slopes of all sizes that never changed: m and v have half forgotten that they started from 0."""
    dw = rng.choice([-1.0, 1.0], 6) * 10.0 ** rng.uniform(-3, 3, 6)
    calls = []
    for t in (1, 2, 30):
        m, v = (1 - 0.9 ** (t - 1)) * dw, (1 - 0.99 ** (t - 1)) * dw**2
        calls.append((np.ones(6), dw, m, v, t, 0.1, 0.9, 0.99, 1e-12))
    return calls


def one_learning_rate_long(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (w, dw, _, _, t, learning_rate, *_), (moved, _, _) in zip(calls, values, strict=True):
        wrong = ~np.isclose(moved - w, -learning_rate * np.sign(dw), rtol=1e-4)
        if wrong.any():
            i = int(wrong.argmax())
            return f"at step {t} the slope {dw[i]:.3g} moved w by {moved[i] - w[i]:.4g} (learning rate {learning_rate})"
    return None


def reference(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    """Mean slope over root mean square slope, both freed from their start at 0."""
    m = beta1 * m + (1 - beta1) * dw
    v = beta2 * v + (1 - beta2) * dw**2
    mean, square = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * mean / (np.sqrt(square) + epsilon), m, v


adam_step = Exercise(
    name="adam_step",
    points=5,
    reference=reference,
    returns=("w", "m", "v"),
    cases=CASES,
    properties=[
        Property("agrees on random steps", random_steps),
        Property(
            "on a steady slope, gentle or steep, every step is one learning rate long",
            steady_slope,
            one_learning_rate_long,
            hint="look at both corrections, m / (1 − beta1^t) and v / (1 − beta2^t), and at the square root.",
        ),
    ],
    rtol=1e-6,
    atol=1e-10,
)


@adam_step.variant
def number_by_number(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    w, m, v = w.astype(float), m.astype(float), v.astype(float)
    for i in np.ndindex(w.shape):
        m[i] += (1 - beta1) * (dw[i] - m[i])
        v[i] += (1 - beta2) * (dw[i] ** 2 - v[i])
        root = (v[i] / (1 - beta2**t)) ** 0.5
        w[i] -= learning_rate * (m[i] / (1 - beta1**t)) / (root + epsilon)
    return w, m, v


@adam_step.variant
def with_one_correction(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Answer:  # fmt: skip
    m, v = np.average([m, dw], axis=0, weights=[beta1, 1 - beta1]), beta2 * v + (1 - beta2) * np.square(dw)
    root = (1 - beta2**t) ** 0.5
    return w - learning_rate * root / (1 - beta1**t) * m / (v**0.5 + root * epsilon), m, v


@adam_step.variant
def by_adding_up_the_weights(
    w: Array, dw: Array, m: Array, v: Array, t: int,
    learning_rate: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8,
) -> Any:  # fmt: skip
    state = []
    for beta, old, new in ((beta1, m, dw), (beta2, v, dw * dw)):
        moment = beta * old + (1 - beta) * new
        weight_so_far = sum((1 - beta) * beta**k for k in range(t))
        state.append((moment, moment / weight_so_far))
    (m, mean), (v, square) = state
    return [w + learning_rate * -mean / (epsilon + np.sqrt(square)), m, v]
