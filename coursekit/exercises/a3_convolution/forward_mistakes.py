"""a3: what goes wrong in a convolution layer's forward pass."""

from typing import Any

import numpy as np

from coursekit.exercises.a3_convolution.forward import conv2d_forward
from coursekit.exercises.core import Array

__all__ = ["conv2d_forward"]


@conv2d_forward.misconception(
    "the kernels are turned by 180°, as in a true convolution. A layer lays its weights over the window as they stand."
)
def turns_the_kernels(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights[::-1, ::-1]) + bias


@conv2d_forward.misconception(
    "the number of output columns was computed from the image's height; columns come from the width, x.shape[2]."
)
def takes_the_height_for_both_axes(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows = columns = (padded.shape[1] - kh) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return out


@conv2d_forward.misconception(
    "the number of output columns was computed with the kernel's height; along the columns its width counts."
)
def takes_the_height_of_the_kernel_for_both_axes(
    x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0
) -> Array:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kh) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return out


@conv2d_forward.misconception(
    "the zeros stand before the image only; `pad` goes on each side: left and right, above and below."
)
def pads_one_side(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, 0), (pad, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.misconception("rows of zeros were added above and below, but no columns at the left and right.")
def pads_one_axis(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (0, 0), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.misconception("`pad` is not used: put that many zeros around every image before the windows slide.")
def ignores_pad(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    windows = np.lib.stride_tricks.sliding_window_view(x, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.misconception("beyond its border the image goes on with its outermost pixels; there should be zeros.")
def repeats_the_border(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.misconception("the stride is applied to the rows only; the windows move by it along the columns too.")
def strides_along_one_axis(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride], weights) + bias


@conv2d_forward.misconception(
    "the output has the size that the stride asks for, but its windows are only one pixel apart: start them at "
    "i · stride and j · stride."
)
def strides_in_the_size_only(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]))
    for i in range(rows):
        for j in range(columns):
            out[:, i, j] = np.tensordot(padded[:, i : i + kh, j : j + kw], weights, axes=3) + bias
    return out


@conv2d_forward.misconception(
    "the output's size was rounded up, so that the last windows hang over the edge. Drop what is left over."
)
def rounds_the_size_up(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    kh, kw = weights.shape[:2]
    spare = [-(size + 2 * pad - k) % stride for size, k in zip(x.shape[1:3], (kh, kw))]
    padded = np.pad(x, ((0, 0), (pad, pad + spare[0]), (pad, pad + spare[1]), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.misconception("the input channels are averaged; their contributions are summed.")
def averages_the_channels(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) / x.shape[3] + bias


@conv2d_forward.misconception(
    "only the first input channel is looked at; a kernel reaches through all channels, and sums over them."
)
def sees_the_first_channel_only(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijkl,klq->nijq", windows[:, ::stride, ::stride, 0], weights[:, :, 0]) + bias


@conv2d_forward.misconception("the bias is missing: bias[q] is added to every output of map q.")
def forgets_the_bias(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights)


@conv2d_forward.misconception(
    "the bias is added to every product before they are summed, so once for each weight; it is added once an output."
)
def adds_the_bias_for_every_weight(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias * weights[..., 0].size


@conv2d_forward.misconception("the bias is added once for every input channel: add it after summing over them.")
def adds_the_bias_for_every_channel(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return sum(np.einsum("nijkl,klq->nijq", windows[:, :, :, c], weights[:, :, c]) + bias for c in range(x.shape[3]))


@conv2d_forward.misconception(
    "`total = bias` is another name for the bias, and `+=` changes it: each window starts with the sum of those "
    "before. Start from a copy."
)
def adds_into_the_bias(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]))
    for b in range(len(x)):
        for i in range(rows):
            for j in range(columns):
                total = bias
                total += np.tensordot(padded[b, i * stride :, j * stride :][:kh, :kw], weights, axes=3)
                out[b, i, j] = total
    return out


@conv2d_forward.misconception(
    "the sums of one image go on in the next: what was computed for image 0 is still in image 1. Start anew for each."
)
def goes_on_from_image_to_image(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights).cumsum(axis=0) + bias


@conv2d_forward.misconception(
    "every image has the first one's output; the window must be cut out of all images, or of image b in its turn."
)
def computes_the_first_image_for_all(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    first = np.einsum("ijckl,klcq->ijq", windows[0, ::stride, ::stride], weights) + bias
    return np.stack([first] * len(x))


@conv2d_forward.misconception(
    "the output array takes over the images' type, so that whole-number pixels cut off fractions. Make it floats."
)
def cuts_off_fractions(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return out
