"""A network's ledger as a table and as a picture (lectures 06 to 08).

Rows are whatever has the attributes of ``coursekit.models.LayerRow``; these functions only draw.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from coursekit.figures.style import BLUE, VERMILLION, panels, styled

HEADINGS = ("layer", "output", "parameters", "multiply-adds", "sees")


class Row(Protocol):
    """One layer: see ``coursekit.models.LayerRow``."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def output_shape(self) -> tuple[int | None, ...]: ...  # noqa: D102
    @property
    def params(self) -> int: ...  # noqa: D102
    @property
    def macs(self) -> int: ...  # noqa: D102
    @property
    def receptive_field(self) -> int | tuple[int, ...] | None: ...  # noqa: D102


@dataclass(frozen=True)
class Table:
    """A ledger to print or, in a notebook, to show; ``cells`` holds its text, a heading and a total around the rows."""

    cells: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.cells, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in self.cells
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body, last = ([html.escape(cell) for cell in line] for line in self.cells)
        return (
            "<table><thead><tr>"
            + "".join(f'<th scope="col">{cell}</th>' for cell in head)
            + "</tr></thead><tbody>"
            + "".join(_line(line) for line in body)
            + f"</tbody><tfoot>{_line(last)}</tfoot></table>"
        )


def table(rows: Sequence[Row]) -> Table:
    """Return a ledger as a table, with the total of parameters and multiply-adds in its last line.

    The last column is the receptive field: pixels across, or "all" where an output sees the whole input.
    """
    lines = [
        (
            row.name,
            _times(row.output_shape),
            f"{row.params:,}",
            f"{row.macs:,}",
            "all" if row.receptive_field is None else _times(row.receptive_field),
        )
        for row in rows
    ]
    sums = ("total", "", f"{sum(r.params for r in rows):,}", f"{sum(r.macs for r in rows):,}", "")
    return Table((HEADINGS, *lines, sums))


@styled
def chart(rows: Sequence[Row], title: str = "") -> Figure:
    """Draw parameters and multiply-adds of the layers that have any, one bar a layer, with their share of the total.

    Layers whose outputs are vectors (dense ones) are hatched.

    Raises:
        ValueError: if no row has parameters or multiply-adds.
    """
    shown = [row for row in rows if row.params or row.macs]
    if not shown:
        raise ValueError("none of the rows has parameters.\n  fix: pass the rows of coursekit.models.ledger(model).")
    figure, axes = panels(1, 2, (9.6, 1.2 + 0.26 * len(shown)), sharey=True)
    quantities: tuple[tuple[str, Callable[[Row], int]], ...] = (
        ("parameters", lambda row: row.params),
        ("multiply-adds", lambda row: row.macs),
    )
    dense = [len(row.output_shape) == 1 for row in shown]
    for axis, (quantity, of) in zip(axes[0], quantities, strict=True):
        values = [of(row) for row in shown]
        whole = sum(values)
        axis.barh(
            range(len(shown)),
            values,
            color=[VERMILLION if d else BLUE for d in dense],
            hatch=["///" if d else "" for d in dense],
            edgecolor="white",
            linewidth=0,
        )
        for place, value in enumerate(values):
            axis.annotate(
                f"{_short(value)} ({value / max(1, whole):.0%})",
                (value, place),
                (4, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
        axis.set(title=f"{_short(whole)} {quantity}", xticks=[], xlim=(0, 1.45 * max(1, *values)))
        axis.spines["bottom"].set_visible(False)
    axes[0, 0].set_yticks(range(len(shown)), [row.name for row in shown])
    axes[0, 0].set_ylim(len(shown) - 0.4, -0.6)
    kinds = [Patch(facecolor=BLUE, label="maps out"), Patch(facecolor=VERMILLION, hatch="///", edgecolor="white")]
    kinds[1].set_label("vector out")
    figure.legend(handles=kinds, loc="outside lower center", ncols=2, frameon=False)
    if title:
        figure.suptitle(title)
    return figure


def _line(cells: Sequence[str]) -> str:
    first, *rest = cells
    numbers = "".join(f'<td style="text-align: right">{cell}</td>' for cell in rest)
    return f'<tr><th scope="row" style="text-align: left">{first}</th>{numbers}</tr>'


def _times(sizes: int | tuple[int | None, ...]) -> str:
    each = (sizes,) if isinstance(sizes, int) else sizes
    return "×".join("?" if size is None else str(size) for size in each)


def _short(count: int) -> str:
    """Write a count in three digits: 60.8 k, 138 M, 15.5 G."""
    for unit, letter in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if count >= unit:
            return f"{count / unit:.3g}{letter}" if count < 999.5 * unit else f"{count / unit:.0f}{letter}"
    return str(count)
