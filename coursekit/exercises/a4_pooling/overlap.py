"""a4: how many windows each pixel of an axis lies in: none, one, or several where windows overlap."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

CASES = (
    Case("six pixels, width 3, stride 2: one left over", (6, 3, 2)),
    Case("AlexNet's maps on a smaller scale: 11 pixels, width 3, stride 2", (11, 3, 2)),
    Case("windows that touch, nothing left over", (8, 2, 2)),
    Case("a window at every pixel", (7, 3, 1)),
    Case("gaps: the stride is larger than the window", (10, 2, 4)),
    Case("wide windows, three pixels left over", (16, 5, 4)),
    Case("a window as wide as the axis", (4, 4, 3)),
)


def random_axes(rng: np.random.Generator) -> list[Arguments]:
    """Draw windows that overlap, that leave gaps, and that are one pixel wide; two of them leave pixels over."""
    calls: list[Arguments] = []
    for width, stride, left in ((int(rng.integers(4, 7)), 3, 2), (2, int(rng.integers(3, 6)), 1), (1, 2, 0)):
        calls.append((width + stride * int(rng.integers(3, 6)) + left, width, stride))
    return calls


def every_window_counts(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (n, width, stride), counts in zip(calls, values, strict=True):
        fit = len(range(0, n - width + 1, stride))
        if not np.isclose(counts.sum(), fit * width, rtol=1e-6):
            return (
                f"{fit} windows of {width} cover {fit * width} places together, but the counts sum to {counts.sum():g}"
            )
    return None


def reference(n: int, width: int, stride: int) -> Array:
    """Lay every window that fits on the axis, and count."""
    counts = np.zeros(n)
    for start in range(0, n - width + 1, stride):
        counts[start : start + width] += 1
    return counts


windows_per_pixel = Exercise(
    name="windows_per_pixel",
    points=3,
    reference=reference,
    returns=("counts",),
    cases=CASES,
    properties=[
        Property(
            "the counts sum to windows times width",
            random_axes,
            every_window_counts,
            hint="each window that fits wholly on the axis adds 1 to each of its `width` pixels, and nothing else "
            "does.",
        ),
        Property("agrees on random axes", random_axes),
    ],
)


@windows_per_pixel.variant
def pixel_by_pixel(n: int, width: int, stride: int) -> Any:
    starts = list(range(0, n - width + 1, stride))
    return [sum(1 for start in starts if start <= pixel < start + width) for pixel in range(n)]


@windows_per_pixel.variant
def as_a_convolution_of_starts(n: int, width: int, stride: int) -> Any:
    starts = np.zeros(n - width + 1)
    starts[::stride] = 1
    return np.convolve(starts, np.ones(width))


@windows_per_pixel.variant
def by_counting_places(n: int, width: int, stride: int) -> Any:
    places = np.lib.stride_tricks.sliding_window_view(np.arange(n), width)[::stride]
    return np.bincount(places.ravel(), minlength=n)


@windows_per_pixel.variant
def by_arithmetic(n: int, width: int, stride: int) -> Any:
    pixel, windows = np.arange(n), (n - width) // stride + 1
    begun = np.minimum(pixel // stride + 1, windows)
    ended = np.minimum(np.maximum((pixel - width) // stride + 1, 0), windows)
    return begun - ended


@windows_per_pixel.misconception(
    "a window set the count to 1 instead of adding 1: where windows overlap, a pixel lies in several (+=)."
)
def says_only_whether(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n - width + 1, stride):
        counts[start : start + width] = 1
    return counts


@windows_per_pixel.misconception(
    "a window that hangs over the end was counted as well; only windows that lie wholly on the axis exist."
)
def counts_windows_over_the_end(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n, stride):
        counts[start : start + width] += 1
    return counts


@windows_per_pixel.misconception("the last window is missing: one that ends exactly at the last pixel still fits.")
def drops_the_last_window(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n - width, stride):
        counts[start : start + width] += 1
    return counts


@windows_per_pixel.misconception("the stride is not used: windows start at 0, stride, 2 · stride and so on.")
def moves_by_one(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(n - width + 1):
        counts[start : start + width] += 1
    return counts


@windows_per_pixel.misconception("the windows move by their width, so they never overlap; move them by the stride.")
def moves_by_the_width(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n - width + 1, width):
        counts[start : start + width] += 1
    return counts


@windows_per_pixel.misconception("only the pixel at which a window starts was counted; it holds `width` pixels.")
def counts_starts(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    counts[: n - width + 1 : stride] = 1
    return counts


@windows_per_pixel.misconception(
    "every window is a pixel too wide: from start on, `start + width` is the first pixel that is not in it any more."
)
def makes_windows_a_pixel_wider(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n - width + 1, stride):
        counts[start : start + width + 1] += 1
    return counts


@windows_per_pixel.misconception(
    "every window is a pixel too narrow: a slice already leaves out its end, so it should be start + width."
)
def makes_windows_a_pixel_narrower(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(0, n - width + 1, stride):
        counts[start : start + width - 1] += 1
    return counts


@windows_per_pixel.misconception(
    "width / stride is only the average for pixels in the middle; near the ends they lie in fewer windows, and most "
    "counts change from pixel to pixel."
)
def divides_width_by_stride(n: int, width: int, stride: int) -> Any:
    return np.full(n, width / stride)


@windows_per_pixel.misconception(
    "the ends are treated like the middle, as if windows began before the first pixel and ended after the last."
)
def lets_windows_begin_outside(n: int, width: int, stride: int) -> Any:
    counts = np.zeros(n)
    for start in range(-(width // stride) * stride, n, stride):
        counts[max(start, 0) : max(start + width, 0)] += 1
    return counts


@windows_per_pixel.misconception(
    "pixels that are left over at the end have no entry; they lie in 0 windows, but they are there: return n counts."
)
def forgets_what_is_left_over(n: int, width: int, stride: int) -> Any:
    starts = range(0, n - width + 1, stride)
    counts = np.zeros(starts[-1] + width)
    for start in starts:
        counts[start : start + width] += 1
    return counts


@windows_per_pixel.misconception(
    "that is the number of pixels in each window; asked for is the number of windows around each pixel."
)
def counts_pixels_per_window(n: int, width: int, stride: int) -> Any:
    return np.full((n - width) // stride + 1, float(width))


@windows_per_pixel.misconception(
    "that is the number of windows, a single number; asked for is, for each pixel, in how many of them it lies."
)
def counts_all_windows(n: int, width: int, stride: int) -> Any:
    return (n - width) // stride + 1
