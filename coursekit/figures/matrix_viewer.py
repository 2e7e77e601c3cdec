"""The matrix viewer: point at a row to see what it reads, at a column to see who reads that pixel (lecture 04).

``coursekit.figures.matrices.matrices`` draws its still picture.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from coursekit.figures.interactive import block
from coursekit.figures.style import Numbers, numbers

LARGEST = 36
_IDLE = (
    "Run this cell to point at rows and columns here (this page shows it without scripts, or the notebook is not "
    "trusted). The still picture shows one row and one column."
)


def matrix_viewer(image: ArrayLike, layers: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> str:
    """Return the interactive figure as HTML; show it with ``IPython.display.HTML``.

    Forward it shows how a row of the layer's matrix and the image make one output; with its box ticked, how a column
    and the gradient that arrives make one pixel's gradient. Rows and columns are chosen with the mouse or with the
    arrow keys.

    Args:
        image: (rows, columns), at most 36 pixels.
        layers: name -> (matrix (outputs, pixels), the gradient that arrives (output rows, output columns)), at most 36
            outputs each; the first is where it starts.

    Raises:
        ValueError: if there is no layer, shapes do not fit, or an array is not finite or too large.
    """
    if not layers:
        raise ValueError('there is no layer.\n  fix: pass at least one, as {"layer": (matrix, upstream)}.')
    pixels = _small("image", image, (None, None))
    entries = []
    for name, (matrix, upstream) in layers.items():
        gradient = _small(f"upstream of {name!r}", upstream, (None, None))
        entries.append([name, _finite(name, numbers(name, matrix, (gradient.size, pixels.size))), gradient.tolist()])
    settings = {"image": pixels.tolist(), "layers": [[name, table.tolist(), g] for name, table, g in entries]}
    return block("matrix_viewer", settings, _IDLE)


def _small(name: str, values: ArrayLike, shape: tuple[int | None, ...]) -> Numbers:
    array = _finite(name, numbers(name, values, shape))
    if array.size > LARGEST:
        raise ValueError(f"{name} has {array.size} numbers.\n  fix: pass at most {LARGEST}, so that the matrix fits.")
    return array


def _finite(name: str, array: Numbers) -> Numbers:
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite.\n  fix: leave out NaN and infinity.")
    return array
