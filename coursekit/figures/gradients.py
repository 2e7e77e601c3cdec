"""Figures about slopes: finite differences, activation functions, bends, gradients by depth (lecture 02).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
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
    VERMILLION,
    Numbers,
    class_index,
    numbers,
    panels,
    short,
    styled,
)


@styled
def error_against_step(steps: ArrayLike, errors: Mapping[str, ArrayLike], chosen: float | None = None) -> Figure:
    """Draw relative errors of finite differences against the step, both axes logarithmic.

    Args:
        steps: (m,) positive steps h.
        errors: name -> (m,) relative errors; an error of exactly 0 is left out.
        chosen: a step to mark.
    """
    h = numbers("steps", steps, (None,))
    figure, axes = panels(1, 1, (7.2, 4.0))
    axis = axes[0, 0]
    for i, (name, values) in enumerate(errors.items()):
        drawn = numbers(name, values, h.shape)
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4], "marker": MARKERS[i % 4]}
        axis.plot(h, np.where(drawn > 0, drawn, np.nan), label=name, markersize=5, **look)
    if chosen is not None:
        axis.axvline(chosen, color=GREY, linewidth=1)
        where = axis.get_xaxis_transform()
        axis.text(chosen, 1, f" h = {chosen:g}", transform=where, ha="left", va="top", color=INK)
    axis.set(xscale="log", yscale="log", xlabel="step h", ylabel="relative error of the gradient")
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), handlelength=3)
    return figure


@styled
def activations(z: ArrayLike, units: Mapping[str, tuple[ArrayLike, ArrayLike]], columns: int = 4) -> Figure:
    """Draw each unit's output (solid) and slope (dashed), one panel a unit, all on the same axes.

    Args:
        z: (m,) increasing inputs.
        units: name -> ((m,) outputs, (m,) slopes).
        columns: how many panels to put in a row.
    """
    x = numbers("z", z, (None,))
    columns = min(columns, len(units))
    rows = -(-len(units) // columns)
    figure, axes = panels(rows, columns, (2.3 * columns, 2.3 * rows), sharex=True, sharey=True)
    for axis in axes.flat[len(units) :]:
        axis.axis("off")
    for axis, (name, (outputs, slopes)) in zip(axes.flat, units.items(), strict=False):
        axis.axhline(0, color=GREY, linewidth=0.8)
        axis.axvline(0, color=GREY, linewidth=0.8)
        axis.plot(x, numbers(f"outputs of {name}", outputs, x.shape), color=BLUE, label="output")
        axis.plot(x, numbers(f"slopes of {name}", slopes, x.shape), "--", color=VERMILLION, label="slope")
        axis.set_title(name)
        axis.set(xlim=x[[0, -1]], ylim=(-1.9, 3.1))
    axes[0, 0].legend(frameon=False, loc="upper left", handlelength=1.6, fontsize=9, borderpad=0)
    for axis in axes[-1]:
        axis.set_xlabel("input z")
    return figure


@styled
def gradient_by_layer(sizes: Mapping[str, Sequence[float] | Numbers]) -> Figure:
    """Draw how large the gradient is in each layer, on a logarithmic axis, one curve a kind of unit.

    Args:
        sizes: name -> (layers,) positive sizes, the layer next to the input first.
    """
    figure, axes = panels(1, 1, (7.0, 3.4))
    axis = axes[0, 0]
    layers = len(next(iter(sizes.values())))
    for i, (name, values) in enumerate(sizes.items()):
        look = {"color": COLOURS[i % 4], "linestyle": DASHES[i % 4], "marker": MARKERS[i % 4]}
        axis.plot(np.arange(1, layers + 1), numbers(name, values, (layers,)), label=name, markersize=6, **look)
    axis.set(xlabel="layer, from the input (1) to the loss", ylabel="mean size of the gradient", yscale="log")
    axis.set_xticks(range(1, layers + 1))
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1), handlelength=3)
    return figure


@styled
def two_planes(
    inputs: ArrayLike, hidden: ArrayLike, labels: Sequence[int], names: Sequence[str], line: ArrayLike
) -> Figure:
    """Draw the same points before and after a hidden layer of two units, and the line that then parts them.

    Args:
        inputs: (n, 2) points as they come in.
        hidden: (n, 2) outputs of the two hidden units for them.
        labels: n classes, 0 or 1.
        names: the names of the two classes.
        line: (3,) a, b and c of the line ``a h1 + b h2 + c = 0`` in the hidden plane; b is not 0.
    """
    before = numbers("inputs", inputs, (None, 2))
    after = numbers("hidden", hidden, before.shape)
    a, b, c = numbers("line", line, (3,))
    figure, axes = panels(1, 2, (7.6, 3.5))
    for axis, points, title in zip(axes[0], (before, after), ("inputs", "hidden units"), strict=True):
        for i, (point, label) in enumerate(zip(points, labels, strict=True)):
            kind = class_index(f"labels[{i}]", label, 2)
            axis.plot(*point, MARKERS[kind], color=COLOURS[kind], markersize=12)
        for point in np.unique(points, axis=0):
            text = " and ".join(f"({short(p)}, {short(q)})" for p, q in before[(points == point).all(axis=1)])
            below = points is after and b * (a * point[0] + b * point[1] + c) < 0  # away from the line
            axis.annotate(text, point, (0, -22 if below else 12), textcoords="offset points", ha="center", fontsize=9)
        room = 0.35 * np.ptp(points, axis=0).max()
        axis.set(title=title, xlim=_around(points[:, 0], room), ylim=_around(points[:, 1], room))
    axes[0, 0].set(xlabel="$x_1$", ylabel="$x_2$")
    axes[0, 1].set(xlabel="$h_1$", ylabel="$h_2$")
    reach = np.array(axes[0, 1].get_xlim())
    axes[0, 1].plot(reach, -(a * reach + c) / b, color=INK, linestyle="--", linewidth=1.6, scalex=False, scaley=False)
    kinds = [axes[0, 0].plot([], [], MARKERS[kind], color=COLOURS[kind], label=names[kind])[0] for kind in (0, 1)]
    figure.legend(handles=kinds, loc="outside right center", frameon=False)
    return figure


@styled
def bends(x: ArrayLike, target: ArrayLike, fits: Mapping[int, ArrayLike]) -> Figure:
    """Draw a function and its approximations by sums of bends, one panel an approximation, with the largest error.

    Args:
        x: (m,) increasing.
        target: (m,) the function.
        fits: number of hidden units -> (m,) approximation.
    """
    at = numbers("x", x, (None,))
    truth = numbers("target", target, at.shape)
    figure, axes = panels(1, len(fits), (3.0 * len(fits), 2.9), sharey=True)
    for axis, (units, values) in zip(axes[0], fits.items(), strict=True):
        fit = numbers(f"fit with {units} units", values, at.shape)
        axis.plot(at, truth, color=INK, linewidth=1.2, label="function")
        axis.plot(at, fit, "--", color=VERMILLION, label="network")
        axis.set_title(f"{units} units: off by at most {short(np.abs(fit - truth).max())}", fontsize=10)
        axis.set_xlabel("x")
    axes[0, 0].legend(frameon=False, loc="best", handlelength=2)
    return figure


def _around(values: Numbers, room: float) -> tuple[float, float]:
    return values.min() - room, values.max() + room
