"""Figures about depth: errors by seed, gradients by layer, paths, feature reuse (lecture 08).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError. Surfaces of the loss are in ``coursekit.figures.surfaces``.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from coursekit.figures.style import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    INK,
    MARKERS,
    SEQUENTIAL,
    VERMILLION,
    ink_on,
    numbers,
    panels,
    short,
    styled,
)


@styled
def degradation(curves: Mapping[str, ArrayLike], test: Mapping[str, ArrayLike], ylabel: str = "error") -> Figure:
    """Draw training errors over epochs, one thin line a seed, and beside them the test errors, one point a seed.

    Args:
        curves: network -> (seeds, epochs) training errors.
        test: the same networks -> (seeds,) test errors.
        ylabel: what is measured.
    """
    figure, axes = panels(1, 2, (8.6, 3.6), sharey=True, widths=(2.2, 1))
    left, right = axes[0]
    for i, (name, values) in enumerate(curves.items()):
        table = numbers(name, values, (None, None))
        epochs = np.arange(1, table.shape[1] + 1)
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4]}
        left.plot(epochs, table.T, linewidth=0.7, alpha=0.7, **look)
        left.plot(epochs, table.mean(axis=0), marker=MARKERS[i % 4], label=name, **look)
        points = numbers(name, test[name], (len(table),))
        right.plot(np.full(len(points), i), points, MARKERS[i % 4], color=COLOURS[i % 4], markersize=6, alpha=0.8)
        right.hlines(points.mean(), i - 0.3, i + 0.3, color=INK, linewidth=1.5)
    left.set(xlabel="epoch", ylabel=ylabel, title="training", xticks=epochs, ylim=(0, None))
    right.set(title="test", xticks=range(len(curves)), xticklabels=[name.replace(" ", "\n") for name in curves])
    right.set_xlim(-0.6, len(curves) - 0.4)
    figure.legend(*left.get_legend_handles_labels(), frameon=False, loc="outside upper center", ncols=4, handlelength=3)
    return figure


@styled
def by_layer(panels_: Mapping[str, Mapping[str, ArrayLike]], ylabel: str = "gradient norm") -> Figure:
    """Draw a number for each layer, from the input on, on one logarithmic axis for all panels.

    Args:
        panels_: title -> {network: (layers,) positive numbers}.
        ylabel: what is measured.
    """
    figure, axes = panels(1, len(panels_), (4.1 * len(panels_) + 0.4, 3.5), sharey=True)
    for axis, (title, lines) in zip(axes[0], panels_.items(), strict=True):
        for i, (name, values) in enumerate(lines.items()):
            y = numbers(name, values, (None,))
            look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4], "marker": MARKERS[i % 4]}
            axis.plot(np.arange(1, len(y) + 1), y, label=name, markevery=4, markersize=6, **look)
        axis.set(title=title, xlabel="layer, from the input", yscale="log")
        axis.legend(frameon=False, handlelength=3)
    axes[0, 0].set_ylabel(ylabel)
    return figure


@styled
def growth(
    depths: ArrayLike, measured: Mapping[str, ArrayLike], expected: Mapping[str, ArrayLike], ylabel: str
) -> Figure:
    """Draw measurements over depth as points, and what a formula says as lines through them.

    Args:
        depths: (m,) numbers of blocks.
        measured: name -> (m,) positive numbers.
        expected: the same names -> (m,).
        ylabel: what is measured.
    """
    x = numbers("depths", depths, (None,))
    figure, axes = panels(1, 1, (6.8, 3.7))
    axis = axes[0, 0]
    for i, (name, values) in enumerate(measured.items()):
        colour = COLOURS[i % 4]
        axis.plot(x, numbers(name, expected[name], x.shape), color=colour, linestyle=DASHES[i % 4], linewidth=1.6)
        axis.plot(x, numbers(name, values, x.shape), MARKERS[i % 4], color=colour, label=name, markersize=6)
    axis.set(xlabel="blocks", ylabel=ylabel, yscale="log")
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@styled
def path_bars(stacks: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Draw, for each stack of blocks, how many paths there are of each length and what gradient they carry.

    Args:
        stacks: title -> (paths (n + 1,), gradient together (n + 1,)), by the number of F's on the path.
    """
    figure, axes = panels(1, len(stacks), (5.2 * len(stacks), 3.6))
    for axis, (title, (counts, together)) in zip(axes[0], stacks.items(), strict=True):
        paths, carried = numbers("paths", counts, (None,)), numbers("gradient", together, (None,))
        if len(paths) != len(carried):
            raise ValueError(f"{len(paths)} counts and {len(carried)} gradients.\n  fix: pass one of each a length.")
        lengths = np.arange(len(paths))
        axis.bar(lengths - 0.2, paths / paths.sum(), 0.4, color=BLUE, label="share of the paths")
        axis.bar(lengths + 0.2, carried / np.abs(carried).sum(), 0.4, color=VERMILLION, hatch="//", edgecolor="white",
                 label="share of the gradient")  # fmt: skip
        axis.set(title=title, xlabel="F's on the path", xticks=lengths)
    axes[0, 0].set_ylabel("share")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), frameon=False, loc="outside lower center", ncols=2)
    return figure


@styled
def reuse(blocks: Mapping[str, ArrayLike], sources: Sequence[str]) -> Figure:
    """Draw how much each layer of a dense block weighs each source: heat maps with the numbers in them.

    Args:
        blocks: title -> (sources, readers) from 0 to 1; NaN where a layer cannot see a source.
        sources: what the rows are; columns are the readers, of which the last is what follows the block.
    """
    figure, axes = panels(1, len(blocks), (0.62 * (len(sources) + 2) * len(blocks) + 0.6, 0.5 * len(sources) + 1.3))
    for axis, (title, values) in zip(axes[0], blocks.items(), strict=True):
        table = np.asarray(values, dtype=np.float64)
        if table.ndim != 2 or len(table) != len(sources):
            raise ValueError(
                f"{title} has shape {table.shape}.\n  fix: pass one row for each of {len(sources)} sources."
            )
        shown = axis.imshow(table, cmap=SEQUENTIAL, vmin=0, vmax=1)
        for (row, column), value in np.ndenumerate(table):
            if np.isfinite(value):
                ink = ink_on(shown.cmap(value))
                axis.text(column, row, short(round(value, 2)), ha="center", va="center", fontsize=8, color=ink)
        names = [*(str(i + 1) for i in range(table.shape[1] - 1)), "next"]
        axis.set(title=title, xlabel="read by layer", yticks=range(len(sources)), yticklabels=sources)
        axis.set(xticks=range(len(names)), xticklabels=names)
        axis.tick_params(length=0)
        axis.spines[:].set(visible=False)
    axes[0, 0].set_ylabel("made by")
    figure.colorbar(
        shown, ax=axes, label="mean |weight|, of the largest", shrink=0.9, ticks=(0, 0.5, 1)
    ).outline.set_color(GREY)
    return figure
