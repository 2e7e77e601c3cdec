"""a3: a convolution layer's forward pass. Its misconceptions are in `forward_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a3_convolution.images import TOY, TOY_KERNEL
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property


def layer(seed: int, x: tuple[int, ...], kernel: tuple[int, int], maps: int) -> tuple[Array, Array, Array]:
    """Return images of shape `x`, weights and a bias, rounded so that they can be read."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 1, (*kernel, x[-1], maps))
    return rng.normal(0, 2, x).round(1), weights.round(1), rng.normal(0, 3, maps).round(1)


CASES = (
    Case(
        "the 5 × 5 toy, and a bias of a half",
        (TOY[np.newaxis, :, :, np.newaxis], TOY_KERNEL[:, :, np.newaxis, np.newaxis], np.array([0.5])),
    ),
    Case("three colours into four maps", layer(1, (2, 5, 7, 3), (3, 2), 4)),
    Case("padded by one", (*layer(2, (1, 4, 6, 2), (2, 3), 2), 1, 1)),
    Case("stride 2, a row and a column left over", (*layer(3, (1, 6, 9, 2), (3, 2), 3), 2)),
    Case("a tall image, stride 2, padded by one", (*layer(4, (2, 7, 4, 2), (2, 3), 3), 2, 1)),
    Case("a kernel as large as the image", layer(5, (2, 3, 4, 2), (3, 4), 2)),
    Case("a single row of pixels", layer(6, (1, 1, 6, 2), (1, 3), 3)),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw a wide layer, and a tall one with stride 2, whose windows leave pixels over, and padding."""
    drawn: list[Arguments] = []
    for x, kernel, maps, rest in (((2, 5, 8, 3), (3, 2), 4, ()), ((3, 8, 4, 2), (3, 3), 3, (2, 1))):
        weights = rng.normal(0, 1, (*kernel, x[-1], maps))
        drawn.append((rng.normal(0, 1, x), weights, rng.normal(0, 2, maps), *rest))
    return drawn


def together_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw two images, and each of them alone."""
    x, *rest = random_layers(rng)[0]
    return [(x, *rest), (x[:1].copy(), *rest), (x[1:].copy(), *rest)]


def same_together_and_alone(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    for i in range(2):
        if not np.allclose(values[0][i], values[i + 1][0], rtol=1e-4, atol=1e-5):
            return f"image {i} of two has another output than when it comes alone"
    return None


def with_another_bias(rng: np.random.Generator) -> list[Arguments]:
    """Draw a layer, and the same with something added to its bias."""
    x, weights, bias, *rest = random_layers(rng)[1]
    return [(x, weights, bias, *rest), (x, weights, bias + np.arange(1.0, len(bias) + 1), *rest)]


def every_output_has_one(calls: Sequence[Arguments], values: Sequence[Array]) -> str | None:
    added = calls[1][2] - calls[0][2]
    risen = values[1] - values[0]
    wrong = ~np.isclose(risen, np.broadcast_to(added, risen.shape), rtol=1e-4, atol=1e-5)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    q, where = index[-1], ", ".join(map(str, index))
    return f"with {added[q]:g} added to bias[{q}], out[{where}] rises by {risen[index]:.6g}"


def reference(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    """One window of all images at a time, against all kernels."""
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.zeros((len(x), rows, columns, weights.shape[3]))
    for i in range(rows):
        for j in range(columns):
            window = padded[:, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, i, j] = np.tensordot(window, weights, axes=3) + bias
    return out


conv2d_forward = Exercise(
    name="conv2d_forward",
    points=5,
    reference=reference,
    returns=("out",),
    cases=CASES,
    properties=[
        Property(
            "images do not see each other",
            together_and_alone,
            same_together_and_alone,
            hint="two images were computed together, then each alone, and the outputs differ: is something summed "
            "over the images, or carried from one to the next?",
        ),
        Property(
            "every output has its map's bias once",
            with_another_bias,
            every_output_has_one,
            hint="bias[q] is added once to every output of map q; not once a weight, a channel or a window so far.",
        ),
        Property(
            "agrees on random layers",
            random_layers,
            hint="compute out[0, 0, 1, 0] by hand: the window of all input channels that starts at column `stride` of "
            "the padded image, times weights[:, :, :, 0], summed, plus bias[0].",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@conv2d_forward.variant
def number_by_number(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Array:
    n, h, w, c_in = x.shape
    kh, kw, c_in, c_out = weights.shape
    rows, columns = (h + 2 * pad - kh) // stride + 1, (w + 2 * pad - kw) // stride + 1
    padded = np.zeros((n, h + 2 * pad, w + 2 * pad, c_in))
    padded[:, pad : pad + h, pad : pad + w] = x
    out = np.empty((n, rows, columns, c_out))
    for b in range(n):
        for i in range(rows):
            for j in range(columns):
                window = padded[b, i * stride : i * stride + kh, j * stride : j * stride + kw]
                for q in range(c_out):
                    out[b, i, j, q] = (window * weights[..., q]).sum() + bias[q]
    return out


@conv2d_forward.variant
def with_windows_and_einsum(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    padded = np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[:2], axis=(1, 2))
    return np.einsum("nijckl,klcq->nijq", windows[:, ::stride, ::stride], weights) + bias


@conv2d_forward.variant
def one_weight_at_a_time(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    rows, columns = (padded.shape[1] - kh) // stride + 1, (padded.shape[2] - kw) // stride + 1
    out = np.tile(bias.astype(float), (len(x), rows, columns, 1))
    for k in range(kh):
        for m in range(kw):
            seen = padded[:, k : k + stride * rows : stride, m : m + stride * columns : stride]
            out += seen @ weights[k, m]
    return out


@conv2d_forward.variant
def as_one_matrix_product(x: Array, weights: Array, bias: Array, stride: int = 1, pad: int = 0) -> Any:
    kh, kw, _, c_out = weights.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    starts = range(0, padded.shape[1] - kh + 1, stride), range(0, padded.shape[2] - kw + 1, stride)
    patches = [image[i : i + kh, j : j + kw].ravel() for image in padded for i in starts[0] for j in starts[1]]
    flat = np.array(patches) @ weights.reshape(-1, c_out) + bias
    return flat.reshape(len(x), len(starts[0]), len(starts[1]), c_out)
