"""a5: what goes wrong in convolving in groups."""

from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.groups import grouped_convolution
from coursekit.exercises.core import Array

__all__ = ["grouped_convolution"]


@grouped_convolution.misconception(
    "all groups read the first channels: the next group should begin where the one before it ends."
)
def reads_the_first_channels_always(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    return conv2d(x[..., : kernel.shape[2]], kernel, pad=(kernel.shape[0] // 2, kernel.shape[1] // 2))[0]


@grouped_convolution.misconception(
    "channels were dealt out like cards (0, 2, 4 … and 1, 3, 5 …); a group takes neighbouring channels."
)
def deals_out_channels(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad, filters = (kernel.shape[0] // 2, kernel.shape[1] // 2), np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(x[..., g::groups], f, pad=pad)[0] for g, f in enumerate(filters)], axis=3)


@grouped_convolution.misconception(
    "filters were dealt out like cards to the groups; the first filters all belong to the first group."
)
def deals_out_filters(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad, channels = (kernel.shape[0] // 2, kernel.shape[1] // 2), np.split(x, groups, axis=3)
    out = np.zeros((*x.shape[:3], kernel.shape[3]))
    for g, c in enumerate(channels):
        out[..., g::groups] = conv2d(c, kernel[..., g::groups], pad=pad)[0]
    return out


@grouped_convolution.misconception(
    "the maps of the groups are shuffled into each other, as in ShuffleNet; here they stand group after group."
)
def shuffles_the_maps(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    maps = np.stack([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)], axis=-1)
    return maps.reshape(*x.shape[:3], kernel.shape[3])


@grouped_convolution.misconception("the groups are put together in the wrong order, the last one first.")
def puts_the_last_group_first(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)][::-1], axis=3)


@grouped_convolution.misconception(
    "each group of filters reads another group's channels: the first filters belong to the first channels."
)
def crosses_the_groups(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3)[::-1], np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)], axis=3)


@grouped_convolution.misconception(
    "all filters see the sum over all groups of channels; a group is kept apart from the others."
)
def adds_the_groups_before(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    together = sum(np.split(x, groups, axis=3))
    return conv2d(together, kernel, pad=(kernel.shape[0] // 2, kernel.shape[1] // 2))[0]


@grouped_convolution.misconception(
    "the groups' maps were added up; put them side by side along the channels, so that there is one for every filter."
)
def adds_the_groups_after(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return sum(conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters))


@grouped_convolution.misconception(
    "all groups use the first group's filters: split the kernel along its last axis, too."
)
def repeats_the_first_filters(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad, first = (kernel.shape[0] // 2, kernel.shape[1] // 2), np.split(kernel, groups, axis=3)[0]
    return np.concatenate([conv2d(c, first, pad=pad)[0] for c in np.split(x, groups, axis=3)], axis=3)


@grouped_convolution.misconception('the border is lost: with padding "same" the maps are as large as the image.')
def loses_the_border(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(c, f)[0] for c, f in zip(channels, filters)], axis=3)


@grouped_convolution.misconception(
    "the kernels were turned by 180°, as in the textbook's convolution; layers of networks do not turn them."
)
def turns_the_kernels(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad, kernel = (kernel.shape[0] // 2, kernel.shape[1] // 2), kernel[::-1, ::-1]
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)], axis=3)


@grouped_convolution.misconception("negative numbers are gone: a ReLU was applied, which was not asked for here.")
def applies_a_relu(x: Array, kernel: Array, groups: int) -> Any:
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return np.maximum(np.concatenate([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)], axis=3), 0)
