"""The gradient of a strided correlation with respect to its kernel: the function g of the book, in one dimension."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_signals(rng: np.random.Generator) -> list[Arguments]:
    """Draw signals whose windows overlap, touch, leave gaps or leave a rest."""
    calls: list[Arguments] = []
    for n, width, stride in ((9, 3, 1), (10, 4, 3), (11, 3, 2), (12, 2, 4)):
        calls.append((rng.normal(0, 2, n), rng.normal(0, 1, (n - width) // stride + 1), width, stride))
    return calls


def pairs_with_the_output(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    for (x, upstream, width, stride), value in zip(calls, values):
        kernel = np.cos(np.arange(width))
        out = np.array([x[i * stride : i * stride + width] @ kernel for i in range(len(upstream))])
        got, expected = float(kernel @ np.asarray(value)), float(upstream @ out)
        if not np.isclose(got, expected):
            return f"for w = cos(0), cos(1), …: w · dw is {got:.6g}, but upstream · output is {expected:.6g}"
    return None


def kernel_slopes_reference(x: Array, upstream: Array, width: int, stride: int) -> Array:
    """Weight k met pixel i * stride + k on its way to output i."""
    dw = np.zeros(width)
    for k in range(width):
        for i in range(len(upstream)):
            dw[k] += upstream[i] * x[i * stride + k]
    return dw


kernel_slopes = Exercise(
    name="kernel_slopes",
    points=0,
    reference=kernel_slopes_reference,
    returns=("dw",),
    cases=(
        Case("seven pixels, stride 2", (np.array([1.0, 5, 2, 0, 3, 7, 4]), np.array([1.0, 10, 100]), 3, 2)),
        Case("stride 1", (np.array([2.0, -1, 4, 3, 0.5]), np.array([3.0, -2, 1, 0.5]), 2, 1)),
        Case("one pixel is never read", (np.array([1.0, 2, 4, 8, 16, 32]), np.array([1.0, -1]), 2, 3)),
        Case(
            "only the last output has a gradient", (np.array([3.0, 1, 4, 1, 5, 9, 2, 6]), np.array([0, 0, 2.0]), 4, 2)
        ),
        Case("one window", (np.array([0.5, -2, 3, 1]), np.array([2.0]), 4, 1)),
    ),
    properties=[
        Property("agrees on random signals", random_signals),
        Property(
            "a kernel times its gradient is the output times what arrives",
            random_signals,
            pairs_with_the_output,
            hint="the output is linear in the kernel: which pixel did weight k meet on its way to output i?",
        ),
    ],
)


@kernel_slopes.variant
def kernel_slopes_from_windows(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, width)[::stride].T @ upstream


@kernel_slopes.variant
def kernel_slopes_with_a_spread_gradient(x: Array, upstream: Array, width: int, stride: int) -> Any:
    spread = np.zeros(stride * (len(upstream) - 1) + 1)
    spread[::stride] = upstream
    return np.correlate(x, spread, "valid")[:width]


@kernel_slopes.variant
def kernel_slopes_window_by_window(x: Array, upstream: Array, width: int, stride: int) -> Any:
    dw = [0.0] * width
    for i, gradient in enumerate(upstream):
        for k, pixel in enumerate(x[i * stride : i * stride + width]):
            dw[k] += float(gradient) * float(pixel)
    return dw


@kernel_slopes.misconception("the stride is ignored: output i read pixels i · stride to i · stride + width − 1.")
def ignores_the_stride(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(upstream[i] * x[i + k] for i in range(len(upstream))) for k in range(width)])


@kernel_slopes.misconception("the slopes stand in the wrong order: a layer slides its kernel as it is, unturned.")
def turns_the_result(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(upstream[i] * x[i * stride + k] for i in range(len(upstream))) for k in range(width)])[::-1]


@kernel_slopes.misconception("the first gradient met the last window: upstream was turned round on the way.")
def turns_the_gradient(x: Array, upstream: Array, width: int, stride: int) -> Any:
    turned = upstream[::-1]
    return np.array([sum(turned[i] * x[i * stride + k] for i in range(len(turned))) for k in range(width)])


@kernel_slopes.misconception("that is the mean over the outputs; a weight used at many places adds up its slopes.")
def averages(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([np.mean([upstream[i] * x[i * stride + k] for i in range(len(upstream))]) for k in range(width)])


@kernel_slopes.misconception("the arriving gradient is left out: the windows alone were summed.")
def forgets_the_gradient(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(x[i * stride + k] for i in range(len(upstream))) for k in range(width)])


@kernel_slopes.misconception("only the last window counts: each one replaced the sum so far, where += adds to it.")
def overwrites(x: Array, upstream: Array, width: int, stride: int) -> Any:
    dw = np.zeros(width)
    for i in range(len(upstream)):
        dw = upstream[i] * x[i * stride : i * stride + width]
    return dw


@kernel_slopes.misconception("there is one row a window; the weights are shared, so add the rows up.")
def gives_a_row_a_window(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([upstream[i] * x[i * stride : i * stride + width] for i in range(len(upstream))])


@kernel_slopes.misconception("the last output's share is missing.")
def loses_the_last_output(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(upstream[i] * x[i * stride + k] for i in range(len(upstream) - 1)) for k in range(width)])


@kernel_slopes.misconception("the stride went to the weight instead of the output: pixel i + k · stride.")
def strides_the_weights(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(upstream[i] * x[i + k * stride] for i in range(len(upstream))) for k in range(width)])


@kernel_slopes.misconception("each weight got the sum of all gradients; it must be weighted by the pixels it met.")
def forgets_the_pixels(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.full(width, upstream.sum())


@kernel_slopes.misconception(
    "the gradient was divided by the stride; skipped outputs do not exist, so nothing is to be made up."
)
def divides_by_the_stride(x: Array, upstream: Array, width: int, stride: int) -> Any:
    return np.array([sum(upstream[i] * x[i * stride + k] for i in range(len(upstream))) for k in range(width)]) / stride
