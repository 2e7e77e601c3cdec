"""a5: the residual block. Its misconceptions are in `residual_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a5_architectures.tensors import OPEN_BOOK, kernels, maps
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

CASES = (
    Case("the shapes stay: the input itself is added",
         (maps(60, (2, 4, 5, 3)), kernels(61, (3, 3, 3, 3)), kernels(62, (3, 3, 3, 3)))),
    Case("stride 2, an even image, twice the channels",
         (maps(63, (1, 6, 4, 2)), kernels(64, (3, 3, 2, 4)), kernels(65, (3, 3, 4, 4)), kernels(66, (1, 1, 2, 4)), 2)),
    Case("stride 2, an odd image",
         (maps(67, (2, 5, 7, 2)), kernels(68, (3, 3, 2, 3)), kernels(69, (3, 3, 3, 3)), kernels(70, (1, 1, 2, 3)), 2)),
    Case("more channels, stride 1",
         (maps(71, (1, 3, 4, 2)), kernels(72, (3, 3, 2, 5)), kernels(73, (3, 3, 5, 5)), kernels(74, (1, 1, 2, 5)))),
    Case("a projection although the shapes stay",
         (maps(75, (1, 4, 3, 2)), kernels(76, (3, 3, 2, 2)), kernels(77, (3, 3, 2, 2)), kernels(78, (1, 1, 2, 2)))),
    Case("both kernels zero: only the shortcut is left",
         (maps(79, (1, 3, 5, 2)), np.zeros((3, 3, 2, 2), np.float32), np.zeros((3, 3, 2, 2), np.float32))),
)  # fmt: skip


def random_blocks(rng: np.random.Generator) -> list[Arguments]:
    """Draw a block that keeps the shape, and three with a projection, two of them with a stride."""
    found: list[Arguments] = []
    for stride in (0, 1, 2, 3):
        n, h, w, channels, filters = (int(rng.integers(*s)) for s in ((1, 3), (4, 9), (4, 9), (2, 5), (2, 5)))
        filters = channels if stride == 0 else filters
        x = rng.normal(0, 1, (n, h, w, channels)).astype(np.float32)
        seed = int(rng.integers(2**31))
        first, second = kernels(seed, (3, 3, channels, filters)), kernels(seed + 1, (3, 3, filters, filters))
        rest = () if stride == 0 else (kernels(seed + 2, (1, 1, channels, filters)), stride)
        found.append((x, first, second, *rest))
    return found


def without_a_second_convolution(rng: np.random.Generator) -> list[Arguments]:
    """Draw blocks whose second kernel is zero."""
    return [(x, first, 0 * second, *rest) for x, first, second, *rest in random_blocks(rng)]


def is_the_shortcut(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for (x, _, _, *rest), value in zip(calls, values, strict=True):
        stride = rest[1] if rest else 1
        straight = x[:, ::stride, ::stride] @ rest[0][0, 0] if rest else x
        if not np.allclose(value, np.maximum(straight, 0), rtol=1e-3, atol=1e-4):
            which = f"the projection with stride {stride}" if rest else "the input"
            return f"the second kernel is zero, but the output is not the ReLU of {which}"
    return None


def reference(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Array:
    """Two convolutions with a ReLU between them, the shortcut added, and a ReLU."""
    from coursekit.scratch.convolution import conv2d

    def conv(maps: Array, kernel: Array, step: int) -> Array:
        # Keras's "same": as many outputs as n / stride, rounded up; of an odd frame, more at the end.
        frame = [max((-(-n // step) - 1) * step + len(kernel) - n, 0) for n in maps.shape[1:3]]
        sides = [(total // 2, total - total // 2) for total in frame]
        return conv2d(np.pad(maps, [(0, 0), *sides, (0, 0)]), kernel, stride=step)[0]

    f = conv(np.maximum(conv(x, first, stride), 0), second, 1)
    return np.asarray(np.maximum(f + (x if shortcut is None else conv(x, shortcut, stride)), 0))


residual_block = Exercise(
    name="residual_block",
    points=5,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "without the second convolution, only the shortcut is left",
            without_a_second_convolution,
            is_the_shortcut,
            hint="the shortcut goes round both convolutions and is added to what they give; a ReLU stands last.",
        ),
        Property(
            "agrees on random blocks",
            random_blocks,
            hint="write the block as relu(F(x) + shortcut) and look at F alone: convolution, ReLU, convolution.",
        ),
    ],
    rtol=1e-3,
    atol=1e-4,
    closed_book=OPEN_BOOK,
)


@residual_block.variant
def window_by_window(x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1) -> Any:
    def conv(maps: Array, kernel: Array, step: int) -> Array:
        n, h, w, _ = maps.shape
        k = len(kernel)
        rows, columns = -(-h // step), -(-w // step)
        top = max((rows - 1) * step + k - h, 0) // 2
        left = max((columns - 1) * step + k - w, 0) // 2
        framed = np.zeros((n, h + 2 * k, w + 2 * k, maps.shape[3]))
        framed[:, top : top + h, left : left + w] = maps
        out = np.zeros((n, rows, columns, kernel.shape[3]))
        for i in range(rows):
            for j in range(columns):
                window = framed[:, i * step : i * step + k, j * step : j * step + k]
                out[:, i, j] = np.tensordot(window, kernel, 3)
        return out

    hidden = conv(x, first, stride)
    hidden[hidden < 0] = 0
    out = conv(hidden, second, 1)
    out += x if shortcut is None else conv(x, shortcut, stride)
    out[out < 0] = 0
    return out


@residual_block.variant
def with_an_explicit_frame(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    from coursekit.scratch.convolution import conv2d

    sides = []
    for n in x.shape[1:3]:
        total = max(3 - stride if n % stride == 0 else 3 - n % stride, 0)
        sides.append((total // 2, total - total // 2))
    framed = np.pad(x, ((0, 0), sides[0], sides[1], (0, 0)))
    hidden = np.maximum(conv2d(framed, first, stride=stride)[0], 0)
    out = conv2d(hidden, second, pad=1)[0]
    if shortcut is None:
        return np.maximum(out + x, 0)
    return np.maximum(out + np.einsum("nhwc,cf->nhwf", x[:, ::stride, ::stride], shortcut[0, 0]), 0)


@residual_block.variant
def dense_first_then_strided(
    x: Array, first: Array, second: Array, shortcut: Array | None = None, stride: int = 1
) -> Any:
    h, w = x.shape[1:3]
    # All places are computed; "same" with a stride takes those that it would have stopped at.
    frame = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    every = sum(frame[:, i : i + h, j : j + w] @ first[i, j] for i in range(3) for j in range(3))
    starts = [1 - max((-(-n // stride) - 1) * stride + 3 - n, 0) // 2 for n in (h, w)]
    hidden = np.maximum(every[:, starts[0] :: stride, starts[1] :: stride], 0)
    rows, columns = hidden.shape[1:3]
    frame = np.pad(hidden, ((0, 0), (1, 1), (1, 1), (0, 0)))
    out = sum(frame[:, i : i + rows, j : j + columns] @ second[i, j] for i in range(3) for j in range(3))
    straight = x if shortcut is None else x[:, ::stride, ::stride] @ shortcut[0, 0]
    return np.where(out + straight > 0, out + straight, 0)
