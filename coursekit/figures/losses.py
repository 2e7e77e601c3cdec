"""Figures about losses: margins, curves, penalties, triplets (lecture 01).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from coursekit.figures.style import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    INK,
    MARKERS,
    ORANGE,
    PALE,
    VERMILLION,
    Numbers,
    class_index,
    numbers,
    panels,
    short,
    styled,
)


@styled
def margins(scores: ArrayLike, labels: Sequence[int], names: Sequence[str], margin: float = 1.0) -> Figure:
    """Draw every example's scores on a line, and how far each wrong class reaches into the margin.

    Args:
        scores: (n, k), one row an example.
        labels: the n true classes.
        names: the k class names.
        margin: distance asked for, in units of the scores.
    """
    table = numbers("scores", scores, (None, len(names)))
    figure, axes = panels(1, len(table), (2.5 * len(table) + 0.9, 2.4), sharex=True, sharey=True)
    for i, (axis, row, label) in enumerate(zip(axes[0], table, labels, strict=True)):
        _draw_margins(axis, row, class_index(f"labels[{i}]", label, len(names)), names, margin)
    axes[0, 0].set_xlim(table.min() - 1.5 - margin, table.max() + 2)
    return figure


@styled
def score_frame(
    scores: ArrayLike,
    label: int,
    names: Sequence[str],
    bars: Mapping[str, ArrayLike],
    margin: float = 1.0,
) -> Figure:
    """Draw one example: its scores and margin, then one panel of class bars for each entry of ``bars``.

    This is the still picture of the interactive ``score_lab``.

    Args:
        scores: (k,).
        label: the true class.
        names: the k class names.
        bars: panel title -> (k,) values.
        margin: distance asked for, in units of the scores.
    """
    row = numbers("scores", scores, (len(names),))
    label = class_index("label", label, len(names))
    widths = [1.3] + [1.0] * len(bars)
    size = (3.2 + 1.8 * len(bars), 2.4)
    figure, axes = panels(1, 1 + len(bars), size, sharey=True, widths=widths)
    _draw_margins(axes[0, 0], row, label, names, margin)
    axes[0, 0].set_xlim(row.min() - 1.5 - margin, row.max() + 2)
    for axis, (title, values) in zip(axes[0, 1:], bars.items(), strict=True):
        _draw_bars(axis, numbers(title, values, (len(names),)), label)
        axis.set_title(title)
    return figure


@styled
def class_bars(names: Sequence[str], bars: Mapping[str, ArrayLike], label: int | None = None) -> Figure:
    """Draw one panel a quantity and one bar a class, each bar with its number; ``label`` is hatched.

    Args:
        names: the k class names.
        bars: panel title -> (k,) values.
        label: the true class, if there is one to mark.
    """
    if label is not None:
        class_index("label", label, len(names))
    figure, axes = panels(1, len(bars), (2.4 * len(bars) + 1, 0.5 * len(names) + 1), sharey=True)
    for axis, (title, values) in zip(axes[0], bars.items(), strict=True):
        _draw_bars(axis, numbers(title, values, (len(names),)), label)
        axis.set_title(title)
    _name_lanes(axes[0, 0], names)
    return figure


@styled
def hinge_curve(margins: Sequence[float] = (0.0, 1.0, 3.0)) -> Figure:
    """Draw one term of the hinge loss, max(0, s_j - s_y + margin), for each of the margins."""
    figure, axes = panels(1, 1, (7.0, 3.6))
    axis = axes[0, 0]
    first = -max(margins) - 2  # every curve starts with a stretch of 0
    lead = np.linspace(first, 3, 400)
    for i, margin in enumerate(margins):
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4]}
        axis.plot(lead, np.maximum(0, lead + margin), **look)
        text = f"margin {margin:g}"
        axis.annotate(text, (3, 3 + margin), (6, 0), textcoords="offset points", va="center", color=INK)
    axis.axvline(0, color=GREY, linewidth=1)
    axis.text(-0.1, 0.97, "correct class ahead ", transform=axis.get_xaxis_transform(), ha="right", va="top")
    axis.text(0.1, 0.97, " wrong ahead", transform=axis.get_xaxis_transform(), ha="left", va="top")
    axis.set(
        xlabel="wrong score minus correct score, $s_j - s_y$",
        ylabel="term of the hinge loss",
        xlim=(first, 3),
        ylim=(-0.1, 1.15 * (3 + max(margins))),  # room for the words above the curves
    )
    return figure


@styled
def loss_comparison(lead: ArrayLike, curves: Mapping[str, ArrayLike], margin: float = 1.0) -> Figure:
    """Draw losses against the lead of the correct class over the best wrong one.

    Args:
        lead: (m,) increasing values of ``s_y - max s_j``.
        curves: name -> (m,) losses.
        margin: the lead from which the hinge is indifferent.
    """
    x = numbers("lead", lead, (None,))
    figure, axes = panels(1, 1, (7.0, 3.6))
    axis = axes[0, 0]
    axis.axvspan(margin, x[-1], color=PALE, zorder=0)
    for (name, values), colour, dash in zip(curves.items(), COLOURS, DASHES, strict=False):
        axis.plot(x, numbers(name, values, x.shape), color=colour, linestyle=dash, label=name)
    axis.axvline(0, color=GREY, linewidth=1)
    axis.text(margin + 0.1, 0.5, "hinge is indifferent", transform=axis.get_xaxis_transform(), ha="left", va="center")
    axis.set(xlabel="correct score minus best wrong score", ylabel="loss of one example", xlim=x[[0, -1]])
    axis.legend(frameon=False, loc="upper right", handlelength=3)
    return figure


@styled
def penalty_shapes(x: ArrayLike, target: float, smallest_l1: ArrayLike, smallest_l2: ArrayLike) -> Figure:
    """Draw all weights with ``w · x = target`` as a line, and where L1's diamond and L2's circle first touch it.

    Args:
        x: (2,) the input.
        target: the score that the weights should give.
        smallest_l1: (2,) the solution with the smallest ``|w1| + |w2|``.
        smallest_l2: (2,) the solution with the smallest ``w1² + w2²``.
    """
    x, l1, l2 = (
        numbers(name, values, (2,))
        for name, values in (("x", x), ("smallest_l1", smallest_l1), ("smallest_l2", smallest_l2))
    )
    r1, r2 = np.abs(l1).sum(), np.sqrt((l2**2).sum())
    reach = 1.6 * max(r1, r2)
    figure, axes = panels(1, 1, (4.6, 5.0))
    axis = axes[0, 0]
    diamond = Polygon([(r1, 0), (0, r1), (-r1, 0), (0, -r1)], fill=False, ec=VERMILLION, ls="--")
    circle = Circle((0, 0), r2, fill=False, ec=BLUE)
    for shape in (diamond, circle):
        shape.set_linewidth(2.2)
        axis.add_patch(shape)
    foot, along = target * x / (x @ x), np.array([-x[1], x[0]]) / np.sqrt(x @ x)
    line = foot + np.outer([-3 * reach, 3 * reach], along)
    axis.plot(line[:, 0], line[:, 1], color=INK, label=f"all w with score {target:g}")
    axis.plot(*l1, "s", color=VERMILLION, label=f"smallest L1: ({l1[0]:.2g}, {l1[1]:.2g})")
    axis.plot(*l2, "o", color=BLUE, label=f"smallest L2: ({l2[0]:.2g}, {l2[1]:.2g})")
    axis.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="$w_1$", ylabel="$w_2$")
    axis.set_aspect("equal")
    axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), fontsize=10)
    return figure


@styled
def triplet_gaps(gaps: Mapping[str, ArrayLike], margin: float = 0.2) -> Figure:
    """Draw histograms of d(a, n) - d(a, p), with the share of hard, semi-hard and easy triplets.

    Args:
        gaps: panel title -> (m,) squared distance to the negative minus squared distance to the positive.
        margin: what a triplet needs to be easy, in units of squared distance; more than 0.
    """
    values = {title: numbers(title, gap, (None,)) for title, gap in gaps.items()}
    everything = np.concatenate(list(values.values()))
    width = margin / 2  # so that both borders, 0 and the margin, fall between two bars
    first, last = np.floor(everything.min() / width), np.ceil(everything.max() / width)
    edges = np.arange(first, last + 1) * width
    size = (7.4, 2.0 * len(values) + 0.6)
    figure, axes = panels(len(values), 1, size, sharex=True, sharey=True)
    for axis, (title, gap) in zip(axes[:, 0], values.items(), strict=True):
        zones = {"hard": gap <= 0, "semi-hard": (gap > 0) & (gap < margin), "easy": gap >= margin}
        for (zone, chosen), colour, hatch in zip(
            zones.items(), (VERMILLION, ORANGE, BLUE), ("xxx", "///", ""), strict=True
        ):
            label = f"{zone} {chosen.mean():.0%}"
            axis.hist(gap[chosen], edges, color=colour, hatch=hatch, ec="white", label=label)
        axis.set_title(title, loc="left", fontsize=11)
        axis.set_ylabel("triplets")
        axis.legend(frameon=False, loc="upper right")
    axes[-1, 0].set_xlabel("$d(a, n) - d(a, p)$: how much farther the negative is")
    return figure


# Pieces ---------------------------------------------------------------------------------------------------------------


def _draw_margins(axis: Axes, scores: Numbers, label: int, names: Sequence[str], margin: float) -> None:
    edge = scores[label] - margin
    axis.axvspan(edge, 1e6, color=PALE, zorder=0)
    axis.axvline(edge, color=GREY, linewidth=1, linestyle="--")
    for lane, score in enumerate(scores):
        if lane != label and score > edge:
            axis.plot([edge, score], [lane, lane], color=VERMILLION, linewidth=5, solid_capstyle="butt")
            axis.text((edge + score) / 2, lane - 0.16, short(score - edge), ha="center", va="bottom")
        face = INK if lane == label else "white"
        axis.plot(score, lane, MARKERS[lane % 4], mec=INK, mfc=face, mew=1.8, zorder=3)
    loss = np.maximum(0, np.delete(scores, label) - edge).sum()
    axis.set(title=f"a {names[label]}: hinge loss {short(loss)}", xlabel="score")
    axis.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))
    _name_lanes(axis, names)


def _name_lanes(axis: Axes, names: Sequence[str]) -> None:
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.6)
    axis.tick_params(axis="y", length=0)


def _draw_bars(axis: Axes, values: Numbers, label: int | None) -> None:
    bars = axis.barh(range(len(values)), values, height=0.6, color=BLUE, edgecolor="white")
    if label is not None:
        bars[label].set_hatch("//")
    # The numbers stand right of the bars, and right of zero where a bar goes left: room is needed on one side only.
    low, high = min(0.0, values.min()), max(0.0, values.max())
    room = 0.6 * ((high - low) or 1.0)
    axis.set_xlim(low - (0.15 * room if low < 0 else 0), high + room)
    for lane, value in enumerate(values):
        axis.text(max(value, 0) + 0.07 * room, lane, short(value), ha="left", va="center", fontsize=10)
    axis.axvline(0, color=GREY, linewidth=1)
    axis.set_xticks([])  # every bar has its number
    axis.spines[["left", "bottom"]].set_visible(False)
    axis.set_ylim(len(values) - 0.5, -0.6)
    axis.tick_params(axis="y", length=0)
