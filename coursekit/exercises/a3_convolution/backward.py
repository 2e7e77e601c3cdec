"""a3: a convolution layer's backward pass. Its misconceptions are in `backward_mistakes`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from coursekit.exercises.a3_convolution import forward
from coursekit.exercises.core import Arguments, Array, Case, Exercise, Property

Answer = tuple[Any, Any, Any]


def slopes(seed: int, x: Array, weights: Array, _: Array, stride: int = 1, pad: int = 0) -> Arguments:
    """Return dout of the shape of that layer's output, and the layer without its bias, which no gradient needs."""
    shape = forward.reference(x, weights, np.zeros(weights.shape[3]), stride, pad).shape
    dout = np.random.default_rng(seed).normal(0, 1, shape)
    return dout.round(1) if seed else dout, x, weights, stride, pad


def one_output_counts() -> Arguments:
    """Return the toy, when the loss is one output of it."""
    dout, *rest = slopes(1, *forward.CASES[0].arguments)
    dout = np.zeros(dout.shape)
    dout[0, 0, 2, 0] = 0.5
    return (dout, *rest[:2])


CASES = (
    Case("the 5 × 5 toy, when one output counts", one_output_counts()),
    Case("three colours into four maps", slopes(2, *forward.layer(1, (2, 5, 7, 3), (3, 2), 4))[:3]),
    Case("two channels into two maps", slopes(3, *forward.layer(2, (1, 4, 6, 2), (2, 3), 2))[:3]),
    Case("padded by one", slopes(4, *forward.layer(3, (2, 4, 6, 2), (2, 3), 3), 1, 1)),
    Case("stride 2, a row and a column left over", slopes(5, *forward.layer(4, (1, 6, 9, 2), (3, 2), 3), 2)),
    Case("a tall image, stride 2, padded by one", slopes(6, *forward.layer(5, (2, 7, 4, 2), (2, 3), 3), 2, 1)),
    Case("a kernel as large as the image", slopes(7, *forward.layer(6, (2, 3, 4, 2), (3, 4), 3))[:3]),
    Case("a single row of pixels", slopes(8, *forward.layer(7, (1, 1, 6, 2), (1, 3), 3))[:3]),
)


def random_layers(rng: np.random.Generator) -> list[Arguments]:
    """Draw what the forward pass is asked, with a slope for each output."""
    return [slopes(int(rng.integers(1, 2**31)), *drawn) for drawn in forward.random_layers(rng)]


