"""Filters with a name: kernels that people designed, before networks learned theirs.

``NAMED["sharpen"]`` is a kernel (rows, columns), read-only, and ``ABOUT["sharpen"]`` says in a line
what it does. Weights are written as `cross_correlate` and `conv2d` use them, laid over the image as
they stand; `convolve` turns them by 180° first, which makes a difference to the Sobel filters (their
answers change sign) and to ``curve``.

The sum of a filter's weights says what it makes of an even area: of sum 1, it keeps the brightness;
of sum 0, it answers 0, and is a detector of change; any other sum multiplies the brightness.
``slide_…`` are filters as the source lecture (UvA Deep Learning 1, Asano) shows them.

Sources: Gurari 2021, "Convolutional Neural Networks", University of Texas at Austin (identity to
sharpen_strong, box_blur, gaussian_blur, curve); UvA Deep Learning 1 (``slide_…``); Sobel & Feldman 1968.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from coursekit.scratch.inputs import FloatArray

_Weights = list[list[int]]

_CURVE = [
    [0, 0, 0, 0, 0, 30, 0],
    [0, 0, 0, 0, 30, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 30, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
]

# Name, whole numbers, what these are divided by, what the filter does.
_BANK: list[tuple[str, _Weights, int, str]] = [
    ("identity", [[0, 0, 0], [0, 1, 0], [0, 0, 0]], 1, "leaves the image as it is"),
    ("box_blur", [[1, 1, 1], [1, 1, 1], [1, 1, 1]], 9, "blurs: the mean of 3 × 3 pixels"),
    ("gaussian_blur", [[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16, "blurs: a mean that favours the centre"),
    ("cross_blur", [[0, 1, 0], [1, 4, 1], [0, 1, 0]], 8, "blurs a little: slide_blur, divided by its sum"),
    ("slide_blur", [[0, 1, 0], [1, 4, 1], [0, 1, 0]], 1, "blurs, and makes all 8 times as bright (sum 8)"),
    ("sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1, "sharpens: the image less its laplacian"),
    ("sharpen_strong", [[0, -3, 0], [-3, 21, -3], [0, -3, 0]], 9, "sharpens; on the slide, with divisor 9"),
    ("cross_sharpen", [[0, -1, 0], [-1, 8, -1], [0, -1, 0]], 4, "sharpens a little: slide_sharpen, divided by its sum"),
    ("slide_sharpen", [[0, -1, 0], [-1, 8, -1], [0, -1, 0]], 1, "sharpens, and makes all 4 times as bright (sum 4)"),
    ("edge", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], 1, "finds edges: each pixel against its 8 neighbours"),
    ("edge_diagonal", [[1, 0, -1], [0, 0, 0], [-1, 0, 1]], 1, "finds corners and diagonal edges"),
    ("laplacian", [[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1, "finds edges: the 4 neighbours against the pixel"),
    ("slide_edge", [[0, -1, 0], [-1, 4, -1], [0, -1, 0]], 1, "finds edges: laplacian with the other sign"),
    ("sobel_x", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1, "finds upright edges: positive if brighter to the right"),
    ("sobel_y", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 1, "finds level edges: positive if brighter below"),
    ("slide_sobel", [[1, 0, -1], [2, 0, -2], [1, 0, -1]], 1, "sobel_x turned by 180°, as convolve wants it"),
    ("curve", _CURVE, 1, "detects one curve: 6600 on CURVE_PATCH, 0 on OTHER_PATCH"),
]  # fmt: skip


def _frozen(weights: _Weights, divisor: int = 1) -> FloatArray:
    array = np.array(weights) / divisor
    array.flags.writeable = False
    return array


def gabor(size: int, wavelength: float, angle: float = 0.0, phase: float = 0.0) -> FloatArray:
    """Return a Gabor function, a grating under a Gaussian, of sum 0 and norm 1: the field of a simple cell.

    J. G. Daugman, "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized by
    two-dimensional visual cortical filters", JOSA A 2, 1985.

    Args:
        size: rows and columns; odd sizes have a centre.
        wavelength: of the grating, in pixels, at least 2; the Gaussian's deviation is half of it, and as much again
            along the bars.
        angle: of the bars, in degrees; 0 is upright, positive turns counter-clockwise.
        phase: in degrees; 0 has a bright bar in the middle ("even"), 90 an edge ("odd").
    """
    if size < 1 or wavelength < 2:
        raise ValueError(
            f"size: got {size}, wavelength {wavelength}.\n  fix: pass a size of 1 or more, and 2 pixels or more."
        )
    turn = np.deg2rad(angle)
    down, right = np.indices((size, size)) - (size - 1) / 2
    across, along = right * np.cos(turn) - down * np.sin(turn), right * np.sin(turn) + down * np.cos(turn)
    envelope = np.exp(-2 * (across**2 + along**2 / 4) / wavelength**2)
    field = envelope * np.cos(2 * np.pi * across / wavelength - np.deg2rad(phase))
    field -= envelope * (field.sum() / envelope.sum())  # blank paper gives 0
    return np.asarray(field / (np.linalg.norm(field) or 1.0))


NAMED: Mapping[str, FloatArray] = MappingProxyType({name: _frozen(w, by) for name, w, by, _ in _BANK})
"""Name -> kernel (rows, columns), float64."""

ABOUT: Mapping[str, str] = MappingProxyType({name: does for name, _, _, does in _BANK})
"""Name -> what the filter does."""

CURVE_PATCH = _frozen(
    [
        [0, 0, 0, 0, 0, 0, 30],
        [0, 0, 0, 0, 50, 50, 50],
        [0, 0, 0, 20, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
        [0, 0, 0, 50, 50, 0, 0],
    ]
)
"""A 7 × 7 patch of a drawing, whose line ``curve`` follows: (50 + 20 + 50 + 50 + 50) * 30 = 6600."""

OTHER_PATCH = _frozen(
    [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 40, 0, 0, 0, 0, 0],
        [40, 0, 40, 0, 0, 0, 0],
        [40, 20, 0, 0, 0, 0, 0],
        [0, 50, 0, 0, 0, 0, 0],
        [0, 0, 50, 0, 0, 0, 0],
        [25, 25, 0, 50, 0, 0, 0],
    ]
)
"""Another patch of it: no pixel lies where ``curve`` has a weight."""
