"""A student's feedback: one HTML page that shows points and reasons, asks nothing of the network and runs nothing.

hiding          takes hidden tests out           preprocessors   these two, and grades, as nbgrader's steps
sanitising      makes the rest harmless          exporter        writes the page
formulas        TeX as MathML
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coursekit.errors import CourseError
from coursekit.grading.converting import convert

if TYPE_CHECKING:
    from coursekit.grading.course import Course
    from coursekit.grading.results import Result

_STEPS = "coursekit.grading.feedback.preprocessors"


def generate_feedback(course: Course, student: str, result: Result | None = None) -> None:
    """Write a student's page from the gradebook and the executed notebook, by nbgrader's converter.

    Args:
        course: the class.
        student: the id in the gradebook.
        result: the reasons to show; those kept for the student if left out.

    Raises:
        CourseError: if nbgrader cannot.
    """
    from coursekit.grading import results
    from coursekit.grading.feedback.exporter import SafeFeedback

    SafeFeedback.result = result or results.load(course, student)
    if log := convert(SafeFeedback, course.folder, course.assignment, student):
        raise CourseError(
            f"nbgrader cannot write the feedback for {student}:\n{log}",
            fix="run the same command again; if it stays, look at the executed notebook in autograded/.",
        )


def configure(config: Any) -> None:
    """Let nbgrader's own command and formgrader show nothing that runs, either.

    Args:
        config: a traitlets configuration (``c`` in an ``nbgrader_config.py``); is changed.
    """
    config.GenerateFeedback.preprocessors = [f"{_STEPS}.{name}" for name in ("Hide", "FindGrades", "Sanitise")]
    config.GenerateFeedback.exporter_class = "coursekit.grading.feedback.exporter.FeedbackExporter"
    config.HTMLExporter.preprocessors = [f"{_STEPS}.Sanitise"]  # the formgrader's exporter
