"""How many windows fit along an axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Case, Exercise, Property


def random_settings(rng: np.random.Generator) -> list[Arguments]:
    """Draw settings that fit, with and without a remainder."""
    calls: list[Arguments] = []
    while len(calls) < 12:
        n, kernel = int(rng.integers(5, 40)), int(rng.integers(1, 8))
        stride, pad, dilation = (int(rng.integers(least, 5)) for least in (1, 0, 1))
        if n + 2 * pad >= dilation * (kernel - 1) + 1:
            calls.append((n, kernel, stride, pad, dilation))
    return calls


def half_padded(rng: np.random.Generator) -> list[Arguments]:
    """Draw odd kernels with the padding that keeps the size."""
    return [(int(rng.integers(8, 60)), 2 * half + 1, 1, half) for half in (1, 2, 3)]


def keeps_the_size(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (n, kernel, _, pad), value in zip(calls, values):
        if value != n:
            return f"{n} pixels, kernel {kernel}, padding {pad} gave {value:g}"
    return None


def output_width_reference(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> int:
    """Count where windows can start: every `stride` pixels, as long as their last tap is still on the padded row."""
    reach = dilation * (kernel - 1) + 1
    return len(range(0, n + 2 * pad - reach + 1, stride))


output_width = Exercise(
    name="output_width",
    points=0,
    reference=output_width_reference,
    returns=("width",),
    cases=(
        Case("32 pixels, kernel 5", (32, 5)),
        Case("7 pixels, kernel 3, stride 3", (7, 3, 3)),
        Case("7 pixels, kernel 3, padding 1", (7, 3, 1, 1)),
        Case("6 pixels, kernel 3, stride 2, padding 1", (6, 3, 2, 1)),
        Case("9 pixels, kernel 3, dilation 2", (9, 3, 1, 0, 2)),
        Case("12 pixels, kernel 4, stride 3, padding 2, dilation 3", (12, 4, 3, 2, 3)),
    ),
    properties=[
        Property("agrees on random settings", random_settings),
        Property("padding by (kernel − 1) / 2 keeps the size", half_padded, keeps_the_size),
    ],
)


@output_width.variant
def output_width_by_the_formula(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + 2 * pad - dilation * (kernel - 1) - 1) // stride + 1


@output_width.variant
def output_width_by_rounding_down(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    reach = kernel + (kernel - 1) * (dilation - 1)
    return int(np.floor((n + 2 * pad - reach) / stride)) + 1


@output_width.variant
def output_width_by_walking(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    width, last = 0, (kernel - 1) * dilation
    while last < n + 2 * pad:
        width, last = width + 1, last + stride
    return width


@output_width.misconception("one too few: the first window needs no step, so add 1 to the number of steps.")
def forgets_the_first_window(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + 2 * pad - dilation * (kernel - 1) - 1) // stride


@output_width.misconception("a fraction of a window is no window: round the division down.")
def forgets_to_round(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1


@output_width.misconception("rounded up: the last window would reach beyond the padded row.")
def rounds_up(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return int(np.ceil((n + 2 * pad - dilation * (kernel - 1) - 1) / stride)) + 1


@output_width.misconception("the padding is counted once; it lies on both sides.")
def pads_one_side(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + pad - dilation * (kernel - 1) - 1) // stride + 1


@output_width.misconception("the dilation is ignored: it spreads the taps, so the window covers more pixels.")
def ignores_the_dilation(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + 2 * pad - kernel) // stride + 1


@output_width.misconception(
    "dilation × kernel is too much: k taps have k − 1 gaps between them, and the last tap needs one pixel more."
)
def dilates_beyond_the_last_tap(n: int, kernel: int, stride: int = 1, pad: int = 0, dilation: int = 1) -> Any:
    return (n + 2 * pad - dilation * kernel) // stride + 1
