"""a3: what goes wrong in a convolution layer's backward pass."""

from typing import Any

import numpy as np

from coursekit.exercises.a3_convolution.backward import Answer, conv2d_backward
from coursekit.exercises.core import Array

__all__ = ["conv2d_backward"]


@conv2d_backward.misconception(
    "dx still has the padding around it; cut it off, so that dx has the shape of x. The zeros need no gradient."
)
def leaves_the_padding_on(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    return dpadded, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "with pad = 0, `[pad:-pad]` is `[0:0]`, which is empty. Say where the image ends: at pad + its height or width."
)
def cuts_everything_off_without_padding(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    return dpadded[:, pad:-pad, pad:-pad], dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "dx was cut out of the padded gradient at its very corner, where the padding lies. The image starts `pad` rows and "
    "columns further in."
)
def cuts_the_padding_at_the_wrong_end(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    return dpadded[:, : x.shape[1], : x.shape[2]], dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "dx has only the pixels that some window reads; with a stride the last ones may be left over. Their gradient is 0, "
    "but it is there: make dx from the shape of x."
)
def drops_pixels_that_are_left_over(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    (kh, kw, c_in, _), (n, high, wide, _) = weights.shape, dout.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded = np.zeros((n, (high - 1) * stride + kh, (wide - 1) * stride + kw, c_in))
    dweights = np.zeros(weights.shape)
    for i in range(high):
        for j in range(wide):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : dpadded.shape[1] - pad, pad : dpadded.shape[2] - pad]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "in dx a later window overwrites an earlier one where they overlap; a pixel collects from all its windows (+=)."
)
def overwrites_dx(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] = np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "dweights holds the last window's share only; every window used the same weights, so all shares are summed (+=)."
)
def overwrites_dweights(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights = np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "in dx the kernel lies the wrong way round. Who collects for a pixel what windows around it send must read the "
    "kernel backwards; who lays it into its window must not."
)
def lays_the_kernel_the_wrong_way_round(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights[::-1, ::-1], axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "input and output channels of the weights are mixed up in dx: dout has one number an output channel, so sum over "
    "the last axis of weights."
)
def mixes_up_the_channels(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 2))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "dweights was computed from the image without its padding: output (0, 0) saw the padded image's corner."
)
def reads_the_image_without_its_padding(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    unpadded = np.pad(x, ((0, 0), (0, 2 * pad), (0, 2 * pad), (0, 0)))
    dpadded, dweights = np.zeros(unpadded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(unpadded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "the stride is forgotten: output (i, j) came from the window that starts at row i · stride, column j · stride."
)
def forgets_the_stride(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            dpadded[:, i : i + kh, j : j + kw] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, i : i + kh, j : j + kw], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception("dbias is summed over the images only; each bias went into every pixel of its map.")
def sums_dbias_over_images_only(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=0)


@conv2d_backward.misconception("dbias is a mean over images and pixels; a gradient adds up what each of them says.")
def averages_dbias(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.mean(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "dweights and dbias are divided by the number of images; if the loss is a mean, dout is divided already."
)
def divides_by_the_batch(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0)) / len(x)
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2)) / len(x)


@conv2d_backward.misconception("dweights comes from the first image alone; sum what all images of the batch say.")
def learns_from_the_first_image(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:1, rows, columns], dout[:1, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception(
    "the images' gradients are summed in dx, so that all have the same; each image goes its own way back."
)
def sums_dx_over_images(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j].sum(axis=0), weights, axes=(0, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


@conv2d_backward.misconception("the gradients come in another order than asked for: return dx, dweights, dbias.")
def returns_dweights_first(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Any:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dweights, dout.sum(axis=(0, 1, 2)), dx


@conv2d_backward.misconception(
    "`np.zeros_like` takes over the type of x or weights: where these are whole numbers, gradients are no fractions. "
    "Make floats."
)
def takes_over_whole_numbers(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros_like(padded), np.zeros_like(weights)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))
