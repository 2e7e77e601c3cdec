"""a4: what goes wrong in max pooling."""

from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.maxima import Pair, max_pool
from coursekit.exercises.core import Array

__all__ = ["max_pool"]


@max_pool.misconception(
    "each window gave its last pixel, at the bottom right. In an image that grows brighter that way it is the largest, "
    "but not in others: compare all pixels of the window."
)
def takes_the_bottom_right(x: Array, size: Pair, stride: Pair) -> Any:
    return x[:, size[0] - 1 :: stride[0], size[1] - 1 :: stride[1]].copy()


@max_pool.misconception(
    "each window gave its first pixel: that only leaves pixels out. Compare all pixels of the window."
)
def takes_the_top_left(x: Array, size: Pair, stride: Pair) -> Any:
    h, w = x.shape[1:3]
    return x[:, : h - size[0] + 1 : stride[0], : w - size[1] + 1 : stride[1]].copy()


@max_pool.misconception("that is the average of each window; asked for is its largest pixel.")
def averages(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].mean(axis=(4, 5))


@max_pool.misconception(
    "a window of negative pixels gave 0: no pixel is 0 there. Start the comparison from the window's own pixels, or "
    "from −∞."
)
def starts_from_zero(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return np.maximum(windows[:, :: stride[0], :: stride[1]].max(axis=(4, 5)), 0)


@max_pool.misconception(
    "the pixel farthest from 0 was taken: −7 is smaller than 2, so compare the pixels, not their absolute values."
)
def takes_the_largest_by_size(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    high, low = windows.max(axis=(4, 5)), windows.min(axis=(4, 5))
    return np.where(high >= -low, high, low)


@max_pool.misconception(
    "a window that hangs over the edge was counted, as if the number of windows were rounded up. Pixels that fill no "
    "whole window are dropped."
)
def rounds_up(x: Array, size: Pair, stride: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, -((size[0] - h) // stride[0]) + 1, -((size[1] - w) // stride[1]) + 1, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
    return out


@max_pool.misconception(
    "every start on the image was counted, one a stride, though the last windows reach beyond the edge. A window needs "
    "its whole size."
)
def starts_windows_anywhere(x: Array, size: Pair, stride: Pair) -> Any:
    tops, lefts = range(0, x.shape[1], stride[0]), range(0, x.shape[2], stride[1])
    rows = [
        np.stack([x[:, t : t + size[0], l : l + size[1]].max(axis=(1, 2)) for l in lefts], axis=1)  # noqa: E741
        for t in tops
    ]
    return np.stack(rows, axis=1)


@max_pool.misconception(
    "the last window of each axis is missing: one that ends exactly at the image's edge still fits. Mind the + 1."
)
def drops_the_last_window(x: Array, size: Pair, stride: Pair) -> Any:
    n, h, w, channels = x.shape
    out = np.zeros((n, -((size[0] - h) // stride[0]), -((size[1] - w) // stride[1]), channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
    return out


@max_pool.misconception(
    "the number of output columns came from the image's height; x.shape is (n, rows, columns, channels)."
)
def takes_the_height_for_both_axes(x: Array, size: Pair, stride: Pair) -> Any:
    n, h, _, channels = x.shape
    out = np.zeros((n, (h - size[0]) // stride[0] + 1, (h - size[1]) // stride[1] + 1, channels))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
    return out


@max_pool.misconception("the window is as wide as it is high: size[1] is not used.")
def makes_windows_square(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size[0], size[0]), axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].max(axis=(4, 5))


@max_pool.misconception("rows and columns of the window are exchanged: size is (rows, columns).")
def exchanges_rows_and_columns(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, (size[1], size[0]), axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].max(axis=(4, 5))


@max_pool.misconception("the step downwards is used to the right as well: stride is (rows, columns).")
def takes_one_stride_for_both_axes(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[0]].max(axis=(4, 5))


@max_pool.misconception("the windows move by their own size, so they can only touch; move them by the stride.")
def moves_by_the_size(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: size[0], :: size[1]].max(axis=(4, 5))


@max_pool.misconception("the stride is not used: windows start at every pixel; leave out those between the strides.")
def moves_by_one(x: Array, size: Pair, stride: Pair) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2)).max(axis=(4, 5))


@max_pool.misconception(
    "the channels of a pixel were compared with each other, so one number is left; each channel has maxima of its own."
)
def pools_over_channels_too(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))
    return windows[:, :: stride[0], :: stride[1]].max(axis=(3, 4, 5))[..., np.newaxis]


@max_pool.misconception(
    "one maximum was taken over all images of the batch; axis 0 counts images, which have nothing to do with each "
    "other."
)
def pools_over_images_too(x: Array, size: Pair, stride: Pair) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    largest = windows.max(axis=(0, 4, 5))
    return np.stack([largest] * len(x))
