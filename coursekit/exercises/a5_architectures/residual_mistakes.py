"""a5: what goes wrong in a residual block."""

from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.residual import residual_block
from coursekit.exercises.core import Array

__all__ = ["residual_block"]


@residual_block.misconception(
    "the last ReLU stands before the addition; add the shortcut first, then apply the ReLU to the sum."
)
def applies_the_relu_before_the_addition(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(f, 0) + straight


@residual_block.misconception(
    "there is a ReLU on F(x) before the shortcut is added: then a block can only ever add, never take away."
)
def cuts_off_before_and_after(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(np.maximum(f, 0) + straight, 0)


@residual_block.misconception("the ReLU after the addition is missing.")
def forgets_the_last_relu(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return f + straight


@residual_block.misconception("the ReLU between the two convolutions is missing: without it, they are one convolution.")
def forgets_the_relu_between(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(conv(x, first, stride), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(f + straight, 0)


@residual_block.misconception("that is the plain block: the shortcut is not added.")
def forgets_the_shortcut(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    return np.maximum(f, 0)


@residual_block.misconception(
    "the second convolution has the stride; the first one has it, so that the second is cheap."
)
def strides_in_the_second_convolution(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, 1), 0), second, stride)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(f + straight, 0)


@residual_block.misconception("nothing moves by `stride`: the first convolution and the projection do.")
def ignores_the_stride(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, 1), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, 1)
    return np.maximum(f + straight, 0)


@residual_block.misconception(
    "a frame of one pixel on all sides is another library's padding: with a stride of 2 and an even image, Keras's "
    '"same" puts it at the bottom and right only.'
)
def frames_evenly(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        return conv2d(maps, kernel, stride=step, pad=len(kernel) // 2)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(f + straight, 0)


@residual_block.misconception("the projected shortcut went through a ReLU; it is a convolution and nothing else.")
def cuts_the_projection_off(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else np.maximum(conv(x, shortcut, stride), 0)
    return np.maximum(f + straight, 0)


@residual_block.misconception(
    "the shortcut went through a ReLU before it was added: it should be x itself, or its projection."
)
def cuts_the_shortcut_off(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = np.maximum(x, 0) if shortcut is None else conv(np.maximum(x, 0), shortcut, stride)
    return np.maximum(f + straight, 0)


@residual_block.misconception("the shortcut comes in before the second convolution; it goes round both.")
def adds_before_the_second_convolution(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    straight = x if shortcut is None else conv(x, shortcut, stride)
    f = conv(np.maximum(conv(x, first, stride), 0) + straight, second, 1)
    return np.maximum(f, 0)


@residual_block.misconception("the shortcut begins behind the first convolution; it should begin at the block's input.")
def goes_round_one_convolution(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    straight = np.maximum(conv(x, first, stride), 0)
    f = conv(straight, second, 1)
    return np.maximum(f + straight, 0)


@residual_block.misconception("F(x) and the shortcut were averaged; the block adds them.")
def takes_the_mean(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum((f + straight) / 2, 0)


@residual_block.misconception("F(x) was multiplied by the shortcut, as in a gate; a residual is added.")
def multiplies(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return np.maximum(f * straight, 0)


@residual_block.misconception(
    "the projection's kernel was not used: every stride-th pixel, with zeros for new channels, is the paper's option "
    "A. Where a kernel is given, convolve with it."
)
def pads_instead_of_projecting(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    straight = np.zeros(f.shape)
    both = min(x.shape[3], f.shape[3])
    straight[..., :both] = x[:, ::stride, ::stride, :both]
    return np.maximum(f + straight, 0)


@residual_block.misconception(
    "the ReLUs stand in front of the convolutions, and none behind the sum: that is the later, pre-activation block."
)
def activates_first(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Any:
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(np.maximum(x, 0), first, stride), 0), second, 1)
    straight = x if shortcut is None else conv(x, shortcut, stride)
    return f + straight
