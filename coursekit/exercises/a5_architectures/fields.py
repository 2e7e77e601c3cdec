"""a5: what each layer of a stack sees of the image. Its misconceptions are in `fields_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Layers = list[tuple[int, int, int]]

CASES = (
    Case("one 5 × 5 convolution", ([(5, 1, 1)],)),
    Case("VGG: three 3 × 3 in a row", ([(3, 1, 1), (3, 1, 1), (3, 1, 1)],)),
    Case("ResNet's start: 7 × 7 with stride 2, 3 × 3 pooling with stride 2, two 3 × 3",
         ([(7, 2, 1), (3, 2, 1), (3, 1, 1), (3, 1, 1)],)),
    Case("AlexNet up to its last pooling",
         ([(11, 4, 1), (3, 2, 1), (5, 1, 1), (3, 2, 1), (3, 1, 1), (3, 1, 1), (3, 1, 1), (3, 2, 1)],)),
    Case("1 × 1 convolutions, the second with stride 2, then 3 × 3", ([(1, 1, 1), (1, 2, 1), (3, 1, 1)],)),
    Case("dilated by 1, 2 and 4", ([(3, 1, 1), (3, 1, 2), (3, 1, 4)],)),
    Case("stride 3 after stride 2, then dilated", ([(4, 2, 1), (2, 3, 1), (5, 1, 2), (3, 2, 1)],)),
)  # fmt: skip


def drawn(rng: np.random.Generator) -> Layers:
    """Draw five layers: of several sizes, at least two with a stride, and one dilated."""
    layers = [(int(rng.integers(2, 8)), 1, 1) for _ in range(5)]
    for i in rng.permutation(4)[:2]:
        layers[i] = (layers[i][0], int(rng.integers(2, 4)), 1)
    dilated = int(rng.integers(1, 5))
    layers[dilated] = (*layers[dilated][:2], int(rng.integers(2, 4)))
    return layers


def random_stacks(rng: np.random.Generator) -> list[Arguments]:
    """Draw six stacks."""
    return [(drawn(rng),) for _ in range(6)]


def with_one_more_by_one(rng: np.random.Generator) -> list[Arguments]:
    """Draw a stack, and the same with a 1 × 1 convolution in front."""
    layers = drawn(rng)
    return [(layers,), ([(1, 1, 1), *layers],)]


def sees_no_more(calls: Sequence[Arguments], values: Sequence[tuple[Array, Array]]) -> str | None:
    (before, _), (after, _) = values
    if after[0] != 1:
        return f"a 1 × 1 convolution sees one pixel, not {after[0]:g}"
    if not np.array_equal(before, after[1:]):
        return f"behind a 1 × 1 convolution, fields of {before.tolist()} became {after[1:].tolist()}"
    return None


def reference(layers: Layers) -> tuple[list[int], list[int]]:
    """Each layer adds its reach beyond one output, in steps as large as its inputs lie apart."""
    field, jump = 1, 1
    fields, jumps = [], []
    for kernel, stride, dilation in layers:
        field += (kernel - 1) * dilation * jump
        jump *= stride
        fields.append(field)
        jumps.append(jump)
    return fields, jumps


receptive_fields = Exercise(
    name="receptive_fields",
    points=3,
    reference=reference,
    returns=("fields", "jumps"),
    cases=CASES,
    properties=[
        Property(
            "a 1 × 1 convolution sees one pixel, and changes nothing behind it",
            with_one_more_by_one,
            sees_no_more,
            hint="a kernel of 1 reaches 0 pixels further than the one that it stands on.",
        ),
        Property(
            "agrees on random stacks",
            random_stacks,
            hint="draw the pixels that one output of the second layer sees, and then one of the third.",
        ),
    ],
)


@receptive_fields.variant
def with_cumulative_products(layers: Layers) -> Any:
    kernels, strides, dilations = np.array(layers).T
    jumps = np.cumprod(strides)
    before = np.concatenate([[1], jumps[:-1]])
    return 1 + np.cumsum((kernels - 1) * dilations * before), jumps


@receptive_fields.variant
def from_the_last_layer_back(layers: Layers) -> Any:
    fields, jumps = [], []
    for end in range(1, len(layers) + 1):
        field = 1
        for kernel, stride, dilation in reversed(layers[:end]):
            field = (field - 1) * stride + (kernel - 1) * dilation + 1
        fields.append(field)
        jumps.append(int(np.prod([stride for _, stride, _ in layers[:end]])))
    return fields, jumps


@receptive_fields.variant
def by_following_pixels(layers: Layers) -> Any:
    fields, jumps = [], []
    for end in range(1, len(layers) + 1):
        seen = [{0}, {1}]  # what outputs 0 and 1 see, layer by layer down to the image
        for kernel, stride, dilation in layers[end - 1 :: -1]:
            seen = [{i * stride + k * dilation for i in each for k in range(kernel)} for each in seen]
        fields.append(max(seen[0]) - min(seen[0]) + 1)
        jumps.append(min(seen[1]) - min(seen[0]))
    return fields, jumps
