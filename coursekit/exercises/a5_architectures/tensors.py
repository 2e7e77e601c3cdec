"""a5: feature maps and kernels for the blocks, and what the answers may use.

The blocks are asked for in Keras; here they are NumPy, so that neither a check nor a grader needs a framework.
"""

import numpy as np

from coursekit.exercises.core import Array

OPEN_BOOK = ("coursekit.exercises", "coursekit.models", "keras.applications", "keras.src.applications")
"""What an answer in Keras, NumPy or `coursekit.scratch` may not call: the finished networks."""


def maps(seed: int, shape: tuple[int, ...]) -> Array:
    """Return feature maps (n, rows, columns, channels), float32, some negative."""
    return np.random.default_rng(seed).normal(0, 1, shape).round(2).astype(np.float32)


def kernels(seed: int, shape: tuple[int, ...]) -> Array:
    """Return kernels (kernel_rows, kernel_columns, channels, filters), float32, small enough to be stacked."""
    scale = (2 / np.prod(shape[:3])) ** 0.5
    return np.random.default_rng(seed).normal(0, scale, shape).round(3).astype(np.float32)
