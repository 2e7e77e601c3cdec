"""Figures of loss surfaces: planes as contours and lines as curves, several networks on one scale (lecture 08).

Arrays come in computed; these functions only draw.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from coursekit.figures.style import COLOURS, DASHES, INK, MARKERS, SEQUENTIAL, numbers, panels, styled

LEVELS = 12


@styled
def contours(offsets: ArrayLike, losses: Mapping[str, ArrayLike], top: float | None = None) -> Figure:
    """Draw planes of losses side by side, with the same contours and colours; ``×`` is the network itself.

    Args:
        offsets: (m,) distances along either direction.
        losses: title -> (m, m) positive losses; rows go up.
        top: the last contour; what is higher has its colour. The highest finite loss if not given.
    """
    x = numbers("offsets", offsets, (None,))
    planes = {title: np.asarray(values, dtype=np.float64) for title, values in losses.items()}
    finite = [numbers(title, values, (len(x), len(x)))[np.isfinite(values)] for title, values in planes.items()]
    low = max(min(values.min() for values in finite), 1e-6)
    high = max(top or max(values.max() for values in finite), 1.01 * low)
    levels, norm = np.geomspace(low, high, LEVELS), LogNorm(low, high)
    figure, axes = panels(1, len(planes), (3.3 * len(planes) + 0.9, 3.4), sharex=True, sharey=True)
    for axis, (title, values) in zip(axes[0], planes.items(), strict=True):
        clipped = np.nan_to_num(values, nan=high, posinf=high).clip(low, high)
        axis.contourf(x, x, clipped, levels, norm=norm, cmap=SEQUENTIAL, extend="max")
        lines = axis.contour(x, x, clipped, levels[::2], colors="white", linewidths=0.7)
        for text in axis.clabel(lines, fmt="%.2g", fontsize=8):
            text.set_color("white")
        axis.plot(0, 0, "x", color="white", markersize=9, markeredgewidth=2.2)
        axis.set(title=title, xlabel="first direction", aspect="equal")
    axes[0, 0].set_ylabel("second direction")
    bar = figure.colorbar(ScalarMappable(norm, SEQUENTIAL), ax=axes, label="loss", ticks=levels[::2], format="%.2g")
    bar.minorticks_off()
    return figure


@styled
def slices(offsets: ArrayLike, losses: Mapping[str, ArrayLike], ylabel: str = "loss", log: bool = True) -> Figure:
    """Draw losses along a line through the weights; offset 0 is the network itself.

    Args:
        offsets: (m,) distances along the direction.
        losses: name -> (m,) losses.
        ylabel: what is measured.
        log: use a logarithmic axis, for positive numbers.
    """
    x = numbers("offsets", offsets, (None,))
    figure, axes = panels(1, 1, (6.6, 3.5))
    axis = axes[0, 0]
    for i, (name, values) in enumerate(losses.items()):
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4], "marker": MARKERS[i % 4]}
        y = numbers(name, values, x.shape)
        axis.plot(x, y, label=name, markevery=max(1, len(x) // 8), markersize=6, linewidth=1.8, **look)
    axis.axvline(0, color=INK, linewidth=0.8)
    axis.set(xlabel="distance along the direction", ylabel=ylabel, yscale="log" if log else "linear")
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), handlelength=3)
    return figure
