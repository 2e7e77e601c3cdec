"""Shows a figure to everyone: as a picture, as words, and as its data."""

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from coursekit.errors import CourseError
from coursekit.teach import forms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHORTEST_ALT = 20

Table = Mapping[str, Sequence[object]] | Sequence[Sequence[object]]


def figure(fig: "Figure", alt: str, *, caption: str | None = None, table: Table | None = None) -> None:
    """Show a figure with its alternative text, and close it.

    The figure becomes one HTML output, because JupyterLab 4 drops the alternative text of a PNG output. It stands on
    white, so that a dark theme does not swallow its axes.

    Args:
        fig: a matplotlib figure.
        alt: what the picture shows, in a sentence, for who does not see it.
        caption: stands below the picture; `` `code` `` and ``**bold**`` are allowed.
        table: the data behind the picture, folded away below it: a dict of columns, or rows of which the first is
            the header.

    Raises:
        CourseError: if ``alt`` is empty or too short to say what is seen, ``fig`` is no figure, or the table's
            columns or rows differ in length.
    """
    _check(fig, alt)
    words = " ".join(alt.split())
    data = "" if table is None else _table(table)  # first: a bad table leaves the figure open
    parts = [_picture(fig, words)]
    if caption:
        parts.append(f'<figcaption style="margin-top: .3em">{forms.inline(caption)}</figcaption>')
    if data:
        parts.append(data)
    html = '<figure style="margin: .5em 0">\n' + "\n".join(parts) + "\n</figure>"
    forms.show(html, f"Figure: {words}")


def _check(fig: object, alt: str) -> None:
    from matplotlib.figure import Figure

    if not isinstance(fig, Figure):
        raise CourseError(
            f"ck.figure takes a matplotlib figure, not {type(fig).__name__}.",
            fix="pass fig of `fig, ax = plt.subplots()`, or ax.figure.",
        )
    if len(alt.strip()) < SHORTEST_ALT:
        raise CourseError(
            f"the figure's alt text is {alt.strip()!r}.",
            fix='say what the picture shows: alt="Hinge loss falls in a straight line and stays 0 from margin 1 on."',
        )


def _picture(fig: "Figure", alt: str) -> str:
    import matplotlib.pyplot as plt

    png = io.BytesIO()
    # "tight" is what Jupyter's own display of figures does; without a Software entry the bytes depend on no version.
    fig.savefig(png, format="png", facecolor="white", bbox_inches="tight", metadata={"Software": None})
    plt.close(fig)
    data = base64.b64encode(png.getvalue()).decode("ascii")
    return (
        f'<img src="data:image/png;base64,{data}" alt="{escape(alt)}" '
        'style="display: block; max-width: 100%; height: auto; background: white">'
    )


def _table(table: Table) -> str:
    header, rows = _header_and_rows(table)
    head = "".join(f'<th scope="col">{_cell(name)}</th>' for name in header)
    body = "\n".join("<tr>" + "".join(f"<td>{_cell(value)}</td>" for value in row) + "</tr>" for row in rows)
    return (
        "<details><summary>The data as a table</summary>\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</details>"
    )


def _header_and_rows(table: Table) -> tuple[list[object], list[tuple[object, ...]]]:
    fix = "give every column (or every row, the header among them) the same length."
    try:
        if isinstance(table, Mapping):
            return list(table), list(zip(*table.values(), strict=True))
        header, *rows = [tuple(row) for row in table]
    except ValueError as error:
        raise CourseError(f"the figure's table is uneven or empty: {error}.", fix=fix) from None
    if any(len(row) != len(header) for row in rows):
        raise CourseError("the figure's table has rows of different lengths.", fix=fix)
    return list(header), rows


def _cell(value: Any) -> str:
    """Write a number with five significant digits, anything else as it is."""
    if hasattr(value, "item"):  # a NumPy number
        value = value.item()
    return f"{value:.5g}" if isinstance(value, float) else escape(str(value))
