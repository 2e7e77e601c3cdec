"""The run around the engine, with nbgrader's converters but without kernels."""

import csv
import json
import os

import pytest

from coursekit.errors import CourseError
from coursekit.grading import staging
from coursekit.grading.engine import Graded, NbgraderEngine
from coursekit.grading.results import load
from coursekit.grading.run import grade

pytestmark = pytest.mark.usefixtures("no_kernel")


class Counting:
    """nbgrader's engine, counting; `fails` gives the problem of a student's first runs."""

    def __init__(self, **fails):
        self.students, self.fails, self.inner = [], fails, NbgraderEngine()

    def grade(self, course, student):
        self.students.append(student)
        if self.students.count(student) <= self.fails.get(student, 0):
            return Graded(student, "the kernel did not start.")
        return self.inner.grade(course, student)


@pytest.fixture
def handed_in(tmp_path, tiny):
    for student in ("ada", "ben"):
        tiny.hand_in(tmp_path / "class", student)
    return tmp_path / "class"


@pytest.fixture
def again(handed_in, into, tiny, tiny_root):
    """Run once more; return the class and whom the engine was asked to grade."""

    def run(engine=None, **options):
        engine = engine or Counting()
        graded = grade(tiny.name, handed_in, into, root=tiny_root, engine=engine, **options)
        return graded, engine.students

    return run


def table(graded):
    with graded.csv.open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_a_class_is_graded_and_told_about(again):
    steps = []
    graded, asked = again(on_progress=steps.append)
    assert asked == ["ada", "ben"]
    assert [(s.student, s.done, s.total, s.state) for s in steps] == [
        ("ada", 0, 2, "grading"),
        ("ada", 1, 2, "graded"),
        ("ben", 1, 2, "grading"),
        ("ben", 2, 2, "graded"),
    ]
    assert [result.student for result in graded.results] == ["ada", "ben"]
    assert {row["score"] for row in table(graded).values()} == {"5"}
    assert graded.gradebook.exists()
    assert (graded.feedback / "ada" / "b1_tiny" / "b1_tiny.html").exists()
    assert "ada" in (graded.csv.parent / "nbgrader.csv").read_text()


def test_a_second_run_grades_only_what_changed(again, handed_in, tiny):
    first, _ = again()
    assert again()[1] == []
    tiny.hand_in(handed_in, "ben", {**tiny.right, "double": "def double(x):\n    return x + x"})
    tiny.hand_in(handed_in, "chloe")
    steps = []
    graded, asked = again(on_progress=steps.append)
    assert asked == ["ben", "chloe"]
    assert graded.kept == 1
    assert [step.state for step in steps if step.state != "grading"] == ["kept", "graded", "graded"]
    assert graded.results[0] == first.results[0]
    assert list(table(graded)) == ["ada", "ben", "chloe"]


def test_regrade_grades_everything_again(again):
    again()
    assert again(regrade=True)[1] == ["ada", "ben"]


@pytest.mark.parametrize("lost", ["results/b1_tiny/ben.json", "autograded/ben/b1_tiny/b1_tiny.ipynb"])
def test_what_an_earlier_run_left_half_done_is_graded_again(again, into, lost):
    first, _ = again()
    (into / lost).unlink()
    second, asked = again()
    assert asked == ["ben"]
    assert second.results == first.results


def test_the_table_keeps_those_of_earlier_runs(again, handed_in, into, tiny, tiny_root, tmp_path):
    again()
    tiny.hand_in(tmp_path / "late", "zoe")
    graded = grade(tiny.name, tmp_path / "late", into, root=tiny_root)
    assert [result.student for result in graded.results] == ["zoe"]
    assert list(table(graded)) == ["ada", "ben", "zoe"]


def test_a_submission_that_cannot_be_run_gets_zero_with_the_reason(again, into):
    graded, asked = again(Counting(ben=2))
    assert asked == ["ada", "ben", "ben", "ben"]
    assert graded.results[1].problem == "the kernel did not start."
    submitted = json.loads((into / "submitted" / "ben" / "b1_tiny" / "b1_tiny.ipynb").read_text())
    assert "the kernel did not start" in "".join(submitted["cells"][0]["source"])
    assert "the kernel did not start" in (graded.feedback / "ben" / "b1_tiny" / "b1_tiny.html").read_text()
    # The reason is about what was handed in: it is not run a second time to the same end.
    assert again()[1] == []


