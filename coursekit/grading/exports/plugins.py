"""What each format holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Unicode

from coursekit.errors import CourseError
from coursekit.grading import results
from coursekit.grading.course import Course, write
from coursekit.grading.exports.tables import Cell, to_csv


@dataclass(frozen=True)
class Score:
    """What one student got for one assignment.

    Attributes:
        student: nbgrader's row of the student (id, names, email, id in the LMS).
        points: with what came off for being late; None without a submission, and while something waits for a grader.
        waits: whether something does.
    """

    student: Any
    points: float | None
    waits: bool = False


class _Plugin(ExportPlugin):  # type: ignore[misc]
    """Writes one file.

    Attributes:
        waiting: how many scores were left out because a written answer waits for a grader, after `export`.
    """

    folder = Unicode("", help="The class's folder; nbgrader's course if left out.").tag(config=True)
    provisional = Bool(False, help="Also give scores while written answers wait for a grader.").tag(config=True)
    default_name = ""
    waiting = 0

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; nbgrader calls this.

        Args:
            gradebook: the class's, open.

        Raises:
            CourseError: if an assignment that was asked for is not in it.
        """
        known = [assignment.name for assignment in gradebook.assignments]
        chosen = [str(name) for name in self.assignment] or known
        for name in chosen:
            if name not in known:
                raise CourseError(
                    f"the gradebook has no assignment {name!r}.",
                    fix=f"it has {', '.join(known)}." if known else "grade one first.",
                )
        write(Path(self.to or self.default_name), self._text(gradebook, chosen))

    def _text(self, gradebook: Gradebook, assignments: list[str]) -> str:
        raise NotImplementedError

    def _students(self, gradebook: Gradebook) -> list[Any]:
        wanted = [str(student) for student in self.student]
        return [student for student in gradebook.students if not wanted or student.id in wanted]

    def _score(self, gradebook: Gradebook, assignment: str, student: Any) -> Score:
        try:
            submission = gradebook.find_submission(assignment, student.id)
        except MissingEntry:
            return Score(student, None)
        if submission.needs_manual_grade and not self.provisional:
            self.waiting += 1
            return Score(student, None, waits=True)
        return Score(student, max(0.0, submission.score - (submission.late_submission_penalty or 0.0)))


class CanvasPlugin(_Plugin):
    """A file for Canvas: Gradebook → Import.

    Its columns are those that Canvas itself exports, in its order, and its second row says what is possible. Canvas
    finds a student by ``ID`` (nbgrader's ``lms_user_id``), else by ``SIS Login ID`` (nbgrader's student id), else by
    name; and an assignment by its heading: ``title (number)`` as Canvas exports it, else the title, else it makes a new
    one. An empty cell changes nothing. Sources: "How do I import grades in the Gradebook?" in the Canvas instructor
    guide (community.canvaslms.com), and ``lib/gradebook_importer.rb`` of instructure/canvas-lms, which reads the file.
    """

    titles = Dict(help="Canvas's heading for an assignment, by nbgrader's name of it.").tag(config=True)
    section = Unicode("", help="What stands under Section; Canvas does not read it.").tag(config=True)
    default_name = "canvas.csv"

    def _text(self, gradebook: Gradebook, assignments: list[str]) -> str:
        rows: list[list[Cell]] = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(self.titles.get(a, a) for a in assignments)],
            ["Points Possible", "", "", "", "", *(gradebook.find_assignment(a).max_score for a in assignments)],
        ]
        for student in self._students(gradebook):
            names = [part for part in (student.last_name, student.first_name) if part]
            known = [", ".join(names) or student.id, student.lms_user_id or "", "", student.id, self.section]
            rows.append([*known, *(self._score(gradebook, each, student).points for each in assignments)])
        return to_csv(rows)


class MoodlePlugin(_Plugin):
    """A file for Moodle: Grades → Import → CSV file.

    While importing, map from ``Username``, ``ID number`` or ``Email address``, whichever your students are known by, to
    the user, and each assignment's column to its grade item, or to a new one. A student without a grade has no row,
    because Moodle takes an empty grade for "no grade" and clears what is there: export one assignment at a time. It
    refuses more than 100 points unless the site allows them. Sources: docs.moodle.org/en/Grade_import, and
    ``grade/import/csv/classes/load_data.php`` of moodle/moodle, which reads the file.
    """

    titles = Dict(help="The heading of an assignment's column, by nbgrader's name of it.").tag(config=True)
    default_name = "moodle.csv"

    def _text(self, gradebook: Gradebook, assignments: list[str]) -> str:
        headings = [self.titles.get(assignment, assignment) for assignment in assignments]
        rows: list[list[Cell]] = [["First name", "Last name", "Username", "ID number", "Email address", *headings]]
        for student in self._students(gradebook):
            points = [self._score(gradebook, each, student).points for each in assignments]
            if any(score is not None for score in points):
                ids = [student.id, student.lms_user_id or "", student.email or ""]
                scores = ["-" if score is None else score for score in points]  # Moodle's sign for no grade
                rows.append([student.first_name or "", student.last_name or "", *ids, *scores])
        return to_csv(rows)


class CsvPlugin(_Plugin):
    """A row a student and a column an exercise, with what was found: for people and for one's own scripts."""

    default_name = "exercises.csv"

    def _text(self, gradebook: Gradebook, assignments: list[str]) -> str:
        rows: list[list[Cell]] = []
        for assignment in assignments:
            kept = list(self._kept(assignment))
            names = list(dict.fromkeys(exercise.name for result in kept for exercise in result.exercises))
            more = ["score", "max_score", "to_grade", "diagnosis", "problem", "notes"]
            rows.append(["assignment", "student", *names, *more])
            for result in kept:
                points = {exercise.name: exercise.points for exercise in result.exercises}
                waiting = "; ".join(each.name for each in result.exercises if each.status == "to grade")
                found = "; ".join(f"{each.name}: {each.diagnosis}" for each in result.exercises if each.diagnosis)
                words = [waiting, found, result.problem, " ".join(result.notes)]
                scores = [points.get(name) for name in names]
                rows.append([assignment, result.student, *scores, result.score, result.max_score, *words])
        return to_csv(rows)

    def _kept(self, assignment: str) -> Iterator[results.Result]:
        """Yield what `coursekit grade` kept beside the gradebook."""
        folder = Path(self.folder or (self.parent.coursedir.root if self.parent else "."))
        kept = results.kept(Course(folder, assignment, folder))
        if not kept:
            raise CourseError(
                f"{folder} holds no results of {assignment}.",
                fix="run `coursekit grade` into that folder; nbgrader alone keeps no reasons.",
            )
        wanted = [str(student) for student in self.student]
        yield from (result for result in kept if not wanted or result.student in wanted)


class JsonPlugin(CsvPlugin):
    """The same as data: a list of objects, each a `coursekit.grading.results.Result` with its assignment."""

    default_name = "results.json"

    def _text(self, gradebook: Gradebook, assignments: list[str]) -> str:
        found = [{"assignment": each} | asdict(result) for each in assignments for result in self._kept(each)]
        return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
