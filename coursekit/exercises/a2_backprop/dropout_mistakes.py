"""a2: the mistakes people make with dropout."""

from typing import Any

import numpy as np

from coursekit.exercises.a2_backprop.dropout import Answer, dropout
from coursekit.exercises.core import Array

__all__ = ["dropout"]


@dropout.misconception("the rate is taken for the share that is *kept*; it is the share that is dropped.")
def takes_the_rate_for_what_is_kept(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform < rate) / rate if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception(
    "what is kept stays as it is, so the units above get less in training than at test; divide by 1 − rate."
)
def forgets_to_rescale(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = 1.0 * (uniform >= rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception(
    "that is plain dropout, which scales down at test. The inverted kind scales up in training, and leaves a test "
    "alone."
)
def rescales_at_test(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = 1.0 * (uniform >= rate) if training else np.full(x.shape, 1 - rate)
    return x * slope, slope


@dropout.misconception("at test the numbers are scaled as well; having grown in training, they need nothing at test.")
def rescales_in_training_and_at_test(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate) if training else np.full(x.shape, 1 - rate)
    return x * slope, slope


@dropout.misconception("numbers are dropped at test too; look at the argument training.")
def drops_at_test(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate)
    return x * slope, slope


@dropout.misconception("training and test are exchanged: drop when training is True.")
def drops_at_test_alone(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate) if not training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("the wrong side is dropped: a number goes where uniform is *below* the rate.")
def drops_the_other_side(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform < rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("what is kept is divided by the rate, the share that was dropped; divide by 1 − rate.")
def divides_by_the_rate(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / rate if rate else 1.0 * (uniform >= rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("what is kept is multiplied by 1 − rate and so made smaller still; divide.")
def multiplies_by_the_share(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) * (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception(
    "the factor is made from the share that happened to stay this time; it is 1 / (1 − rate), whatever the draw."
)
def divides_by_what_happened_to_stay(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / max((uniform >= rate).mean(), 1e-9) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("all rows lose the same columns; each number of uniform decides about one number of x.")
def drops_whole_columns(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform[:1] >= rate) * np.ones(x.shape) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("it draws random numbers of its own; use those of the argument uniform.")
def takes_other_random_numbers(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (np.random.default_rng(0).random(x.shape) >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("half is dropped whatever the rate; use the argument.")
def fixes_the_rate(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= 0.5) / 0.5 if training else np.ones(x.shape)
    return x * slope, slope


@dropout.misconception("out is right, but slope says 1 where out is x / (1 − rate): the factor is part of the slope.")
def forgets_the_factor_in_the_slope(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, 1.0 * (slope > 0)


@dropout.misconception("slope has its ones where numbers were dropped; it is 0 there.")
def gives_what_was_dropped(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope, (slope == 0) / (1 - rate)


@dropout.misconception("out alone is returned; the way back needs slope too: `return out, slope`.")
def returns_the_output_alone(x: Array, rate: float, uniform: Array, training: bool = True) -> Any:
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    return x * slope


@dropout.misconception("`x[…] = 0` and `x *= …` change the caller's array; make a new one.")
def drops_from_the_input_itself(x: Array, rate: float, uniform: Array, training: bool = True) -> Answer:
    slope = (uniform >= rate) / (1 - rate) if training else np.ones(x.shape)
    x *= slope
    return x, slope