def test_a_passing_fault_is_nobodys(again):
    graded, asked = again(Counting(ben=1))
    assert asked == ["ada", "ben", "ben"]
    assert (graded.results[1].problem, graded.results[1].score) == ("", 5.0)


def test_a_fault_of_the_machine_stops_the_run_and_is_nobodys(again, into, tiny, tiny_root):
    from coursekit.grading.course import Course

    with pytest.raises(CourseError, match="grading stopped at ben") as error:
        again(Counting(ben=3))
    assert "same command again" in error.value.fix
    course = Course(into, tiny.name, tiny_root)
    assert load(course, "ada")
    assert load(course, "ben") is None
    assert again()[1] == ["ben"]


def test_an_interruption_is_not_taken_for_a_fault_of_the_submission(again, into, monkeypatch):
    from nbgrader.converters import Autograde

    def interrupt(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Autograde, "convert_notebooks", interrupt)
        with pytest.raises(KeyboardInterrupt):
            again()
    assert again()[1] == ["ada", "ben"]


def grade_by_hand(graded, student, score, comment):
    from nbgrader.api import Gradebook

    with Gradebook(graded.course.gradebook_url) as gradebook:
        found = gradebook.find_grade("essay", "b1_tiny", "b1_tiny", student)
        found.manual_score, found.needs_manual_grade = score, False
        gradebook.find_comment("essay", "b1_tiny", "b1_tiny", student).manual_comment = comment
        gradebook.db.commit()


def test_scores_and_comments_given_by_hand_survive_and_show(again, handed_in, tiny):
    graded, _ = again()
    assert table(graded)["ada"]["to_grade"] == "essay"
    assert graded.results[0].needs_manual
    grade_by_hand(graded, "ada", 2.5, "A good reason.")
    graded, asked = again()
    assert asked == []
    ada = table(graded)["ada"]
    assert (ada["essay"], ada["score"], ada["to_grade"]) == ("2.5", "7.5", "")
    assert not graded.results[0].needs_manual
    assert "A good reason." in (graded.feedback / "ada" / "b1_tiny" / "b1_tiny.html").read_text()
    tiny.hand_in(handed_in, "ada", {**tiny.right, "essay": "Another answer."})
    graded, asked = again()
    assert asked == ["ada"]
    ada = table(graded)["ada"]
    assert (ada["essay"], ada["score"], ada["to_grade"]) == ("2.5", "7.5", "essay"), "it asks for a second look"
    assert "A good reason." in (graded.feedback / "ada" / "b1_tiny" / "b1_tiny.html").read_text()


@pytest.mark.parametrize("place", [".", "handed_in/graded", "graded/submitted"])
def test_submissions_are_not_graded_into_each_other(tmp_path, tiny, tiny_root, place):
    submissions = tmp_path / ("graded/submitted" if place == "graded/submitted" else "handed_in")
    tiny.hand_in(submissions, "ada")
    into = submissions if place == "." else tmp_path / place.replace("/submitted", "")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(CourseError, match="lie in each other"):
        grade(tiny.name, submissions, into, root=tiny_root)
    assert sorted(tmp_path.rglob("*")) == before


def test_nothing_is_made_where_there_is_nothing_to_grade(tmp_path, tiny, tiny_root):
    with pytest.raises(CourseError, match="there is no folder"):
        grade(tiny.name, tmp_path / "nowhere", tmp_path / "into", root=tiny_root)
    assert not (tmp_path / "into").exists()


def test_what_was_handed_in_is_never_written(again, handed_in):
    def state():
        return sorted((path, path.stat().st_mtime_ns) for path in handed_in.rglob("*"))

    before = state()
    again()
    assert state() == before


def test_the_environment_is_given_back(again, monkeypatch):
    monkeypatch.delenv("COURSEKIT_ROOT", raising=False)
    before = dict(os.environ)
    again()
    assert dict(os.environ) == before


def test_staging_rules_that_change_make_old_results_stale(again, monkeypatch):
    again()
    monkeypatch.setattr(staging, "_VERSION", "next")
    assert again()[1] == ["ada", "ben"]
