import csv
import io
from types import SimpleNamespace

import pytest
from nbformat import from_dict, v4

from coursekit.grading import results
from coursekit.grading.course import Course
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


def exercise(outputs, score=0.0, source="ck.check.fool(fool)", solution=False, **grade):
    cell = from_dict(v4.new_code_cell(source, outputs=outputs))
    cell.metadata = from_dict({"nbgrader": {"grade": True, "solution": solution, "grade_id": "fool-tests"}})
    defaults = {"name": "fool-tests", "max_score": 3.0, "manual_score": None, "auto_score": score, "score": score}
    defaults["needs_manual_grade"] = score is None
    return results._exercise(cell, SimpleNamespace(**{**defaults, **grade}))


def report(status="failed"):
    verdict = {"exercise": "fool", "status": status, "misconception": "takes rows", "hint": "columns"}
    return v4.new_output("display_data", {"text/plain": "…", REPORT: verdict})


def error(name="CheckFailed"):
    return v4.new_output("error", ename=name, evalue="why", traceback=[])


def test_a_failed_check_says_why():
    assert exercise([report(), error()]) == ExerciseResult("fool", 0.0, 3.0, "failed", "takes rows", "columns")


def test_a_passed_check_has_nothing_to_say():
    assert exercise([report("passed")], 3.0) == ExerciseResult("fool", 3.0, 3.0, "passed")
    assert exercise([], 3.0).passed


def test_an_answer_that_breaks_before_the_check_shows_the_error():
    broken = exercise([error("NameError")])
    assert broken == ExerciseResult("fool", 0.0, 3.0, "error", "", "NameError: why")
    (row,) = rows(to_csv([Result("ada", 0.0, 3.0, (broken,))]))
    assert row["diagnosis"] == "fool: NameError: why"


@pytest.mark.parametrize("name", ["NotRunError", "CellTimeoutError", "KeyboardInterrupt"])
def test_a_check_that_was_stopped_is_no_failure_of_the_check(name):
    assert exercise([report(), error(name)]).status == "stopped"


def test_a_plain_test_cell_is_known_by_its_id():
    assert exercise([error("AssertionError")], source="assert fool() == 1").name == "fool-tests"


def test_a_written_answer_waits_is_graded_or_is_empty():
    source = "I would call ck.check.fool(f)"
    waiting = exercise([], None, source, solution=True)
    assert waiting == ExerciseResult("fool-tests", None, 3.0, "to grade")
    assert waiting.manual
    graded = exercise([], 2.0, source, solution=True, manual_score=2.0)
    assert (graded.points, graded.status) == (2.0, "graded")
    assert exercise([], 0.0, source, solution=True).status == "empty"
