"""a3: how many windows fit along one axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

CASES = (
    Case("five pixels, a kernel of three", (5, 3)),
    Case("seven pixels, a kernel of three, stride 3: some are left over", (7, 3, 3)),
    Case("AlexNet's first layer", (227, 11, 4)),
    Case("ResNet's first layer", (224, 7, 2, 3)),
    Case("LeNet's padded digits", (28, 5, 1, 2)),
    Case("a kernel as large as the image", (6, 6, 2)),
    Case("an even kernel, stride 2, padded", (10, 4, 2, 1)),
    Case("two of the padding's pixels are left over", (12, 5, 3, 2)),
    Case("one pixel, padded", (1, 3, 1, 1)),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw eight layers whose kernel fits; the first has a remainder, the second none."""
    layers: list[Arguments] = []
    while len(layers) < 8:
        n, kernel, stride, pad = (int(rng.integers(*span)) for span in ((4, 60), (1, 9), (1, 6), (0, 4)))
        room = n + 2 * pad - kernel
        if room >= 0 and (len(layers) > 1 or (room % stride == 0) == bool(layers)):
            layers.append((n, kernel, stride, pad))
    return layers


def last_fits_and_next_does_not(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (n, kernel, stride, pad), value in zip(calls, values, strict=True):
        size, padded = float(value), n + 2 * pad
        layer = f"n = {n}, kernel = {kernel}, stride = {stride}, pad = {pad}"
        if size != round(size):
            return f"{layer}: {size:.6g} is no whole number of windows"
        if (size - 1) * stride + kernel > padded:
            return f"{layer}: of {size:g} windows the last ends after the padded axis, which has {padded} pixels"
        if size * stride + kernel <= padded:
            return (
                f"{layer}: there is room for a window after the {size:g} you count; the padded axis has {padded} pixels"
            )
    return None


def reference(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    """One window at the start, and one more for each whole stride that is left."""
    return (n + 2 * pad - kernel) // stride + 1


output_size = Exercise(
    name="output_size",
    points=3,
    reference=reference,
    returns=("size",),
    cases=CASES,
    properties=[
        Property(
            "the last window fits, and one more would not",
            random_layers,
            last_fits_and_next_does_not,
            hint="window number i covers the pixels from i · stride to i · stride + kernel − 1; draw a short axis and "
            "count.",
        ),
        Property("agrees on random layers", random_layers),
    ],
)


@output_size.variant
def by_counting(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    size, start = 0, 0
    while start + kernel <= n + 2 * pad:
        size += 1
        start += stride
    return size


@output_size.variant
def as_the_length_of_a_range(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return len(range(0, n + 2 * pad - kernel + 1, stride))


@output_size.variant
def with_floor(n: int, kernel: int, stride: int = 1, pad: int = 0) -> Any:
    return np.floor((n - kernel + 2 * pad) / stride + 1)


@output_size.variant
def from_ones(n: int, kernel: int, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(np.ones(n), pad)
    return np.lib.stride_tricks.sliding_window_view(padded, kernel)[::stride].shape[0]


@output_size.misconception(
    "the division was rounded up, as if the last window could hang over the edge. What is left over is dropped."
)
def rounds_up(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return -((kernel - n - 2 * pad) // stride) + 1


@output_size.misconception(
    "the division was rounded to the nearest; a window that does not fit whole does not count, however near it is."
)
def rounds_to_the_nearest(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return round((n + 2 * pad - kernel) / stride) + 1


@output_size.misconception("a part of a window is counted (`/`); windows come whole, so round down.")
def counts_parts_of_windows(n: int, kernel: int, stride: int = 1, pad: int = 0) -> float:
    return (n + 2 * pad - kernel) / stride + 1


@output_size.misconception("the first window is not counted: strides are steps between windows, so add 1 for it.")
def forgets_the_first_window(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + 2 * pad - kernel) // stride


@output_size.misconception(
    "the 1 for the first window is added before the division and divided along with the rest; add it afterwards."
)
def divides_the_first_window_too(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + 2 * pad - kernel + 1) // stride


@output_size.misconception(
    "the kernel is taken to be one pixel shorter than it is: the first window leaves n + 2·pad − kernel pixels."
)
def takes_a_pixel_off_the_kernel(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + 2 * pad - (kernel - 1)) // stride + 1


@output_size.misconception("the padding is counted once; there are `pad` zeros on each of the two sides.")
def pads_one_side(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + pad - kernel) // stride + 1


@output_size.misconception("`pad` is not used; the windows slide over the padded axis, which is longer than n.")
def ignores_pad(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n - kernel) // stride + 1


@output_size.misconception("`stride` is not used; with a stride of 2, every second window is left out.")
def ignores_stride(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return n + 2 * pad - kernel + 1


@output_size.misconception("the kernel's size is not used; its last window starts `kernel` pixels before the end.")
def ignores_the_kernel(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + 2 * pad - 1) // stride + 1


@output_size.misconception(
    "the padding is added to the number of windows; it makes the axis longer, before the windows are counted."
)
def pads_the_output(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n - kernel) // stride + 1 + 2 * pad


@output_size.misconception(
    "this is n / stride, rounded up: the size under “same” padding, whatever the kernel. Use the padding that is given."
)
def assumes_same_padding(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return -(-n // stride)


@output_size.misconception("the room is multiplied by the stride; a longer stride leaves fewer windows, so divide.")
def multiplies_by_the_stride(n: int, kernel: int, stride: int = 1, pad: int = 0) -> int:
    return (n + 2 * pad - kernel) * stride + 1
