"""a3: the convolution of two signals, every overlap of them included ("full")."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

CASES = (
    Case("a single 1 answers with the kernel", (np.array([0.0, 0.0, 1.0, 0.0]), np.array([3.0, -1.0, 0.5]))),
    Case("five pixels, two weights", (np.array([1.0, 4.0, -2.0, 0.5, 3.0]), np.array([2.0, -1.0]))),
    Case("seven pixels, four weights", (np.array([2.0, 0, 1, 5, -3, 4, 1]), np.array([0.1, 0.6, -0.4, 1.2]))),
    Case("whole-number pixels, weights that are fractions", (np.array([7, 2, 9, 4, 4]), np.array([0.5, 0.3, 0.25]))),
    Case("a kernel longer than the signal", (np.array([1.5, -2.0]), np.array([1.0, 3.0, 0.0, -1.0, 2.0]))),
    Case("one weight", (np.array([2.0, -1.0, 5.0, 0.5]), np.array([1.5]))),
)


def random_signals(rng: np.random.Generator) -> list[Arguments]:
    """Draw a longer signal and a shorter one, with an odd and an even number of weights."""
    return [(rng.normal(0, 2, n), rng.normal(0, 1, k)) for n, k in ((11, 3), (6, 4))]


def exchanged(rng: np.random.Generator) -> list[Arguments]:
    """Draw a signal and a kernel, and the two exchanged."""
    x, kernel = random_signals(rng)[0]
    return [(x, kernel), (kernel, x)]


def same_either_way(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    if np.allclose(values[0], values[1], rtol=1e-4, atol=1e-5):
        return None
    return f"with signal and kernel exchanged, output 0 goes from {values[0][0]:.6g} to {values[1][0]:.6g}, or another"


def sums_multiply(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (x, kernel), value in zip(calls, values, strict=True):
        if not np.isclose(value.sum(), x.sum() * kernel.sum(), rtol=1e-4, atol=1e-5):
            return (
                f"the outputs sum to {value.sum():.6g}; pixels times weights, all in all, {x.sum() * kernel.sum():.6g}"
            )
    return None


def reference(x: Array, kernel: Array) -> Array:
    """Each pixel leaves a copy of the kernel, times itself, from its own place on."""
    out = np.zeros(len(x) + len(kernel) - 1)
    for i, pixel in enumerate(x):
        out[i : i + len(kernel)] += pixel * kernel
    return out


# The first hint that applies is the one shown when no misconception matches, so the sharpest come first.
convolve_1d = Exercise(
    name="convolve_1d",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "the outputs sum to the product of the two sums",
            random_signals,
            sums_multiply,
            hint="every pixel meets every weight exactly once; look for a pair that is lost or counted twice.",
        ),
        Property(
            "signal and kernel may be exchanged",
            exchanged,
            same_either_way,
            hint="pixel i and weight k meet in output i + k, which treats the two alike; yours does not.",
        ),
        Property(
            "agrees on random signals",
            random_signals,
            hint="send a signal with a single 1 through: the kernel must come out, at the place of the 1.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@convolve_1d.variant
def pair_by_pair(x: Array, kernel: Array) -> list[float]:
    out = [0.0] * (len(x) + len(kernel) - 1)
    for i in range(len(x)):
        for k in range(len(kernel)):
            out[i + k] += x[i] * kernel[k]
    return out


@convolve_1d.variant
def sliding_the_turned_kernel(x: Array, kernel: Array) -> Any:
    padded = np.pad(x, len(kernel) - 1)
    return np.lib.stride_tricks.sliding_window_view(padded, len(kernel)) @ kernel[::-1]


@convolve_1d.variant
def collecting_for_each_output(x: Array, kernel: Array) -> Array:
    n, k = len(x), len(kernel)
    out = np.empty(n + k - 1)
    for i in range(n + k - 1):
        first, last = max(0, i - k + 1), min(n, i + 1)
        out[i] = sum(x[j] * kernel[i - j] for j in range(first, last))
    return out


@convolve_1d.variant
def by_fourier(x: Array, kernel: Array) -> Array:
    size = len(x) + len(kernel) - 1
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(kernel, size), size)


@convolve_1d.misconception(
    "the kernel is not turned: this is cross-correlation. In a convolution the window reads the kernel backwards."
)
def leaves_the_kernel_as_it_is(x: Array, kernel: Array) -> Array:
    padded = np.pad(x, len(kernel) - 1)
    return np.array([padded[i : i + len(kernel)] @ kernel for i in range(len(x) + len(kernel) - 1)])


@convolve_1d.misconception(
    "the numbers are right and come out backwards: signal and kernel were both turned. Turn one of them."
)
def turns_signal_and_kernel(x: Array, kernel: Array) -> Array:
    x, kernel = x[::-1], kernel[::-1]
    out = np.zeros(len(x) + len(kernel) - 1)
    for i in range(len(x)):
        out[i : i + len(kernel)] += x[i] * kernel
    return out


@convolve_1d.misconception("the signal is turned, where the kernel should be: turned signals answer from their end.")
def turns_the_signal_instead(x: Array, kernel: Array) -> Array:
    padded = np.pad(x[::-1], len(kernel) - 1)
    return np.array([padded[i : i + len(kernel)] @ kernel[::-1] for i in range(len(x) + len(kernel) - 1)])


@convolve_1d.misconception(
    "only windows that lie within the signal are kept. Here those that overlap it in part count too: n + k − 1 in all."
)
def keeps_whole_windows_only(x: Array, kernel: Array) -> Array:
    return np.array([x[i : i + len(kernel)] @ kernel[::-1] for i in range(len(x) - len(kernel) + 1)])


@convolve_1d.misconception(
    "the output has the signal's length, its ends cut off (mode “same”). Every overlap counts here: n + k − 1 outputs."
)
def cuts_to_the_length_of_the_signal(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel) - 1)
    for i in range(len(x)):
        out[i : i + len(kernel)] += x[i] * kernel
    start = (len(kernel) - 1) // 2
    return out[start : start + len(x)]


@convolve_1d.misconception(
    "what runs over the end comes back at the start: this is a circular convolution. Make room for the overhang."
)
def wraps_around(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x))
    for i in range(len(x)):
        for k in range(len(kernel)):
            out[(i + k) % len(x)] += x[i] * kernel[k]
    return out


@convolve_1d.misconception(
    "x[i − k] with a negative index reads from the signal's end. Pixels before the first one are 0: leave them out."
)
def reads_before_the_first_pixel(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel) - 1)
    for i in range(len(out)):
        for k in range(len(kernel)):
            if -len(x) <= i - k < len(x):
                out[i] += x[i - k] * kernel[k]
    return out


@convolve_1d.misconception(
    "outputs are overwritten where copies of the kernel overlap; each output is a sum, so add to it (+=)."
)
def overwrites_instead_of_adding(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel) - 1)
    for i in range(len(x)):
        out[i : i + len(kernel)] = x[i] * kernel
    return out


@convolve_1d.misconception("the last output is missing: pixel n − 1 and weight k − 1 meet in output n + k − 2.")
def stops_one_output_early(x: Array, kernel: Array) -> Array:
    padded = np.pad(x, len(kernel) - 1)
    return np.array([padded[i : i + len(kernel)] @ kernel[::-1] for i in range(len(x) + len(kernel) - 2)])


@convolve_1d.misconception(
    "there is one output too many: a signal of n and a kernel of k overlap in n + k − 1 positions, not n + k."
)
def has_an_output_too_many(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel))
    for i in range(len(x)):
        out[i : i + len(kernel)] += x[i] * kernel
    return out


@convolve_1d.misconception("beyond its ends the signal goes on with its first and last pixel; there should be zeros.")
def repeats_the_border(x: Array, kernel: Array) -> Array:
    padded = np.pad(x, len(kernel) - 1, mode="edge")
    return np.array([padded[i : i + len(kernel)] @ kernel[::-1] for i in range(len(x) + len(kernel) - 1)])


@convolve_1d.misconception(
    "the output array takes over the signal's type, so that whole-number pixels cut off fractions. Make it floats."
)
def cuts_off_fractions(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel) - 1, dtype=x.dtype)
    for i in range(len(out)):
        for k in range(len(kernel)):
            if 0 <= i - k < len(x):
                out[i] += np.asarray(x[i - k] * kernel[k]).astype(x.dtype)
    return out


@convolve_1d.misconception("the sum is divided by the number of weights; a convolution is a sum, not a mean.")
def averages_over_the_window(x: Array, kernel: Array) -> Array:
    out = np.zeros(len(x) + len(kernel) - 1)
    for i in range(len(x)):
        out[i : i + len(kernel)] += x[i] * kernel / len(kernel)
    return out


@convolve_1d.misconception(
    "the kernel is turned in place, so that the caller's kernel is another one afterwards. Turn a copy."
)
def turns_the_callers_kernel(x: Array, kernel: Array) -> Array:
    kernel[:] = kernel[::-1].copy()
    padded = np.pad(x, len(kernel) - 1)
    return np.array([padded[i : i + len(kernel)] @ kernel for i in range(len(x) + len(kernel) - 1)])
