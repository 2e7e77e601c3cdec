"""``load(name)``: a data set as arrays, without a download and, for ours, without TensorFlow."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coursekit.data import catalogue, preparing, storage
from coursekit.errors import CourseError

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples and labels in plain arrays.

    Attributes:
        x_train: images, float32 in 0 … 1, (n, height, width, channels); videos, likewise with frames first,
            (n, frames, height, width, channels); signals, float32, (n, length[, channels]); or texts, str, (n,).
        y_train: class indices, int64, (n,); several for each example, (n, most), where −1 stands for none.
        x_test: like ``x_train``.
        y_test: like ``y_train``.
        classes: the name of each class.
        name: the name it was loaded by.
        factors_train: how each training example was made, where that is known: for each factor, such as position,
            scale or background, an array of n values. Kinds, such as a font, are given by their names, as str.
        factors_test: like ``factors_train``.
    """

    x_train: NDArray[Any]
    y_train: NDArray[np.int64]
    x_test: NDArray[Any]
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]
    name: str
    factors_train: dict[str, NDArray[Any]] = field(default_factory=dict)
    factors_test: dict[str, NDArray[Any]] = field(default_factory=dict)

    def only(self, classes: Iterable[str]) -> "Dataset":
        """Return the examples of some classes, which get the labels 0, 1, … in the order given.

        ``glyphs.only("0123456789")`` leaves the ten digits of 36 classes.

        Raises:
            ValueError: if there is no such class, or examples have several labels.
        """
        kept = tuple(classes)
        unknown = [name for name in kept if name not in self.classes]
        if unknown or not kept:
            raise ValueError(
                f"classes: got {', '.join(unknown) or 'none'}.\n  fix: name some of {', '.join(self.classes)}."
            )
        if self.y_train.ndim > 1:
            raise ValueError(f"{self.name} has several labels an example.\n  fix: choose among the labels, y_train.")
        renumbered = np.full(len(self.classes), -1)
        renumbered[[self.classes.index(name) for name in kept]] = range(len(kept))
        train, test = renumbered[self.y_train] >= 0, renumbered[self.y_test] >= 0
        return replace(
            self,
            x_train=self.x_train[train],
            y_train=renumbered[self.y_train[train]],
            x_test=self.x_test[test],
            y_test=renumbered[self.y_test[test]],
            classes=kept,
            factors_train={factor: values[train] for factor, values in self.factors_train.items()},
            factors_test={factor: values[test] for factor, values in self.factors_test.items()},
        )

    def __repr__(self) -> str:
        shape = self.x_train.shape[1:]
        kind = {0: "texts", 1: "signals", 2: "signals", 3: "images", 4: "videos"}[len(shape)]
        return (
            f"{self.name}: {len(self.x_train)} training and {len(self.x_test)} test "
            f"{kind}{f' of shape {shape}' if shape else ''}, {len(self.classes)} classes"
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
    builder = open_prepared(name)
    x_train, y_train, factors_train = _read(builder, "train", source)
    x_test, y_test, factors_test = _read(builder, "test", source)
    if size is not None:
        chosen = stratified(y_train, size, seed)
        x_train, y_train = x_train[chosen], y_train[chosen]
        factors_train = {factor: values[chosen] for factor, values in factors_train.items()}
    return Dataset(
        x_train=_scaled(x_train),
        y_train=y_train,
        x_test=_scaled(x_test),
        y_test=y_test,
        classes=storage.class_names(builder, source.y),
        name=name,
        factors_train=factors_train,
        factors_test=factors_test,
    )


def open_prepared(name: str) -> storage.Builder:
    """Return the TFDS builder of a data set that can be read; tier 0 is prepared for it, tier 1 must be.

    Raises:
        CourseError: as `load` does.
    """
    source = catalogue.find(name)
    if not storage.is_prepared(name):
        if source.tier > 0:
            raise _not_prepared(name)
        preparing.prepare_apart(name)
    return storage.open_builder(name)


def _read(builder: storage.Builder, split: str, source: catalogue.Source) -> tuple[Array, Array, dict[str, Array]]:
    """Return a split's inputs, labels and factors; factors that have kinds by their names."""
    columns = storage.read(builder, split, (source.x, source.y, *source.factors))
    x, y = columns.pop(source.x), columns.pop(source.y)
    for factor, values in columns.items():
        if names := storage.class_names(builder, factor):
            columns[factor] = np.array(names)[values]
    return x, y, columns


def stratified(labels: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    """Return ``size`` indices into ``labels`` (n, …), at random, each class in its proportion.

    Where examples have several labels (n, most) there is no proportion to keep.
    Each example gets the quantile of its random rank within its class; the lowest quantiles win.
    """
    if not 1 <= size <= len(labels):
        raise ValueError(
            f"size: got {size}, of {len(labels)} training examples.\n  fix: pass 1 to {len(labels)}, or None for all."
        )
    order = np.random.default_rng(seed).permutation(len(labels))
    shuffled = labels[order] if labels.ndim == 1 else np.zeros(len(labels), np.int64)
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


def _not_prepared(name: str) -> CourseError:
    return CourseError(
        f"{name} is not prepared in {catalogue.data_dir()}, and loading never downloads.",
        fix=f"run `coursekit data prepare {name}` once, online{catalogue.or_else(name)}.",
    )
