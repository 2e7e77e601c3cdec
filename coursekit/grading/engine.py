"""The seam: whatever turns one staged submission into grades. For now that is nbgrader's own autograde.

Another engine takes this one's place by keeping the contract of `Engine`; collecting, staging, feedback, results and
resuming stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from coursekit.errors import CourseError
from coursekit.grading.converting import convert
from coursekit.grading.course import Course


@dataclass(frozen=True)
class Graded:
    """What an engine says about one submission.

    Attributes:
        student: whose it is.
        problem: why the submission as a whole could not be run, in a sentence; else ``""``.
    """

    student: str
    problem: str = ""


class Engine(Protocol):
    """Grades one student's staged submission.

    When `grade` returns without a problem, the gradebook holds an explicit score for every check (a manual answer may
    wait for its grader), and the executed notebook lies in nbgrader's ``autograded`` step. With a problem, the caller
    calls again, then stages the untouched assignment with that reason, and stops the run if that has one, too. Called
    twice, it leaves what it leaves when called once.
    """

    def grade(self, course: Course, student: str) -> Graded:
        """Grade the submission in ``course.path("submitted", student)``."""


class NbgraderEngine:
    """nbgrader's autograde, in this process, one kernel at a time."""

    def grade(self, course: Course, student: str) -> Graded:
        """Grade one submission; see `Engine`."""
        from nbgrader.converters import Autograde

        log = convert(Autograde, course.folder, course.assignment, student)
        if not log:
            return Graded(student)
        return Graded(student, f"nbgrader could not run the notebook: {_reason(log)}")


def generate_feedback(course: Course, student: str) -> None:
    """Write the student's HTML feedback from the gradebook and the executed notebook, by nbgrader's converter.

    Raises:
        CourseError: if nbgrader cannot.
    """
    from nbgrader.converters import GenerateFeedback

    if log := convert(GenerateFeedback, course.folder, course.assignment, student):
        raise CourseError(
            f"nbgrader cannot write the feedback for {student}:\n{log}",
            fix="run the same command again; if it stays, look at the executed notebook in autograded/.",
        )


def _reason(log: str) -> str:
    """Return the line of a log that says most: the last exception in it."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if line.partition(":")[0].endswith(("Error", "Exception", "Exit"))]
    return (errors or lines or ["no reason given"])[-1][:300]
