"""a4: what goes wrong on the way back through max pooling."""

from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.routing import Pair, max_pool_backward
from coursekit.exercises.core import Array

__all__ = ["max_pool_backward"]


@max_pool_backward.misconception(
    "where windows overlap, the later slope overwrote the earlier: a pixel adds up what all its windows send (+=)."
)
def overwrites(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.argmax()
        dx[b, top + place // size[1], left + place % size[1], c] = dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "all equally large pixels of a window got the whole slope, so it multiplied; the first maximum takes all of it."
)
def pays_every_tie(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        rows, columns = slice(top, top + size[0]), slice(left, left + size[1])
        window = x[b, rows, columns, c]
        dx[b, rows, columns, c] += dout[b, i, j, c] * (window == window.max())
    return dx


@max_pool_backward.misconception(
    "equally large pixels share the slope. That is a rule too, but not ours: the first maximum takes all of it."
)
def shares_among_ties(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        rows, columns = slice(top, top + size[0]), slice(left, left + size[1])
        window = x[b, rows, columns, c]
        winners = window == window.max()
        dx[b, rows, columns, c] += dout[b, i, j, c] * winners / winners.sum()
    return dx


@max_pool_backward.misconception(
    "of equally large pixels the last one got the slope (a search with `>=` does that); here it is the first."
)
def pays_the_last_tie(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.size - 1 - window.ravel()[::-1].argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "of equally large pixels the first one down the columns got the slope; go row by row, as you read."
)
def looks_for_the_first_by_columns(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.T.argmax()
        dx[b, top + place % size[0], left + place // size[0], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "windows of which the largest pixel is 0 handed nothing on. That is the ReLU's business, not the pool's: the first "
    "maximum gets the slope, whatever its value."
)
def pays_nothing_for_zeros(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.argmax()
        if window.max() != 0:
            dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "the slope was spread over the whole window: that is average pooling. Here one pixel takes it all."
)
def spreads_evenly(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        rows, columns = slice(top, top + size[0]), slice(left, left + size[1])
        window = x[b, rows, columns, c]
        dx[b, rows, columns, c] += dout[b, i, j, c] / window.size
    return dx


@max_pool_backward.misconception(
    "every pixel of a window got its whole slope; moving a pixel that is not the largest changes nothing."
)
def pays_everyone(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        rows, columns = slice(top, top + size[0]), slice(left, left + size[1])
        dx[b, rows, columns, c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "the slope went to the last pixel of each window; it belongs to the largest, wherever that is."
)
def pays_the_bottom_right(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        dx[b, i * stride[0] + size[0] - 1, j * stride[1] + size[1] - 1, c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "the slope is multiplied by the pixel's value; the maximum copies the pixel that won, so its own slope is 1."
)
def multiplies_by_the_pixel(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c] * window.max()
    return dx


@max_pool_backward.misconception(
    "argmax counts from the window's own corner; add where the window starts in the image."
)
def forgets_where_the_window_is(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.argmax()
        dx[b, place // size[1], place % size[1], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "the stride is forgotten: output (i, j) came from the window that starts at row i · stride[0], column j · "
    "stride[1]."
)
def forgets_the_stride(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        place = x[b, i : i + size[0], j : j + size[1], c].argmax()
        dx[b, i + place // size[1], j + place % size[1], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "argmax of a window counts row by row, so its row is place // size[1]; it was divided by the window's height."
)
def unravels_with_the_height(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        down, right = divmod(int(window.argmax()), size[0])
        dx[b, min(top + down, x.shape[1] - 1), min(left + right, x.shape[2] - 1), c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "one winner was found for all channels of a window together; each channel has its own largest pixel."
)
def lets_channels_compete(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros(x.shape)
    for b, i, j in np.ndindex(dout.shape[:3]):
        top, left = i * stride[0], j * stride[1]
        place = x[b, top : top + size[0], left : left + size[1]].max(axis=2).argmax()
        dx[b, top + place // size[1], left + place % size[1]] += dout[b, i, j]
    return dx


@max_pool_backward.misconception(
    "dx has only the pixels that some window reads. The slope of the others is 0, but they are there: make dx from x's "
    "shape."
)
def drops_pixels_that_are_left_over(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    n, high, wide, channels = dout.shape
    dx = np.zeros((n, (high - 1) * stride[0] + size[0], (wide - 1) * stride[1] + size[1], channels))
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        place = x[b, top : top + size[0], left : left + size[1], c].argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx


@max_pool_backward.misconception(
    "`np.zeros_like(x)` takes over x's type: where pixels are whole numbers, slopes are cut to whole numbers as well. "
    "Make floats."
)
def takes_over_whole_numbers(dout: Array, x: Array, size: Pair, stride: Pair) -> Any:
    dx = np.zeros_like(x)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        place = x[b, top : top + size[0], left : left + size[1], c].argmax()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return dx
