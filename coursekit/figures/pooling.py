"""Figures about pooling and invariance: rows and their pools, curves with a spread, regions (lecture 05).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from coursekit.figures.style import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    INK,
    MARKERS,
    PALE,
    VERMILLION,
    Numbers,
    numbers,
    panels,
    picture,
    short,
    styled,
)

Rows = tuple[ArrayLike, ArrayLike]
_CHANGED = "#F6D9C5"  # vermillion, pale enough for black numbers


@styled
def stages(panels_: Mapping[str, Rows], width: int, stride: int = 1, before: int = 0) -> Figure:
    """Draw rows of detectors below their pools, each pool joined to the detectors that it looks at.

    Values that differ from the first panel's are bold, shaded and have a thick frame.

    Args:
        panels_: title -> (detectors (n,), pools (m,)), each of the same sizes.
        width: detectors a pool.
        stride: detectors from one pool to the next.
        before: how many of the first pool's detectors lie left of the row; those beyond either end are left out.
    """
    detectors, pools = (np.asarray(row) for row in next(iter(panels_.values())))
    figure, axes = panels(1, len(panels_), ((0.62 * len(detectors) + 1.3) * len(panels_), 2.4))
    for axis, (title, (below, above)) in zip(axes[0], panels_.items(), strict=True):
        below, above = numbers("detectors", below, detectors.shape), numbers("pools", above, pools.shape)
        centres = np.arange(len(above)) * stride - before + (width - 1) / 2
        for i, centre in enumerate(centres):
            for k in range(width):
                place = i * stride - before + k
                if 0 <= place < len(below):
                    axis.plot([centre, place], [0.34, 1.66], color=GREY, linewidth=1, zorder=0)
        _draw_row(axis, centres, 0, above, above != pools)
        _draw_row(axis, np.arange(len(below)), 2, below, below != detectors)
        axis.set(title=title, xticks=[], yticks=[0, 2], yticklabels=["pools", "detectors"], aspect="equal")
        axis.set(xlim=(min(-0.6, centres[0] - 0.6), max(len(below) - 0.4, centres[-1] + 0.6)), ylim=(2.6, -0.6))
        axis.tick_params(length=0)
        axis.spines[:].set(visible=False)
    return figure


@styled
def curves(
    panels_: Mapping[str, tuple[ArrayLike, Mapping[str, ArrayLike]]], ylabel: str, chance: float = 0.0
) -> Figure:
    """Draw one panel a question; each curve is the mean over seeds, its band spans the lowest and the highest seed.

    Args:
        panels_: label of the horizontal axis -> (places (m,), {curve's name: (seeds, m)}), with up to 6 curves of the
            same names in each panel.
        ylabel: what is measured.
        chance: where guessing lies, drawn as a thin line; 0 for none.
    """
    colours, dashes = (*COLOURS, GREY, INK), (*DASHES, (0, (6, 1)), (0, (1, 3)))
    figure, axes = panels(1, len(panels_), (3.6 * len(panels_) + 1.9, 3.5), sharey=True)
    for axis, (xlabel, (places, lines)) in zip(axes[0], panels_.items(), strict=True):
        x = numbers(xlabel, places, (None,))
        for i, (name, values) in enumerate(lines.items()):
            table = numbers(name, values, (None, len(x)))
            axis.fill_between(x, table.min(axis=0), table.max(axis=0), color=colours[i], alpha=0.22, linewidth=0)
            look = {"color": colours[i], "linestyle": dashes[i], "marker": (*MARKERS, *"vP")[i]}
            axis.plot(x, table.mean(axis=0), label=name, markersize=6, linewidth=1.8, **look)
        if chance:
            axis.axhline(chance, color=GREY, linewidth=1)
        axis.set(xlabel=xlabel)
    axes[0, 0].set(ylabel=ylabel, ylim=(0, None))
    figure.legend(*axes[0, 0].get_legend_handles_labels(), frameon=False, loc="outside right center", handlelength=3)
    return figure


@styled
def pairs(table: Mapping[str, tuple[ArrayLike, ArrayLike]], names: tuple[str, str], xlabel: str) -> Figure:
    """Draw two measurements a lane, one point a seed, and a line between their means.

    Args:
        table: lane -> two measurements, each (seeds,).
        names: what the two are.
        xlabel: what is measured.
    """
    figure, axes = panels(1, 1, (7.2, 0.5 * len(table) + 1.3))
    axis = axes[0, 0]
    for lane, (name, both) in enumerate(table.items()):
        first, second = (numbers(name, values, (None,)) for values in both)
        axis.plot([first.mean(), second.mean()], [lane - 0.12, lane + 0.12], color=PALE, linewidth=6, zorder=0)
        for values, offset, colour, marker in ((first, -0.12, BLUE, "o"), (second, 0.12, VERMILLION, "s")):
            label = {"o": names[0], "s": names[1]}[marker] if lane == 0 else None
            axis.plot(values, np.full(len(values), lane + offset), marker, color=colour, markersize=6, label=label)
    axis.set(xlabel=xlabel, yticks=range(len(table)), yticklabels=list(table), ylim=(len(table) - 0.5, -0.5))
    axis.set_xlim(0, 1)
    axis.tick_params(axis="y", length=0)
    axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return figure


@styled
def regions(images: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Draw images with the borders of their pooling regions, and each region's number.

    Args:
        images: title -> (image (rows, columns) from 0 to 1, region of each pixel (rows, columns) from 0 on).
    """
    figure, axes = panels(1, len(images), (2.6 * len(images), 2.9))
    for axis, (title, (image, found)) in zip(axes[0], images.items(), strict=True):
        pixels = numbers("image", image, (None, None))
        of = numbers("regions", found, pixels.shape)
        picture(axis, pixels, title)
        for row, column in np.argwhere(of[:, 1:] != of[:, :-1]):
            axis.plot([column + 0.5] * 2, [row - 0.5, row + 0.5], color=VERMILLION, linewidth=2)
        for row, column in np.argwhere(of[1:] != of[:-1]):
            axis.plot([column - 0.5, column + 0.5], [row + 0.5] * 2, color=VERMILLION, linewidth=2)
        for region in np.unique(of):
            row, column = np.argwhere(of == region).mean(axis=0)
            box = {"facecolor": "white", "edgecolor": VERMILLION, "pad": 2}
            axis.text(column, row, f"{region + 1:g}", ha="center", va="center", color=INK, bbox=box)
    return figure


def _draw_row(axis: Axes, places: ArrayLike, height: float, values: Numbers, changed: ArrayLike) -> None:
    for place, value, new in zip(np.asarray(places), values, np.asarray(changed), strict=True):
        look = {"fc": _CHANGED, "ec": VERMILLION, "linewidth": 2.2} if new else {"fc": "white", "ec": GREY}
        axis.add_patch(Rectangle((place - 0.42, height - 0.34), 0.84, 0.68, **look))
        axis.text(place, height, short(value), ha="center", va="center", fontweight="bold" if new else "normal")
