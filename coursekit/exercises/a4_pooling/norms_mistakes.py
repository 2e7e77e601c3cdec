"""a4: what goes wrong in L2 pooling, forward or backward."""

import numpy as np

from coursekit.exercises.a4_pooling.norms import Answer, Pair, l2_pool
from coursekit.exercises.core import Array

__all__ = ["l2_pool"]


@l2_pool.misconception("out is the root of the mean of the squares; the norm is the root of their sum.")
def takes_the_mean_of_squares(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0] / np.sqrt(size[0] * size[1])
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception("out is the sum of the squares; the norm is its square root.")
def forgets_the_root(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0] ** 2
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception(
    "out is the sum of the absolute values, another norm (L1); here, square, add up, and take the root."
)
def sums_sizes(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = np.abs(window).sum(axis=(1, 2))
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception(
    "the pixels were added first and squared then, which leaves the size of their sum; square each pixel, then add."
)
def squares_the_sum(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = np.sqrt(window.sum(axis=(1, 2)) ** 2)
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception("out is one norm over all channels, the same for each; every channel has its own.")
def takes_the_norm_over_the_channels(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = np.sqrt((window**2).sum(axis=(1, 2, 3)))[:, np.newaxis]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception(
    "out is the largest absolute value of each window, which the norm exceeds as soon as two pixels are not 0."
)
def takes_the_largest(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = np.abs(window).max(axis=(1, 2))
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception("0 / 0 gave nan: where a window holds nothing but zeros, its length is 0. Hand on 0 there.")
def divides_by_zero(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / length
    return out, dx


@l2_pool.misconception(
    "a window of zeros handed something on to its pixels; there the norm has a corner, and by our rule the slope is 0."
)
def hands_on_everything_at_zero(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            pull = np.where(length > 0, window / np.where(length > 0, length, 1), 1)
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * pull
    return out, dx


@l2_pool.misconception("dx is dout times the pixel; the root divides it by the length, out, as well.")
def forgets_to_divide_by_the_length(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window
    return out, dx


@l2_pool.misconception("dx is twice as large as it should be: the 2 of the square and the ½ of the root cancel.")
def keeps_the_two(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += 2 * dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception("dx has lost the pixel's sign: a negative pixel that rises makes the window shorter.")
def loses_the_sign(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * np.abs(window) / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception("dx was spread evenly, as in average pooling; of two pixels, the larger pulls more: x / out.")
def shares_evenly(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] / (size[0] * size[1])
    return out, dx


@l2_pool.misconception(
    "in dx a later window overwrote an earlier one where they overlap; a pixel collects from all its windows (+=)."
)
def overwrites_dx(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] = dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


@l2_pool.misconception(
    "the photo's numbers overflowed: in 8 bits, 20² is 144. Turn the pixels into floats before you square them."
)
def squares_whole_numbers(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    pixels = x.copy()
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx
