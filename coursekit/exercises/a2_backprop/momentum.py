"""a2: one step of gradient descent with momentum."""

from collections.abc import Sequence

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Array, Array]

CASES = (
    Case("the first step, from rest", (np.array([1.0, -2.0]), np.array([0.5, 4.0]), np.zeros(2), 0.1, 0.9)),
    Case(
        "a ball that rolls on, though the slope is against it",
        (np.array([0.3, -0.8]), np.array([1.5, -2.0]), np.array([0.6, -0.7]), 0.2, 0.8),
    ),
    Case("the slope is 0: it coasts", (np.array([[2.0, 0.5]]), np.zeros((1, 2)), np.array([[-0.4, 0.9]]), 0.3, 0.5)),
    Case(
        "a matrix of weights, by default 0.9",
        (
            np.array([[0.2, -1.1, 0.7], [1.4, 0.3, -0.6]]),
            np.array([[0.8, 0.1, -0.5], [-1.2, 0.4, 0.9]]),
            np.array([[0.05, -0.2, 0.1], [0.3, 0.15, -0.25]]),
            0.05,
        ),
    ),
    Case("no momentum: a plain step", (np.array([1.2, -0.4]), np.array([-0.7, 0.6]), np.array([0.5, 0.1]), 0.25, 0.0)),
)


def random_weights(rng: np.random.Generator) -> list[Arguments]:
    """Draw weights, slopes and velocities of several shapes."""
    return [
        (*rng.normal(0, 1, (3, *shape)), float(rng.uniform(0.05, 0.5)), float(rng.uniform(0.3, 0.8)))
        for shape in ((4,), (3, 2), (2, 5))
    ]


def at_final_speed(rng: np.random.Generator) -> list[Arguments]:
    """Draw a steady slope, and the velocity at which friction and slope are even."""
    w, dw, _, learning_rate, momentum = random_weights(rng)[1]
    return [(w, dw, -learning_rate * dw / (1 - momentum), learning_rate, momentum)]


def keeps_its_speed(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    before, after = calls[0][2], values[0][1]
    if np.allclose(before, after):
        return None
    return f"the velocity went from {before.flat[0]:.6g} to {after.flat[0]:.6g}"


def moves_by_the_velocity(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (w, *_), (moved, velocity) in zip(calls, values, strict=True):
        if not np.allclose(moved - w, velocity):
            return f"w moved by {(moved - w).flat[0]:.6g}, but the velocity returned is {velocity.flat[0]:.6g}"
    return None


def reference(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    """What is left of the velocity, and a push down the slope."""
    velocity = momentum * velocity - learning_rate * dw
    return w + velocity, velocity


momentum_step = Exercise(
    name="momentum_step",
    points=3,
    reference=reference,
    returns=("w", "velocity"),
    cases=CASES,
    properties=[
        Property("agrees on random weights", random_weights),
        Property(
            "on a steady slope, final speed is kept",
            at_final_speed,
            keeps_its_speed,
            hint="the share momentum of the velocity stays, and the slope pushes by −learning_rate · dw.",
        ),
        Property(
            "the weights move by the velocity returned",
            random_weights,
            moves_by_the_velocity,
            hint="first the new velocity, then w plus just that.",
        ),
    ],
)


@momentum_step.variant
def number_by_number(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    moved, faster = np.zeros(w.shape), np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        faster[i] = velocity[i] * momentum - dw[i] * learning_rate
        moved[i] = w[i] + faster[i]
    return moved, faster


@momentum_step.variant
def in_place_on_copies(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    w, velocity = w.copy(), velocity.copy()
    velocity *= momentum
    velocity -= learning_rate * dw
    w += velocity
    return w, velocity


@momentum_step.variant
def as_an_average_of_places(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    before = w - velocity
    moved = (1 + momentum) * w - momentum * before - learning_rate * dw
    return moved, moved - w
