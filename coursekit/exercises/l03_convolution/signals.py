"""Convolution of a signal with a kernel."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def random_signals(rng: np.random.Generator) -> list[Arguments]:
    """Draw signals with short and long kernels, of odd and even length."""
    return [(rng.normal(0, 2, n), rng.normal(0, 1, k)) for n, k in ((9, 3), (7, 4), (12, 2), (6, 5))]


def cut_at_the_left(rng: np.random.Generator) -> list[Arguments]:
    """Draw a signal and the same without its first two values."""
    x, w = random_signals(rng)[0]
    return [(x, w), (x[2:], w)]


def same_but_for_two(calls: Sequence[Arguments], values: Sequence[Any]) -> str | None:
    whole, cut = values
    return None if np.allclose(whole[2:], cut) else "the remaining results moved or changed"


def convolution_1d_reference(x: Array, w: Array) -> Array:
    """At each place where all of the turned kernel lies on the signal, the sum of the products."""
    s = np.zeros(len(x) - len(w) + 1)
    for t in range(len(s)):
        for a in range(len(w)):
            s[t] += w[a] * x[t + len(w) - 1 - a]
    return s


convolution_1d = Exercise(
    name="convolution_1d",
    points=0,
    reference=convolution_1d_reference,
    returns=("s",),
    cases=(
        Case("a single 1, kernel 1 2 3", (np.array([0, 0, 1, 0, 0]), np.array([1, 2, 3]))),
        Case("a plateau, kernel 1 −1", (np.array([2, 2, 5, 5, 5, 1]), np.array([1, -1]))),
        Case("five weights", (np.array([3.0, 0, -2, 4, 1, 5, 0, 2]), np.array([1, 0, -2, 3, 0.5]))),
        Case("a kernel as long as the signal", (np.array([1, 4, 2]), np.array([2, 0, -1]))),
    ),
    properties=[
        Property("agrees on random signals", random_signals),
        Property(
            "cutting two values off at the left cuts two results off",
            cut_at_the_left,
            same_but_for_two,
            hint="each result may use only the pixels under its own window; look for an index that wraps around.",
        ),
    ],
)


@convolution_1d.variant
def convolution_1d_with_numpy(x: Array, w: Array) -> Any:
    return np.convolve(x, w, mode="valid")


@convolution_1d.variant
def convolution_1d_by_windows(x: Array, w: Array) -> Any:
    return np.lib.stride_tricks.sliding_window_view(x, len(w)) @ w[::-1]


@convolution_1d.variant
def convolution_1d_by_shifted_signals(x: Array, w: Array) -> Any:
    n = len(x) - len(w) + 1
    turned = list(reversed(w))
    return sum(turned[k] * x[k : k + n] for k in range(len(w)))


@convolution_1d.misconception(
    "the kernel slides as it stands: that is cross-correlation. In a convolution its first weight meets the last pixel "
    "of the window."
)
def forgets_to_turn_the_kernel(x: Array, w: Array) -> Any:
    return np.array([x[t : t + len(w)] @ w for t in range(len(x) - len(w) + 1)])


@convolution_1d.misconception(
    "the signal is turned, not the kernel: these are the right sums in the wrong order. Turn the kernel."
)
def turns_the_signal(x: Array, w: Array) -> Any:
    x = x[::-1]
    return np.array([x[t : t + len(w)] @ w for t in range(len(x) - len(w) + 1)])


@convolution_1d.misconception(
    "x[t − a] with t from 0 reaches before the signal, and a negative index wraps around to its end. The first window "
    "that lies on the signal ends at pixel len(w) − 1."
)
def wraps_around(x: Array, w: Array) -> Any:
    n = len(x) - len(w) + 1
    return np.array([sum(w[a] * x[t - a] for a in range(len(w))) for t in range(n)])


@convolution_1d.misconception(
    "these are all the places where kernel and signal touch. Keep those where the whole kernel lies on the signal: "
    "len(x) − len(w) + 1."
)
def keeps_partial_overlaps(x: Array, w: Array) -> Any:
    return np.convolve(x, w, mode="full")


@convolution_1d.misconception(
    "the last window is missing: there are len(x) − len(w) + 1, and range stops before its end."
)
def misses_the_last_window(x: Array, w: Array) -> Any:
    return np.array([x[t : t + len(w)] @ w[::-1] for t in range(len(x) - len(w))])


@convolution_1d.misconception("each product overwrites the one before, so only the last is left; add them up with +=.")
def overwrites_the_sum(x: Array, w: Array) -> Any:
    s = np.zeros(len(x) - len(w) + 1)
    for t in range(len(s)):
        for a in range(len(w)):
            s[t] = w[a] * x[t + len(w) - 1 - a]
    return s
