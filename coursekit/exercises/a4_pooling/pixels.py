"""a4: images for pooling. No two pixels are equal unless a case is about that."""

import numpy as np

from coursekit.exercises.core import Array


def distinct(seed: int, shape: tuple[int, ...], lowest: float | None = None) -> Array:
    """Return the multiples of 0.1 from `lowest` up, each once, in a random order; left out, a third are negative."""
    size = int(np.prod(shape))
    first = -(size // 3) / 10 if lowest is None else lowest
    return (np.random.default_rng(seed).permutation(size) / 10 + first).round(1).reshape(shape)


def slopes(seed: int, shape: tuple[int, ...]) -> Array:
    """Return upstream gradients of both signs, none near 0 and no two equal."""
    rng = np.random.default_rng(seed)
    sizes = 0.2 + (rng.permutation(int(np.prod(shape))) + 1) / 8
    return np.asarray(sizes * rng.choice([-1, 1], sizes.size)).reshape(shape)


def pooled_shape(shape: tuple[int, ...], size: tuple[int, int], stride: tuple[int, int]) -> tuple[int, ...]:
    """Return the shape of pooled images."""
    n, h, w, channels = shape
    return n, (h - size[0]) // stride[0] + 1, (w - size[1]) // stride[1] + 1, channels
