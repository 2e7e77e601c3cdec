"""Figures about convolution as a matrix: matrices with their blocks, and what a unit sees (lecture 04).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Collection, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from coursekit.figures.style import BLUE, GREY, INK, VERMILLION, Numbers, numbers, panels, short, styled, symmetric

WIDEST = 8.6
"""Inches; a wider figure would be shrunk to the page, and its text with it."""
_MOST_NUMBERS = 20
"""Columns up to which the numbers are written into the cells."""


@styled
def matrices(
    tables: Mapping[str, ArrayLike],
    blocks: Mapping[str, tuple[int, int]] | None = None,
    rows: Collection[int] = (),
    columns: Collection[int] = (),
) -> Figure:
    """Draw matrices side by side; zeros stay empty, numbers are written where they fit.

    Args:
        tables: title -> (rows, columns); each has a scale of shades of its own, with white for 0.
        blocks: title -> (rows, columns) of a block; lines are drawn between blocks.
        rows: rows to frame with a full line, in every matrix that has them.
        columns: columns to frame with a dashed line.
    """
    arrays = {title: numbers(title, values, (None, None)) for title, values in tables.items()}
    widths = [array.shape[1] for array in arrays.values()]
    tall = max(array.shape[0] for array in arrays.values())
    cell = min(0.4, WIDEST / (sum(widths) + 1.5 * len(widths)), 5.5 / tall)
    size = (max(3.0, cell * (sum(widths) + 1.5 * len(widths))), cell * tall + 0.6)
    figure, axes = panels(1, len(arrays), size, widths=[width + 0.5 for width in widths])
    for axis, (title, table) in zip(axes[0], arrays.items(), strict=True):
        _draw_matrix(axis, table, tall)
        axis.set_title(title, loc="left", fontsize=11)
        height, width = table.shape
        for row in (row for row in rows if row < height):
            axis.add_patch(Rectangle((-0.5, row - 0.5), width, 1, fill=False, ec=BLUE, linewidth=2.4, zorder=4))
        for column in (column for column in columns if column < width):
            frame = Rectangle((column - 0.5, -0.5), 1, height, fill=False, ec=VERMILLION, linewidth=2.4, zorder=4)
            frame.set_linestyle("--")
            axis.add_patch(frame)
        block = (blocks or {}).get(title, table.shape)
        for place in range(block[0], height, block[0]):
            axis.plot([-0.5, width - 0.5], [place - 0.5] * 2, color=INK, linewidth=1.2)
        for place in range(block[1], width, block[1]):
            axis.plot([place - 0.5] * 2, [-0.5, height - 0.5], color=INK, linewidth=1.2)
    return figure


@styled
def footprints(maps: Mapping[str, ArrayLike], decades: int = 4) -> Figure:
    """Draw how strongly one unit depends on each pixel, on a logarithmic scale; its receptive field is framed.

    Args:
        maps: title -> (rows, columns) slopes of the unit; pixels that it does not see have 0 and are white.
        decades: how many powers of ten the shades span, below each map's largest.
    """
    figure, axes = panels(1, len(maps), (min(WIDEST, 2.7 * len(maps)), 2.9))
    for axis, (title, values) in zip(axes[0], maps.items(), strict=True):
        strength = np.abs(numbers(title, values, (None, None)))
        if not strength.any():
            raise ValueError(f"{title!r} is 0 everywhere.\n  fix: pass the slopes of a unit that sees some pixel.")
        largest = float(strength.max())
        norm = LogNorm(largest / 10**decades, largest, clip=True)
        axis.imshow(np.ma.masked_equal(strength, 0), cmap="cividis_r", norm=norm)
        seen = np.argwhere(strength)
        (top, left), (bottom, right) = seen.min(axis=0), seen.max(axis=0)
        height, width = bottom - top + 1, right - left + 1
        axis.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, fill=False, ec=VERMILLION, linewidth=2))
        axis.set(xticks=[], yticks=[], title=title, xlabel=f"{height} × {width} pixels")
        axis.spines[:].set(visible=True, color=GREY, linewidth=0.8)
    return figure


def _draw_matrix(axis: Axes, table: Numbers, tall: int) -> None:
    """Draw a matrix at the top of a frame that is ``tall`` cells high."""
    height, width = table.shape
    written = width <= _MOST_NUMBERS
    norm = symmetric((2.2 if written else 1.0) * table)  # pale enough for black numbers
    axis.imshow(np.ma.masked_equal(table, 0), cmap="PuOr", norm=norm)
    if written:
        size = 10 if width <= 12 and max(len(short(value)) for value in table.flat) <= 4 else 8
        for (row, column), value in np.ndenumerate(table):
            if value:
                axis.text(column, row, short(value), ha="center", va="center", fontsize=size)
    for place in range(height + 1):
        axis.plot([-0.5, width - 0.5], [place - 0.5] * 2, color=GREY, linewidth=0.35)
    for place in range(width + 1):
        axis.plot([place - 0.5] * 2, [-0.5, height - 0.5], color=GREY, linewidth=0.35)
    axis.set(xticks=[], yticks=[], xlim=(-0.6, width - 0.4), ylim=(max(height, tall) - 0.4, -0.6))
    axis.spines[:].set(visible=False)
