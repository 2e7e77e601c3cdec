"""Initial weights, of a size that lets signals pass through many layers at an even strength.

A sum of ``fan_in`` products has ``fan_in`` times their variance. So weights of variance
``1 / fan_in`` keep the variance of what passes through; after a ReLU, which takes half of the
power away, it has to be ``2 / fan_in``. Biases start at 0.
"""

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
from numpy.random import Generator

from coursekit.scratch.inputs import FloatArray

Initializer = Callable[[Sequence[int], Generator], FloatArray]


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs an output of such weights sums over, and how many outputs an input reaches.

    Args:
        shape: (inputs, outputs), or (kernel_rows, kernel_columns, c_in, c_out).
    """
    if len(shape) < 2 or min(shape) < 1:
        raise ValueError(
            f"weights of shape {tuple(shape)} have no fans.\n"
            "  fix: pass (inputs, outputs) or (kernel_rows, kernel_columns, c_in, c_out), 1 or more each."
        )
    *window, c_in, c_out = shape
    return prod(window) * c_in, prod(window) * c_out


def xavier(shape: Sequence[int], rng: Generator) -> FloatArray:
    """Return weights for tanh or linear layers: uniform, of variance 2 / (fan_in + fan_out).

    That is between what suits the way forward, 1 / fan_in, and the way back, 1 / fan_out.

    Args:
        shape: see `fans`.
        rng: where the numbers come from.

    Returns:
        float32 weights.

    Source: Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", eq. 16. Keras calls it glorot_uniform.
    """
    limit = (6 / sum(fans(shape))) ** 0.5  # a uniform distribution in ±limit has variance limit² / 3
    return rng.uniform(-limit, limit, shape).astype(np.float32)


def he(shape: Sequence[int], rng: Generator) -> FloatArray:
    """Return weights for layers before a ReLU: normal, of variance 2 / fan_in.

    Args:
        shape: see `fans`.
        rng: where the numbers come from.

    Returns:
        float32 weights.

    Source: He et al. 2015, "Delving deep into rectifiers", eq. 10.
    """
    fan_in, _ = fans(shape)
    return rng.normal(0, (2 / fan_in) ** 0.5, shape).astype(np.float32)
