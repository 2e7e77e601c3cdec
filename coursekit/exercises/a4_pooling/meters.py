"""a4: functions of images for the two meters, at module level so that another process can name them.

Each takes images (n, rows, columns, channels).
"""

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct
from coursekit.exercises.core import Array


def edges(x: Array) -> Array:
    """Return how much brighter each pixel is than its left neighbour, (n, rows, columns − 1, channels)."""
    return np.asarray(np.maximum(x[:, :, 1:] - x[:, :, :-1], 0))


def pooled_edges(x: Array) -> Array:
    """Return the largest edge of every 2 × 2 window, with stride 2."""
    e = edges(x)
    e = e[:, : e.shape[1] // 2 * 2, : e.shape[2] // 2 * 2]
    n, h, w, channels = e.shape
    return np.asarray(e.reshape(n, h // 2, 2, w // 2, 2, channels).max(axis=(2, 4)))


def strongest_edges(x: Array) -> Array:
    """Return the largest edge of each channel, as two features with what it is squared, (n, 2 · channels)."""
    strongest = edges(np.concatenate([x, x[:, :, :1]], axis=2)).max(axis=(1, 2))
    return np.concatenate([strongest, strongest**2], axis=1)


def brightness(x: Array) -> Array:
    """Return the mean of each channel, which no shift changes, (n, channels)."""
    return np.asarray(x.mean(axis=(1, 2)))


def by_rows(x: Array) -> Array:
    """Return the mean of each row, which no shift to the side changes, (n, rows, channels)."""
    return np.asarray(x.mean(axis=2))


def blocks(x: Array) -> Array:
    """Return maxima of 2 × 2 windows, each shown over its whole window again, so that maps are as large as images."""
    x = x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2]
    n, h, w, channels = x.shape
    pooled = x.reshape(n, h // 2, 2, w // 2, 2, channels).max(axis=(2, 4))
    return np.repeat(np.repeat(pooled, 2, axis=1), 2, axis=2)


def framed_blur(x: Array) -> Array:
    """Return the mean of 3 × 3 pixels, with zeros around the image."""
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(framed, (3, 3), axis=(1, 2)).mean(axis=(-2, -1)))


def vignette(x: Array) -> Array:
    """Return the images, darker and darker to the right and downwards."""
    rows, columns = np.arange(x.shape[1]), np.arange(x.shape[2])
    return np.asarray(x / np.add.outer(1 + 0.1 * rows, 0.2 * columns)[:, :, np.newaxis])


def slope_to_the_right(x: Array) -> Array:
    """Return the difference of neighbours, a convolution without padding."""
    return x[:, :, 1:] - x[:, :, :-1]


def pictures(seed: int, shape: tuple[int, ...]) -> Array:
    """Return images of positive pixels between 0.2 and 2, the second half of them darker than the first."""
    x = distinct(seed, shape, 0.0)
    x = 0.2 + 1.8 * x / max(x.max(), 0.1)
    return np.asarray(x * np.linspace(1, 0.3, len(x)).reshape(-1, 1, 1, 1))
