"""a5: a convolution in groups, as in AlexNet. Its misconceptions are in `groups_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.tensors import OPEN_BOOK, kernels, maps
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

CASES = (
    Case("AlexNet in miniature: two groups, 3 × 3", (maps(0, (2, 4, 5, 4)), kernels(1, (3, 3, 2, 6)), 2)),
    Case("three groups, 1 × 1", (maps(2, (1, 3, 2, 6)), kernels(3, (1, 1, 2, 3)), 3)),
    Case("two groups, a kernel of 3 × 5", (maps(4, (2, 5, 6, 6)), kernels(5, (3, 5, 3, 4)), 2)),
    Case("depthwise: a group for each channel, two filters each", (maps(6, (1, 4, 3, 3)), kernels(7, (3, 3, 1, 6)), 3)),
    Case("one group: an ordinary convolution", (maps(8, (1, 3, 4, 2)), kernels(9, (3, 3, 2, 3)), 1)),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw three layers, in two, three and four groups."""
    found: list[Arguments] = []
    for groups, (kh, kw) in ((2, (3, 3)), (3, (5, 1)), (4, (1, 3))):
        h, w, each, filters = (int(rng.integers(2, most)) for most in (6, 7, 4, 4))
        x = rng.normal(0, 1, (2, h, w, groups * each)).astype(np.float32)
        found.append((x, rng.normal(0, 0.5, (kh, kw, each, groups * filters)).astype(np.float32), groups))
    return found


def in_the_second_group_only(rng: np.random.Generator) -> list[Arguments]:
    """Draw maps, and the same with other numbers in the channels of the second of two groups."""
    x = rng.normal(0, 1, (2, 4, 3, 6)).astype(np.float32)
    other = x.copy()
    other[..., 3:] = rng.normal(0, 1, (2, 4, 3, 3))
    kernel = rng.normal(0, 0.5, (3, 3, 3, 4)).astype(np.float32)
    return [(x, kernel, 2), (other, kernel, 2)]


def leaves_the_first_alone(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    before, after = values
    if not np.allclose(before[..., :2], after[..., :2], rtol=1e-3, atol=1e-4):
        return "the channels of the second group changed, and with them the maps of the first group's filters"
    if np.allclose(before[..., 2:], after[..., 2:], rtol=1e-3, atol=1e-4):
        return "the channels of the second group changed, but its filters' maps did not"
    return None


def reference(x: Array, kernel: Array, groups: int) -> Array:
    """Each group of filters reads its own channels; the maps stand side by side."""
    from coursekit.scratch.convolution import conv2d

    pad = kernel.shape[0] // 2, kernel.shape[1] // 2
    channels, filters = np.split(x, groups, axis=3), np.split(kernel, groups, axis=3)
    return np.concatenate([conv2d(c, f, pad=pad)[0] for c, f in zip(channels, filters)], axis=3)


grouped_convolution = Exercise(
    name="grouped_convolution",
    points=3,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "a group sees its own channels only",
            in_the_second_group_only,
            leaves_the_first_alone,
            hint="split the channels of x first; each group of filters is then an ordinary convolution of its piece.",
        ),
        Property(
            "agrees on random layers",
            random_layers,
            hint="compute the first and the last map alone: from which channels, with which filter?",
        ),
    ],
    rtol=1e-3,
    atol=1e-4,
    closed_book=OPEN_BOOK,
)


@grouped_convolution.variant
def filter_by_filter(x: Array, kernel: Array, groups: int) -> Any:
    kh, kw, each, filters = kernel.shape
    n, h, w, _ = x.shape
    padded = np.pad(x, ((0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    out = np.zeros((n, h, w, filters))
    for f in range(filters):
        first = f // (filters // groups) * each
        for i in range(h):
            for j in range(w):
                window = padded[:, i : i + kh, j : j + kw, first : first + each]
                out[:, i, j, f] = (window * kernel[:, :, :, f]).sum(axis=(1, 2, 3))
    return out


@grouped_convolution.variant
def as_one_convolution_with_zeros(x: Array, kernel: Array, groups: int) -> Any:
    kh, kw, each, filters = kernel.shape
    whole = np.zeros((kh, kw, each * groups, filters))
    for g in range(groups):
        mine = slice(g * filters // groups, (g + 1) * filters // groups)
        whole[:, :, g * each : (g + 1) * each, mine] = kernel[..., mine]
    padded = np.pad(x, ((0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (kh, kw), axis=(1, 2))
    return np.einsum("nhwcij,ijcf->nhwf", windows, whole)


@grouped_convolution.variant
def with_an_axis_for_the_groups(x: Array, kernel: Array, groups: int) -> Any:
    kh, kw, each, filters = kernel.shape
    n, h, w, _ = x.shape
    padded = np.pad(x, ((0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2), (0, 0)))
    padded = padded.reshape(n, *padded.shape[1:3], groups, each)
    split = kernel.reshape(kh, kw, each, groups, filters // groups)
    out: Any = 0
    for i in range(kh):
        for j in range(kw):
            out = out + np.einsum("nhwgc,cgf->nhwgf", padded[:, i : i + h, j : j + w], split[i, j])
    return out.reshape(n, h, w, filters)
