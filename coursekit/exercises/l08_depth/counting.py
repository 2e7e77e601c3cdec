"""How many weights the two kinds of residual blocks have."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property


def random_widths(rng: np.random.Generator) -> list[Arguments]:
    """Draw widths, wide and narrow."""
    return [(int(c), int(n)) for c, n in zip(rng.integers(20, 300, 4), rng.integers(3, 19, 4), strict=True)]


def doubled(rng: np.random.Generator) -> list[Arguments]:
    """Draw two widths, and the same doubled."""
    channels, narrow = int(rng.integers(20, 100)), int(rng.integers(3, 19))
    return [(channels, narrow), (2 * channels, 2 * narrow)]


def quadruples(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    before, after = (np.asarray(value, dtype=float) for value in values)
    return None if np.allclose(4 * before, after) else f"twice as wide took the counts from {before} to {after}"


def block_weights_reference(channels: int, narrow: int) -> tuple[int, int]:
    """Count the weights, without biases, of two 3×3 convolutions, and of 1×1, 3×3, 1×1 with ``narrow`` maps inside."""
    return 2 * 9 * channels**2, channels * narrow + 9 * narrow**2 + narrow * channels


block_weights = Exercise(
    name="block_weights",
    points=0,
    reference=block_weights_reference,
    returns=("basic", "bottleneck"),
    cases=(
        Case("the paper's figure 5: 256 maps, 64 inside", (256, 64)),
        Case("12 maps, 3 inside", (12, 3)),
        Case("10 maps, 10 inside: nothing is narrow", (10, 10)),
        Case("the last stage of ResNet-50: 2,048 maps, 512 inside", (2048, 512)),
    ),
    properties=[
        Property("agrees on random widths", random_widths),
        Property(
            "twice as wide, four times the weights",
            doubled,
            quadruples,
            hint="each weight joins one map that comes in to one that goes out; biases are not counted.",
        ),
    ],
)


@block_weights.variant
def block_weights_of_shapes(channels: int, narrow: int) -> Any:
    basic = [(3, 3, channels, channels)] * 2
    bottleneck = [(1, 1, channels, narrow), (3, 3, narrow, narrow), (1, 1, narrow, channels)]
    return sum(int(np.prod(s)) for s in basic), sum(int(np.prod(s)) for s in bottleneck)


@block_weights.variant
def block_weights_of_kernels(channels: int, narrow: int) -> Any:
    count = {}
    for kind, layers in {"basic": [(3, channels)] * 2, "bottleneck": [(1, narrow), (3, narrow), (1, channels)]}.items():
        maps, total = channels, 0
        for size, out in layers:
            total += size * size * maps * out
            maps = out
        count[kind] = total
    return count["basic"], count["bottleneck"]


@block_weights.variant
def block_weights_factored(channels: int, narrow: int) -> Any:
    return 18 * channels * channels, narrow * (2 * channels + 9 * narrow)


@block_weights.misconception("one 3×3 convolution was counted in the basic block; it has two.")
def counts_one_convolution(channels: int, narrow: int) -> Any:
    return 9 * channels**2, channels * narrow + 9 * narrow**2 + narrow * channels


@block_weights.misconception(
    "the bottleneck's 3×3 convolution joins narrow maps to narrow maps: that is what it is for."
)
def keeps_the_middle_wide(channels: int, narrow: int) -> Any:
    return 18 * channels**2, channels * narrow + 9 * channels**2 + narrow * channels


@block_weights.misconception("one of the bottleneck's 1×1 convolutions is missing: one narrows, one widens again.")
def forgets_to_widen(channels: int, narrow: int) -> Any:
    return 18 * channels**2, channels * narrow + 9 * narrow**2


@block_weights.misconception("biases were counted; the question is about weights only.")
def counts_biases(channels: int, narrow: int) -> Any:
    return 18 * channels**2 + 2 * channels, 2 * channels * narrow + 9 * narrow**2 + 2 * narrow + channels


@block_weights.misconception("the 9 places of a 3×3 kernel are missing.")
def forgets_the_places(channels: int, narrow: int) -> Any:
    return 2 * channels**2, channels * narrow + narrow**2 + narrow * channels


@block_weights.misconception("a 3×3 kernel was given 3 weights; it has 3 · 3 = 9.")
def counts_one_side(channels: int, narrow: int) -> Any:
    return 6 * channels**2, channels * narrow + 3 * narrow**2 + narrow * channels


@block_weights.misconception("all three convolutions of the bottleneck were taken as 3×3; two of them are 1×1.")
def makes_all_three_by_three(channels: int, narrow: int) -> Any:
    return 18 * channels**2, 9 * (channels * narrow + narrow**2 + narrow * channels)


@block_weights.misconception(
    "each kernel was counted for one incoming map; it has weights for every map that comes in."
)
def forgets_incoming_maps(channels: int, narrow: int) -> Any:
    return 18 * channels, narrow + 9 * narrow + channels


@block_weights.misconception("the basic block was narrowed too; both of its convolutions have all channels.")
def narrows_both(channels: int, narrow: int) -> Any:
    return 18 * narrow**2, channels * narrow + 9 * narrow**2 + narrow * channels
