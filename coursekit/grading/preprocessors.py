"""nbgrader's steps, where ours differ: nothing is executed while grades are recorded, and a warning costs nothing.

Imported by nbgrader through their names in `coursekit.grading.settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells, SaveAutoGrades
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_task

from coursekit.grading.rows import rows

RESOURCE = "coursekit"
"""Where nbgrader's resources hold the `Found` that is being recorded."""


@dataclass(frozen=True)
class Found:
    """What there is to record about one notebook.

    Attributes:
        outputs: of each of its code cells, with the cell's number, by the cell's id.
        points: of each test, by nbgrader's id.
        seen: whether the same submission was recorded before, so that a person's second look is not asked for again.
    """

    outputs: Mapping[str, tuple[list[Any], int | None]]
    points: Mapping[str, float]
    seen: bool = False

    def __deepcopy__(self, memo: Any) -> Found:  # nbconvert copies its resources for every step
        return self


class _Origin:
    """What the gradebook holds about the cells of an assignment's notebook, read once; answers as a `Gradebook`."""

    def __init__(self, gradebook: Gradebook, notebook: str, assignment: str) -> None:
        found = gradebook.find_notebook(notebook, assignment)
        columns = ("name", "cell_type", "locked", "checksum", "source")
        self._sources = {each.name: _plain(each, *columns) for each in found.source_cells}
        self._graded = {each.name: _plain(each, "max_score") for each in found.grade_cells}

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Return a cell as it was handed out."""
        return _entry(self._sources, name)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        """Return what a cell is worth."""
        return _entry(self._graded, name)


def _plain(row: Any, *columns: str) -> SimpleNamespace:
    return SimpleNamespace(**{column: getattr(row, column) for column in columns})


def _entry(entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise MissingEntry(f"no cell {name}")
    return entries[name]


class Overwrite(OverwriteCells):  # type: ignore[misc]
    """nbgrader's own, for submissions of one assignment: it asks the gradebook once, not for every cell of each."""

    _origin: _Origin | None = None

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Set the cells of a notebook right, in place."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        with Gradebook(names["db_url"]) as gradebook:
            self._origin = self._origin or _Origin(gradebook, self.notebook_id, self.assignment_id)
            self.gradebook = self._origin
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            if self.add_missing_cells:
                self.gradebook = gradebook
                nb, resources = self.add_missing_grade_cells(nb, resources)
                nb, resources = self.add_missing_task_cells(nb, resources)
        return nb, resources


class Replay(NbGraderPreprocessor):  # type: ignore[misc]
    """Gives a notebook the outputs that the runner got; stands where nbgrader would execute it."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Fill in the outputs of a notebook, in place."""
        found = resources.get(RESOURCE)
        if found is None:
            raise RuntimeError("notebooks are not run here, outside of the sandbox: use `coursekit grade`")
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = found.outputs[cell.id]
        return nb, resources


class ForgiveStderr(NbGraderPreprocessor):  # type: ignore[misc]
    """Turns what checks wrote to the error stream into ordinary output.

    nbgrader gives no points to a check with anything on it, so that a warning costs them all.
    A check that really failed has an error among its outputs, and still gets nothing.
    """

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Rename the streams of one cell."""
        if cell.cell_type == "code" and is_grade(cell):
            for output in cell.outputs:
                if output.output_type == "stream":
                    output.name = "stdout"
        return cell, resources


class RecordGrades(SaveAutoGrades):  # type: ignore[misc]
    """Writes the judge's points to the gradebook where nbgrader would guess them from outputs; all of them, or none."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Record every cell of a notebook."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = (
            names[key] for key in ("notebook", "assignment", "student")
        )
        self.gradebook = Gradebook(names["db_url"])
        with self.gradebook:
            self._rows = rows(self.gradebook, self.notebook_id, self.assignment_id, self.student_id)
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            self.gradebook.db.commit()
        return nb, resources

    def _add_score(self, cell: Any, resources: Any) -> None:
        found = resources.get(RESOURCE) or Found({}, {})
        name = cell.metadata.nbgrader["grade_id"]
        grade = self._rows.grades[name]
        before = grade.auto_score
        grade.auto_score = found.points[name] if name in found.points else determine_grade(cell, self.log)[0]
        if not (found.seen and grade.auto_score == before):
            grade.needs_manual_grade = grade.manual_score is not None or grade.auto_score is None

    def _add_comment(self, cell: Any, resources: Any) -> None:
        settings = cell.metadata.nbgrader
        untouched = settings.get("checksum") == compute_checksum(cell) and not is_task(cell)
        self._rows.comments[settings["grade_id"]].auto_comment = "No response." if untouched else None
