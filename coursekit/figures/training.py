"""Figures about training: paths down a loss, and losses against steps or epochs (lecture 02).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from coursekit.figures.style import COLOURS, DASHES, INK, MARKERS, SEQUENTIAL, numbers, panels, styled


@styled
def descents(w1: ArrayLike, w2: ArrayLike, losses: ArrayLike, paths: Mapping[str, ArrayLike]) -> Figure:
    """Draw a loss over two weights as contours, and one walk down it in each panel; ``×`` is the lowest point.

    Args:
        w1: (m,) values of the first weight.
        w2: (n,) values of the second.
        losses: (n, m), positive.
        paths: title -> (steps, 2) the places of a walk, its start first.
    """
    across, up = numbers("w1", w1, (None,)), numbers("w2", w2, (None,))
    surface = numbers("losses", losses, (len(up), len(across)))
    row, column = np.unravel_index(surface.argmin(), surface.shape)
    levels = np.geomspace(surface.min() * 1.05, surface.max(), 9)
    figure, axes = panels(1, len(paths), (2.9 * len(paths) + 0.6, 3.3), sharex=True, sharey=True)
    for axis, (title, path) in zip(axes[0], paths.items(), strict=True):
        places = numbers(title, path, (None, 2))
        drawn = axis.contour(across, up, surface, levels, cmap=SEQUENTIAL, linewidths=1.2)
        axis.plot(across[column], up[row], "x", color=INK, markersize=9, markeredgewidth=2, zorder=3)
        axis.plot(*places.T, "o-", color=COLOURS[1], linewidth=1.3, markersize=3.5, scalex=False, scaley=False)
        axis.plot(*places[0], "s", color=INK, markersize=7)
        axis.set(title=title, xlabel="$w_1$", xlim=across[[0, -1]], ylim=up[[0, -1]])
    axes[0, 0].set_ylabel("$w_2$")
    figure.colorbar(drawn, ax=axes, label="loss", format="%.2g", shrink=0.9)
    return figure


@styled
def loss_curves(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    xlabel: str,
    ylabel: str = "loss",
    top: float | None = None,
    bottom: float | None = None,
) -> Figure:
    """Draw losses during training on a logarithmic axis; every curve has its own dash and a marker now and then.

    Args:
        curves: name -> ((m,) steps or epochs, (m,) losses); lengths may differ between curves.
        xlabel: what is counted.
        ylabel: what is measured.
        top: upper limit of the loss axis, for curves that leave the picture.
        bottom: lower limit.
    """
    figure, axes = panels(1, 1, (7.4, 3.7))
    axis = axes[0, 0]
    for i, (name, (steps, losses)) in enumerate(curves.items()):
        x = numbers(f"steps of {name}", steps, (None,))
        y = numbers(f"losses of {name}", losses, x.shape)
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4], "marker": MARKERS[i % 4]}
        axis.plot(x, y, label=name, markevery=max(1, len(x) // 8), markersize=6, linewidth=1.8, **look)
    axis.set(xlabel=xlabel, ylabel=ylabel, yscale="log")
    axis.set_ylim(bottom, top)
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), handlelength=3)
    return figure
