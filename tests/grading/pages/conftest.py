"""Submissions of the tiny assignment in a gradebook, with any outputs, and without a kernel."""

import nbformat
import pytest
from nbformat import v4

from coursekit.grading import results
from coursekit.grading.feedback import generate_feedback
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.recorder import Recorder
from coursekit.grading.staging import Staged


class Class:
    """Takes submissions into a gradebook."""

    def __init__(self, course, tiny):
        self.course, self._tiny, self._recorder = course, tiny, Recorder(course)

    def hand_in(self, student, outputs=(), added=(), failed=(), problem="", **more):
        """Record one submission.

        Args:
            student: whose.
            outputs: what cells showed, by id.
            added: cells behind the others.
            failed: `CellGrade`s in place of the two that pass.
            problem: why it could not be graded.
            more: further fields of `Graded`.
        """
        notebook = self._tiny.notebook(self._tiny.right)
        notebook.cells += added
        for cell in notebook.cells:
            cell.get("outputs", []).extend(dict(outputs).get(cell.id, ()))
        grades = {
            "hinge-tests": CellGrade("hinge-tests", 3.0, 3.0, "judge"),
            "double-tests": CellGrade("double-tests", 2.0, 2.0, "kernel"),
            "essay": CellGrade("essay", None, 3.0, "person"),
        } | {each.name: each for each in failed}
        text = nbformat.writes(notebook)
        staged = Staged(student, nbformat.writes(self._bare(notebook)), {}, problem, (), "k")
        graded = Graded(student, "k", text, tuple(grades.values()), "none", **more)
        self._recorder.record(staged, graded)
        result = results.read(self.course, graded, problem, (), "k")
        generate_feedback(self.course, student, result)
        results.save(self.course, result)
        return result

    def page(self, student):
        return self.course.notebook("feedback", student).read_text(encoding="utf-8")

    @staticmethod
    def _bare(notebook):
        bare = nbformat.from_dict(notebook)
        bare.cells = [
            v4.new_code_cell(cell.source, id=cell.id, metadata=cell.metadata) if cell.cell_type == "code" else cell
            for cell in notebook.cells
        ]
        return bare


@pytest.fixture
def graded_class(course, tiny):
    return Class(course, tiny)
