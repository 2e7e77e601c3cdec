"""The augmentation lab: flip, move, turn and tint a picture, and ask whether it is still what it was (lecture 09).

``coursekit.figures.convolution.photos`` draws its still picture, of pictures that `changed` returns.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.interactive import block
from coursekit.figures.style import Numbers, numbers

LARGEST = 32
MOST_PICTURES = 3
_IDLE = (
    "Run this cell to change the pictures here (this page shows it without scripts, or the notebook is not trusted). "
    "The still picture shows five changes."
)


def augmentation_lab(pictures: Mapping[str, ArrayLike]) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    A picture is chosen, flipped, moved by whole pixels, turned, and tinted; beside it stands the original. What comes
    in from outside is black. A table gives the mean of each channel and how far the pixels are from the original.

    Args:
        pictures: name -> (n, n, 3), values from 0 to 1, n from 2 to 32; up to 3 of them.

    Raises:
        ValueError: if there are none or too many, or one is not square, too large, or not within 0 … 1.
    """
    if not 1 <= len(pictures) <= MOST_PICTURES:
        raise ValueError(f"got {len(pictures)} pictures.\n  fix: pass 1 to {MOST_PICTURES}.")
    settings = {}
    for name, picture in pictures.items():
        pixels = numbers(name, picture, (None, None, 3))
        side = len(pixels)
        if pixels.shape[1] != side or not 2 <= side <= LARGEST or not ((pixels >= 0) & (pixels <= 1)).all():
            raise ValueError(
                f"{name} has shape {pixels.shape}, or values outside 0 to 1.\n"
                f"  fix: pass a square of 2 to {LARGEST} pixels a side, its values from 0 to 1."
            )
        settings[name] = np.rint(255 * pixels).astype(int).tolist()
    return block("augmentation_lab", {"pictures": settings}, _IDLE)


def changed(
    picture: ArrayLike,
    flip: bool = False,
    right: int = 0,
    down: int = 0,
    turn: float = 0.0,
    red: float = 0.0,
    green: float = 0.0,
    blue: float = 0.0,
) -> Numbers:
    """Return a picture (n, n, 3) flipped, then turned about its middle, then moved, then tinted, as the lab shows it.

    Args:
        picture: values from 0 to 1.
        flip: left to right.
        right: pixels to move, negative to the left; black comes in.
        down: likewise.
        turn: degrees counter-clockwise; each pixel takes the nearest one of the original, black outside.
        red: added to the channel, and kept within 0 … 1.
        green: likewise.
        blue: likewise.
    """
    pixels = numbers("picture", picture, (None, None, 3))
    side, angle = len(pixels), np.deg2rad(turn)
    middle = (side - 1) / 2
    rows, columns = np.indices((side, side))
    y, x = rows - down - middle, columns - right - middle
    # Where each pixel came from: turned back. Rows grow downwards, so counter-clockwise is this way round.
    row = np.floor(y * np.cos(angle) + x * np.sin(angle) + middle + 0.5).astype(int)
    column = np.floor(x * np.cos(angle) - y * np.sin(angle) + middle + 0.5).astype(int)
    inside = (row >= 0) & (row < side) & (column >= 0) & (column < side)
    source = pixels[:, ::-1] if flip else pixels
    found = source[row.clip(0, side - 1), column.clip(0, side - 1)] * inside[..., np.newaxis]
    tinted: Numbers = np.clip(found + np.array([red, green, blue]), 0, 1)
    return tinted
