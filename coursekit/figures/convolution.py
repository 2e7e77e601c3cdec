"""Figures about convolution: windows that slide, numbers in grids, filtered photographs, counts (lecture 03).

Arrays come in computed; these functions only draw. Each returns a matplotlib Figure and refuses wrong shapes with a
ValueError.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
    PALE,
    VERMILLION,
    Numbers,
    numbers,
    panels,
    picture,
    short,
    styled,
    symmetric,
)

WIDEST = 8.6
"""Inches; a wider figure would be shrunk to the page, and its text with it."""
_READ = "#CFE3F2"  # the window's pale blue, on which black numbers are read easily


@dataclass(frozen=True)
class Slide:
    """One panel of `slides`: a row of pixels and the windows that slide over it.

    Attributes:
        title: stands above.
        values: (n,) pixels, without padding.
        weights: (k,) as they lie on the pixels.
        outputs: (m,) what the windows give, from left to right.
        stride: pixels between windows.
        before: zeros padded at the left.
        after: zeros padded at the right.
        dilation: pixels between the taps of a window.
    """

    title: str
    values: ArrayLike
    weights: ArrayLike
    outputs: ArrayLike
    stride: int = 1
    before: int = 0
    after: int = 0
    dilation: int = 1


@styled
def slides(panels_: Sequence[Slide], columns: int = 2) -> Figure:
    """Draw each panel's pixels in a row and below it, one a line, its windows with their weights and their sums.

    Padding is dashed; pixels that no window reads are hatched.

    Raises:
        ValueError: if a window lies beyond the padded pixels.
    """
    columns = min(columns, len(panels_))
    lines = [len(np.asarray(each.outputs)) for each in panels_]
    most = [max(lines[first : first + columns]) for first in range(0, len(lines), columns)]  # in each row of panels
    heights = [0.95 + 0.42 * count for count in most]
    figure = Figure(figsize=(4.3 * columns, sum(heights)), layout="constrained")
    axes = figure.subplots(len(heights), columns, squeeze=False, height_ratios=heights)
    for axis in axes.flat[len(panels_) :]:
        axis.axis("off")
    for place, each in enumerate(panels_):
        _draw_slide(axes.flat[place], each, most[place // columns])
    return figure


@styled
def overlap(position: ArrayLike, signal: ArrayLike, windows: Mapping[float, ArrayLike], result: ArrayLike) -> Figure:
    """Draw a signal, its window at some shifts with the area that both cover, and that area as a function of the shift.

    Args:
        position: (n,) increasing places a, in any unit; also the shifts of ``result``.
        signal: (n,) the heights x(a).
        windows: shift t -> (n,) the heights w(t - a).
        result: (n,) the area s(t).
    """
    a = numbers("position", position, (None,))
    x, s = numbers("signal", signal, a.shape), numbers("result", result, a.shape)
    figure, axes = panels(1, len(windows) + 1, (2.0 * (len(windows) + 1) + 0.6, 2.5), sharey=True)
    for axis, (shift, window) in zip(axes[0], windows.items(), strict=False):
        w = numbers(f"windows[{shift}]", window, a.shape)
        axis.fill_between(a, np.minimum(x, w), color=_READ)
        axis.plot(a, x, color=INK, label="x(a)")
        axis.plot(a, w, color=VERMILLION, linestyle=DASHES[1], label="w(t − a)")
        axis.set(title=f"t = {short(shift)}", xlabel=f"a (area {short(float(np.interp(shift, a, s)))})")
    axes[0, 0].legend(frameon=False, loc="upper left", handlelength=1.6, fontsize=10)
    last = axes[0, -1]
    last.plot(a, s, color=BLUE)
    last.plot(list(windows), np.interp(list(windows), a, s), "o", color=BLUE)
    last.set(title="s(t) = (x * w)(t)", xlabel="t", ylim=(-0.05, 1.6 * float(max(x.max(), s.max()))))
    return figure


@styled
def grids(arrays: Mapping[str, ArrayLike], marks: Mapping[str, Collection[tuple[int, int]]] | None = None) -> Figure:
    """Draw small arrays side by side with their numbers; marked cells have a thick frame.

    Args:
        arrays: title -> (rows, columns); the shades of each array span its own range.
        marks: title -> (row, column) of the cells to frame, such as a window and the output it gives.
    """
    marks = marks or {}
    tables = {title: numbers(title, values, (None, None)) for title, values in arrays.items()}
    widths = [table.shape[1] for table in tables.values()]
    tall = max(table.shape[0] for table in tables.values())
    cell = min(0.44, WIDEST / (sum(widths) + 1.5 * len(widths)))
    size = (cell * (sum(widths) + 1.5 * len(widths)), cell * tall + 0.6)
    figure, axes = panels(1, len(tables), size, widths=[width + 0.5 for width in widths])
    for axis, (title, table) in zip(axes[0], tables.items(), strict=True):
        _draw_numbers(axis, table, tall)
        axis.set_title(title, loc="left")
        for row, column in marks.get(title, ()):
            axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec=BLUE, linewidth=2.6, zorder=3))
    return figure


@styled
def wirings(tables: Mapping[str, ArrayLike]) -> Figure:
    """Draw which weight connects which input with which output.

    Args:
        tables: title -> (outputs, inputs) whole numbers: 0 for no connection, k for weight number k. Up to four
            weights are lettered and coloured, more are numbered.
    """
    figure, axes = panels(1, len(tables), (WIDEST, 0.12 * WIDEST + 0.8), sharey=True)
    for axis, (title, values) in zip(axes[0], tables.items(), strict=True):
        table = numbers(title, values, (None, None))
        few = table.max() <= len(COLOURS)
        for (row, column), weight in np.ndenumerate(table):
            name = "" if not weight else "abcd"[int(weight) - 1] if few else f"{weight:g}"
            face = "white" if not weight else COLOURS[int(weight) - 1] if few else PALE
            axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fc=face, ec=GREY, linewidth=0.8))
            axis.text(column, row, name, ha="center", va="center", color="white" if few else INK, fontweight="bold")
        rows, columns = table.shape
        axis.set(title=title, xlabel="input pixel", xlim=(-0.6, columns - 0.4), ylim=(rows - 0.4, -0.6), aspect="equal")
        axis.set_xticks(range(columns))
        axis.set_yticks(range(rows))
        axis.tick_params(length=0)
        axis.spines[:].set(visible=False)
    axes[0, 0].set_ylabel("output pixel")
    return figure


@styled
def photos(
    images: Mapping[str, ArrayLike],
    captions: Mapping[str, str] | None = None,
    signed: Collection[str] = (),
    columns: int = 3,
) -> Figure:
    """Draw photographs or feature maps, each under its title and above its caption.

    Args:
        images: title -> (rows, columns) or (rows, columns, 3); values from 0 to 1 are shown, what lies beyond is cut.
        captions: title -> a few words, or a kernel by `kernel_text`.
        signed: titles of maps that are drawn in a diverging map with 0 in its middle; each has a scale of its own.
        columns: how many to put in a row.
    """
    captions = captions or {}
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    lines = max((caption.count("\n") + 1 for caption in captions.values()), default=0)
    width = min(3.1, WIDEST / columns)
    figure, axes = panels(rows, columns, (width * columns, rows * (0.68 * width + 0.25 + 0.2 * lines)))
    for axis in axes.flat[len(images) :]:
        axis.axis("off")
    for axis, (title, values) in zip(axes.flat, images.items(), strict=False):
        array = np.asarray(values, dtype=np.float64)
        if array.ndim == 3:
            array = numbers(title, array, (None, None, 3))
            picture(axis, array[..., 0])  # for its frame; the colours go on top
            axis.imshow(np.clip(array, 0, 1))
        else:
            # The few strongest responses would leave the rest pale: they share the darkest colour.
            norm = symmetric(np.quantile(np.abs(array), 0.99)) if title in signed else None
            picture(axis, array, norm=norm)
        axis.set_title(title)
        axis.set_xlabel(captions.get(title, ""), fontsize=10)
    return figure


@styled
def counts(bars: Mapping[str, int], label: str) -> Figure:
    """Draw one bar a count on a logarithmic axis, each with its number.

    Args:
        bars: name -> a count of 1 or more.
        label: what is counted.
    """
    values = numbers(label, list(bars.values()), (None,))
    if values.min() < 1:
        raise ValueError(f"{label} has the count {values.min():g}.\n  fix: a logarithmic axis needs 1 or more.")
    figure, axes = panels(1, 1, (7.6, 0.5 * len(bars) + 0.8))
    axis = axes[0, 0]
    axis.barh(list(bars), values, height=0.6, color=BLUE)
    for lane, value in enumerate(values):
        axis.text(value * 1.2, lane, f"{value:,.0f}", va="center")
    axis.set(xscale="log", xlabel=label, xlim=(1, 60 * values.max()), ylim=(len(bars) - 0.5, -0.5))
    axis.tick_params(axis="y", length=0)
    return figure


def kernel_text(kernel: ArrayLike) -> str:
    """Write a kernel as lines of text, for a caption: whole numbers as they are, others with two digits."""
    table = numbers("kernel", kernel, (None, None))
    words = [[f"{value:.2g}".replace("-", "−") for value in row] for row in table]
    return "\n".join("   ".join(row) for row in words)


# Pieces ---------------------------------------------------------------------------------------------------------------


def _draw_slide(axis: Axes, each: Slide, lines: int) -> None:
    values, weights = numbers("values", each.values, (None,)), numbers("weights", each.weights, (None,))
    outputs = numbers("outputs", each.outputs, (None,))
    padded = np.pad(values, (each.before, each.after))
    taps = each.stride * np.arange(len(outputs))[:, np.newaxis] + each.dilation * np.arange(len(weights))
    if taps.max() >= len(padded):
        raise ValueError(
            f"the last window of {each.title!r} reads pixel {taps.max()} of {len(padded)}.\n"
            "  fix: pass fewer outputs, or the padding that they need."
        )
    for place, value in enumerate(padded):
        inside = each.before <= place < each.before + len(values)
        frame = Rectangle((place - 0.5, -0.5), 1, 1, fc="white", ec=GREY, linewidth=1)
        frame.set(linestyle="-" if inside else "--", hatch="" if place in taps else "////")
        axis.add_patch(frame)
        axis.text(place, 0, short(value), ha="center", va="center", fontweight="bold", bbox=_HALO)
    for line, (window, output) in enumerate(zip(taps, outputs, strict=True), 1):
        axis.plot(window[[0, -1]], [line, line], color=BLUE, linewidth=1, zorder=0)
        for place, weight in zip(window, weights, strict=True):
            axis.add_patch(Rectangle((place - 0.44, line - 0.4), 0.88, 0.8, fc=_READ, ec=BLUE, linewidth=1))
            axis.text(place, line, f"×{short(weight)}", ha="center", va="center")
        axis.text(len(padded) - 0.1, line, f"= {short(output)}", va="center")
    axis.set(xlim=(-0.7, len(padded) + 0.9), ylim=(lines + 0.6, -0.7), xticks=[], yticks=[])
    axis.set_title(each.title, loc="left", fontsize=11)
    axis.spines[:].set(visible=False)


_HALO = {"facecolor": "white", "edgecolor": "none", "pad": 1}


def _draw_numbers(axis: Axes, table: Numbers, tall: int) -> None:
    """Draw an array's numbers on its shades, at the top of a frame that is ``tall`` cells high."""
    norm = symmetric(2.2 * table)  # pale enough for black numbers
    axis.imshow(table, cmap="PuOr", norm=norm)
    size = 11 if max(len(short(value)) for value in table.flat) <= 3 else 9
    for (row, column), value in np.ndenumerate(table):
        axis.text(column, row, short(value), ha="center", va="center", fontsize=size)
    rows, columns = table.shape
    axis.set(xticks=[], yticks=[], xlim=(-0.55, columns - 0.45), ylim=(max(rows, tall) - 0.45, -0.55))
    axis.spines[:].set(visible=False)
    for row, column in np.ndindex(rows, columns):
        axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec=GREY, linewidth=0.6))
