"""a4: what goes wrong in average pooling, forward or backward."""

import numpy as np

from coursekit.exercises.a4_pooling.averages import Answer, Pair, average_pool
from coursekit.exercises.core import Array

__all__ = ["average_pool"]


@average_pool.misconception("out is the sum of each window, not its average: divide by the number of its pixels.")
def sums_the_window(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].sum(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception("out is the largest pixel of each window; asked for is the average.")
def takes_the_maximum(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].max(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception("out is divided by the window's height alone; a window has size[0] · size[1] pixels.")
def divides_by_the_height(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].sum(axis=(1, 2)) / size[0]
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception(
    "both ways the window was taken for a square one, of size[0]² pixels; it has size[0] · size[1]."
)
def divides_by_the_height_squared(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].sum(axis=(1, 2)) / size[0] ** 2
            share = dout[:, i : i + 1, j : j + 1] / size[0] ** 2
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception(
    "out is averaged over the channels as well, so that all of them are the same; each keeps its own."
)
def averages_the_channels(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2, 3))[:, np.newaxis]
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception("out is averaged over the images of the batch as well, so that all of them are the same.")
def averages_the_images(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(0, 1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception(
    "in out the stride is forgotten: output (i, j) belongs to the window that starts at row i · stride[0]."
)
def forgets_the_stride_in_out(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, i : i + size[0], j : j + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception(
    "in dx a later window overwrote an earlier one where they overlap; a pixel collects from all its windows (+=)."
)
def overwrites_dx(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] = share
    return out, dx


@average_pool.misconception(
    "every pixel got the whole slope of its window; if a pixel rises by 1, the average rises only by 1 / pixels."
)
def hands_on_the_whole_slope(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1]
            dx[:, top : top + size[0], left : left + size[1]] += share
    return out, dx


@average_pool.misconception(
    "in dx the slope went to the largest pixel of each window, as in max pooling; in an average all pixels count."
)
def hands_the_slope_to_the_maximum(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c]
        place = window.argmax()
        out[b, i, j, c] = window.mean()
        dx[b, top + place // size[1], left + place % size[1], c] += dout[b, i, j, c]
    return out, dx


@average_pool.misconception(
    "dx was shared in proportion to the pixels; the slope of an average is the same for every pixel of the window."
)
def shares_by_the_pixels(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += (
                share * x[:, top : top + size[0], left : left + size[1]]
            )
    return out, dx


@average_pool.misconception(
    "in dx the stride is forgotten: the slope of output (i, j) goes to the window that starts at row i · stride[0]."
)
def forgets_the_stride_in_dx(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, i : i + size[0], j : j + size[1]] += share
    return out, dx


@average_pool.misconception(
    "dx was divided by how many windows a pixel lies in. Those add up; what divides is the number of pixels of a "
    "window."
)
def divides_by_the_windows_of_a_pixel(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx, count = np.zeros(dout.shape), np.zeros(x.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            dx[:, top : top + size[0], left : left + size[1]] += dout[:, i : i + 1, j : j + 1]
            count[:, top : top + size[0], left : left + size[1]] += 1
    return out, dx / np.maximum(count, 1)


@average_pool.misconception("in dx, rows and columns of the window are exchanged: size is (rows, columns).")
def exchanges_the_sides_in_dx(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[1], left : left + size[0]] += share
    return out, dx


@average_pool.misconception(
    "`np.zeros_like(x)` takes over x's type: where pixels are whole numbers, averages and slopes are cut. Make floats."
)
def takes_over_whole_numbers(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape, dtype=x.dtype), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share.astype(x.dtype)
    return out, dx


@average_pool.misconception("the two results come in another order than asked for: return out, dx.")
def returns_dx_first(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            top, left = i * stride[0], j * stride[1]
            out[:, i, j] = x[:, top : top + size[0], left : left + size[1]].mean(axis=(1, 2))
            share = dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
            dx[:, top : top + size[0], left : left + size[1]] += share
    return dx, out
