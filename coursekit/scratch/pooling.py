"""Pooling: a summary of each window of each channel, with no weights to learn."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from coursekit.scratch.inputs import FloatArray
from coursekit.scratch.windows import Pair, gradient_of_output, images, output_shape, pair, windows

IntArray = NDArray[np.integer[Any]]
Kind = Literal["max", "average", "l2", "gaussian", "disc"]


class PoolCache(NamedTuple):
    """What `pool2d_backward` needs of the forward pass. It holds the arrays themselves: leave them as they are."""

    x: FloatArray
    out: FloatArray
    size: tuple[int, int]
    stride: tuple[int, int]
    kind: Kind


def pool2d(x: ArrayLike, size: Pair, stride: Pair | None = None, kind: Kind = "max") -> tuple[FloatArray, PoolCache]:
    """Return a summary of every window of every channel, and what the backward pass needs.

    Args:
        x: (n, rows, columns, channels).
        size: the window, one number or (rows, columns).
        stride: from one window to the next; None for the size, so that windows do not overlap.
        kind: ``max``, the largest value;
            ``average``, the mean;
            ``l2``, the square root of the sum of squares;
            ``gaussian`` and ``disc``, weighted means, see `window_weights`.

    Returns:
        The output (n, out_rows, out_columns, channels), sizes by `output_size`; and the cache for
        `pool2d_backward`. There is no padding: rows at the bottom and columns at the right that fill
        no whole window are ignored, as by Keras's "valid".

    Raises:
        ValueError: on an unknown kind, or a window larger than the image.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", §9.3.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"kind: got {kind!r}.\n  fix: pass 'max', 'average', 'l2', 'gaussian' or 'disc'.")
    x, size = images("x", x), pair("size", size)
    stride = size if stride is None else pair("stride", stride)
    output_shape((x.shape[1], x.shape[2]), size, stride)
    view = windows(x, size, stride)
    out = view[:, :, :, 0, 0].copy() if kind == "max" else np.zeros(view.shape[:3] + view.shape[5:], x.dtype)
    if kind == "max":
        for k, m in np.ndindex(size):
            np.maximum(out, view[:, :, :, k, m], out=out)
    elif kind == "l2":
        for k, m in np.ndindex(size):
            out += view[:, :, :, k, m] ** 2
        np.sqrt(out, out=out)
    else:
        weights = window_weights(kind, size).astype(x.dtype)
        for k, m in np.ndindex(size):
            out += weights[k, m] * view[:, :, :, k, m]
    return out, PoolCache(x, out, size, stride, kind)


def pool2d_backward(dout: ArrayLike, cache: PoolCache) -> FloatArray:
    """Return the gradient of a loss with respect to `pool2d`'s x.

    A pixel gets a share from every window that holds it; pixels in no window get 0. What a window
    hands on of its gradient g:

    - ``max``: all of g to its largest pixel. Of several equally large ones (after a ReLU, windows of
      zeros are common) only the first, row by row from the top left, gets it.
    - ``l2``: ``g * x / out``, and 0 where the window is all 0: there the norm has a corner.
    - ``average``, ``gaussian``, ``disc``: g times the pixel's weight.

    Args:
        dout: the loss's gradient with respect to the output, of its shape.
        cache: the one that this output came with.

    Returns:
        dx, of x's shape.
    """
    x, out, size, stride, kind = cache
    dout = gradient_of_output(dout, out.shape, x.dtype)
    dx = np.zeros_like(x)
    view, dview = windows(x, size, stride), windows(dx, size, stride, writeable=True)
    if kind == "max":
        waiting = np.ones(out.shape, bool)  # the windows whose first maximum is still to come
        for k, m in np.ndindex(size):
            found = waiting & (view[:, :, :, k, m] == out)
            dview[:, :, :, k, m] += np.where(found, dout, 0)
            waiting &= ~found
    elif kind == "l2":
        scaled = np.divide(dout, out, out=np.zeros_like(out), where=out > 0)
        for k, m in np.ndindex(size):
            dview[:, :, :, k, m] += scaled * view[:, :, :, k, m]
    else:
        weights = window_weights(kind, size).astype(x.dtype)
        for k, m in np.ndindex(size):
            dview[:, :, :, k, m] += weights[k, m] * dout
    return dx


