"""The run around the runner: worker processes and nbgrader's converters, but no kernels."""

import csv
import os
import stat

import pytest

from coursekit.errors import CourseError
from coursekit.grading import keys, staging
from coursekit.grading.course import Course
from coursekit.grading.results import load
from coursekit.grading.run import grade

pytestmark = pytest.mark.slow


@pytest.fixture
def handed_in(tmp_path, tiny):
    for student in ("ada", "ben"):
        tiny.hand_in(tmp_path / "class", student)
    return tmp_path / "class"


@pytest.fixture
def again(handed_in, into, tiny, tiny_root, handed_to_workers):
    """Run once more; return the class and whom workers were asked to grade, sorted."""
    import standins

    def run(**options):
        options = {"root": tiny_root, "workers": 1, "grader": standins.believe} | options
        graded = grade(tiny.name, handed_in, into, **options)
        return graded, handed_to_workers()

    return run


def marked(tiny, mark):
    """Answers that make trouble, see `standins`."""
    return {**tiny.right, "double": f"{tiny.right['double']}  # {mark}"}


def table(graded):
    with graded.csv.open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_nothing_is_asked_of_the_machine_where_nothing_is_executed(again, monkeypatch):
    again()

    def shut_in(unsafe):
        raise CourseError("submissions cannot be shut in.", fix="none.")

    monkeypatch.setattr("coursekit.grading.run.level_here", shut_in)
    graded, asked = again(grader=None)
    assert (graded.kept, asked) == (2, [])
    with pytest.raises(CourseError, match="cannot be shut in"):
        again(grader=None, regrade=True)


def test_a_class_is_graded_and_told_about(again):
    steps = []
    graded, asked = again(on_progress=steps.append)
    assert asked == ["ada", "ben"]
    assert [(s.student, s.done, s.total, s.state) for s in steps] == [
        ("ada", 0, 2, "grading"),
        ("ada", 1, 2, "graded"),
        ("ben", 1, 2, "grading"),
        ("ben", 2, 2, "graded"),
    ] or [s.state for s in steps] == ["grading", "grading", "graded", "graded"]  # the next begins while one is recorded
    assert [step.result.score for step in steps if step.result] == [5.0, 5.0]
    assert steps[-1].seconds_left == 0
    assert [result.student for result in graded.results] == ["ada", "ben"]
    assert graded.faults == ()
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
def test_what_an_earlier_run_left_half_done_is_completed_from_the_journal(again, into, lost):
    first, _ = again()
    (into / lost).unlink()
    second, asked = again()
    assert asked == []
    assert second.kept == 1
    assert second.results == first.results
    assert (into / lost).exists()


def test_without_its_journal_it_is_graded_again(again, into):
    first, _ = again()
    (into / "results/b1_tiny/ben.json").unlink()
    (into / ".coursekit/b1_tiny.jsonl").unlink()
    second, asked = again()
    assert asked == ["ben"]
    assert second.results == first.results


def test_the_table_keeps_those_of_earlier_runs(again, handed_in, into, tiny, tiny_root, tmp_path):
    again()
    tiny.hand_in(tmp_path / "late", "zoe")
    import standins

    graded = grade(tiny.name, tmp_path / "late", into, root=tiny_root, grader=standins.believe)
    assert [result.student for result in graded.results] == ["zoe"]
    assert list(table(graded)) == ["ada", "ben", "zoe"]


@pytest.mark.parametrize("mark", ["faulty once", "dies once"])
def test_a_passing_fault_is_nobodys(again, handed_in, tiny, mark):
    tiny.hand_in(handed_in, "ben", marked(tiny, mark))
    graded, asked = again()
    assert asked == ["ada", "ben", "ben"]
    assert (graded.faults, graded.results[1].problem, graded.results[1].score) == ((), "", 5.0)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        ("faulty always", "no kernel could be started"),
        ("raises", "OSError: the machine is unwell"),
        ("dies always", "a worker process was lost (status -9"),
    ],
)
def test_a_fault_that_stays_is_listed_and_nobodys(again, handed_in, into, tiny, tiny_root, mark, words):
    tiny.hand_in(handed_in, "ada", marked(tiny, mark))
    steps = []
    graded, asked = again(on_progress=steps.append)
    assert asked == ["ada", "ada", "ada", "ben"], "tried three times, and the others are not kept from their grades"
    assert [result.student for result in graded.results] == ["ben"]
    ((student, fault),) = graded.faults
    assert (student, words in fault) == ("ada", True)
    assert [step.student for step in steps if step.state == "failed"] == ["ada"]
    assert load(Course(into, tiny.name, tiny_root), "ada") is None
    assert list(table(graded)) == ["ben"]
    assert again()[1] == ["ada", "ada", "ada"], "the next run tries again"


