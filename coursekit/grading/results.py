"""What a class got: read from nbgrader's gradebook and the executed notebooks, kept as JSON, tabled as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from coursekit.grading.course import Course, write

REPORT = "application/vnd.coursekit.check+json"
"""The type under which a check leaves its verdict among a cell's outputs (`coursekit.teach.checking.MIMETYPE`)."""

_CHECK = re.compile(r"\bcheck\.(\w+)\(")
_INTERRUPTED = ("CellTimeoutError", "KeyboardInterrupt")


@dataclass(frozen=True)
class ExerciseResult:
    """One graded cell of one student.

    Attributes:
        name: the exercise that the cell checks, else nbgrader's id of the cell.
        points: what was given, by hand where somebody did; None while a written answer waits for its first grading.
        max_points: what it is worth.
        status: "passed", "failed", "unwritten", "error" (it broke before the check), "stopped" (interrupted, or the
            kernel was gone), "to grade", "graded" or "empty" (a written answer).
        misconception: the name of the one that explains a failure, or ``""``.
        hint: what to look at, or the error.
    """

    name: str
    points: float | None
    max_points: float
    status: str
    misconception: str = ""
    hint: str = ""

    @property
    def manual(self) -> bool:
        """Whether people grade it."""
        return self.status in ("to grade", "graded", "empty")

    @property
    def diagnosis(self) -> str:
        """What went wrong, in a few words; ``""`` where nothing did, or nothing was written."""
        if self.status not in ("failed", "error", "stopped"):
            return ""
        return self.misconception or self.hint or "failed, no known misconception"

    @property
    def passed(self) -> bool:
        """Whether it got all its points."""
        return self.points == self.max_points


@dataclass(frozen=True)
class Result:
    """One student's grades.

    Attributes:
        student: the id in the gradebook.
        score: the points given so far.
        max_score: what the assignment is worth.
        exercises: each graded cell, in the assignment's order.
        problem: why the submission could not be graded, or ``""``.
        notes: what was noticed or set right.
        needs_manual: whether something waits for a grader: a written answer, or a score given by hand before the
            submission changed.
        comments: what graders wrote, by nbgrader's id of the cell.
        key: a digest of what was graded (`coursekit.grading.staging.Staged.key`).
    """

    student: str
    score: float
    max_score: float
    exercises: tuple[ExerciseResult, ...]
    problem: str = ""
    notes: tuple[str, ...] = ()
    needs_manual: bool = False
    comments: dict[str, str] | None = None
    key: str = ""


def read(course: Course, student: str, problem: str = "", notes: Sequence[str] = (), key: str = "") -> Result:
    """Read a student's grades as they stand in the gradebook, manual ones included."""
    import nbformat
    from nbgrader.api import Gradebook

    executed = nbformat.read(course.notebook("autograded", student), as_version=4)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in executed.cells if "nbgrader" in cell.metadata}
    graded = [cell.metadata.nbgrader.grade_id for cell in course.release.cells if is_graded(cell)]
    with Gradebook(course.gradebook_url) as gradebook:
        submitted = gradebook.find_submission_notebook(course.assignment, course.assignment, student)
        grades = {grade.name: grade for grade in submitted.grades}
        exercises = tuple(_exercise(cells[name], grades[name]) for name in graded)
        comments = {each.name: each.comment for each in submitted.comments if each.comment}
        penalty = submitted.late_submission_penalty or 0.0
        score, max_score, waiting = submitted.score - penalty, submitted.max_score, submitted.needs_manual_grade
    return Result(student, score, max_score, exercises, problem, tuple(notes), waiting, comments, key)


def save(course: Course, result: Result) -> None:
    """Keep a result, in one step."""
    write(course.result(result.student), json.dumps(asdict(result), indent=1, ensure_ascii=False) + "\n")


def load(course: Course, student: str) -> Result | None:
    """Return the result kept for a student, or None if there is none that can be read."""
    try:
        found = json.loads(course.result(student).read_text(encoding="utf-8"))
        exercises = tuple(ExerciseResult(**each) for each in found.pop("exercises"))
        return Result(**{**found, "exercises": exercises, "notes": tuple(found["notes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def kept(course: Course) -> list[Result]:
    """Return every result kept for the assignment, sorted by student."""
    students = sorted(path.stem for path in course.result("*").parent.glob("*.json"))
    return [result for student in students if (result := load(course, student))]


def to_csv(results: Iterable[Result]) -> str:
    """Return a table: a row a student, a column an exercise; cells that a spreadsheet would compute are made text."""
    results = list(results)
    names = list(dict.fromkeys(exercise.name for result in results for exercise in result.exercises))
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    table.writerow(["student", *names, "score", "max_score", "to_grade", "diagnosis", "problem", "notes"])
    for result in results:
        points = {exercise.name: exercise.points for exercise in result.exercises}
        waiting = [exercise.name for exercise in result.exercises if exercise.status == "to grade"]
        diagnoses = [f"{each.name}: {each.diagnosis}" for each in result.exercises if each.diagnosis]
        words = ("; ".join(waiting), "; ".join(diagnoses), result.problem, " ".join(result.notes))
        numbers = [*(plain(points.get(name)) for name in names), plain(result.score), plain(result.max_score)]
        table.writerow([_text(result.student), *numbers, *map(_text, words)])
    return file.getvalue()


def plain(points: float | None) -> str:
    """Write 4.0 as 4, and nothing for what is not there."""
    return "" if points is None else f"{points:g}"


def _text(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def is_graded(cell: Any) -> bool:
    """Say whether a cell carries points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def exercise_name(cell: Any) -> str:
    """Return the exercise that a graded cell checks, else nbgrader's id of the cell."""
    check = _CHECK.search(cell.source) if not cell.metadata.nbgrader.solution else None
    return str(check[1] if check else cell.metadata.nbgrader.grade_id)


def _exercise(cell: Any, grade: Any) -> ExerciseResult:
    name = exercise_name(cell)
    if cell.metadata.nbgrader.solution:
        return _written(name, grade)
    reports = [output.data[REPORT] for output in cell.outputs if REPORT in output.get("data", {})]
    report = next((each for each in reports if each.get("status") != "passed"), None)
    errors = [output for output in cell.outputs if output.output_type == "error"]
    status, misconception, hint = "passed" if not errors else "error", "", ""
    if errors:
        hint = f"{errors[-1].ename}: {errors[-1].evalue}"[:300]
        if errors[-1].ename in ("NotRunError", *_INTERRUPTED):
            status = "stopped"
        elif report:
            status, misconception, hint = (str(report.get(key, "")) for key in ("status", "misconception", "hint"))
    return ExerciseResult(name, grade.score, grade.max_score, status, misconception, hint)


def _written(name: str, grade: Any) -> ExerciseResult:
    points = None if grade.manual_score is None and grade.auto_score is None else grade.score
    status = "to grade" if grade.needs_manual_grade else "empty" if grade.manual_score is None else "graded"
    return ExerciseResult(name, points, grade.max_score, status)
