import csv
import io
from types import SimpleNamespace
from typing import get_args

import pytest
from nbformat import from_dict, v4

from coursekit.grading import results
from coursekit.grading.course import Course
from coursekit.grading.graded import Cause, CellGrade
from coursekit.grading.results import REPORT, ExerciseResult, Result, kept, load, save, to_csv
from coursekit.teach import checking


@pytest.fixture
def result():
    exercises = (
        ExerciseResult("hinge_loss", 0.0, 4.0, "failed", "counts it", "leave it out"),
        ExerciseResult("fool", 2.5, 3.0, "passed"),
        ExerciseResult("essay", None, 3.0, "to grade"),
    )
    return Result("ada", 2.5, 10.0, exercises, "", ("a note",), True, {"essay": "nice"}, "k")


def test_the_report_is_found_under_the_type_that_checks_give_it():
    assert REPORT == checking.MIMETYPE


def test_a_result_is_kept_and_found_again(tmp_path, result):
    course = Course(tmp_path, "a1", tmp_path)
    save(course, result)
    assert load(course, "ada") == result
    assert kept(course) == [result]
    assert load(course, "ben") is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exercises": []}', '{"exercises": [{"x": 1}]}'])
def test_a_result_that_cannot_be_read_is_none(tmp_path, result, text):
    course = Course(tmp_path, "a1", tmp_path)
    save(course, result)
    course.result("ada").write_text(text)
    assert load(course, "ada") is None
    assert kept(course) == []


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_has_a_row_a_student_and_a_column_an_exercise(result):
    (row,) = rows(to_csv([result]))
    assert row == {
        "student": "ada",
        "hinge_loss": "0",
        "fool": "2.5",
        "essay": "",
        "score": "2.5",
        "max_score": "10",
        "to_grade": "essay",
        "diagnosis": "hinge_loss: counts it",
        "problem": "",
        "notes": "a note",
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_computes_nothing(start):
    formula = f'{start}HYPERLINK("x","y"),\n"'
    (row,) = rows(to_csv([Result(formula, 0.0, 1.0, (), problem=formula, notes=(formula,))]))
    for column in ("student", "problem", "notes"):
        assert row[column] == "'" + formula


def test_quotes_commas_and_line_ends_survive():
    (row,) = rows(to_csv([Result('a"b,c\nd', 0.0, 1.0, (), problem="x, y")]))
    assert (row["student"], row["problem"]) == ('a"b,c\nd', "x, y")


def cell(cause="", sentence="", verdict=None, trust="judge", points=0.0):
    return CellGrade("fool-tests", points, 3.0, trust, cause, sentence, verdict)


def grade(auto=0.0, **more):
    found = {"max_score": 3.0, "manual_score": None, "auto_score": auto, "score": auto or 0.0}
    return SimpleNamespace(**(found | {"needs_manual_grade": auto is None} | more))


def exercise(found, outputs=(), score=0.0, **more):
    return results._with_grade(results._exercise("fool", found, outputs), grade(score, **more))


VERDICT = {"exercise": "fool", "status": "failed", "misconception": "takes rows", "hint": "columns"}


def report(**more):
    return v4.new_output("display_data", {"text/plain": "…", REPORT: {**VERDICT, **more}})


def test_a_failed_check_says_why():
    expected = ExerciseResult("fool", 0.0, 3.0, "failed", "takes rows", "columns", "wrong")
    assert exercise(cell("wrong", "case: got 1", VERDICT)) == expected
    raised = exercise(cell("error", "case: it raised", {**VERDICT, "misconception": "", "hint": ""}))
    assert raised == ExerciseResult("fool", 0.0, 3.0, "failed", "", "case: it raised", "error")


def test_what_the_students_own_kernel_reports_is_told_as_such():
    expected = ExerciseResult("fool", 0.0, 3.0, "failed", "takes rows", "columns", "error", "kernel")
    outputs = [report(status="passed"), report()]
    assert exercise(cell("error", "CheckFailed: …", trust="kernel"), outputs) == expected


def test_a_passed_check_has_nothing_to_say():
    assert exercise(cell(points=3.0), score=3.0) == ExerciseResult("fool", 3.0, 3.0, "passed")
    assert exercise(cell(points=3.0), score=3.0).passed


def test_an_answer_that_was_not_written_is_no_diagnosis():
    unwritten = exercise(cell("unwritten", "not written yet", {**VERDICT, "status": "unwritten"}))
    assert (unwritten.status, unwritten.diagnosis) == ("unwritten", "")


def test_an_answer_that_breaks_before_the_check_shows_the_error():
    broken = exercise(cell("error", "NameError: why", trust="kernel"))
    assert broken == ExerciseResult("fool", 0.0, 3.0, "error", "", "NameError: why", "error", "kernel")
    (row,) = rows(to_csv([Result("ada", 0.0, 3.0, (broken,))]))
    assert row["diagnosis"] == "fool: NameError: why"


@pytest.mark.parametrize("cause", ["time", "output", "memory", "died", "not run", "malformed"])
def test_a_check_that_was_stopped_is_no_failure_of_the_check(cause):
    stopped = exercise(cell(cause, "it was stopped", VERDICT), [report()])
    assert (stopped.status, stopped.cause, stopped.diagnosis) == ("stopped", cause, "it was stopped")


def test_every_cause_has_a_status():
    for cause in get_args(Cause):
        assert exercise(cell(cause)).status in ("passed", "failed", "error", "unwritten", "stopped")


def test_points_given_by_hand_win():
    by_hand = grade(0.0, score=2.0, manual_score=2.0)
    assert results._with_grade(results._exercise("fool", cell("wrong"), ()), by_hand).points == 2.0


def test_a_plain_test_cell_is_known_by_its_id():
    plain = from_dict(v4.new_code_cell("assert fool() == 1"))
    plain.metadata = from_dict({"nbgrader": {"grade": True, "solution": False, "grade_id": "fool-tests"}})
    assert results.exercise_name(plain) == "fool-tests"
    plain.source = "ck.check.fool(fool)"
    assert results.exercise_name(plain) == "fool"
    plain.metadata.nbgrader.solution = True
    assert results.exercise_name(plain) == "fool-tests"


def test_a_written_answer_waits_is_graded_or_is_empty():
    by_hand = cell(trust="person", points=None)
    waiting = exercise(by_hand, score=None)
    assert waiting == ExerciseResult("fool", None, 3.0, "to grade", trust="person")
    assert waiting.manual
    graded = results._with_grade(waiting, grade(None, score=2.0, manual_score=2.0, needs_manual_grade=False))
    assert (graded.points, graded.status) == (2.0, "graded")
    assert exercise(by_hand, score=0.0).status == "empty"
