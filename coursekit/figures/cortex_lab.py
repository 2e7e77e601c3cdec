"""The cortex lab: turn and move a bar before a simple and a complex cell (lecture 06).

``coursekit.figures.classifiers.pictures`` draws its still picture.
"""

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.interactive import block
from coursekit.figures.style import Numbers, numbers

LARGEST = 31
_IDLE = (
    "Run this cell to turn the bar here (this page shows it without scripts, or the notebook is not trusted). "
    "The still picture shows four bars."
)


def cortex_lab(even: ArrayLike, odd: ArrayLike, angle: float = 0, offset: float = 0, width: float = 3) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Two sliders turn a bar and move it across; the responses are those of two simple cells with these fields, cut off
    at 0, and of the complex cell that takes the root of their summed squares.

    Args:
        even: field of the first simple cell, (n, n), n from 5 to 31.
        odd: field of the second, a quarter wave beside it, (n, n).
        angle: of the bar in degrees, −90 to 90, 0 upright, positive counter-clockwise.
        offset: of the bar from the middle, in pixels, at right angles to it.
        width: of the bar in pixels.

    Raises:
        ValueError: if the fields are not square, of one size and finite, or a setting is out of its range.
    """
    first = numbers("even", even, (None, None))
    side = len(first)
    second = numbers("odd", odd, (side, side))
    if first.shape != (side, side) or not 5 <= side <= LARGEST or not np.isfinite([first, second]).all():
        raise ValueError(
            f"even has shape {first.shape}, or a field holds numbers that are not finite.\n"
            f"  fix: pass two finite fields of n × n, n from 5 to {LARGEST}."
        )
    if not (-90 <= angle <= 90 and abs(offset) <= side / 2 and 1 <= width <= side):
        raise ValueError(
            f"angle is {angle}, offset {offset}, width {width}.\n"
            f"  fix: pass −90 to 90 degrees, at most {side / 2:g} pixels, and a width of 1 to {side}."
        )
    settings = {"even": first.round(4).tolist(), "odd": second.round(4).tolist()}
    return block("cortex_lab", {**settings, "angle": angle, "offset": offset, "width": width}, _IDLE)


def bar(size: int, angle: float = 0.0, offset: float = 0.0, width: float = 3.0) -> Numbers:
    """Return a bright bar on black, (size, size), 0 … 1, with edges smoothed over a pixel; see `cortex_lab`."""
    turn = np.deg2rad(angle)
    down, right = np.indices((size, size)) - (size - 1) / 2
    distance = np.abs(right * np.cos(turn) - down * np.sin(turn) - offset)
    smoothed: Numbers = np.clip(width / 2 + 0.5 - distance, 0, 1)
    return smoothed
