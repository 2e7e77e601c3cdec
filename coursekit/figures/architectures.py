"""Figures about published networks: errors by year, what a removal costs, memory, Inception modules (lecture 07).

Numbers come in computed or cited; these functions only draw. Each returns a matplotlib Figure.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from numpy.typing import ArrayLike

from coursekit.figures.ledgers import Row
from coursekit.figures.style import BLUE, COLOURS, GREY, INK, MARKERS, VERMILLION, numbers, panels, short, styled

MEBIBYTE = 2**20
BYTES = 4  # of a float32
# How the names of a module's layers end, branch by branch, from below.
_BRANCHES = (("_1x1",), ("_3x3_reduce", "_3x3"), ("_5x5_reduce", "_5x5"), ("_pool", "_pool_proj"))


@styled
def timeline(entries: Sequence[tuple[int, str, float, bool]], human: float) -> Figure:
    """Draw the top-5 errors of a challenge, one bar an entry, in the order given.

    Args:
        entries: (year, name, error in percent, whether it is a convolutional network); the others are hatched.
        human: a person's error in percent, a dashed line.
    """
    figure, axes = panels(1, 1, (1.05 * len(entries) + 1.2, 3.8))
    axis = axes[0, 0]
    for place, (_, _, error, network) in enumerate(entries):
        look = {"color": BLUE} if network else {"color": "white", "edgecolor": INK, "hatch": "///"}
        label = {True: "convolutional network", False: "hand-made features"}[network]
        named = [n for _, _, _, n in entries[:place]]
        axis.bar(place, error, 0.68, label=None if network in named else label, **look)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        axis.annotate(f"{error:g}", (place, error), (0, 4), textcoords="offset points", ha="center", bbox=box, zorder=3)
    axis.axhline(human, color=VERMILLION, linestyle="--", linewidth=1.6)
    axis.text(len(entries) - 0.35, human, f"one person:\n{human:g}", color=VERMILLION, va="center")
    axis.set_xticks(range(len(entries)), [f"{name}\n{year}" for year, name, _, _ in entries])
    axis.set(ylabel="top-5 error, %", xlim=(-0.6, len(entries) - 0.4))
    axis.legend(frameon=False, loc="upper right")
    return figure


@styled
def removals(parameters: Mapping[str, float], lost: Mapping[str, ArrayLike], xlabels: tuple[str, str]) -> Figure:
    """Draw what each removal saves, and what it costs: one point a seed, a bar at their mean.

    Args:
        parameters: what was removed -> what it saves.
        lost: the same names -> what it costs, (seeds,).
        xlabels: of the two panels.
    """
    figure, axes = panels(1, 2, (9.6, 0.52 * len(parameters) + 1.3), sharey=True)
    lanes = np.arange(len(parameters))
    axes[0, 0].barh(lanes, list(parameters.values()), 0.55, color=BLUE)
    for lane, value in zip(lanes, parameters.values(), strict=True):
        axes[0, 0].annotate(short(value), (value, lane), (4, 0), textcoords="offset points", va="center")
    axes[0, 0].set(xlim=(0, 1.2 * max(parameters.values())))
    for place, name in enumerate(parameters):
        values = numbers(name, lost[name], (None,))
        axes[0, 1].barh(place, values.mean(), 0.55, color="#F2C9AE")
        axes[0, 1].plot(values, np.full(len(values), place), "o", color=VERMILLION, markersize=5)
    axes[0, 1].axvline(0, color=GREY, linewidth=1)
    axes[0, 0].set(yticks=lanes, yticklabels=list(parameters), ylim=(len(lanes) - 0.5, -0.5))
    for axis, label in zip(axes[0], xlabels, strict=True):
        axis.set_xlabel(label)
        axis.tick_params(axis="y", length=0)
    return figure


@styled
def points(values: Mapping[str, ArrayLike], xlabel: str) -> Figure:
    """Draw one lane a name, one point a seed, and a line at the lane's mean.

    Args:
        values: name -> (seeds,).
        xlabel: what is measured.
    """
    figure, axes = panels(1, 1, (7.2, 0.45 * len(values) + 0.9))
    axis = axes[0, 0]
    for lane, (name, each) in enumerate(values.items()):
        measured = numbers(name, each, (None,))
        axis.plot([measured.mean()] * 2, [lane - 0.3, lane + 0.3], color=INK, linewidth=2)
        axis.plot(measured, np.full(len(measured), lane), "o", color=VERMILLION, markersize=6)
    axis.set(yticks=range(len(values)), yticklabels=list(values), ylim=(len(values) - 0.5, -0.5), xlabel=xlabel)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    return figure


@styled
def memory(rows: Sequence[Row], title: str = "") -> Figure:
    """Draw what each layer needs in memory for one image, in MiB of float32: its outputs, and its weights.

    Args:
        rows: of a ledger; layers that keep nothing of their own are best left out.
        title: above both panels.
    """
    figure, axes = panels(1, 2, (9.6, 1.1 + 0.25 * len(rows)), sharey=True)
    outputs = [BYTES * np.prod([n or 1 for n in row.output_shape]) / MEBIBYTE for row in rows]
    weights = [BYTES * row.params / MEBIBYTE for row in rows]
    for axis, name, values, colour in (
        (axes[0, 0], "outputs, one image", outputs, BLUE),
        (axes[0, 1], "weights", weights, VERMILLION),
    ):
        axis.barh(range(len(rows)), values, color=colour)
        for place, value in enumerate(values):
            if value:
                axis.annotate(short(value), (value, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
        axis.set(title=f"{name}: {sum(values):.0f} MiB", xticks=[], xlim=(0, 1.2 * max(values)))
        axis.spines["bottom"].set_visible(False)
    axes[0, 0].set(yticks=range(len(rows)), yticklabels=[row.name for row in rows], ylim=(len(rows) - 0.4, -0.6))
    if title:
        figure.suptitle(title)
    return figure


@styled
def parts(table: Mapping[str, Sequence[float]], names: Sequence[str], xlabel: str) -> Figure:
    """Draw one bar a lane, made of up to four parts side by side, with the lane's sum at its end.

    Args:
        table: lane -> the sizes of its parts.
        names: of the parts.
        xlabel: what is counted.
    """
    figure, axes = panels(1, 1, (8.4, 0.42 * len(table) + 1.3))
    axis, hatches = axes[0, 0], ("", "///", "...", "xx")
    sizes = numbers("table", list(table.values()), (None, len(names)))
    for k, name in enumerate(names):
        look = {"color": COLOURS[k], "hatch": hatches[k], "edgecolor": "white", "linewidth": 0}
        axis.barh(list(table), sizes[:, k], 0.62, sizes[:, :k].sum(axis=1), label=name, **look)
    for lane, total in enumerate(sizes.sum(axis=1)):
        axis.annotate(short(total), (total, lane), (4, 0), textcoords="offset points", va="center")
    axis.set(xlabel=xlabel, xlim=(0, 1.1 * sizes.sum(axis=1).max()), ylim=(len(table) - 0.5, -0.5))
    axis.tick_params(axis="y", length=0)
    axis.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(names))
    return figure


@styled
def stacks(depths: Mapping[str, tuple[int, float]], field: int = 7) -> Figure:
    """Draw how small kernels on top of each other see what one large kernel sees, and what each costs.

    Args:
        depths: name -> (layers of equal kernels that together see `field` pixels, weights in units of C²).
        field: pixels across.
    """
    figure, axes = panels(1, len(depths), (3.0 * len(depths), 3.3))
    for axis, (name, (layers, weights)) in zip(axes[0], depths.items(), strict=True):
        reach = (field - 1) // (2 * layers)  # pixels a layer adds on each side
        for level in range(layers + 1):
            half = reach * (layers - level)
            for place in range(-half, half + 1):
                axis.plot(place, level, "s", color=VERMILLION if level == layers else BLUE, markersize=9)
                if level < layers and abs(place) <= half:
                    for above in range(max(place - reach, reach - half), min(place + reach, half - reach) + 1):
                        axis.plot([place, above], [level, level + 1], color=GREY, linewidth=0.7, zorder=0)
        axis.set(title=f"{name}\n{weights:g} C² weights", xticks=[], xlim=(-field / 2 - 0.3, field / 2 + 0.3))
        axis.set(yticks=range(layers + 1), yticklabels=["input", *(f"layer {i + 1}" for i in range(layers))])
        axis.set_ylim(-0.4, 3.4)
        axis.tick_params(length=0)
        axis.spines[:].set(visible=False)
    return figure


@styled
def modules(table: Mapping[str, Sequence[Row]]) -> Figure:
    """Draw Inception modules side by side: branches of boxes, from the maps that come in to those that are stacked.

    Args:
        table: title -> the rows of one module's ledger, with the names that `coursekit.models.googlenet` gives.
    """
    figure, axes = panels(1, len(table), (5.6 * len(table), 3.6))
    for axis, (title, rows) in zip(axes[0], table.items(), strict=True):
        found = [[row for end in branch for row in rows if row.name.endswith(end)] for branch in _BRANCHES]
        for column, branch in enumerate(found):
            axis.plot([column, column], [0.1, 3.1], color=GREY, linewidth=1.4, zorder=0)
            for height, row in zip((1.6,) if len(branch) == 1 else (0.95, 2.25), branch, strict=True):
                what = row.name.partition("_")[2].replace("_", "\n").replace("x", " × ")
                work = f"\n{short(row.macs / 1e6)} M" if row.macs else ""
                _box(axis, column, height, f"{what}\n{row.output_shape[-1]} maps{work}", BLUE)
        for height in (0.1, 3.1):
            axis.plot([0, len(found) - 1], [height, height], color=GREY, linewidth=1.4, zorder=0)
        stacked = sum(branch[-1].output_shape[-1] or 0 for branch in found)
        arriving = found[-1][0].output_shape[-1]  # pooling leaves their number as it is
        for height, words in ((3.35, f"{stacked} maps stacked"), (-0.15, f"{arriving} maps come in")):
            axis.text((len(found) - 1) / 2, height, words, ha="center", va="center")
        axis.set_title(f"{title}: {short(sum(row.macs for row in rows) / 1e6)} M multiply-adds")
        axis.set(xlim=(-0.55, len(found) - 0.45), ylim=(-0.35, 3.6))
        axis.axis("off")
    return figure


def _box(axis: Axes, x: float, y: float, words: str, colour: str) -> None:
    axis.add_patch(
        FancyBboxPatch((x - 0.42, y - 0.5), 0.84, 1.0, boxstyle="round,pad=0,rounding_size=0.06", fc="white", ec=colour)
    )
    axis.text(x, y, words, ha="center", va="center", fontsize=10)


@styled
def trade(networks: Mapping[str, tuple[float, float, float]]) -> Figure:
    """Draw networks by work and parameters, on logarithmic axes, with their errors beside them.

    Args:
        networks: name -> (parameters in M, multiply-adds in G, error in percent).
    """
    figure, axes = panels(1, 1, (6.8, 4.0))
    axis = axes[0, 0]
    for i, (name, (parameters, work, error)) in enumerate(networks.items()):
        axis.plot(work, parameters, MARKERS[i % 4], color=COLOURS[i % 4], markersize=12)
        axis.annotate(f"{name}\n{error:g} %", (work, parameters), (10, -4), textcoords="offset points", va="center")
    axis.set(xscale="log", yscale="log", xlabel="multiply-adds an image, G", ylabel="parameters, M")
    lows, highs = np.min(list(networks.values()), axis=0), np.max(list(networks.values()), axis=0)
    axis.set(xlim=(lows[1] / 1.6, highs[1] * 3.2), ylim=(lows[0] / 1.7, highs[0] * 1.7))
    ticks = ((axis.xaxis, (0.5, 1, 2, 5, 10, 20)), (axis.yaxis, (5, 10, 20, 50, 100, 200)))
    for each, places in ticks:
        each.set_ticks(places, [f"{place:g}" for place in places])
        each.set_ticks([], minor=True)
    return figure
