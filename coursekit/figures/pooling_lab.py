"""The pooling lab: move an image by a pixel and see which pooled values change (lecture 05).

``coursekit.figures.convolution.grids`` draws its still picture.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.interactive import block
from coursekit.figures.style import numbers

KINDS = ("max", "average", "l2", "gaussian", "disc")
LARGEST_IMAGE = 14
LARGEST_STEP = 9
_IDLE = (
    "Run this cell to move the image here (this page shows it without scripts, or the notebook is not trusted). "
    "The still picture shows one step."
)


def pooling_lab(
    image: ArrayLike, kind: str = "max", width: int = 3, stride: int = 1, shift: Sequence[int] = (0, 0)
) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Arrow keys on the image move it by a pixel; zeros come in at its border, and what is pushed out comes back when the
    image does. Outputs are those of ``coursekit.scratch.pooling.pool2d``; the ones that differ from the image's outputs
    at rest are marked, counted and given as a share.

    Args:
        image: (rows, columns), at most 14 each; one row makes the lab one-dimensional.
        kind: "max", "average", "l2", "gaussian" or "disc".
        width: of the window, 1 to 9; along an axis that is shorter, the axis's length.
        stride: pixels between windows, 1 to 9.
        shift: (rows, columns) by which it starts, down and to the right.

    Raises:
        ValueError: if the image is not 2-D, not finite or too large, or a setting is out of its range.
    """
    pixels = numbers("image", image, (None, None))
    if max(pixels.shape) > LARGEST_IMAGE or not np.isfinite(pixels).all():
        raise ValueError(
            f"image has shape {pixels.shape}, or holds numbers that are not finite.\n"
            f"  fix: pass finite numbers, at most {LARGEST_IMAGE} rows and {LARGEST_IMAGE} columns."
        )
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}.\n  fix: pass one of {', '.join(KINDS)}.")
    for name, value in (("width", width), ("stride", stride)):
        if not 1 <= value <= LARGEST_STEP:
            raise ValueError(f"{name} is {value}.\n  fix: pass a whole number from 1 to {LARGEST_STEP}.")
    down, right = shift
    return block(
        "pooling_lab",
        {
            "image": pixels.tolist(),
            "kinds": list(KINDS),
            "kind": kind,
            "width": int(width),
            "stride": int(stride),
            "shift": [int(down), int(right)],
            "largest": LARGEST_STEP,
        },
        _IDLE,
    )
