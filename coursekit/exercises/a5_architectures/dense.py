"""a5: DenseNet's block. Its misconceptions are in `dense_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.tensors import OPEN_BOOK, kernels, maps
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def growing(seed: int, channels: int, growth: Sequence[int]) -> list[Array]:
    """Return the 3 × 3 kernels of a block; each layer reads all channels before it, and adds some."""
    before = np.cumsum([channels, *growth])
    return [kernels(seed + i, (3, 3, int(before[i]), new)) for i, new in enumerate(growth)]


CASES = (
    Case("two layers that add two maps each", (maps(80, (2, 4, 5, 3)), growing(81, 3, [2, 2]))),
    Case("four layers that add one", (maps(90, (1, 5, 3, 2)), growing(91, 2, [1, 1, 1, 1]))),
    Case("layers of different growth", (maps(100, (1, 3, 6, 4)), growing(101, 4, [3, 1, 2]))),
    Case("a single layer", (maps(110, (2, 3, 4, 2)), growing(111, 2, [3]))),
)


def random_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw three blocks of two to five layers."""
    found: list[Arguments] = []
    for _ in range(3):
        n, h, w, channels, layers = (int(rng.integers(*s)) for s in ((1, 3), (2, 6), (3, 7), (1, 5), (2, 6)))
        growth = [int(new) for new in rng.integers(1, 4, layers)]
        x = rng.normal(0, 1, (n, h, w, channels)).astype(np.float32)
        found.append((x, growing(int(rng.integers(2**31)), channels, growth)))
    return found


def begins_with_its_input(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (x, _), value in zip(calls, values, strict=True):
        if not np.allclose(value[..., : x.shape[3]], x, rtol=1e-3, atol=1e-4):
            return f"the first {x.shape[3]} maps of the output are not those of the input"
    return None


def longer_and_longer(rng: np.random.Generator) -> list[Arguments]:
    """Draw a block, and the same without its last layer."""
    x = rng.normal(0, 1, (2, 4, 3, 3)).astype(np.float32)
    block = growing(int(rng.integers(2**31)), 3, [2, 3, 2])
    return [(x, block), (x, block[:2])]


def only_adds(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    longer, shorter = values
    if np.allclose(longer[..., : shorter.shape[3]], shorter, rtol=1e-3, atol=1e-4):
        return None
    return "a further layer changed maps that were there before it"


def reference(x: Array, kernels: list[Array]) -> Array:
    """Each layer convolves the ReLU of everything before it; its maps join the others unchanged."""
    from coursekit.scratch.convolution import conv2d

    maps = x
    for kernel in kernels:
        new = conv2d(np.maximum(maps, 0), kernel, pad=1)[0]
        maps = np.concatenate([maps, new], axis=3)
    return maps


dense_block = Exercise(
    name="dense_block",
    points=4,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "the input comes through as it is",
            random_blocks,
            begins_with_its_input,
            hint="the ReLU is on the way into a layer; what is kept and handed on is not changed by it.",
        ),
        Property(
            "a further layer leaves the maps before it alone",
            longer_and_longer,
            only_adds,
            hint="new maps are appended behind those that there are.",
        ),
        Property(
            "agrees on random blocks",
            random_blocks,
            hint="compute the first new map by hand: a 3 × 3 convolution of the ReLU of the input.",
        ),
    ],
    rtol=1e-3,
    atol=1e-4,
    closed_book=OPEN_BOOK,
)


@dense_block.variant
def window_by_window(x: Array, kernels: list[Array]) -> Any:
    n, h, w, _ = x.shape
    maps = [x[..., c] for c in range(x.shape[3])]
    for kernel in kernels:
        framed = np.zeros((n, h + 2, w + 2, len(maps)))
        framed[:, 1:-1, 1:-1] = np.stack(maps, axis=-1)
        framed[framed < 0] = 0
        new = np.zeros((n, h, w, kernel.shape[3]))
        for i in range(h):
            for j in range(w):
                new[:, i, j] = np.tensordot(framed[:, i : i + 3, j : j + 3], kernel, 3)
        maps += [new[..., c] for c in range(new.shape[3])]
    return np.stack(maps, axis=-1)


@dense_block.variant
def into_one_array(x: Array, kernels: list[Array]) -> Any:
    from coursekit.scratch.convolution import conv2d

    end = x.shape[3]
    out = np.zeros((*x.shape[:3], end + sum(kernel.shape[3] for kernel in kernels)))
    out[..., :end] = x
    for kernel in kernels:
        seen = out[..., :end]
        out[..., end : end + kernel.shape[3]] = conv2d(seen * (seen > 0), kernel, pad=(1, 1))[0]
        end += kernel.shape[3]
    return out


@dense_block.variant
def as_a_sum_over_the_maps_before(x: Array, kernels: list[Array]) -> Any:
    h, w = x.shape[1:3]

    def part(maps: Array, kernel: Array) -> Any:
        framed = np.pad(np.maximum(maps, 0), ((0, 0), (1, 1), (1, 1), (0, 0)))
        return sum(framed[:, i : i + h, j : j + w] @ kernel[i, j] for i in range(3) for j in range(3))

    features = [x]
    for kernel in kernels:
        ends = np.cumsum([each.shape[3] for each in features])[:-1]
        features.append(sum(part(m, k) for m, k in zip(features, np.split(kernel, ends, axis=2))))
    return np.concatenate(features, axis=3)