def test_a_machine_that_grades_nothing_stops_the_run(again, handed_in, into, tiny, tiny_root):
    for number in range(5):
        tiny.hand_in(handed_in, f"s{number}", marked(tiny, "faulty always"))
    for student in ("ada", "ben"):
        tiny.hand_in(handed_in, student, marked(tiny, "faulty always"))
    with pytest.raises(CourseError, match="nothing could be graded") as error:
        again()
    assert "same command again" in error.value.fix
    assert not (into / "results").exists()
    tiny.hand_in(handed_in, "ada")
    assert "ada" in {result.student for result in again()[0].results}


def test_what_nbgrader_cannot_record_is_listed_and_stops_nobody(again, monkeypatch):
    from coursekit.grading.preprocessors import RecordGrades

    original = RecordGrades.preprocess

    def fail(self, nb, resources):
        if resources["nbgrader"]["student"] == "ada":
            raise RuntimeError("no such luck")
        return original(self, nb, resources)

    with monkeypatch.context() as patch:
        patch.setattr(RecordGrades, "preprocess", fail)
        graded, _ = again()
    assert [result.student for result in graded.results] == ["ben"]
    assert graded.faults == (("ada", "nbgrader cannot record ada: RuntimeError: no such luck"),)
    completed, asked = again()
    assert (asked, [result.student for result in completed.results]) == ([], ["ada", "ben"])


def test_an_interruption_is_not_taken_for_a_fault_of_the_submission(again, handed_to_workers, monkeypatch):
    from nbgrader.converters import Autograde

    def interrupt(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Autograde, "convert_notebooks", interrupt)
        with pytest.raises(KeyboardInterrupt):
            again()
    assert "ada" in handed_to_workers()
    graded, asked = again()
    assert (graded.faults, asked) == ((), ["ben"]), "the first had reached the journal"
    assert [result.score for result in graded.results] == [5.0, 5.0]


def test_some_students_can_be_graded_alone(again):
    graded, asked = again(students=["ben"])
    assert asked == ["ben"]
    assert list(table(graded)) == ["ben"]
    with pytest.raises(CourseError, match="holds nothing of 'bem'") as error:
        again(students=["bem"])
    assert "did you mean ben" in error.value.fix


def test_another_assignment_with_an_answer_of_the_same_name_is_not_this_one(again, handed_in, tiny):
    import nbformat

    other = tiny.notebook({"essay": "About something else."})
    other.cells = [cell for cell in other.cells if cell.id in ("title", "essay")]
    nbformat.write(other, handed_in / "ben" / "b1_tiny" / "b1_tiny.ipynb")
    graded, _ = again()
    (ben,) = [result for result in graded.results if result.student == "ben"]
    assert ben.problem == "b1_tiny.ipynb holds none of the cells of b1_tiny."
    assert ben.score == 0
    assert not ben.needs_manual


def test_limits_are_part_of_what_a_grade_depends_on(again, into):
    again()
    assert again(memory=2048)[1] == ["ada", "ben"]
    assert again(memory=2048)[1] == []
    config = into / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.Execute.timeout = 7\n")
    assert again(memory=2048)[1] == ["ada", "ben"]


def test_the_class_has_a_secret_of_its_own(again, into):
    again()
    salt = into / ".coursekit" / "salt"
    before = salt.read_text()
    assert len(before) == 64
    assert stat.S_IMODE(salt.stat().st_mode) == 0o600
    assert stat.S_IMODE((into / ".coursekit" / "b1_tiny.jsonl").stat().st_mode) == 0o600
    again(regrade=True)
    assert salt.read_text() == before


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


def test_staging_rules_that_change_have_everything_looked_at_again(again, monkeypatch):
    again()
    monkeypatch.setattr(staging, "_VERSION", "next")
    assert again()[0].kept == 0


def test_a_grader_that_changes_makes_old_results_stale(again, monkeypatch):
    again()
    monkeypatch.setattr(keys, "VERSION", "next")
    assert again()[1] == ["ada", "ben"]
