"""a4: what goes wrong in measuring invariance."""

from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.invariance import Features, Shifts, invariance_meter
from coursekit.exercises.core import Array

__all__ = ["invariance_meter"]


@invariance_meter.misconception(
    "the length of the change is given as it is; divide it by the length of the features at rest."
)
def forgets_to_divide(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the squares of the two lengths are compared: take the root of both sums, or of their ratio."
)
def forgets_the_root(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sum((moved - rest) ** 2) / np.sum(rest**2))
    return np.array(gaps)


@invariance_meter.misconception("sums of absolute values are compared; a length is the root of a sum of squares.")
def adds_absolute_values(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sum(np.abs(moved - rest)) / np.sum(np.abs(rest)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the change is divided by the length of the moved features; compare with the features at rest, which are the same "
    "for all shifts."
)
def divides_by_the_moved_features(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(moved**2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the lengths were subtracted, so features that only change places read 0; take the length of the difference."
)
def subtracts_lengths(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.abs(np.linalg.norm(moved) - np.linalg.norm(rest)) / np.linalg.norm(rest))
    return np.array(gaps)


@invariance_meter.misconception(
    "that is the share of the features that changed, by however little; asked for is how far they are from those at "
    "rest."
)
def counts_what_changed(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.mean(~np.isclose(moved, rest)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the gap was taken for each image, and averaged; take one length over all images, in which bright ones count for "
    "more."
)
def averages_over_the_images(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        change = ((moved - rest).reshape(len(x), -1) ** 2).sum(axis=1)
        gaps.append(np.mean(np.sqrt(change / (rest.reshape(len(x), -1) ** 2).sum(axis=1))))
    return np.array(gaps)


@invariance_meter.misconception("one number is left for all shifts together; return one for each.")
def averages_over_the_shifts(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.mean(gaps)


@invariance_meter.misconception(
    "the features were moved instead of the images: that measures something else. Move the images, then call f."
)
def moves_the_features(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = np.roll(rest, (down, right), axis=(1, 2))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception("the moved images were compared with the images at rest; f was never asked about them.")
def compares_images(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = x
    gaps = []
    for down, right in shifts:
        moved = np.roll(x, (down, right), axis=(1, 2))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the first axis counts images: rolling it exchanges them. Rows and columns are the axes 1 and 2."
)
def moves_the_wrong_axes(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (down, right), axis=(0, 1)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "down and right are exchanged: down moves rows, axis 1, and right moves columns, axis 2."
)
def exchanges_down_and_right(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (right, down), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "the images move up and to the left: np.roll with a positive number already moves down or right."
)
def moves_the_other_way(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        moved = f(np.roll(x, (-down, -right), axis=(1, 2)))
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception(
    "zeros came in at the border; what leaves the image on one side should come back on the other, as np.roll does it."
)
def lets_zeros_in(f: Features, x: Array, shifts: Shifts) -> Any:
    rest, (_, h, w, _) = f(x), x.shape
    gaps = []
    for down, right in shifts:
        framed = np.pad(x, ((0, 0), (h, h), (w, w), (0, 0)))
        moved = f(framed[:, h - down : 2 * h - down, w - right : 2 * w - right])
        gaps.append(np.sqrt(np.sum((moved - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)


@invariance_meter.misconception("each shift was added to those before it; start from the images at rest every time.")
def piles_the_shifts_up(f: Features, x: Array, shifts: Shifts) -> Any:
    rest = f(x)
    gaps = []
    for down, right in shifts:
        x = np.roll(x, (down, right), axis=(1, 2))
        gaps.append(np.sqrt(np.sum((f(x) - rest) ** 2) / np.sum(rest**2)))
    return np.array(gaps)
