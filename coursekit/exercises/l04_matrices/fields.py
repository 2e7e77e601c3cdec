"""How many input pixels one unit of the last layer sees."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property

Layers = Sequence[tuple[int, int, int]]


def random_stacks(rng: np.random.Generator) -> list[Arguments]:
    """Draw stacks of two to five layers, the first and the second with a stride, a later one with a dilation."""
    stacks: list[Arguments] = []
    for depth in (2, 3, 4, 5):
        kernels, strides, dilations = rng.integers(2, 8, depth), rng.integers(1, 4, depth), rng.integers(1, 4, depth)
        strides[0], strides[1], dilations[-1] = 2, 3, 2
        stacks.append((tuple((int(k), int(s), int(d)) for k, s, d in zip(kernels, strides, dilations)),))
    return stacks


def with_a_single_pixel(rng: np.random.Generator) -> list[Arguments]:
    """Draw a stack, and the same with a 1 × 1 layer of stride 1 in between."""
    (stack,) = random_stacks(rng)[1]
    return [(stack,), ((stack[0], (1, 1, 1), *stack[1:]),)]


def unchanged(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    before, after = (float(value) for value in values)
    return None if before == after else f"a layer that reads one pixel took the field from {before:g} to {after:g}"


def receptive_field_reference(layers: Layers) -> int:
    """Each layer adds (kernel - 1) gaps, each as wide as its dilation times all strides below."""
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * jump
        jump *= stride
    return size


receptive_field = Exercise(
    name="receptive_field",
    points=0,
    reference=receptive_field_reference,
    returns=("pixels",),
    cases=(
        Case("three layers of width 3", (((3, 1, 1), (3, 1, 1), (3, 1, 1)),)),
        Case(
            "stride 2, then 5 wide, then 3 wide with stride 3, then 2 wide",
            (((4, 2, 1), (5, 1, 1), (3, 3, 1), (2, 1, 1)),),
        ),
        Case("the last layer has a stride", (((3, 1, 1), (5, 2, 1)),)),
        Case("dilations 1, 2, 4", (((3, 1, 1), (3, 1, 2), (3, 1, 4)),)),
        Case("stride and dilation", (((7, 2, 1), (3, 2, 3), (4, 1, 2)),)),
        Case("one layer of width 5", (((5, 1, 1),),)),
    ),
    properties=[
        Property("agrees on random stacks", random_stacks),
        Property(
            "a 1 × 1 layer changes nothing",
            with_a_single_pixel,
            unchanged,
            hint="a window of k taps has k − 1 gaps; with one tap there is none.",
        ),
    ],
)


@receptive_field.variant
def receptive_field_from_the_top(layers: Layers) -> Any:
    size = 1
    for kernel, stride, dilation in reversed(layers):
        size = (size - 1) * stride + (kernel - 1) * dilation + 1
    return size


@receptive_field.variant
def receptive_field_as_a_sum(layers: Layers) -> Any:
    kernels, strides, dilations = np.array(layers).T
    jumps = np.append(1, np.cumprod(strides)[:-1])
    return 1 + np.sum((kernels - 1) * dilations * jumps)


@receptive_field.variant
def receptive_field_by_marking_pixels(layers: Layers) -> Any:
    seen = {0}
    for kernel, stride, dilation in reversed(layers):
        seen = {place * stride + k * dilation for place in seen for k in (0, kernel - 1)}
    return max(seen) - min(seen) + 1


@receptive_field.misconception(
    "the kernels' widths were added; neighbouring windows overlap, and each layer adds its gaps, k − 1."
)
def adds_the_widths(layers: Layers) -> Any:
    size, jump = 0, 1
    for kernel, stride, dilation in layers:
        size += kernel * dilation * jump
        jump *= stride
    return size


@receptive_field.misconception(
    "the widths were multiplied; overlapping windows grow by addition, only strides multiply."
)
def multiplies_the_widths(layers: Layers) -> Any:
    size = 1
    for kernel, _stride, dilation in layers:
        size *= (kernel - 1) * dilation + 1
    return size


@receptive_field.misconception("the strides are ignored: above a stride of 2, neighbouring units are 2 pixels apart.")
def ignores_the_strides(layers: Layers) -> Any:
    return 1 + sum((kernel - 1) * dilation for kernel, stride, dilation in layers)


@receptive_field.misconception("the dilation is ignored: between k taps lie k − 1 gaps of dilation pixels.")
def ignores_the_dilation(layers: Layers) -> Any:
    size, jump = 1, 1
    for kernel, stride, _dilation in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


@receptive_field.misconception(
    "a layer's own stride was counted for its own window; it only spreads the layers above it."
)
def counts_its_own_stride(layers: Layers) -> Any:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        jump *= stride
        size += (kernel - 1) * dilation * jump
    return size


@receptive_field.misconception(
    "the layers were taken from the top: what spreads a layer's taps are the strides below it."
)
def starts_at_the_wrong_end(layers: Layers) -> Any:
    size, jump = 1, 1
    for kernel, stride, dilation in layers[::-1]:
        size += (kernel - 1) * dilation * jump
        jump *= stride
    return size


@receptive_field.misconception("the strides were added up; two layers of stride 2 put units 4 pixels apart, three 8.")
def adds_the_strides(layers: Layers) -> Any:
    size, jump = 1, 0
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * max(jump, 1)
        jump += stride
    return size


@receptive_field.misconception("only the stride right below a layer was counted; all strides below it multiply.")
def uses_only_the_last_stride(layers: Layers) -> Any:
    size, below = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * below
        below = stride
    return size


@receptive_field.misconception("one pixel is missing: k − 1 gaps lie between k taps, so start from 1.")
def starts_from_zero(layers: Layers) -> Any:
    size, jump = 0, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * jump
        jump *= stride
    return size


@receptive_field.misconception(
    "a dilation was carried to the layers above, as if it were a stride; it moves no window."
)
def carries_the_dilation(layers: Layers) -> Any:
    size, jump = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * jump
        jump *= stride * dilation
    return size


@receptive_field.misconception("that is how far apart two units of the last layer look, the product of the strides.")
def gives_the_jump(layers: Layers) -> Any:
    return int(np.prod([stride for kernel, stride, dilation in layers]))


@receptive_field.misconception("each layer was counted as if it stood alone, and only the largest was kept.")
def keeps_the_largest(layers: Layers) -> Any:
    return max((kernel - 1) * dilation + 1 for kernel, stride, dilation in layers)
