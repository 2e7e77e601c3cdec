"""The way back through a residual block."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

WIDENING = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, -1.0]])
NARROWING = np.array([[2.0, -1.0], [0.5, 1.5], [-3.0, 0.25]])


def random_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw blocks whose inner layer is wider or narrower than their input."""
    return [
        (rng.normal(0, 1, n), rng.normal(0, 1, (n, m)), rng.normal(0, 1, (m, n)), rng.normal(0, 1, n), skip)
        for n, m, skip in ((4, 7, 1.0), (5, 3, 0.5), (3, 6, 1.5))
    ]


def silent_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw blocks whose second matrix is zero: F is 0 everywhere."""
    return [(rng.normal(0, 1, 4), rng.normal(0, 1, (4, 6)), np.zeros((6, 4)), rng.normal(0, 1, 4), 0.75)]


def passes_through(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (*_, upstream, skip), value in zip(calls, values, strict=True):
        if not np.allclose(value, skip * upstream):
            return f"with F = 0 the gradient {upstream} became {value}"
    return None


def residual_backward_reference(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Array:
    """Return the loss's gradient with respect to x, (n,), for H = max(x @ w1, 0) @ w2 + skip · x."""
    through_f = ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T
    return np.asarray(through_f + skip * upstream)


residual_backward = Exercise(
    name="residual_backward",
    points=0,
    reference=residual_backward_reference,
    returns=("dx",),
    cases=(
        Case("λ = 1", (np.array([1.0, 0.5]), WIDENING, NARROWING, np.array([1.0, 2.0]), 1.0)),
        Case("λ = 0: a plain block", (np.array([1.0, 0.5]), WIDENING, NARROWING, np.array([1.0, 2.0]), 0.0)),
        Case("λ = 0.5", (np.array([-0.5, 2.0]), WIDENING, NARROWING, np.array([-1.0, 3.0]), 0.5)),
        Case(
            "every ReLU is off: only the shortcut is left", (-np.ones(2), np.ones((2, 3)), NARROWING, np.ones(2), 1.5)
        ),
    ),
    properties=[
        Property("agrees on random blocks", random_blocks),
        Property(
            "a block with F = 0 hands on λ times the gradient",
            silent_blocks,
            passes_through,
            hint="the shortcut's slope is λ: add λ times the gradient that arrives.",
        ),
    ],
)


@residual_backward.variant
def residual_backward_by_jacobian(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    slopes = w1 @ np.diag((x @ w1 > 0).astype(float)) @ w2 + skip * np.eye(len(x))
    return slopes @ upstream


@residual_backward.variant
def residual_backward_step_by_step(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    inner = x @ w1
    dhidden = w2 @ upstream
    dhidden[inner <= 0] = 0
    dx = w1 @ dhidden
    dx += skip * upstream
    return dx


@residual_backward.variant
def residual_backward_with_loops(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    dx = [skip * g for g in upstream]
    for j in range(w1.shape[1]):
        if sum(x[i] * w1[i, j] for i in range(len(x))) > 0:
            arriving = sum(w2[j, k] * upstream[k] for k in range(len(x)))
            for i in range(len(x)):
                dx[i] += w1[i, j] * arriving
    return dx


@residual_backward.misconception("the shortcut is missing: that is the gradient of F alone, of a plain block.")
def forgets_the_shortcut(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T


@residual_backward.misconception("the shortcut was taken with slope 1; its slope is λ.")
def takes_one_for_lambda(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T + upstream


@residual_backward.misconception(
    "λ itself was added; the chain rule multiplies it by the gradient that arrives: ∂L/∂H · (∂F/∂x + λ)."
)
def adds_lambda_bare(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T + skip


@residual_backward.misconception(
    "the shortcut adds x to the output, but λ to the slope: x has no place in the gradient."
)
def adds_x(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T + skip * x


@residual_backward.misconception("the two paths were multiplied; where branches meet in a sum, gradients add.")
def multiplies_the_paths(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return skip * ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T


@residual_backward.misconception("λ scales F here; in H = F(x) + λx it belongs to the shortcut.")
def scales_the_wrong_path(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return skip * ((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T + upstream


@residual_backward.misconception("the ReLU let every gradient through; it stops those of units that were off.")
def forgets_the_relu(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return upstream @ w2.T @ w1.T + skip * upstream


@residual_backward.misconception(
    "the gradient was cut where it is negative; the ReLU's gate is its own input, x @ w1, in the forward pass."
)
def gates_the_gradient(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return np.maximum(upstream @ w2.T, 0) @ w1.T + skip * upstream


@residual_backward.misconception(
    "the gradients of the two paths were averaged; where branches meet in a sum, they add."
)
def averages_the_paths(x: Array, w1: Array, w2: Array, upstream: Array, skip: float) -> Any:
    return (((upstream @ w2.T) * (x @ w1 > 0)) @ w1.T + skip * upstream) / 2
