"""Learning rates that change during training: a number for every step, looked up inside the compiled step.

A table costs nothing, fits every rule, and works on every back end, where assigning the rate from outside does not: on
JAX the training step keeps its own copy of it.
"""

import math
from collections.abc import Callable
from typing import Any

import keras

from coursekit.errors import CourseError

# From 0 at the first step to 1 at the last: the share of the learning rate to use.
Rule = Callable[[float], float]


def one_cycle(t: float) -> float:
    """Rise from 1/25 during the first 30 %, then fall to nearly 0, both along a half cosine (Smith 2018)."""
    low, end, peak = 1 / 25, 1e-4, 0.3
    if t < peak:
        return low + (1 - low) * (1 - math.cos(math.pi * t / peak)) / 2
    return end + (1 - end) * (1 + math.cos(math.pi * (t - peak) / (1 - peak))) / 2


def cosine(t: float) -> float:
    """Fall from 1 to 0 along a half cosine (Loshchilov and Hutter 2017)."""
    return (1 + math.cos(math.pi * t)) / 2


RULES: dict[str, Rule] = {"one-cycle": one_cycle, "cosine": cosine}


def rates(rule: str | Rule, learning_rate: float, steps: int) -> list[float]:
    """Return the learning rate of each of ``steps`` steps.

    Raises:
        CourseError: if there is no rule of that name.
    """
    if isinstance(rule, str):
        if rule not in RULES:
            raise CourseError(
                f"there is no schedule {rule!r}.",
                fix=f"use {' or '.join(map(repr, RULES))}, or a function of the share of training done, 0 to 1.",
            )
        rule = RULES[rule]
    return [learning_rate * float(rule(step / max(1, steps - 1))) for step in range(steps)]


@keras.saving.register_keras_serializable("coursekit")
class Table(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """The learning rate of each step, the last one for ever after."""

    def __init__(self, rates: list[float]) -> None:
        super().__init__()
        self.rates = list(rates)

    def __call__(self, step: Any) -> Any:
        """Return the rate of a step, counted from 0."""
        at = keras.ops.minimum(keras.ops.cast(step, "int32"), len(self.rates) - 1)
        return keras.ops.take(keras.ops.convert_to_tensor(self.rates, "float32"), at)

    def get_config(self) -> dict[str, Any]:
        """Return what rebuilds it from a saved model."""
        return {"rates": self.rates}
