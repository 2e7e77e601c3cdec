"""``load(name)``: a data set as arrays, without a download and, for ours, without TensorFlow."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.data import catalogue, preparing, storage
from coursekit.errors import CourseError


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples and labels in plain arrays.

    Attributes:
        x_train: images, float32 in 0 … 1, (n, height, width, channels); or texts, str, (n,).
        y_train: class indices, int64, (n,).
        x_test: like ``x_train``.
        y_test: like ``y_train``.
        classes: the name of each class.
        name: the name it was loaded by.
    """

    x_train: NDArray[Any]
    y_train: NDArray[np.int64]
    x_test: NDArray[Any]
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    name: str

    def __repr__(self) -> str:
        shape = self.x_train.shape[1:]
        return (
            f"{self.name}: {len(self.x_train)} training and {len(self.x_test)} test "
            f"{f'images of shape {shape}' if shape else 'texts'}, {len(self.classes)} classes"
        )


def load(name: str, size: int | None = None, seed: int = 0) -> Dataset:
    """Return a data set as arrays.

    Tier 0 (``digits``) is prepared on first use, offline, once for this computer. Tier 1 is never
    downloaded here: `prepare` does that.

    Args:
        name: one of `names()`.
        size: take this many training examples, each class in its proportion. Larger sizes contain
            the smaller ones. The test set stays whole, so that accuracies remain comparable.
        seed: which examples ``size`` takes.

    Raises:
        CourseError: if the name is unknown, the data are not prepared or damaged, or the data
            directory cannot be written to.
        ValueError: if ``size`` is out of range.
    """
    source = catalogue.find(name)
    if not storage.is_prepared(name):
        if source.tier > 0:
            raise _not_prepared(name, source)
        preparing.prepare_apart(name)
    builder = storage.open_builder(name)
    x_train, y_train = storage.read(builder, "train", source.x, source.y)
    x_test, y_test = storage.read(builder, "test", source.x, source.y)
    if size is not None:
        chosen = stratified(y_train, size, seed)
        x_train, y_train = x_train[chosen], y_train[chosen]
    return Dataset(
        x_train=_scaled(x_train),
        y_train=y_train,
        x_test=_scaled(x_test),
        y_test=y_test,
        classes=tuple(builder.info.features[source.y].names),
        name=name,
    )


def stratified(labels: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    """Return ``size`` indices into ``labels`` (n,), at random, each class in its proportion.

    Each example gets the quantile of its random rank within its class; the lowest quantiles win.
    """
    if not 1 <= size <= len(labels):
        raise ValueError(
            f"size: got {size}, of {len(labels)} training examples.\n  fix: pass 1 to {len(labels)}, or None for all."
        )
    order = np.random.default_rng(seed).permutation(len(labels))
    shuffled = labels[order]
    counts = np.bincount(shuffled)
    by_class = np.argsort(shuffled, kind="stable")
    rank = np.empty(len(labels))
    rank[by_class] = np.arange(len(labels)) - np.repeat(np.cumsum(counts) - counts, counts)
    quantile = (rank + 0.5) / counts[shuffled]
    return order[np.argsort(quantile, kind="stable")[:size]]


def _scaled(inputs: NDArray[Any]) -> NDArray[Any]:
    if inputs.dtype != np.uint8:
        return inputs
    return inputs / np.float32(255)


def _not_prepared(name: str, source: catalogue.Source) -> CourseError:
    alike = [
        other for other, candidate in catalogue.CATALOGUE.items() if candidate.tier == 0 and candidate.x == source.x
    ]
    instead = f"; or load one that needs no download: {', '.join(alike)}" if alike else ""
    return CourseError(
        f"{name} is not prepared in {catalogue.data_dir()}, and loading never downloads.",
        fix=f"run `coursekit data prepare {name}` once, online{instead}.",
    )
