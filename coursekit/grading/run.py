"""Grading a class: collect, stage, grade, report; a run that was cut short is completed by the next."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from coursekit.errors import CourseError
from coursekit.grading import results, staging
from coursekit.grading.collect import Submission, collect, listed
from coursekit.grading.course import STEPS, Course, opened, resolve, write
from coursekit.grading.engine import Engine, NbgraderEngine, generate_feedback
from coursekit.grading.results import Result
from coursekit.grading.staging import Staged


@dataclass(frozen=True)
class Step:
    """Where a run is.

    Attributes:
        student: whose submission it is about.
        done: how many submissions are finished.
        total: of how many.
        state: "grading" when it begins; "graded" or "kept" (nothing changed since an earlier run) when it ends.
    """

    student: str
    done: int
    total: int
    state: Literal["grading", "graded", "kept"]


@dataclass(frozen=True)
class GradedClass:
    """A class that was graded.

    Attributes:
        course: the folder with gradebook, tables and feedback.
        results: one for each submission of this run, sorted by student.
        kept: how many had been graded before and were left as they were.
        seconds: how long it took.
    """

    course: Course
    results: tuple[Result, ...]
    kept: int
    seconds: float

    @property
    def gradebook(self) -> Path:
        """nbgrader's data base."""
        return self.course.gradebook

    @property
    def csv(self) -> Path:
        """The table of points, an exercise a column."""
        return self.course.table

    @property
    def feedback(self) -> Path:
        """The folder that holds a page for each student."""
        return self.course.folder / "feedback"


Progress = Callable[[Step], None]


def grade(
    assignment: str,
    submissions: Path,
    into: Path,
    *,
    root: Path | None = None,
    on_progress: Progress | None = None,
    engine: Engine | None = None,
    regrade: bool = False,
) -> GradedClass:
    """Grade every submission in a folder.

    A submission counts as done once its result is kept under the digest of what was graded; whatever an earlier run
    left half done, or what has changed since, is graded again. Scores and comments given by hand survive.

    Args:
        assignment: its name or number: ``"a1_losses"``, ``"a1"``.
        submissions: what was handed in, see `coursekit.grading.collect`; only read.
        into: nbgrader's course for this class: made if missing, else gone on with.
        root: the course; the one around the working directory if left out.
        on_progress: is told of every step.
        engine: grades one submission; nbgrader's autograde if left out.
        regrade: grade again what has not changed, too.

    Raises:
        CourseError: for what a person can mend, with how.
    """
    from coursekit.paths import course_root

    began = time.monotonic()
    root, into, submissions = (root or course_root()).resolve(), into.resolve(), submissions.resolve()
    resolve(assignment, root)
    _keep_apart(submissions, into)
    listed(submissions)
    tell = on_progress or (lambda step: None)
    with opened(assignment, into, root) as course:
        found = collect(submissions, course.assignment, _cell_ids(course))
        finished, kept = [], 0
        for number, submission in enumerate(found):
            tell(Step(submission.student, number, len(found), "grading"))
            staged = staging.stage(submission, course)
            earlier = None if regrade else _earlier(course, staged)
            finished.append(_refreshed(course, earlier) if earlier else _graded(course, staged, engine))
            kept += earlier is not None
            tell(Step(submission.student, number + 1, len(found), "kept" if earlier else "graded"))
        write(course.table, results.to_csv(results.kept(course)))
        _export(course)
    return GradedClass(course, tuple(finished), kept, time.monotonic() - began)


def _keep_apart(submissions: Path, into: Path) -> None:
    """Refuse to grade a class into the folder that holds what it handed in, or the other way round."""
    taken = [into / step for step in (*STEPS, "results", "grades")]
    if into.is_relative_to(submissions) or any(submissions.is_relative_to(folder) for folder in taken):
        raise CourseError(
            f"{submissions} and {into} lie in each other: grading would write among the submissions.",
            fix="grade into a folder apart from them (--into).",
        )


def _cell_ids(course: Course) -> Sequence[str]:
    return [cell.metadata.nbgrader.grade_id for cell in course.release.cells if "nbgrader" in cell.metadata]


def _earlier(course: Course, staged: Staged) -> Result | None:
    """Return the result of an earlier run if it is about the same submission, and nbgrader's files are still there."""
    result = results.load(course, staged.student)
    there = course.notebook("autograded", staged.student).exists()
    return result if result and result.key == staged.key and there else None


def _graded(course: Course, staged: Staged, engine: Engine | None) -> Result:
    """Grade a submission; what cannot be run, twice over, is graded as the untouched assignment, with the reason."""
    engine = engine or NbgraderEngine()
    course.result(staged.student).unlink(missing_ok=True)
    staging.put(staged, course)
    problem = staged.problem
    graded = engine.grade(course, staged.student)
    if graded.problem:
        graded = engine.grade(course, staged.student)
    if graded.problem:
        problem = graded.problem
        instead = Submission(staged.student, None, problem, staged.notes)
        staging.put(staging.stage(instead, course), course)
        again = engine.grade(course, staged.student)
        if again.problem:
            raise CourseError(
                f"grading stopped at {staged.student}: even the untouched assignment does not run.\n  {again.problem}",
                fix="mend that (see `coursekit doctor`) and run the same command again: it goes on from here.",
            )
    generate_feedback(course, staged.student)
    result = results.read(course, staged.student, problem, staged.notes, staged.key)
    results.save(course, result)
    return result


def _refreshed(course: Course, earlier: Result) -> Result:
    """Bring a kept result up to date with what was graded by hand since."""
    now = results.read(course, earlier.student, earlier.problem, earlier.notes, earlier.key)
    if dataclasses.asdict(now) != dataclasses.asdict(earlier):
        generate_feedback(course, now.student)
        results.save(course, now)
    return now


def _export(course: Course) -> None:
    """Write nbgrader's own table of all assignments beside ours."""
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    with Gradebook(course.gradebook_url) as gradebook:
        CsvExportPlugin(to=str(course.folder / "grades" / "nbgrader.csv")).export(gradebook)
