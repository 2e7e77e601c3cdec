import io
import shlex
from dataclasses import replace

import pytest
from rich.console import Console

from coursekit import exercises
from coursekit.grading.course import Course
from coursekit.grading.report import diagnosis_table, points_list, points_table, show
from coursekit.grading.results import ExerciseResult, Result
from coursekit.grading.run import GradedClass


def printed(what, width=100):
    file = io.StringIO()
    Console(file=file, width=width).print(what)
    return file.getvalue()


@pytest.fixture
def ada():
    asked = exercises.assignment("a1").exercises
    a1 = [ExerciseResult(each.name, float(each.points), float(each.points), "passed") for each in asked]
    return Result("ada", 31.0, 34.0, (*a1, ExerciseResult("written-answer", None, 3.0, "to grade")), needs_manual=True)


@pytest.fixture
def ben():
    bad = (
        ExerciseResult("hinge_loss", 0.0, 4.0, "failed", "counts the correct class", "Leave it out."),
        ExerciseResult("fool", 0.0, 3.0, "stopped", "", "NotRunError: the kernel died"),
        ExerciseResult("l2_penalty", 0.0, 2.0, "unwritten"),
        ExerciseResult("l1_penalty", 0.0, 2.0, "unwritten"),
        ExerciseResult("triplet_loss", 0.0, 2.0, "failed", "", "Look at [n]."),
        ExerciseResult("written-answer", 2.5, 3.0, "to grade"),
    )
    return Result("ben", 2.5, 16.0, bad, notes=("a note",))


def test_a1_fits_a_hundred_columns_without_a_word_cut(ada):
    text = printed(points_table([ada]))
    assert "…" not in text
    for word in {word for exercise in ada.exercises for word in exercise.name.replace("-", "_").split("_")}:
        assert word in text
    assert "–/3" in text
    assert "31/34" in text


def test_a_narrow_terminal_gets_numbers_and_a_key(ada):
    text = printed(points_table([ada], width=80), width=80)
    assert "1:hinge_loss_loops  2:hinge_loss" in text
    assert "8:train_linear_classifier" in text
    assert "softma\n" not in text
    assert "31/34" in text


def test_each_state_has_its_mark(ben):
    row = printed(points_table([ben])).splitlines()[-2]
    assert row.split() == ["ben", "✗", "0", "!", "0", "○", "0", "○", "0", "✗", "0", "2.5/3", "2.5/16"]


def test_what_happened_is_told_once_a_student(ben):
    lines = [" ".join(line.split()) for line in printed(diagnosis_table([ben])).splitlines()]
    assert lines[3:8] == [
        "ben a note",
        "2 exercises not written yet",
        "hinge_loss counts the correct class",
        "fool NotRunError: the kernel died",
        "triplet_loss Look at [n].",
    ]


def test_a_problem_is_told_in_place_of_what_it_caused():
    untouched = (ExerciseResult("fool", 0.0, 3.0, "unwritten"),)
    text = printed(diagnosis_table([Result("eve", 0.0, 3.0, untouched, problem="eve.zip is not a notebook.")]))
    assert "eve.zip is not a notebook." in text
    assert "not written" not in text
    eve = Result("eve", 0.0, 3.0, untouched, problem="eve.zip is not a notebook.")
    assert "! 0" in printed(points_table([eve]))
    assert "○ 0" in printed(points_table([replace(eve, problem="")]))


def test_what_students_wrote_is_no_markup(ben):
    ben = Result("[red]x", 0.0, 1.0, ben.exercises, problem="[/oops]")
    assert "[red]x" in printed(points_table([ben]))
    assert "[/oops]" in printed(diagnosis_table([ben]))


def test_one_student_sees_every_exercise_with_its_hint(ben):
    lines = [" ".join(line.split()) for line in printed(points_list(ben)).splitlines()]
    for line in (
        "hinge_loss ✗ 0/4 Leave it out.",
        "fool ! 0/3 NotRunError: the kernel died",
        "l2_penalty ○ 0/2 unwritten",
        "triplet_loss ✗ 0/2 Look at [n].",
        "written-answer – 2.5/3 to grade",
        "total 2.5/16 a note",
    ):
        assert line in lines


def test_a_class_is_shown_with_where_everything_lies(tmp_path, ada, ben):
    file = io.StringIO()
    course = Course(tmp_path / "x", "a1_losses", tmp_path)
    show(GradedClass(course, (ada, ben), 1, 12.3), Console(file=file, width=100))
    text = file.getvalue()
    assert "2 submissions (1 unchanged, kept) in 12 s." in text
    assert "1 written answer waits" in text
    for path in (course.gradebook, course.table, course.folder / "feedback", f"cd {course.folder} && "):
        assert str(path) in text


def test_a_folder_of_any_name_can_be_pasted_into_a_shell(tmp_path, ada):
    file = io.StringIO()
    course = Course(tmp_path / "it's [b] :x: mine", "a1_losses", tmp_path)
    show(GradedClass(course, (ada,), 0, 1.0), Console(file=file, width=100))
    (line,) = [line for line in file.getvalue().splitlines() if "to grade  " in line]
    assert shlex.split(line.removeprefix("  to grade"))[:3] == ["cd", str(course.folder), "&&"]


def test_who_was_not_graded_is_listed_with_the_reason(tmp_path):
    file = io.StringIO()
    course = Course(tmp_path / "x", "a1_losses", tmp_path)
    show(GradedClass(course, (), 0, 1.0, (("[eve]", "a worker process was lost"),)), Console(file=file, width=100))
    text = file.getvalue()
    assert "1 not graded, through no fault of theirs" in text
    assert "[eve]: a worker process was lost" in text


def test_results_of_kernels_that_were_not_shut_in_say_so(tmp_path, ada):
    course = Course(tmp_path / "x", "a1_losses", tmp_path)
    for level, said in (("none", True), ("namespaces", False)):
        file = io.StringIO()
        show(GradedClass(course, (replace(ada, level=level),), 0, 1.0), Console(file=file, width=100))
        assert ("not shut in" in file.getvalue()) == said
