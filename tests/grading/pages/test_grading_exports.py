import csv
import io
import json

import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from coursekit.cli.app import app
from coursekit.errors import CourseError
from coursekit.grading.exports import FORMATS, export
from coursekit.grading.exports.tables import to_csv
from coursekit.grading.graded import CellGrade

pytestmark = pytest.mark.slow


def rows(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


@pytest.fixture
def folder(graded_class):
    """A class of three: ada waits for a grader, ben was graded by hand, chloe handed nothing in."""
    graded_class.hand_in("ada")
    wrong = CellGrade("double-tests", 0.5, 2.0, "kernel", "error", '=HYPERLINK("http://evil"),\x1b[2Jboom')
    graded_class.hand_in("ben", failed=[wrong])
    with Gradebook(graded_class.course.gradebook_url) as gradebook:
        ben = gradebook.find_student("ben")
        ben.first_name, ben.last_name, ben.email, ben.lms_user_id = 'Ben "B"', "O'Hara, jr", "b@x.org", "4711"
        grade = gradebook.find_grade("essay", "b1_tiny", "b1_tiny", "ben")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        gradebook.add_student("chloe", first_name="=cmd()", last_name="Chloe")
        gradebook.db.commit()
    return graded_class.course.folder


def test_canvas_finds_its_columns_students_and_points(folder):
    made = export("b1", folder, "canvas", title="Tiny (99)")
    header, possible, *students = rows(made.path)
    # What Canvas's importer holds a file to.
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["Tiny (99)"]
    assert "Points Possible" in possible[0]
    assert float(possible[5]) == 8
    assert sorted(students) == [
        ["Chloe, '=cmd()", "", "", "chloe", "", ""],
        ['O\'Hara, jr, Ben "B"', "4711", "", "ben", "", "5.5"],
        ["ada", "", "", "ada", "", ""],
    ]
    assert made.waiting == 1
    assert made.path == folder / "grades" / "b1_tiny.canvas.csv"


def test_moodle_gets_no_row_that_would_clear_a_grade(folder, tmp_path):
    made = export("b1_tiny", folder, "moodle", tmp_path / "m.csv")
    assert rows(tmp_path / "m.csv") == [
        ["First name", "Last name", "Username", "ID number", "Email address", "b1_tiny"],
        ['Ben "B"', "O'Hara, jr", "ben", "4711", "b@x.org", "5.5"],
    ]
    assert made.waiting == 1


def test_provisional_scores_are_given_when_asked_for(folder):
    made = export("b1", folder, "moodle", provisional=True)
    assert [(row[2], row[5]) for row in rows(made.path)[1:]] == [("ada", "5"), ("ben", "5.5")]
    assert made.waiting == 0


def test_what_came_off_for_being_late_is_off(folder, graded_class):
    with Gradebook(graded_class.course.gradebook_url) as gradebook:
        gradebook.find_submission_notebook("b1_tiny", "b1_tiny", "ben").late_submission_penalty = 1.5
        submission = gradebook.find_submission("b1_tiny", "ben")
        expected = max(0.0, submission.score - (submission.late_submission_penalty or 0.0))
        gradebook.db.commit()
    made = export("b1", folder, "moodle")
    assert float(rows(made.path)[1][5]) == expected == 4.0


def test_the_table_has_an_exercise_a_column_and_computes_nothing(folder):
    header, ada, ben = rows(export("b1", folder, "csv").path)
    assert header[:6] == ["assignment", "student", "hinge_loss_loops", "double-tests", "essay", "score"]
    assert ada[:6] == ["b1_tiny", "ada", "3", "2", "", "5"]
    assert ben[1:5] == ["ben", "3", "0.5", ben[4]]
    assert ben[header.index("diagnosis")] == "double-tests: =HYPERLINK('http://evil'),boom".replace("'", '"')


def test_json_holds_everything(folder):
    ada, ben = json.loads(export("b1", folder, "json").path.read_text())
    assert (ada["assignment"], ada["student"], ada["needs_manual"]) == ("b1_tiny", "ada", True)
    assert ben["exercises"][1]["cause"] == "error"


@pytest.mark.parametrize("form", ["CanvasPlugin", "MoodlePlugin", "CsvPlugin", "JsonPlugin"])
def test_nbgraders_own_export_takes_the_plugins(folder, tmp_path, monkeypatch, form):
    from nbgrader.apps import ExportApp

    monkeypatch.chdir(folder)
    ExportApp.clear_instance()
    nbgrader = ExportApp()
    nbgrader.initialize([f"--exporter=coursekit.grading.exports.{form}", f"--to={tmp_path / 'out'}"])
    nbgrader.start()
    assert "ben" in (tmp_path / "out").read_text()


@pytest.mark.parametrize(
    ("assignment", "form", "problem"),
    [("b1", "excel", "no format 'excel'"), ("a7", "csv", "no 'a7'")],
)
def test_what_is_asked_for_wrongly_is_told(folder, assignment, form, problem):
    with pytest.raises(CourseError, match=problem) as error:
        export(assignment, folder, form)
    assert error.value.fix


@pytest.mark.parametrize("config", [False, True], ids=["empty", "a course of nbgrader's"])
def test_a_folder_that_holds_no_class_is_told_and_left_alone(tmp_path, config):
    if config:
        (tmp_path / "nbgrader_config.py").write_text("c = get_config()")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(CourseError, match="no class was graded"):
        export("a1", tmp_path, "csv")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["export", "report"])
@pytest.mark.parametrize(("to", "problem"), [(".", "is a folder"), ("note.txt/x.csv", "cannot be written")])
def test_a_file_that_cannot_be_written_is_told(folder, tmp_path, command, to, problem):
    (tmp_path / "note.txt").touch()
    before = sorted(tmp_path.rglob("*"))
    ran = CliRunner().invoke(app, [command, "b1", "--into", str(folder), "--to", str(tmp_path / to)])
    assert isinstance(ran.exception, CourseError)
    assert problem in ran.exception.problem
    assert "--to" in ran.exception.fix
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command_says_what_it_left_out(folder):
    ran = CliRunner().invoke(app, ["export", "b1", "--into", str(folder), "--format", "canvas"])
    assert ran.exit_code == 0
    assert "waiting for a grader: 1" in ran.output
    assert all(form in CliRunner().invoke(app, ["export", "--help"]).output for form in FORMATS)


def test_csv_is_quoted_and_on_one_line_a_row():
    text = to_csv([["a,b", 'c"d', "e\nf\x1b[1m", 1.0, 2.5, None], ["=1", "-1", "x;=1", -1, 0.1 + 0.2, "-"]])
    assert text == '"a,b","c""d","e f",1,2.5,""\n"\'=1","\'-1","x;\'=1",-1,0.3,"-"\n'
