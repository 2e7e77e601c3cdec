"""Figures of computation graphs: boxes with values and gradients (lecture 02).

They draw what ``coursekit.scratch.graph.Value.draw`` returns, and do not need to know where it came from.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from coursekit.figures.style import GREY, INK, styled

Point = tuple[float, float]
PIXELS = 96  # an inch


class Layout(Protocol):
    """Where boxes and arrows go, in pixels from the upper left corner."""

    @property
    def size(self) -> Point:
        """Width and height of the picture."""

    @property
    def box(self) -> Point:
        """Width and height of a box."""

    @property
    def routes(self) -> Mapping[tuple[int, int], Sequence[Point]]:
        """Cubic Bézier curves: a start, then two control points and an end each."""


class Drawing(Protocol):
    """What ``Value.draw`` returns."""

    @property
    def boxes(self) -> Sequence[Any]:
        """The values, each with a ``centre``, ``lines`` of text and the ``sign`` of its operation."""

    @property
    def layout(self) -> Layout:
        """Where they go."""


@styled
def graph(drawing: Drawing) -> Figure:
    """Draw a computation graph, data flowing from left to right.

    Args:
        drawing: what ``coursekit.scratch.graph.Value.draw`` returned.
    """
    width, height = drawing.layout.size
    figure = Figure(figsize=(width / PIXELS, height / PIXELS))
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height, 0))
    axis.axis("off")
    for curve in drawing.layout.routes.values():
        path = Path(curve, [Path.MOVETO] + [Path.CURVE4] * (len(curve) - 1))
        axis.add_patch(PathPatch(path, fill=False, edgecolor=GREY, linewidth=1.3))
    wide, high = drawing.layout.box
    for box in drawing.boxes:
        x, y = box.centre
        frame = FancyBboxPatch((x - wide / 2, y - high / 2), wide, high, boxstyle="round,pad=0,rounding_size=4")
        frame.set(facecolor="white", edgecolor=INK, linewidth=1.2)
        axis.add_patch(frame)
        for row, (line, weight) in enumerate(zip(box.lines, ("bold", "normal", "normal"), strict=True)):
            axis.text(x + 6, y + 18 * (row - 1), line, ha="center", va="center", weight=weight, fontsize=9)
        if box.sign:  # on the left border, where the arrows arrive
            across = 18 + 6.5 * len(box.sign)
            corner = (x - wide / 2 - across / 2, y - 12)
            axis.add_patch(FancyBboxPatch(corner, across, 24, boxstyle="round,pad=0,rounding_size=12", color=INK))
            axis.text(x - wide / 2, y, box.sign, ha="center", va="center", color="white", fontsize=9)
    return figure
