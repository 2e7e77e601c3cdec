"""a2: the mistakes people make with momentum."""

from typing import Any

from coursekit.exercises.a2_backprop.momentum import Answer, momentum_step
from coursekit.exercises.core import Array

__all__ = ["momentum_step"]


@momentum_step.misconception("the slope pushes uphill: subtract learning_rate · dw.")
def climbs(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity + learning_rate * dw
    return w + v, v


@momentum_step.misconception(
    "the old velocity is subtracted, so that every step turns back; momentum keeps its direction."
)
def brakes_instead_of_rolling(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = -momentum * velocity - learning_rate * dw
    return w + v, v


@momentum_step.misconception(
    "the learning rate multiplies the whole velocity, as in PyTorch. In the formula here it multiplies the slope, and"
    " the velocity is what is added to w."
)
def leaves_the_rate_out_of_the_velocity(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = momentum * velocity + dw
    return w - learning_rate * v, v


@momentum_step.misconception(
    "the push is multiplied by 1 − momentum, as in a moving average; here it has its full length."
)
def averages_the_slopes(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - (1 - momentum) * learning_rate * dw
    return w + v, v


@momentum_step.misconception("the old velocity has no effect: that is plain gradient descent.")
def forgets_the_old_velocity(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = -learning_rate * dw
    return w + v, v


@momentum_step.misconception("the old velocity is kept whole; only the share momentum of it stays.")
def never_slows_down(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = velocity - learning_rate * dw
    return w + v, v


@momentum_step.misconception("w moves by the old velocity; compute the new one first.")
def moves_by_the_old_velocity(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return w + velocity, v


@momentum_step.misconception("the velocity is subtracted from w, but it points downhill already: add it.")
def subtracts_the_velocity(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return w - v, v


@momentum_step.misconception(
    "that is Nesterov's step, which goes on by momentum · velocity once more; here w moves by the velocity alone."
)
def looks_ahead(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return w + momentum * v - learning_rate * dw, v


@momentum_step.misconception(
    "the velocity holds the learning rate already, and is multiplied by it once more on the way to w."
)
def applies_the_rate_twice(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return w + learning_rate * v, v


@momentum_step.misconception("the slope is subtracted at full size: multiply it by the learning rate.")
def forgets_the_learning_rate(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = momentum * velocity - dw
    return w + v, v


@momentum_step.misconception("momentum is 0.9 whatever is asked; use the argument.")
def fixes_the_momentum(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = 0.9 * velocity - learning_rate * dw
    return w + v, v


@momentum_step.misconception("momentum multiplies w as well, which pulls the weights towards 0.")
def slows_the_weights(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return momentum * w + v, v


@momentum_step.misconception("w is right, but the velocity handed back is the old one; the next step needs the new.")
def hands_back_the_old_velocity(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return w + v, velocity


@momentum_step.misconception("the velocity comes first in yours; return w, then velocity.")
def exchanges_the_results(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Answer:
    v = momentum * velocity - learning_rate * dw
    return v, w + v


@momentum_step.misconception("w alone is returned; the next step needs the velocity: `return w, velocity`.")
def returns_the_weights_alone(w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9) -> Any:
    v = momentum * velocity - learning_rate * dw
    return w + v


@momentum_step.misconception("`w += …` and `velocity *= …` change the caller's arrays; make new ones.")
def moves_the_callers_weights(
    w: Array, dw: Array, velocity: Array, learning_rate: float, momentum: float = 0.9
) -> Answer:
    v = momentum * velocity - learning_rate * dw
    w += v
    return w, v
