"""What feedback goes through before it is a page, in this order: `Hide`, `FindGrades`, `Sanitise`.

nbgrader and nbconvert import them by name, from `coursekit.grading.settings`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.preprocessors import GetGrades, NbGraderPreprocessor

from coursekit.grading.feedback.hiding import hide
from coursekit.grading.feedback.sanitising import clean_data, clean_markdown, escaped
from coursekit.grading.plaintext import line, printable
from coursekit.grading.results import ExerciseResult, Result, exercise_name
from coursekit.grading.rows import rows

RESULT = "coursekit_result"
"""Where nbgrader's resources hold the `Result` that the page is about, if it is known."""


class Hide(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes hidden tests and mark schemes out, with every output that shows them."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Change a notebook in place."""
        hide(nb)
        return nb, resources


class FindGrades(GetGrades):  # type: ignore[misc]
    """nbgrader's own, which also lists what was found about each graded cell, for the top of the page.

    The list is ``resources["found"]``: pairs of nbgrader's id of the cell and an `ExerciseResult`. Points are the
    gradebook's; reasons come from the `Result`, where there is one, and so does ``resources["problem"]``.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Put scores and comments into the cells of a notebook."""
        result: Result | None = resources.get(RESULT)
        names = resources["nbgrader"]
        self._reasons = {each.name: each for each in result.exercises} if result else {}
        resources["found"], resources["problem"] = [], line(result.problem) if result else ""
        with Gradebook(names["db_url"]) as gradebook:
            found = self._rows = rows(gradebook, names["notebook"], names["assignment"], names["student"])
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            resources["nbgrader"] |= {
                "score": found.score,
                "max_score": found.max_score,
                "late_penalty": found.penalty,
            }
        return nb, resources

    def _get_comment(self, cell: Any, resources: Any) -> None:
        cell.metadata.nbgrader["comment"] = self._rows.comments[cell.metadata.nbgrader.grade_id].comment

    def _get_score(self, cell: Any, resources: Any) -> None:
        settings = cell.metadata.nbgrader
        grade = self._rows.grades[settings.grade_id]
        settings["score"], settings["points"] = grade.score, grade.max_score
        name, by_hand = exercise_name(cell), bool(settings.solution or settings.get("task"))
        waits = by_hand and grade.manual_score is None and grade.auto_score is None
        status = _status(grade, by_hand)
        reason = self._reasons.get(name) or ExerciseResult(name, 0.0, 0.0, status)
        if by_hand:
            reason = replace(reason, status=status)
        points = None if waits else grade.score
        resources["found"].append((settings.grade_id, replace(reason, points=points, max_points=grade.max_score)))


def _status(grade: Any, by_hand: bool) -> str:
    if by_hand:
        return "to grade" if grade.needs_manual_grade else "empty" if grade.manual_score is None else "graded"
    return "passed" if grade.score == grade.max_score else "failed"


class Sanitise(NbGraderPreprocessor):  # type: ignore[misc]
    """Makes everything in a notebook harmless in a page, whichever template shows it.

    With ``c.HTMLExporter.preprocessors`` the formgrader, which shows submissions in the grader's own Jupyter server,
    gets them this way, too.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Change a notebook in place."""
        from nbformat import from_dict

        nb.metadata = from_dict({})
        nb.cells = [_clean_cell(cell) for cell in nb.cells]
        return nb, resources


def _clean_cell(cell: Any) -> Any:
    from nbformat.v4 import new_markdown_cell

    grading = cell.metadata.get("nbgrader")
    cell.metadata = type(cell.metadata)({"nbgrader": grading} if grading else {})
    if grading and grading.get("comment"):
        grading["comment"] = clean_markdown(grading["comment"])
    if cell.cell_type == "markdown":
        cell.source = clean_markdown(cell.source, cell.pop("attachments", None))
    elif cell.cell_type == "raw":
        return new_markdown_cell(f"<div>{escaped(cell.source)}</div>", id=cell.id)
    else:
        cell.source = printable(cell.source)
        cell.execution_count = _number(cell.execution_count)
        cell.outputs = [_clean_output(output) for output in cell.outputs]
    return cell


def _clean_output(output: Any) -> Any:
    from nbformat.v4 import new_output

    kind = output.output_type
    if kind == "stream":
        return new_output(kind, name="stdout", text=printable(str(output.text), colours=True))
    if kind == "error":
        traceback = [printable(str(each), colours=True) for each in output.traceback]
        return new_output(kind, ename=line(str(output.ename)), evalue=line(str(output.evalue)), traceback=traceback)
    described = output.get("metadata", {})
    metadata = {kind: _described(described[kind]) for kind in ("image/png", "image/jpeg") if kind in described}
    # What a cell returns is shown as what it displays is: a number in front of it helps nobody here.
    return new_output("display_data", clean_data(output.data), metadata=metadata)


def _described(described: Any) -> dict[str, Any]:
    """Return a picture's size and its words; a size that is no number would end the attribute it stands in."""
    if not isinstance(described, dict):
        return {}
    sizes = {key: _number(described.get(key)) for key in ("width", "height")}
    words = {"alt": line(str(described["alt"]))} if "alt" in described else {}
    return {key: value for key, value in sizes.items() if value} | words


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and 0 <= value < 1e6 else None