def products_agree(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    for (_, x, weights, *_), (dx, dweights, _) in zip(calls, values, strict=True):
        over_pixels, over_weights = float(np.sum(dx * x)), float(np.sum(dweights * weights))
        if not np.isclose(over_pixels, over_weights, rtol=1e-4, atol=1e-4):
            return f"sum(dx * x) is {over_pixels:.6g}, but sum(dweights * weights) is {over_weights:.6g}"
    return None


def together_and_alone(rng: np.random.Generator) -> list[Arguments]:
    """Draw two images, and each of them alone."""
    dout, x, *rest = random_layers(rng)[0]
    return [(dout, x, *rest), (dout[:1].copy(), x[:1].copy(), *rest), (dout[1:].copy(), x[1:].copy(), *rest)]


def images_add_up(calls: Sequence[Arguments], values: Sequence[Answer]) -> str | None:
    both, *alone = values
    if not np.allclose(both[0], np.concatenate([each[0] for each in alone]), rtol=1e-4, atol=1e-5):
        return "an image's dx changes when another image is in the batch"
    for i, name in ((1, "dweights"), (2, "dbias")):
        if not np.allclose(both[i], alone[0][i] + alone[1][i], rtol=1e-4, atol=1e-5):
            return f"{name} of two images is not the sum of what each gives alone"
    return None


def reference(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    """Each output hands its slope to the pixels of its window, by weight, and to the weights, by pixel."""
    kh, kw = weights.shape[:2]
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros(padded.shape), np.zeros(weights.shape)
    for i in range(dout.shape[1]):
        for j in range(dout.shape[2]):
            rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dpadded[:, rows, columns] += np.tensordot(dout[:, i, j], weights, axes=(1, 3))
            dweights += np.tensordot(padded[:, rows, columns], dout[:, i, j], axes=(0, 0))
    dx = dpadded[:, pad : pad + x.shape[1], pad : pad + x.shape[2]]
    return dx, dweights, dout.sum(axis=(0, 1, 2))


conv2d_backward = Exercise(
    name="conv2d_backward",
    points=6,
    reference=reference,
    returns=("dx", "dweights", "dbias"),
    cases=CASES,
    properties=[
        Property(
            "images do not see each other, and their weight gradients add up",
            together_and_alone,
            images_add_up,
            hint="dx belongs to each image; dweights and dbias are sums over all, and the loss has divided already.",
        ),
        Property(
            "dx and dweights tell the same story",
            random_layers,
            products_agree,
            hint="without its bias the layer is a sum of pixel × weight × slope, so both products are that sum; one of "
            "your two gradients misses some of its terms, or has them twice.",
        ),
        Property(
            "agrees on random layers",
            random_layers,
            hint="set dout to 0 but for a single 1: then dx is that map's kernel, laid where its window was, and "
            "dweights of that map is the window.",
        ),
    ],
    rtol=1e-4,
    atol=1e-5,
)


@conv2d_backward.variant
def output_by_output(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    (_, h, w, _), (kh, kw, _, c_out) = x.shape, weights.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights, dbias = np.zeros(padded.shape), np.zeros(weights.shape), np.zeros(c_out)
    for b, i, j, q in np.ndindex(dout.shape):
        rows, columns = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
        dpadded[b, rows, columns] += dout[b, i, j, q] * weights[..., q]
        dweights[..., q] += dout[b, i, j, q] * padded[b, rows, columns]
        dbias[q] += dout[b, i, j, q]
    return dpadded[:, pad : pad + h, pad : pad + w], dweights, dbias


@conv2d_backward.variant
def weight_by_weight(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    _, rows, columns, _ = dout.shape
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dpadded, dweights = np.zeros_like(padded, dtype=float), np.zeros_like(weights, dtype=float)
    for k, m in np.ndindex(weights.shape[:2]):
        down = slice(k, k + stride * (rows - 1) + 1, stride)
        along = slice(m, m + stride * (columns - 1) + 1, stride)
        dweights[k, m] = np.einsum("nijc,nijq->cq", padded[:, down, along], dout)
        dpadded[:, down, along] += dout @ weights[k, m].T
    dx = dpadded[:, pad : padded.shape[1] - pad, pad : padded.shape[2] - pad]
    return dx, dweights, np.einsum("nijq->q", dout)


@conv2d_backward.variant
def through_a_matrix_of_windows(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    kh, kw, c_in, c_out = weights.shape
    places = np.pad(np.arange(1, x.size + 1).reshape(x.shape), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(places, (kh, kw), axis=(1, 2))
    windows = windows[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3).reshape(-1, kh * kw * c_in)
    flat = dout.reshape(-1, c_out)
    dweights = np.append(0, x)[windows].T @ flat
    dx = np.zeros(x.size + 1)
    np.add.at(dx, windows, flat @ weights.reshape(-1, c_out).T)
    return dx[1:].reshape(x.shape), dweights.reshape(weights.shape), flat.sum(axis=0)


@conv2d_backward.variant
def as_a_convolution(dout: Array, x: Array, weights: Array, stride: int = 1, pad: int = 0) -> Answer:
    (n, h, w, _), (kh, kw, _, c_out) = x.shape, weights.shape
    view = np.lib.stride_tricks.sliding_window_view
    # Zeros between the slopes undo the stride; zeros around them make room for the turned kernel.
    spread = np.zeros((n, h + 2 * pad - kh + 1, w + 2 * pad - kw + 1, c_out))
    spread[:, : stride * dout.shape[1] : stride, : stride * dout.shape[2] : stride] = dout
    wide = np.pad(spread, ((0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1), (0, 0)))
    dx = np.einsum("nijqkl,klcq->nijc", view(wide, (kh, kw), axis=(1, 2)), weights[::-1, ::-1])
    padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    dweights = np.einsum("nklcij,nijq->klcq", view(padded, spread.shape[1:3], axis=(1, 2)), spread)
    return dx[:, pad : pad + h, pad : pad + w], dweights, dout.sum(axis=0).sum(axis=0).sum(axis=0)
