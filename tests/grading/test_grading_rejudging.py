import nbformat
import numpy as np
import pytest

from coursekit import exercises
from coursekit.grading import keys
from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.journal import Entry
from coursekit.grading.judge import mark_calls, seed_of
from coursekit.grading.limits import Limits
from coursekit.grading.rejudging import judged_again
from coursekit.grading.results import REPORT


class InThisProcess:
    """The judge's channel to a kernel, without one."""

    def __init__(self, function):
        self.function = function

    def evaluate(self, code, expression, seconds):
        scope = {"hinge_loss_loops": self.function, "np": np}
        return eval(expression, scope)


@pytest.fixture
def bundle(tiny):
    return Bundle(tiny.name, nbformat.writes(tiny.notebook(solution=True)), {}, {}, "salt", "v")


@pytest.fixture
def entry(bundle, tiny):
    """A submission whose hinge loss is right, judged; its tests are of an earlier kind."""
    notebook = nbformat.reads(tiny.text(), as_version=4)
    cell = next(cell for cell in bundle.notebook.cells if cell.id == "hinge-tests")
    space = {}
    exec(tiny.right["hinge"], space)
    kept = {}
    seed = seed_of("salt", "work", "hinge-tests")
    grade, outputs = mark_calls(cell, InThisProcess(space["hinge_loss_loops"]), Limits(), seed, kept)
    assert grade.points == 3
    next(cell for cell in notebook.cells if cell.id == "hinge-tests").outputs = nbformat.from_dict(outputs)
    cells = (grade, CellGrade("double-tests", 2.0, 2.0, "kernel"), CellGrade("essay", None, 3.0, "person"))
    graded = Graded("ada", "work", nbformat.writes(notebook), cells, "none", answers=kept)
    return Entry("key", {**keys.tests(bundle), "hinge-tests": "before"}, graded)


def test_what_is_judged_again_is_what_the_tests_say_now(bundle, entry, monkeypatch):
    again = judged_again(bundle, entry, keys.tests(bundle), Limits())
    assert again.cells[0].points == 3
    assert again.cells[1:] == entry.graded.cells[1:]
    monkeypatch.setattr(exercises.get("hinge_loss_loops"), "reference", lambda scores, labels, margin=1.0: 0.0)
    again = judged_again(bundle, entry, keys.tests(bundle), Limits())
    assert (again.cells[0].points, again.cells[0].cause) == (0.0, "wrong")
    shown = next(c for c in nbformat.reads(again.notebook, as_version=4).cells if c.id == "hinge-tests")
    assert [each.data[REPORT]["status"] for each in shown.outputs if "data" in each] == ["failed"]
    assert shown.outputs[-1].output_type == "error"


def test_what_did_not_change_is_not_judged(bundle, entry):
    same = Entry(entry.key, keys.tests(bundle), entry.graded)
    assert judged_again(bundle, same, keys.tests(bundle), Limits()) is entry.graded


def test_a_test_that_runs_in_the_kernel_must_be_executed(bundle, entry):
    other = Entry(entry.key, {**keys.tests(bundle), "double-tests": "before"}, entry.graded)
    assert judged_again(bundle, other, keys.tests(bundle), Limits()) is None


def test_questions_that_were_not_asked_then_must_be_executed(bundle, entry, monkeypatch):
    exercise = exercises.get("hinge_loss_loops")
    monkeypatch.setattr(exercise, "cases", exercise.cases[:1])
    fewer = judged_again(bundle, entry, keys.tests(bundle), Limits())
    assert fewer is None or fewer.cells[0].points == 3
    monkeypatch.setattr(
        exercise, "cases", (*exercise.cases, exercises.Case("new", (np.ones((1, 2)), np.array([1]), 3.0)))
    )
    assert judged_again(bundle, entry, keys.tests(bundle), Limits()) is None
