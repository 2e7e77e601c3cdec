"""Input checked once, in one way, for every module of `coursekit.scratch`.

Each function returns its argument as an array ready to compute with (a copy only where the type
must change), or raises TypeError or ValueError with a message that ends in the fix.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.floating[Any]]
LabelArray = NDArray[np.integer[Any]]


def real(name: str, values: ArrayLike) -> FloatArray:
    """Return finite numbers of any shape: float32 and float64 as they are, others as float64."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError(
            f"{name}: expected real numbers, got type {array.dtype}.\n"
            f"  fix: pass float32 or float64, e.g. np.asarray({name}, dtype=float)."
        )
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    finite = np.isfinite(array)
    if not finite.all():
        where = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(
            f"{name}: the number at {list(where)} is {array[where]}.\n"
            "  fix: find the step that made it: a division by 0, log(0), or a learning rate so "
            "large that training diverged."
        )
    return array


def table(name: str, layout: str, values: ArrayLike) -> FloatArray:
    """Return a `real` array of two axes, one row an example; ``layout`` names the axes."""
    array = real(name, values)
    if array.ndim != 2:
        fix = f"{name}[np.newaxis]" if array.ndim == 1 else f"{name}.reshape(len({name}), -1)"
        raise ValueError(
            f"{name}: expected shape {layout}, got {array.shape}.\n  fix: pass one row an example, e.g. {fix}."
        )
    if array.size == 0:
        raise ValueError(
            f"{name}: expected shape {layout}, got {array.shape}, which holds nothing to average.\n"
            "  fix: pass at least one example; leave empty mini-batches out."
        )
    return array


def labels_of(scores: FloatArray, labels: ArrayLike) -> LabelArray:
    """Return ``labels`` as a vector of class indices that fits ``scores`` (n, classes)."""
    vector = np.asarray(labels)
    n, classes = scores.shape
    if vector.ndim != 1:
        fix = "onehot.argmax(axis=1)" if vector.shape == scores.shape else "labels.reshape(-1)"
        raise ValueError(f"labels: expected shape ({n},), got {vector.shape}.\n  fix: pass integer labels, e.g. {fix}.")
    if vector.dtype.kind not in "iu":
        raise TypeError(
            f"labels: expected integers, got type {vector.dtype}.\n  fix: pass class indices, e.g. labels.astype(int)."
        )
    if len(vector) != n:
        raise ValueError(
            f"labels: expected {n}, one a row of scores, got {len(vector)}.\n"
            "  fix: pass scores as (n, classes) and one label a row."
        )
    outside = (vector < 0) | (vector >= classes)
    if outside.any():
        i = int(outside.argmax())
        raise ValueError(
            f"labels: labels[{i}] is {vector[i]}, but the {classes} columns of scores are classes "
            f"0 to {classes - 1}.\n  fix: count classes from 0, one column of scores a class."
        )
    return vector


def nonnegative(name: str, value: float) -> float:
    """Return a plain float, which unlike NumPy's float64 leaves float32 arrays float32."""
    number = float(value)
    if not 0 <= number < np.inf:
        raise ValueError(f"{name}: got {value}.\n  fix: pass a finite number, 0 or more.")
    return number
