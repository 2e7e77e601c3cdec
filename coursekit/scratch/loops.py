"""The convolution layer as it is defined, loop by loop: slow, and what the fast one is held against."""

import numpy as np

from coursekit.scratch.inputs import FloatArray


def conv2d_loops(
    x: FloatArray,
    weights: FloatArray,
    bias: FloatArray,
    stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int] = (0, 0),
) -> FloatArray:
    """Return what `conv2d` returns as its output, by seven loops. Inputs are not checked; see there for shapes."""
    n, h, w, c_in = x.shape
    kh, kw, _, c_out = weights.shape
    rows, columns = (h + 2 * pad[0] - kh) // stride[0] + 1, (w + 2 * pad[1] - kw) // stride[1] + 1
    out = np.zeros((n, rows, columns, c_out), x.dtype)
    for image in range(n):
        for i in range(rows):
            for j in range(columns):
                for q in range(c_out):
                    total = bias[q]
                    for k in range(kh):
                        for m in range(kw):
                            a, b = i * stride[0] + k - pad[0], j * stride[1] + m - pad[1]
                            if 0 <= a < h and 0 <= b < w:  # beyond, zeros
                                for p in range(c_in):
                                    total += x[image, a, b, p] * weights[k, m, p, q]
                    out[image, i, j, q] = total
    return out


def conv2d_backward_loops(
    dout: FloatArray,
    x: FloatArray,
    weights: FloatArray,
    stride: tuple[int, int] = (1, 1),
    pad: tuple[int, int] = (0, 0),
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what `conv2d_backward` returns, by the same seven loops.

    Each product of the forward pass sends two shares back: to the weight, ``dout`` times the pixel,
    and to the pixel, ``dout`` times the weight.
    """
    n, h, w, c_in = x.shape
    kh, kw, _, c_out = weights.shape
    dx, dweights, dbias = np.zeros_like(x), np.zeros_like(weights), np.zeros(c_out, x.dtype)
    for image in range(n):
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                for q in range(c_out):
                    d = dout[image, i, j, q]
                    dbias[q] += d
                    for k in range(kh):
                        for m in range(kw):
                            a, b = i * stride[0] + k - pad[0], j * stride[1] + m - pad[1]
                            if 0 <= a < h and 0 <= b < w:
                                for p in range(c_in):
                                    dweights[k, m, p, q] += d * x[image, a, b, p]
                                    dx[image, a, b, p] += d * weights[k, m, p, q]
    return dx, dweights, dbias