def window_weights(kind: Kind, size: Pair) -> FloatArray:
    """Return the weights, of sum 1, by which a pooling window averages.

    They depend on a pixel's distance from the window's centre. With the window's half height and half
    width as the units (so that the middle of each border is at distance 1) they are

    - ``average``: all the same;
    - ``gaussian``: ``exp(-2 * distance²)``: the borders are two standard deviations away;
    - ``disc``: all the same within distance 1, 0 beyond: the disc, or in a window that is not square
      the ellipse, that just fits in. Up to 3 × 3 it holds the centres of all pixels, of 4 × 4 it
      holds 12, of 5 × 5 21.

    Args:
        kind: one of these.
        size: the window, one number or (rows, columns).

    Returns:
        (rows, columns), float64.
    """
    rows, columns = (2 * np.arange(n) - (n - 1) for n in pair("size", size))
    distance = np.hypot(rows[:, np.newaxis] / len(rows), columns / len(columns))
    weights = {
        "average": np.ones_like(distance),
        "gaussian": np.exp(-2 * distance**2),
        "disc": (distance <= 1).astype(float),
    }
    if kind not in weights:
        raise ValueError(f"kind: got {kind!r}.\n  fix: pass 'average', 'gaussian' or 'disc'.")
    return np.asarray(weights[kind] / weights[kind].sum())


def quadrant_pool(x: ArrayLike) -> FloatArray:
    """Return each channel's maximum in the four quadrants of an image, whatever the image's size.

    A classifier's weights want a fixed number of inputs; windows of a fixed size give more outputs for
    larger images. Windows that grow with the image do not. Where a side is odd, its middle row or
    column belongs to both halves, so that even an image of one pixel has four quadrants.

    Args:
        x: (n, rows, columns, channels).

    Returns:
        (n, 2, 2, channels); ``.reshape(n, -1)`` makes it a classifier's input.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", §9.3.
    """
    x = images("x", x)
    (top, bottom), (left, right) = (_halves(side) for side in x.shape[1:3])
    quadrants = [x[:, rows, columns].max(axis=(1, 2)) for rows in (top, bottom) for columns in (left, right)]
    return np.stack(quadrants, axis=1).reshape(len(x), 2, 2, x.shape[3])


def dynamic_pool(x: ArrayLike, regions: int = 4) -> tuple[FloatArray, IntArray]:
    """Return each channel's maximum in regions that every image draws for itself, and the regions.

    The regions are the clusters that k-means makes of pixel positions, each weighing as much as the sum
    of its squared channels: they gather where the strong features are, and move along with them.

    Args:
        x: (n, rows, columns, channels), of any size.
        regions: how many, at most one a pixel.

    Returns:
        The summaries (n, regions, channels), and for each pixel its region's number (n, rows, columns).
        Regions are numbered from the top down, by their centres.

    Source: Goodfellow, Bengio & Courville 2016, "Deep Learning", §9.3, on Boureau et al. 2011, "Ask the
    locals: multi-way local pooling for image recognition".
    """
    x, (regions, _) = images("x", x), pair("regions", regions)
    n, rows, columns, channels = x.shape
    if regions > rows * columns:
        raise ValueError(
            f"regions: {regions} are more than the {rows * columns} pixels.\n  fix: pass at most one a pixel."
        )
    places = np.indices((rows, columns)).reshape(2, -1).T.astype(float)
    pixels = x.reshape(n, -1, channels)
    found = np.stack([_cluster(places, (image.astype(float) ** 2).sum(axis=1), regions) for image in pixels])
    out = np.array(
        [[image[of == r].max(axis=0) for r in range(regions)] for image, of in zip(pixels, found, strict=True)]
    )
    return out, found.reshape(n, rows, columns)


def _cluster(places: FloatArray, strength: FloatArray, regions: int) -> IntArray:
    """Return the cluster of each place (places, 2), by k-means that weighs each with its strength."""
    weights = strength / max(strength.max(), 1e-30) + 1e-6  # so that an image of zeros has clusters too
    centres = places[[weights.argmax()]]
    while len(centres) < regions:  # start from strong places, far from one another
        centres = np.vstack([centres, places[(weights * _squared(places, centres).min(axis=1)).argmax()]])
    of = _squared(places, centres).argmin(axis=1)
    for _ in range(20):
        centres = np.array([np.average(places[of == r], axis=0, weights=weights[of == r]) for r in range(regions)])
        centres = centres[np.lexsort(centres.T[::-1])]
        nearest = _squared(places, centres).argmin(axis=1)
        if len(np.unique(nearest)) < regions:  # one would be left without a pixel
            break
        of = nearest
    return np.asarray(of)


def _squared(places: FloatArray, centres: FloatArray) -> FloatArray:
    """Return the squared distance of each place from each centre, (places, centres)."""
    return np.asarray(((places[:, np.newaxis] - centres) ** 2).sum(axis=2))


def _halves(n: int) -> tuple[slice, slice]:
    return slice(0, (n + 1) // 2), slice(n // 2, n)
