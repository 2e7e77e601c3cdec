"""a5: what goes wrong in an Inception block."""

from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.inception import inception_block
from coursekit.exercises.core import Array

__all__ = ["inception_block"]


@inception_block.misconception("there is no ReLU: every convolution in the block is followed by one.")
def has_no_relu(x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0]

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the ReLUs between the 1 × 1 reductions and the larger convolutions are missing: without them, two convolutions "
    "in a row are one."
)
def applies_one_relu_at_the_end(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0]

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.maximum(np.concatenate(branches, axis=3), 0)


@inception_block.misconception("the reductions have their ReLU, but the convolutions that end a branch have none.")
def leaves_the_last_relu_out(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0]

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [
        conv(x, one),
        conv(np.maximum(conv(x, reduce3), 0), three),
        conv(np.maximum(conv(x, reduce5), 0), five),
        conv(largest, pool),
    ]
    return np.concatenate(branches, axis=3)


@inception_block.misconception("the pooling branch has no ReLU: its 1 × 1 convolution needs one like the others.")
def leaves_the_pooling_branch_negative(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv2d(largest, pool)[0]]
    return np.concatenate(branches, axis=3)


@inception_block.misconception("the branches stand in another order: 1 × 1, 3 × 3, 5 × 5, pooling.")
def puts_pooling_first(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(largest, pool), conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the 5 × 5 branch stands before the 3 × 3 branch; the order is 1 × 1, 3 × 3, 5 × 5, pooling."
)
def puts_five_before_three(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce5), five), conv(conv(x, reduce3), three), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the pooling branch convolves first and pools afterwards; pool the input, then apply the 1 × 1 convolution."
)
def projects_before_pooling(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(conv(x, pool), ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), largest]
    return np.concatenate(branches, axis=3)


@inception_block.misconception("the pooling branch takes means; this block takes the maximum of each 3 × 3 window.")
def averages_instead_of_pooling(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=np.nan)
    largest = np.nanmean([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "beyond the border, zeros take part in the maximum: where all is negative, they win. Padding for a maximum is −∞,"
    " as `ops.max_pool` has it."
)
def pools_zeros_in(x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the pooling branch is a 1 × 1 convolution of the input itself: the 3 × 3 maximum is missing."
)
def does_not_pool(x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(x, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the maximum is taken over 2 × 2 pixels; the windows are 3 × 3, with the pixel in their middle."
)
def pools_two_by_two(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in (1, 2) for j in (1, 2)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the input went through a ReLU first. It has passed the one of the block before; here, use it as it is."
)
def cuts_negatives_off_the_input(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    x = np.maximum(x, 0)
    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the kernels were turned by 180°, as in the textbook's convolution; layers of networks do not turn them."
)
def turns_the_kernels(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel[::-1, ::-1], pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=3)


@inception_block.misconception(
    "the branches are put together along the wrong axis: maps stand side by side along the channels, the last axis."
)
def stacks_along_the_columns(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return np.concatenate(branches, axis=2)


@inception_block.misconception(
    "the branches were added, as in a residual block; an Inception block puts their maps side by side."
)
def adds_the_branches(
    x: Array, one: Array, reduce3: Array, three: Array, reduce5: Array, five: Array, pool: Array
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array) -> Any:
        return np.maximum(conv2d(maps, kernel, pad=kernel.shape[0] // 2)[0], 0)

    h, w = x.shape[1:3]
    framed = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-np.inf)
    largest = np.max([framed[:, i : i + h, j : j + w] for i in range(3) for j in range(3)], axis=0)
    branches = [conv(x, one), conv(conv(x, reduce3), three), conv(conv(x, reduce5), five), conv(largest, pool)]
    return sum(branches)
