"""What a class got: the judge's reasons and the gradebook's points, kept as JSON, tabled as CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from coursekit.grading.course import Course, write
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.plaintext import spreadsheet
from coursekit.grading.reading import reread

REPORT = "application/vnd.coursekit.check+json"
"""The type under which a check leaves its verdict among a cell's outputs (`coursekit.teach.checking.MIMETYPE`)."""

_CHECK = re.compile(r"\bcheck\.(\w+)\(")
_STATUS = {"": "passed", "wrong": "failed", "error": "error", "unwritten": "unwritten"}


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
        cause: why it earned less, for programs (`coursekit.grading.graded.Cause`).
        trust: who says so: the "judge", the student's own "kernel", a "person".
    """

    name: str
    points: float | None
    max_points: float
    status: str
    misconception: str = ""
    hint: str = ""
    cause: str = ""
    trust: str = "judge"

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
        key: a digest of all that the grades depend on (`coursekit.grading.keys.key`).
        work: a digest of what was executed (`coursekit.grading.keys.work`).
        level: how its kernel was shut in (`coursekit.grading.sandbox.Level`).
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
    work: str = ""
    level: str = ""

    @property
    def shown(self) -> tuple[ExerciseResult, ...]:
        """The exercises as people are told of them: where the submission could not be graded, none is "unwritten"."""
        if not self.problem:
            return self.exercises
        return tuple(
            each if each.passed or each.status == "to grade" else replace(each, status="ungraded", cause="")
            for each in self.exercises
        )


def read(course: Course, graded: Graded, problem: str = "", notes: Sequence[str] = (), key: str = "") -> Result:
    """Return a student's grades: the judge's reasons, and the points as they stand in the gradebook.

    Args:
        course: the class.
        graded: what was recorded.
        problem: why the submission could not be graded, or ``""``.
        notes: what was noticed or set right.
        key: digest of all that the grades depend on.
    """
    found = {cell.name: cell for cell in graded.cells}
    executed = reread(graded.notebook)
    outputs = {each.metadata.nbgrader.grade_id: each.get("outputs", []) for each in executed.cells if is_graded(each)}
    exercises = []
    for cell in course.release.cells:
        if is_graded(cell):
            name = cell.metadata.nbgrader.grade_id
            exercises.append(_exercise(exercise_name(cell), found[name], outputs[name]))
    work, level = graded.key, graded.level
    bare = Result(graded.student, 0, 0, tuple(exercises), problem, tuple(notes), key=key, work=work, level=level)
    return refreshed(course, bare)


def refreshed(course: Course, result: Result) -> Result:
    """Return a result with the points and comments that stand in the gradebook now, those given by hand included."""
    from nbgrader.api import Gradebook

    from coursekit.grading.rows import rows

    names = [cell.metadata.nbgrader.grade_id for cell in course.release.cells if is_graded(cell)]
    with Gradebook(course.gradebook_url) as gradebook:
        found = rows(gradebook, course.assignment, course.assignment, result.student)
        pairs = zip(names, result.exercises, strict=True)
        exercises = tuple(_with_grade(exercise, found.grades[name]) for name, exercise in pairs)
        comments = {name: each.comment for name, each in found.comments.items() if each.comment}
        score, max_score, waiting = found.score, found.max_score, found.needs_manual_grade
    return replace(
        result, score=score, max_score=max_score, exercises=exercises, needs_manual=waiting, comments=comments
    )


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
        table.writerow([spreadsheet(result.student), *numbers, *map(spreadsheet, words)])
    return file.getvalue()


def plain(points: float | None) -> str:
    """Write 4.0 as 4, and nothing for what is not there."""
    return "" if points is None else f"{points:g}"


def is_graded(cell: Any) -> bool:
    """Say whether a cell carries points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def exercise_name(cell: Any) -> str:
    """Return the exercise that a graded cell checks, else nbgrader's id of the cell."""
    check = _CHECK.search(cell.source) if not cell.metadata.nbgrader.solution else None
    return str(check[1] if check else cell.metadata.nbgrader.grade_id)


def _exercise(name: str, found: CellGrade, outputs: Iterable[Any]) -> ExerciseResult:
    """Return what was found out about a cell, in words."""
    status, misconception, hint = _STATUS.get(found.cause, "stopped"), "", found.sentence
    reports = [output["data"][REPORT] for output in outputs if REPORT in output.get("data", {})]
    verdict = found.verdict or next((each for each in reports if each.get("status") != "passed"), None)
    if verdict and status in ("failed", "error"):
        status, misconception = str(verdict.get("status", "failed")), str(verdict.get("misconception", ""))
        hint = str(verdict.get("hint") or "") or hint
    points = 0.0 if found.points is None else found.points
    cause, trust = found.cause, found.trust
    return ExerciseResult(name, points, found.max_points, status, misconception, hint[:300], cause, trust)


def _with_grade(exercise: ExerciseResult, grade: Any) -> ExerciseResult:
    """Return an exercise with the points of the gradebook; a written answer with what became of it."""
    points, status = grade.score, exercise.status
    if exercise.trust == "person":
        points = None if grade.manual_score is None and grade.auto_score is None else points
        status = "to grade" if grade.needs_manual_grade else "empty" if grade.manual_score is None else "graded"
    return replace(exercise, points=points, max_points=grade.max_score, status=status)
