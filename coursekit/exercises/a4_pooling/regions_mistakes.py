"""a4: what goes wrong in pooling over a grid of regions."""

from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.regions import Pair, adaptive_pool
from coursekit.exercises.core import Array

__all__ = ["adaptive_pool"]


@adaptive_pool.misconception(
    "a region ends where the next begins, both rounded down: the pixel that lies in two of them counts only in the "
    "second."
)
def rounds_both_ends_down(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], (i + 1) * h // regions[0])
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], (j + 1) * w // regions[1])
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "a region begins where the last one ended, both rounded up: the pixel that lies in two of them counts only in the "
    "first."
)
def rounds_both_ends_up(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(-(-i * h // regions[0]), -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(-(-j * w // regions[1]), -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "the ends were rounded to the nearest pixel; a region holds every pixel that it touches, so round its start down "
    "and its end up."
)
def rounds_to_the_nearest(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(round(i * h / regions[0]), round((i + 1) * h / regions[0]))
        for j in range(regions[1]):
            columns = slice(round(j * w / regions[1]), round((j + 1) * w / regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "all regions have the same size, rounded down, and the last rows and columns are in none. Every pixel counts "
    "somewhere."
)
def drops_what_is_left_over(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * (h // regions[0]), (i + 1) * (h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * (w // regions[1]), (j + 1) * (w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "the last region got all that was left over; the regions should be as equal as they can be."
)
def gives_the_rest_to_the_last(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * (h // regions[0]), (i + 1) * (h // regions[0]) if i < regions[0] - 1 else h)
        for j in range(regions[1]):
            columns = slice(j * (w // regions[1]), (j + 1) * (w // regions[1]) if j < regions[1] - 1 else w)
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "the first regions are a pixel larger, as `np.array_split` cuts them, and none share a pixel. Compute each start "
    "and end from i."
)
def gives_the_rest_to_the_first(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(
            i * (h // regions[0]) + min(i, h % regions[0]), (i + 1) * (h // regions[0]) + min(i + 1, h % regions[0])
        )
        for j in range(regions[1]):
            columns = slice(
                j * (w // regions[1]) + min(j, w % regions[1]), (j + 1) * (w // regions[1]) + min(j + 1, w % regions[1])
            )
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "windows of one size moved by one stride, both rounded: on 8 pixels, 3 regions begin at 0, 2 and 5, which no "
    "stride gives."
)
def moves_by_a_whole_stride(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * (h // regions[0]), i * (h // regions[0]) + h - (regions[0] - 1) * (h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * (w // regions[1]), j * (w // regions[1]) + w - (regions[1] - 1) * (w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception("the columns were cut up by the image's height; x.shape is (n, rows, columns, channels).")
def takes_the_height_for_both_axes(x: Array, regions: Pair) -> Any:
    n, h, _, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * h // regions[1], -(-(j + 1) * h // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception("the columns were cut into regions[0] parts; regions is (rows, columns).")
def cuts_columns_like_rows(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[0], -(-(j + 1) * w // regions[0]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out


@adaptive_pool.misconception("those are averages of the regions; asked for are their maxima.")
def averages(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].mean(axis=(1, 2))
    return out


@adaptive_pool.misconception(
    "a region of negative pixels gave 0: no pixel is 0 there. Start from the region's own pixels."
)
def starts_from_zero(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2), initial=0)
    return out


@adaptive_pool.misconception("the channels were compared with each other as well; each has maxima of its own.")
def pools_over_channels_too(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2, 3))[:, np.newaxis]
    return out


@adaptive_pool.misconception(
    "the images of the batch were compared with each other as well; each has maxima of its own."
)
def pools_over_images_too(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(0, 1, 2))
    return out


@adaptive_pool.misconception(
    "`regions` was taken for the size of a window, so that larger images gave more outputs; it is how many outputs "
    "there are."
)
def takes_regions_for_the_window(x: Array, regions: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, regions, axis=(1, 2))
    return windows[:, :: regions[0], :: regions[1]].max(axis=(-2, -1))


@adaptive_pool.misconception("out has its rows and columns exchanged: its shape is (n, *regions, channels).")
def exchanges_rows_and_columns(x: Array, regions: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, *regions, channels))
    for i in range(regions[0]):
        rows = slice(i * h // regions[0], -(-(i + 1) * h // regions[0]))
        for j in range(regions[1]):
            columns = slice(j * w // regions[1], -(-(j + 1) * w // regions[1]))
            out[:, i, j] = x[:, rows, columns].max(axis=(1, 2))
    return out.transpose(0, 2, 1, 3)
