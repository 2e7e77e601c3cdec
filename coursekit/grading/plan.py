"""How each cell of a submission is to be run and graded: what the instructor's notebook says, never the student's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle

Kind = Literal["call", "artifact", "kernel", "person", ""]

_AUTOTEST = re.compile(r"^\s*#+.*AUTOTEST", re.MULTILINE)  # nbgrader writes another text in its place


@dataclass(frozen=True)
class Planned:
    """One cell of the instructor's.

    Attributes:
        name: nbgrader's id, or ``""``.
        cell: as it stands in the instructor's notebook.
        kind: who says what it is worth (`coursekit.grading.judge.kind`); ``""`` where it is worth nothing.
        seconds: how long it may run; None: as long as any.
        text: what is run in place of what the student handed in, hidden tests included; None: the student's.
        visible: the same without hidden tests.
    """

    name: str
    cell: Any
    kind: Kind
    seconds: float | None
    text: str | None
    visible: str | None

    @property
    def hides(self) -> bool:
        """Whether there are tests in it that nobody is to see, run by the student's own kernel."""
        return self.kind == "kernel" and self.text != self.visible

    @property
    def points(self) -> float:
        """What it is worth."""
        return float(self.cell.metadata.nbgrader.get("points", 0))


class Plan:
    """What the instructor's notebook says about the cells of a submission.

    Args:
        bundle: the assignment.

    Attributes:
        graded: each cell that is worth points, by nbgrader's id, in order.
    """

    def __init__(self, bundle: Bundle) -> None:
        cells = bundle.notebook.cells
        self._by_name = {name: _planned(cell) for cell in cells if (name := _name(cell))}
        self._by_id = {cell.id: _planned(cell) for cell in cells if not _name(cell) and "id" in cell}
        self.graded = {name: each for name, each in self._by_name.items() if each.kind}

    def of(self, cell: Any) -> Planned | None:
        """Return what is planned for a cell of a submission; None for one that the student added."""
        if name := _name(cell):
            return self._by_name.get(name)
        return self._by_id.get(cell.get("id"))


def visible(text: str) -> str:
    """Return the text of a cell without its hidden tests, as nbgrader hands it out."""
    lines, hidden = [], False
    for line in text.split("\n"):
        if "BEGIN HIDDEN TESTS" in line:
            hidden = True
        elif "END HIDDEN TESTS" in line:
            hidden = False
        elif not hidden:
            lines.append(line)
    return "\n".join(lines)


def _planned(cell: Any) -> Planned:
    from coursekit.grading import judge

    settings = cell.metadata.get("nbgrader", {})
    locked = not settings.get("solution") and bool(settings.get("grade") or settings.get("locked"))
    fixed = locked and cell.cell_type == "code" and not _AUTOTEST.search(cell.source)
    return Planned(
        name=_name(cell),
        cell=cell,
        kind=judge.kind(cell) if settings.get("grade") else "",
        seconds=_seconds(cell),
        text=cell.source if fixed else None,
        visible=visible(cell.source) if fixed else None,
    )


def _seconds(cell: Any) -> float | None:
    found = cell.metadata.get("coursekit", {}).get("seconds")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 < found < float("inf"):
        raise CourseError(
            f"the cell {_name(cell) or cell.get('id')} may run for {found!r} seconds, which is no time.",
            fix="set seconds= in the cell's header to a number above 0, and build the course again.",
        )
    return float(found)


def _name(cell: Any) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
