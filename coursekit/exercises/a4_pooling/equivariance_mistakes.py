"""a4: what goes wrong in measuring equivariance."""

from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.equivariance import Maps, Shifts, equivariance_meter
from coursekit.exercises.core import Array

__all__ = ["equivariance_meter"]


@equivariance_meter.misconception(
    "the margin is not cut off: near the border, pixels wrap round or padding comes in, which no map can follow."
)
def keeps_the_border(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(None), slice(None)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "with margin 0, `[margin:-margin]` is `[0:0]`, which is empty. Say where the inside ends: at the maps' height − "
    "margin, and width − margin."
)
def cuts_nothing_left_without_margin(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, -margin), slice(margin, -margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the margin was cut off at the top and left only; the other two borders are no better."
)
def cuts_one_side(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, None), slice(margin, None)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception("the margin was cut off from the rows, but not from the columns.")
def cuts_rows_only(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(None)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception("the inside of the columns was computed from the maps' height; use their width.")
def takes_the_height_for_both_axes(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[1] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the map of the moved image was compared with the map at rest: that is invariance. Here the map at rest moves "
    "along first."
)
def measures_invariance(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = f(x)
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the moved map was compared with the map at rest, which says nothing about f: f has to see the moved images."
)
def never_moves_the_image(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(x)
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception("the map at rest was moved the other way; it should go where the image went.")
def moves_the_map_back(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), (-shift[0], -shift[1]), axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception("for the maps, down and right are exchanged; they move as the images do.")
def exchanges_down_and_right(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift[::-1], axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the first axis counts images: rolling it exchanges them. Rows and columns are the axes 1 and 2."
)
def moves_the_wrong_axes(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(0, 1)))
        right = np.roll(f(x), shift, axis=(0, 1))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.array(gaps)


@equivariance_meter.misconception("the length of the difference is given as it is; divide it by that of the moved map.")
def forgets_to_divide(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the squares of the two lengths are compared: take the root of both sums, or of their ratio."
)
def forgets_the_root(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sum((left - right) ** 2) / np.sum(right**2))
    return np.array(gaps)


@equivariance_meter.misconception(
    "the difference is divided by the length of f(moved image); divide by the other side, the moved map."
)
def divides_by_the_map_of_the_moved_image(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(left**2)))
    return np.array(gaps)


@equivariance_meter.misconception("the difference lost its margin, the map that it is divided by did not: cut both.")
def divides_by_the_whole_map(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(f(x) ** 2)))
    return np.array(gaps)


@equivariance_meter.misconception(
    "only the largest difference of all was kept; the length counts every place of the map."
)
def keeps_the_largest_difference(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.abs(left - right).max() / np.abs(right).max())
    return np.array(gaps)


@equivariance_meter.misconception("one number is left for all shifts together; return one for each.")
def averages_over_the_shifts(f: Maps, x: Array, shifts: Shifts, margin: int) -> Any:
    gaps = []
    for shift in shifts:
        left = f(np.roll(x, shift, axis=(1, 2)))
        right = np.roll(f(x), shift, axis=(1, 2))
        rows, columns = slice(margin, left.shape[1] - margin), slice(margin, left.shape[2] - margin)
        left, right = left[:, rows, columns], right[:, rows, columns]
        gaps.append(np.sqrt(np.sum((left - right) ** 2) / np.sum(right**2)))
    return np.mean(gaps)
