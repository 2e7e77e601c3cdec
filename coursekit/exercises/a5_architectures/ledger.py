"""a5: shape, parameters and multiply-adds of a convolution layer. Its misconceptions are in `ledger_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

Pair = tuple[int, int]
Shape = tuple[int, int, int]

CASES = (
    Case("a 1 × 1 convolution: 192 channels become 16", ((28, 28, 192), 16, (1, 1))),
    Case("AlexNet's first layer", ((227, 227, 3), 96, (11, 11), (4, 4))),
    Case("AlexNet's second layer, in two groups", ((27, 27, 96), 256, (5, 5), (1, 1), (2, 2), 2)),
    Case("a wide image, a wide kernel, rows and columns at different strides",
         ((20, 33, 6), 10, (3, 5), (2, 3), (1, 2))),
    Case("depthwise: a group for each channel, pixels left over", ((13, 18, 12), 12, (3, 2), (2, 5), (1, 0), 12)),
    Case("a kernel as large as the image: a dense layer", ((6, 7, 8), 30, (6, 7), (2, 2))),
)  # fmt: skip


def drawn(rng: np.random.Generator) -> Arguments:
    """Draw a layer whose kernel fits."""
    groups = int(rng.integers(2, 5))
    shape = tuple(int(n) for n in rng.integers(7, 40, 2)), groups * int(rng.integers(1, 9))
    kernel, stride, pad = (tuple(int(n) for n in rng.integers(*span, 2)) for span in ((1, 6), (1, 5), (0, 3)))
    return ((*shape[0], shape[1]), groups * int(rng.integers(1, 20)), kernel, stride, pad, groups)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw six layers."""
    return [drawn(rng) for _ in range(6)]


def with_and_without_groups(rng: np.random.Generator) -> list[Arguments]:
    """Draw a layer in groups, and the same in one."""
    layer = drawn(rng)
    return [layer, layer[:5]]


def groups_share_the_work(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    filters, groups = calls[0][1], calls[0][5]
    (_, parameters, products), (_, all_parameters, all_products) = values
    if (parameters - filters) * groups != all_parameters - filters:
        return (
            f"in {groups} groups there are {parameters:g} parameters, in one {all_parameters:g}; without the "
            f"{filters} biases, the second should be {groups} times the first"
        )
    if products * groups != all_products:
        return f"in {groups} groups there are {products:g} multiply-adds, in one {all_products:g}"
    return None


def of_two_sizes(rng: np.random.Generator) -> list[Arguments]:
    """Draw a layer, and the same for an image of twice its sides."""
    (h, w, channels), *rest = drawn(rng)
    return [((h, w, channels), *rest), ((2 * h, 2 * w, channels), *rest)]


def the_same_weights(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    if values[0][1] == values[1][1]:
        return None
    return (
        f"for an image of {calls[0][0]} you count {values[0][1]:g} parameters, for one of {calls[1][0]} "
        f"{values[1][1]:g}; the kernels are the same"
    )


def reference(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> tuple[Shape, int, int]:
    """Every output is one window's worth of products, over the channels of its group."""
    rows = (shape[0] + 2 * pad[0] - kernel[0]) // stride[0] + 1
    columns = (shape[1] + 2 * pad[1] - kernel[1]) // stride[1] + 1
    window = kernel[0] * kernel[1] * shape[2] // groups
    return (rows, columns, filters), (window + 1) * filters, rows * columns * filters * window


conv_ledger = Exercise(
    name="conv_ledger",
    points=4,
    reference=reference,
    returns=("shape", "parameters", "multiply_adds"),
    cases=CASES,
    properties=[
        Property(
            "groups divide weights and multiply-adds, not biases",
            with_and_without_groups,
            groups_share_the_work,
            hint="with g groups, each filter sees only 1/g of the channels; there are as many filters as before.",
        ),
        Property(
            "a larger image needs no more parameters",
            of_two_sizes,
            the_same_weights,
            hint="the kernel slides: its weights are the same everywhere.",
        ),
        Property("agrees on random layers", random_layers),
    ],
)


@conv_ledger.variant
def one_after_the_other(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    h, w, channels = shape
    out = (1 + (h - kernel[0] + 2 * pad[0]) // stride[0], 1 + (w - kernel[1] + 2 * pad[1]) // stride[1], filters)
    weights = kernel[0] * kernel[1] * (channels // groups) * filters
    return out, weights + filters, weights * out[0] * out[1]


@conv_ledger.variant
def by_counting_windows(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    sides = []
    for n, k, s, p in zip(shape, kernel, stride, pad):
        sides.append(len(range(0, n + 2 * p - k + 1, s)))
    parameters = products = 0
    for _ in range(groups):
        mine = filters // groups
        parameters += kernel[0] * kernel[1] * (shape[2] // groups) * mine + mine
        products += kernel[0] * kernel[1] * (shape[2] // groups) * mine * sides[0] * sides[1]
    return [*sides, filters], parameters, products


@conv_ledger.variant
def with_arrays(
    shape: Shape, filters: int, kernel: Pair, stride: Pair = (1, 1), pad: Pair = (0, 0), groups: int = 1
) -> Any:
    sides = np.floor((np.array(shape[:2]) + 2 * np.array(pad) - kernel) / np.array(stride)) + 1
    weights = np.zeros((*kernel, shape[2] // groups, filters))
    return np.append(sides, filters), weights.size + np.zeros(filters).size, weights.size * sides.prod()
