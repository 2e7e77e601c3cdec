"""The moving average that batch normalisation keeps of its batches."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_batches(rng: np.random.Generator) -> list[Arguments]:
    """Draw statistics of a few batches for a few channels."""
    return [
        (rng.uniform(0.2, 4, (steps, channels)), momentum, rng.uniform(-2, -1, channels))
        for steps, channels, momentum in ((3, 4, 0.9), (6, 2, 0.7), (5, 3, 0.25))
    ]


def steady_batches(rng: np.random.Generator) -> list[Arguments]:
    """Draw batches that all say the same, from two starts: the same number, and another."""
    value = rng.uniform(1, 2, 3)
    batches = np.tile(value, (5, 1))
    return [(batches, 0.8, value), (batches, 0.8, value + 1)]


def approaches_by_momentum(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    value = calls[0][0][0]
    first, second = (np.asarray(each) for each in values)
    if first.shape == second.shape == (3,) and np.allclose(first, value) and np.allclose(second, value + 0.8**5):
        return None
    return "after five equal batches at momentum 0.8 a share 0.8⁵ = 0.328 of the start's distance should be left"


def moving_average_reference(batches: Array, momentum: float, start: Array) -> Any:
    """At each step keep `momentum` of the average, and take the rest from the batch."""
    average = np.asarray(start, dtype=float)
    for batch in batches:
        average = momentum * average + (1 - momentum) * batch
    return average


BATCHES = np.array([[0.0, 4.0], [2.0, 1.0], [1.0, 7.0]])

moving_average = Exercise(
    name="moving_average",
    points=0,
    reference=moving_average_reference,
    returns=("average",),
    cases=(
        Case("one batch at momentum 0.9", (BATCHES[1:2].copy(), 0.9, np.array([1.0, 5.0]))),
        Case("three batches at momentum 0.5", (BATCHES, 0.5, np.array([8.0, -2.0]))),
        Case("Keras's start for variances, 1", (BATCHES / 10, 0.99, np.array([1.0, 1.0]))),
        Case("a short memory", (BATCHES[:, :1].copy(), 0.1, np.array([3.0]))),
    ),
    properties=[
        Property("agrees on random batches", random_batches),
        Property(
            "equal batches: the distance shrinks by the momentum",
            steady_batches,
            approaches_by_momentum,
            hint="the old average weighs momentum, the new batch 1 − momentum.",
        ),
    ],
)


@moving_average.variant
def moving_average_in_closed_form(batches: Array, momentum: float, start: Array) -> Any:
    ages = np.arange(len(batches))[::-1]
    return momentum ** len(batches) * start + (1 - momentum) * (momentum**ages) @ batches


@moving_average.variant
def moving_average_by_corrections(batches: Array, momentum: float, start: Array) -> Any:
    average = np.array(start, dtype=float)
    for batch in batches:
        average -= (1 - momentum) * (average - batch)
    return average


@moving_average.variant
def moving_average_channel_by_channel(batches: Array, momentum: float, start: Array) -> Any:
    out = []
    for channel, average in enumerate(start):
        for row in batches:
            average = momentum * average + (1 - momentum) * row[channel]
        out.append(average)
    return out


@moving_average.misconception("momentum and 1 − momentum are exchanged; PyTorch's momentum is the other one.")
def exchanges_the_weights(batches: Array, momentum: float, start: Array) -> Any:
    average = start
    for batch in batches:
        average = (1 - momentum) * average + momentum * batch
    return average


@moving_average.misconception("that is the plain mean of the batches; recent ones weigh more, and the start counts.")
def takes_the_plain_mean(batches: Array, momentum: float, start: Array) -> Any:
    return batches.mean(axis=0)


@moving_average.misconception("that is the last batch alone.")
def takes_the_last(batches: Array, momentum: float, start: Array) -> Any:
    return batches[-1]


@moving_average.misconception("the start was left out: the average began at 0.")
def starts_from_zero(batches: Array, momentum: float, start: Array) -> Any:
    average = 0 * start
    for batch in batches:
        average = momentum * average + (1 - momentum) * batch
    return average


@moving_average.misconception("the start was left out: the average began at the first batch.")
def starts_from_the_first(batches: Array, momentum: float, start: Array) -> Any:
    average = batches[0]
    for batch in batches[1:]:
        average = momentum * average + (1 - momentum) * batch
    return average


@moving_average.misconception("the new batch was added in full; it weighs 1 − momentum.")
def adds_the_batch_in_full(batches: Array, momentum: float, start: Array) -> Any:
    average = start
    for batch in batches:
        average = momentum * average + batch
    return average


@moving_average.misconception("divided by 1 − momentumⁿ as Adam does; batch normalisation does not correct its start.")
def corrects_as_adam(batches: Array, momentum: float, start: Array) -> Any:
    average = start
    for batch in batches:
        average = momentum * average + (1 - momentum) * batch
    return average / (1 - momentum ** len(batches))


@moving_average.misconception("one step was made, with the mean of all batches; make a step for each batch.")
def makes_one_step(batches: Array, momentum: float, start: Array) -> Any:
    return momentum * start + (1 - momentum) * batches.mean(axis=0)


@moving_average.misconception("the batches were taken from the last to the first.")
def goes_backwards(batches: Array, momentum: float, start: Array) -> Any:
    average = start
    for batch in batches[::-1]:
        average = momentum * average + (1 - momentum) * batch
    return average


@moving_average.misconception("the channels were averaged together; each keeps an average of its own.")
def mixes_the_channels(batches: Array, momentum: float, start: Array) -> Any:
    average = start.mean()
    for batch in batches:
        average = momentum * average + (1 - momentum) * batch.mean()
    return average + 0 * start
