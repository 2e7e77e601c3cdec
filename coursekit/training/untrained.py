"""Filters that no label has trained, and what a linear classifier makes of them.

A. Saxe et al., "On random weights and unsupervised feature learning", ICML 2011; A. Coates and A. Ng, "Learning feature
representations with k-means", 2012.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coursekit.errors import CourseError
from coursekit.scratch.convolution import conv2d
from coursekit.scratch.pooling import pool2d

Array = NDArray[Any]
PATCHES = 4000
LIVELY = 0.8  # the share of the patches, those of most contrast, that k-means sees


def random_filters(n: int, size: int, channels: int = 1, seed: int = 0) -> Array:
    """Return Gaussian filters of mean 0 and norm 1, float32 (size, size, channels, n)."""
    rows = np.random.default_rng(seed).standard_normal((n, size * size * channels))
    return _filters(rows, size, channels)


def kmeans_filters(images: ArrayLike, n: int, size: int, seed: int = 0) -> Array:
    """Return centres of clusters of small patches as filters of mean 0 and norm 1, float32 (size, size, channels, n).

    Patches are brought to mean 0 and norm 1 first; the fifth of least contrast is left out.

    Args:
        images: (m, rows, columns, channels).
        n: how many filters.
        size: pixels a side.
        seed: of the patches and of the first centres.

    Raises:
        CourseError: if the images are smaller than the filters.
    """
    from sklearn.cluster import KMeans

    pictures, rng = np.asarray(images), np.random.default_rng(seed)
    if min(pictures.shape[1:3]) < size:
        raise CourseError(f"images are {pictures.shape[1:3]}, smaller than {size}.", fix="use smaller filters.")
    which = rng.integers(0, len(pictures), PATCHES)
    top, left = (rng.integers(0, side - size + 1, PATCHES) for side in pictures.shape[1:3])
    at = zip(which, top, left, strict=True)
    patches = np.array([pictures[i, r : r + size, c : c + size].ravel() for i, r, c in at], dtype=np.float64)
    patches -= patches.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(patches, axis=1)
    lively = norms >= max(1e-9, float(np.quantile(norms, 1 - LIVELY)))
    known = patches[lively] / norms[lively, np.newaxis]
    centres = KMeans(n, n_init=1, max_iter=30, random_state=seed).fit(known).cluster_centers_
    return _filters(centres, size, pictures.shape[3])


def pooled_features(images: ArrayLike, kernels: ArrayLike, bias: ArrayLike, grid: int) -> Array:
    """Return what a convolution, ReLU and average pooling to grid × grid places make of images, (m, grid² · n).

    Args:
        images: (m, rows, columns, channels).
        kernels: (size, size, channels, n).
        bias: (n,) or a number.
        grid: places a side; rows and columns that do not fill a place are left out.
    """
    weights = np.asarray(kernels)
    maps = np.maximum(0, conv2d(images, weights, np.broadcast_to(bias, weights.shape[3]).astype(weights.dtype))[0])
    rows, columns = (side // grid for side in maps.shape[1:3])
    out = pool2d(maps[:, : rows * grid, : columns * grid], (rows, columns), kind="average")[0]
    return np.asarray(out.reshape(len(out), -1))


def linear_accuracy(features: ArrayLike, labels: ArrayLike, others: ArrayLike, answers: ArrayLike) -> float:
    """Return how often a linear classifier, fitted to features by least squares with a little L2, is right on others.

    Args:
        features: (n, d).
        labels: (n,) integers from 0 on.
        others: (m, d) features of other examples.
        answers: (m,) their labels.
    """
    known, truth = np.asarray(features, dtype=np.float64), np.asarray(labels)
    mean, spread = known.mean(axis=0), known.std() + 1e-12
    a, b = (np.c_[(np.asarray(each) - mean) / spread, np.ones(len(np.asarray(each)))] for each in (known, others))
    strength = 0.01 * len(a) * np.eye(a.shape[1])
    weights = np.linalg.solve(a.T @ a + strength, a.T @ np.eye(truth.max() + 1)[truth])
    return float(((b @ weights).argmax(axis=1) == np.asarray(answers)).mean())


def _filters(rows: Array, size: int, channels: int) -> Array:
    rows = rows - rows.mean(axis=1, keepdims=True)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.T.reshape(size, size, channels, len(rows)).astype(np.float32)
