"""The kernel explorer: point at an output pixel and see its window, its products and its sum (lecture 03).

``coursekit.figures.convolution.window_frame`` draws its still picture.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.interactive import block
from coursekit.figures.style import numbers

_IDLE = (
    "Run this cell to move the window here (this page shows it without scripts, or the notebook is not trusted). "
    "The still picture shows where it starts."
)
LARGEST_IMAGE, LARGEST_KERNEL, LARGEST_STEP = 12, 7, 9


def kernel_explorer(
    image: ArrayLike,
    kernels: Mapping[str, ArrayLike],
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    same: bool = False,
) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Output pixels are chosen with the mouse or with the arrow keys; every weight and setting can be edited. What is
    computed is the cross-correlation ``coursekit.scratch.convolution.conv2d`` computes; a box turns the kernel by 180°
    first, which makes it a convolution.

    Args:
        image: (rows, columns), at most 12 each.
        kernels: name -> (rows, columns), at most 7 each; the first is where it starts.
        stride: pixels between windows, 1 to 9.
        pad: zeros on every side, 0 to 9.
        dilation: pixels between the taps of a window, 1 to 9; 1 has no gaps.
        same: pad as Keras's "same" does, whatever ``pad`` says.

    Raises:
        ValueError: if there is no kernel, an array is not 2-D, not finite or too large, or a setting out of its range.
    """
    if not kernels:
        raise ValueError('there is no kernel.\n  fix: pass at least one, as {"blur": np.ones((3, 3)) / 9}.')
    for name, value, least in (("stride", stride, 1), ("pad", pad, 0), ("dilation", dilation, 1)):
        if not least <= value <= LARGEST_STEP:
            raise ValueError(f"{name} is {value}.\n  fix: pass a whole number from {least} to {LARGEST_STEP}.")
    return block(
        "kernel_explorer",
        {
            "image": _small("image", image, LARGEST_IMAGE),
            "kernels": [[name, _small(name, kernel, LARGEST_KERNEL)] for name, kernel in kernels.items()],
            "stride": int(stride),
            "pad": int(pad),
            "dilation": int(dilation),
            "same": bool(same),
            "largest": {"kernel": LARGEST_KERNEL, "step": LARGEST_STEP},
        },
        _IDLE,
    )


def _small(name: str, values: ArrayLike, largest: int) -> object:
    array = numbers(name, values, (None, None))
    if max(array.shape) > largest or not np.isfinite(array).all():
        raise ValueError(
            f"{name} has shape {array.shape}, or holds numbers that are not finite.\n"
            f"  fix: pass finite numbers, at most {largest} rows and {largest} columns."
        )
    return array.tolist()
