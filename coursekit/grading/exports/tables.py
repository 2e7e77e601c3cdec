"""CSV that every program reads alike and no spreadsheet computes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from coursekit.grading.plaintext import line, spreadsheet

Cell = str | float | None
"""Text, a number, or nothing."""


def to_csv(rows: Iterable[Sequence[Cell]]) -> str:
    """Return rows as CSV by RFC 4180, UTF-8, with plain line ends.

    Every text is quoted, on one line, without control characters, and never begins a formula; numbers stay numbers.
    """
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    for row in rows:
        table.writerow([_cell(cell) for cell in row])
    return file.getvalue()


def _cell(cell: Cell) -> Cell:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return spreadsheet(line(cell))
    return int(cell) if float(cell).is_integer() else round(float(cell), 4)
