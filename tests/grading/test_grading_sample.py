import ast

import nbformat
import numpy as np
import pytest

from coursekit import exercises
from coursekit.errors import CourseError
from coursekit.exercises import Assignment, Case, Exercise, caller, examine
from coursekit.grading.sample import answered, invent, make_class

ASKED = exercises.assignment("a1").exercises


@pytest.fixture
def release():
    """A stand-in for the released a1: a solution cell and a check for every exercise, and an essay."""
    cells = []
    for exercise in ASKED:
        name = exercise.name
        stub = f'scale = 1\n\n\ndef {name}(x):\n    """Say."""\n    raise NotImplementedError()\n\n\nprint(1)'
        for source, flags in (
            (stub, {"grade": False, "solution": True}),
            (f"ck.check.{name}({name})", {"grade": True, "solution": False, "points": exercise.points}),
        ):
            meta = {"nbgrader": {"grade_id": f"{name}-{flags['grade']}", **flags}}
            cells.append(nbformat.v4.new_code_cell(source, metadata=meta))
    essay = {"nbgrader": {"grade_id": "essay", "grade": True, "solution": True, "points": 3}}
    cells.append(nbformat.v4.new_markdown_cell("YOUR ANSWER HERE", metadata=essay))
    return nbformat.v4.new_notebook(cells=cells)


@pytest.fixture
def students(release):
    return invent(ASKED, release, "a1_losses")


def test_the_class_is_the_same_each_time(release, students):
    assert invent(ASKED, release, "a1_losses") == students


def test_the_class_has_one_of_every_kind(students):
    kinds = [student.about for student in students]
    assert len(students) >= 8
    assert len({student.name for student in students}) == len(students)
    assert {"correct", "misconceptions", "half finished", "renamed notebook"} == set(kinds)
    assert kinds.count("correct") == 3
    assert any(student.written for student in students)
    assert [s.name for s in students if s.filename != "a1_losses.ipynb"] == [
        s.name for s in students if s.about == "renamed notebook"
    ]


def test_every_exercise_is_got_wrong_by_somebody_with_one_to_three_misconceptions_each(students):
    wrong = [student.misconceptions for student in students if student.about == "misconceptions"]
    assert {name for each in wrong for name in each} == {exercise.name for exercise in ASKED}
    assert all(1 <= len(each) <= 3 for each in wrong)


def test_correct_students_write_in_different_styles(students):
    for exercise in ASKED:
        styles = {s.answers[exercise.name] for s in students if s.about == "correct"}
        assert len(styles) == min(3, len(exercise.variants))


def test_points_are_what_the_construction_says(students):
    for student in students:
        assert list(student.points) == [exercise.name for exercise in ASKED] + ["essay"]
        assert student.points["essay"] == (None if student.written else 0.0)
        for exercise in ASKED:
            right = exercise.name in student.answers and exercise.name not in student.misconceptions
            assert student.points[exercise.name] == (exercise.points if right else 0.0)


def test_answers_stand_in_their_cells_and_nothing_else_changes(release, students):
    for student in students:
        notebook = answered(release, student)
        for before, after in zip(release.cells, notebook.cells, strict=True):
            name = next((n for n in student.answers if f"def {n}(" in before.source), None)
            if name:
                assert after.source == f"scale = 1\n\n\n{student.answers[name]}\n\nprint(1)"
                ast.parse(after.source)
            elif before.cell_type == "markdown":
                assert after.source == (student.written or before.source)
            else:
                assert after == before


def test_the_answers_are_judged_as_constructed(students):
    """One cheap exercise through the real check; `make course` and the demo's test do the rest."""
    exercise = exercises.get("hinge_loss_loops")
    for student in students:
        if exercise.name not in student.answers:
            continue
        space = {"np": np}
        exec(student.answers[exercise.name], space)
        verdict = examine(exercise, caller(space[exercise.name]), seed=1)
        assert verdict.misconception == student.misconceptions.get(exercise.name, "")
        assert (verdict.status == "passed") == (student.points[exercise.name] == exercise.points)


@pytest.mark.parametrize("count", [1, 2, 5, 24])
def test_assignments_of_any_size_are_spread_over_the_class(count):
    def right(x):
        return x

    def make(name):
        exercise = Exercise(name, 1, right, ("y",), [Case("one", (1,))])
        exercise.variant(right)
        exercise.misconception("no")(right)
        return exercise

    asked = tuple(make(f"f{i}") for i in range(count))
    cells = [
        nbformat.v4.new_code_cell(
            f"ck.check.{e.name}({e.name})",
            metadata={"nbgrader": {"grade_id": e.name, "grade": True, "solution": False, "points": 1}},
        )
        for e in asked
    ]
    wrong = [s.misconceptions for s in invent(asked, nbformat.v4.new_notebook(cells=cells), "x") if s.misconceptions]
    assert {name for each in wrong for name in each} == {e.name for e in asked}
    assert all(len(each) <= 3 for each in wrong)


def test_the_class_is_written_where_the_grader_finds_it(tmp_path, release):
    nbformat.write(release, tmp_path / "a1_losses.ipynb")
    students = make_class("a1", tmp_path / "a1_losses.ipynb", tmp_path / "class")
    files = {str(path.relative_to(tmp_path / "class")) for path in (tmp_path / "class").rglob("*.ipynb")}
    assert files == {f"{s.name}/a1_losses/{s.filename}" for s in students}


def test_an_assignment_that_is_not_built_or_lacks_a_cell_is_refused(tmp_path, release, students):
    assert isinstance(exercises.assignment("a1"), Assignment)
    with pytest.raises(CourseError, match="is not there"):
        make_class("a1", tmp_path / "missing.ipynb", tmp_path)
    release.cells = release.cells[1:]
    with pytest.raises(CourseError, match="no solution cell defines hinge_loss_loops"):
        answered(release, students[0])
