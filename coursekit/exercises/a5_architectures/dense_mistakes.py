"""a5: what goes wrong in a dense block."""

from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.dense import dense_block
from coursekit.exercises.core import Array

__all__ = ["dense_block"]


@dense_block.misconception(
    "the ReLU follows the convolution; in this block it stands before it, and new maps may be negative."
)
def applies_the_relu_afterwards(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = np.maximum(conv2d(maps, kernel, pad=1)[0], 0)
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception("there is no ReLU: each layer takes the ReLU of what it reads.")
def has_no_relu(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(maps, kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception(
    "there is a ReLU behind each convolution as well as before it; only the one before is wanted."
)
def applies_relu_before_and_after(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = np.maximum(conv2d(np.maximum(maps, 0), kernel, pad=1)[0], 0)
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception(
    "the maps were overwritten by their ReLU, so negative numbers are lost for the output; keep them, and use the "
    "ReLU only to convolve."
)
def keeps_what_the_relu_left(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        maps = np.maximum(maps, 0)
        new = conv2d(maps, kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception("the output went through a ReLU; the next block has its own.")
def applies_a_relu_at_the_end(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return np.maximum(maps, 0)


@dense_block.misconception(
    "the ReLU is applied to the block's input, but not to the maps that layers add: each layer takes the ReLU of all "
    "that it reads."
)
def activates_the_input_only(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps, seen = x, np.maximum(x, 0)
    for kernel in kernels:
        new = conv2d(seen, kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
        seen = np.concatenate([seen, new], axis=3)
    return maps


@dense_block.misconception(
    "the block's input is read without a ReLU, in every layer; it is treated like the maps that were added."
)
def spares_the_input(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        seen = np.concatenate([x, np.maximum(maps[..., x.shape[3] :], 0)], axis=3)
        new = conv2d(seen, kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception(
    "new maps were put in front of the others; they are appended behind them, in the order in which the kernels "
    "expect them."
)
def puts_new_maps_in_front(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([new, maps], axis=3)
    return maps


@dense_block.misconception(
    "the maps are right, but the output has the last layer's first: input, first layer, second layer, and so on."
)
def returns_the_newest_first(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps, parts = x, [x]
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
        parts = [new, *parts]
    return np.concatenate(parts, axis=3)


@dense_block.misconception("the input is missing from the output: a dense block hands on everything.")
def returns_new_maps_only(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps[..., x.shape[3] :]


@dense_block.misconception(
    "only the last layer's maps are returned; a dense block hands on everything that there was before them."
)
def returns_the_last_layer(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps[..., maps.shape[3] - kernels[-1].shape[3] :]


@dense_block.misconception("the last layer is missing: its maps belong to the output, too.")
def leaves_the_last_layer_out(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels[:-1]:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps


@dense_block.misconception("the input is in the output twice: it is among the collected maps already.")
def returns_the_input_twice(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return np.concatenate([maps, x], axis=3)


@dense_block.misconception(
    "the kernels were turned by 180°, as in the textbook's convolution; layers of networks do not turn them."
)
def turns_the_kernels(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel[::-1, ::-1], pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps
