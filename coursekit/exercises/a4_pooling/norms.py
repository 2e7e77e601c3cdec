"""a4: L2 pooling, forward and backward in one call. Its misconceptions are in `norms_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a4_pooling.pixels import distinct, pooled_shape, slopes
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Pair = tuple[int, int]
Answer = tuple[Any, Any]


def layer(seed: int, x: Array, size: Pair, stride: Pair) -> Arguments:
    """Return the arguments for these images, with a slope for each output."""
    return x, slopes(seed, pooled_shape(x.shape, size, stride)), size, stride


def half_dark() -> Array:
    """Return an image of which the left half is 0, so that some windows hold nothing but zeros."""
    x = distinct(33, (1, 4, 9, 1))
    x[:, :, :5] = 0
    return x


# 3, 4 and 0, 0 make 5; 6, 8 and 0, 0 make 10, of either sign.
TRIANGLES = np.array([[3.0, 0, -6, 8], [0, 4, 0, 0]])[np.newaxis, :, :, np.newaxis]
PHOTO = np.random.default_rng(34).integers(0, 256, (1, 5, 6, 2)).astype(np.uint8)

CASES = (
    Case("a 3, a 4 and zeros make 5", layer(1, TRIANGLES, (2, 2), (2, 2))),
    Case("wide windows, two images of three channels", layer(2, distinct(30, (2, 4, 9, 3)), (2, 3), (2, 3))),
    Case("overlap: 3 × 3 with stride 2", layer(3, distinct(31, (1, 5, 7, 2)), (3, 3), (2, 2))),
    Case("two rows and a column left over", layer(4, distinct(32, (1, 8, 7, 2)), (3, 2), (3, 2))),
    Case("half of the image is 0", layer(5, half_dark(), (2, 2), (2, 1))),
    Case("a photo of whole numbers from 0 to 255", layer(6, PHOTO, (2, 3), (1, 1))),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide and a tall layer; windows overlap along one axis and leave pixels over."""
    return [
        layer(int(rng.integers(2**31)), rng.normal(1, 2, (2, 6, 10, 2)), (2, 4), (3, 3)),
        layer(int(rng.integers(2**31)), rng.normal(-1, 2, (3, 9, 6, 1)), (3, 2), (2, 3)),
    ]


def negated(rng: np.random.Generator) -> list[Arguments]:
    """Draw a layer, the same with negative pixels, and the same three times as bright."""
    x, dout, size, stride = random_layers(rng)[0]
    return [(x, dout, size, stride), (-x, dout, size, stride), (3 * x, dout, size, stride)]


def keeps_the_length(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    (out, dx), (turned, dturned), (bright, dbright) = values
    if not np.allclose(out, turned, rtol=1e-4, atol=1e-5):
        return "with the sign of every pixel turned, out is another"
    if not np.allclose(dx, -dturned, rtol=1e-4, atol=1e-5):
        return "with the sign of every pixel turned, dx does not turn its sign"
    if not np.allclose(3 * out, bright, rtol=1e-4, atol=1e-5):
        return "with pixels three times as bright, out is not three times as large"
    if not np.allclose(dx, dbright, rtol=1e-4, atol=1e-5):
        return "with pixels three times as bright, dx is another"
    return None


def reference(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    """Each output is the length of its window, and hands every pixel a share by its size; at length 0, nothing."""
    pixels = x.astype(float)
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride[0], i * stride[0] + size[0]), slice(j * stride[1], j * stride[1] + size[1])
            window = pixels[:, rows, columns]
            length = np.sqrt(np.sum(window**2, axis=(1, 2), keepdims=True))
            out[:, i, j] = length[:, 0, 0]
            dx[:, rows, columns] += dout[:, i : i + 1, j : j + 1] * window / np.where(length > 0, length, 1)
    return out, dx


l2_pool = Exercise(
    name="l2_pool",
    points=4,
    reference=reference,
    returns=("out", "dx"),
    cases=CASES,
    properties=[
        Property(
            "the sign of the pixels does not matter, and three times as bright is three times as long",
            negated,
            keeps_the_length,
            hint="out is a length, and dx says in which direction the pixels pull at it: x / out, which only turns its "
            "sign with x.",
        ),
        Property("agrees on random layers", random_layers),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@l2_pool.variant
def number_by_number(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    out, dx = np.zeros(dout.shape), np.zeros(x.shape)
    for b, i, j, c in np.ndindex(dout.shape):
        top, left = i * stride[0], j * stride[1]
        window = x[b, top : top + size[0], left : left + size[1], c].astype(float)
        out[b, i, j, c] = np.linalg.norm(window)
        if out[b, i, j, c] > 0:
            dx[b, top : top + size[0], left : left + size[1], c] += dout[b, i, j, c] / out[b, i, j, c] * window
    return out, dx


@l2_pool.variant
def by_pixels_of_the_window(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    _, rows, columns, _ = dout.shape
    x = np.array(x, dtype=float)
    places = [
        (slice(k, k + stride[0] * (rows - 1) + 1, stride[0]), slice(m, m + stride[1] * (columns - 1) + 1, stride[1]))
        for k, m in np.ndindex(*size)
    ]
    out = np.sqrt(sum(x[:, down, along] ** 2 for down, along in places))
    scaled = np.divide(dout, out, out=np.zeros(out.shape), where=out > 0)
    dx = np.zeros(x.shape)
    for down, along in places:
        dx[:, down, along] += scaled * x[:, down, along]
    return out, dx


@l2_pool.variant
def from_a_sum_of_squares(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    matrices = []
    for axis in (0, 1):
        matrix = np.zeros((dout.shape[axis + 1], x.shape[axis + 1]))
        for i in range(len(matrix)):
            matrix[i, i * stride[axis] : i * stride[axis] + size[axis]] = 1
        matrices.append(matrix)
    rows, columns = matrices
    x = x * 1.0
    out = np.einsum("ih,jw,nhwc->nijc", rows, columns, x * x) ** 0.5
    pull = np.nan_to_num(dout / out, posinf=0, neginf=0)
    return out, x * np.einsum("ih,jw,nijc->nhwc", rows, columns, pull)


@l2_pool.variant
def with_views_and_add_at(x: Array, dout: Array, size: Pair, stride: Pair) -> Answer:
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(x.astype(np.float64), size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    names = view(np.arange(x.size).reshape(x.shape), size, axis=(1, 2))[:, :: stride[0], :: stride[1]]
    out = np.linalg.norm(windows, axis=(-2, -1))
    dx = np.zeros(x.size)
    np.add.at(dx, names, (dout / np.maximum(out, 1e-12))[..., np.newaxis, np.newaxis] * windows)
    return out, dx.reshape(x.shape)
