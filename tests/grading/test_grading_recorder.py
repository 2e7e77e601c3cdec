"""What is recorded is what nbgrader's own autograde records."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import from_dict, v4
from nbgrader.api import Gradebook
from nbgrader.utils import compute_checksum

from coursekit.grading.converting import Converter, gradebook_url
from coursekit.grading.course import opened
from coursekit.grading.run import grade

ROOT = Path(__file__).parents[2]
PLAIN = """
c = get_config()
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
"""
PENALTY = """
from nbgrader.plugins import BasePlugin


class Tenth(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return score / 10 * (total_seconds_late // 86400)


c.AssignLatePenalties.plugin_class = Tenth
"""
TASKS = (
    # id, type, what the instructor has, grade, solution, task, points
    ("f", "code", "def f(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION", False, True, False, 0),
    (
        "f-tests",
        "code",
        "assert f(2) == 4\n### BEGIN HIDDEN TESTS\nassert f(-3) == 9\n### END HIDDEN TESTS",
        1,
        0,
        0,
        2,
    ),
    ("partial", "code", "float(f(1)) * 1.5", True, False, False, 3),
    ("g", "code", "### BEGIN SOLUTION\nprint('drawn')\n### END SOLUTION", True, True, False, 4),
    ("words", "markdown", "An answer.", True, True, False, 5),
    ("do", "markdown", "Do this.", False, False, True, 6),
)
ANSWERS = {
    "all right": {"f": "def f(x):\n    return x * x", "g": "print('mine')", "words": "Because."},
    "hidden wrong": {"f": "def f(x):\n    return 2 * x if x > 0 else x"},
    "partly": {"f": "def f(x):\n    return 0.5", "words": "So."},
    "raises": {"f": "def f(x):\n    return y"},
    "does not parse": {"f": "def f(x)"},
    "nothing": {},
}


def plain_notebook(answers=None):
    """A notebook in nbgrader's own style: hidden tests, partial credit, manual code, text and a task; or an answer."""
    cells = [v4.new_code_cell("import math", id="start")]
    for name, kind, source, graded, solution, task, points in TASKS:
        settings = {"grade_id": name, "grade": bool(graded), "solution": bool(solution), "task": bool(task)}
        settings |= {"locked": not solution, "schema_version": 3, "cell_type": kind}
        if graded or task:
            settings["points"] = points
        cell = from_dict(getattr(v4, f"new_{kind}_cell")(source, id=name, metadata={"nbgrader": settings}))
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
        cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return from_dict(v4.new_notebook(cells=cells, metadata=kernel))


@pytest.fixture(scope="module")
def plain_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("plain")
    (root / "solutions" / "p1").mkdir(parents=True)
    (root / "solutions" / "p1" / "p1.ipynb").write_text(nbformat.writes(plain_notebook()))
    return root


@pytest.fixture(scope="module")
def plain_class(tmp_path_factory, plain_root):
    """A class of the plain notebook: every kind of answer, some handed in late."""
    tmp_path = tmp_path_factory.mktemp("plain-class")
    with opened("p1", tmp_path / "released", plain_root) as course:
        release = course.release
    for number, (about, answers) in enumerate(ANSWERS.items()):
        place = tmp_path / "class" / about.replace(" ", "_") / "p1"
        place.mkdir(parents=True)
        notebook = nbformat.from_dict(release)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        (place / "p1.ipynb").write_text(nbformat.writes(notebook))
        (place / "timestamp.txt").write_text(f"2030-01-0{1 + number} 12:00:00 UTC")
    return tmp_path / "class"


def graded_by_stock(folder, name, root, submissions):
    """What nbgrader itself leaves, with its own steps and settings; returns the folder."""
    from nbgrader.converters import Autograde

    with opened(name, folder, root):
        pass
    (folder / "nbgrader_config.py").write_text(PLAIN + PENALTY)
    due(folder, name)
    shutil.copytree(submissions, folder / "submitted")
    log = Converter(Autograde, folder, name).run("*")
    assert log == ""
    return folder


def graded_here(folder, name, root, submissions, grader):
    with opened(name, folder, root):
        pass
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text() + PENALTY)
    due(folder, name)
    graded = grade(name, submissions, folder, root=root, grader=grader, unsafe=True)
    assert graded.faults == ()
    return graded


def due(folder, name):
    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        gradebook.update_or_create_assignment(name, duedate="2030-01-03 12:00:00 UTC")


@pytest.fixture(params=["stand-in", "runner"])
def grader(request, handed_to_workers):
    """The stand-in executes as nbgrader does: what is recorded is compared, not what is executed."""
    import standins

    return standins.stock if request.param == "stand-in" else None


@pytest.fixture(scope="module")
def plain_stock(tmp_path_factory, plain_root, plain_class):
    return graded_by_stock(tmp_path_factory.mktemp("plain-stock") / "stock", "p1", plain_root, plain_class)


@pytest.fixture(scope="module")
def sample_class(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("sample-class")
    wrong = {"hinge": "def hinge_loss_loops(scores, labels, margin=1.0):\n    return 0.0", "essay": "?"}
    for student, answers in {"ada": tiny.right, "ben": wrong, "chloe": {}, "d e": {"double": "double = None"}}.items():
        tiny.hand_in(folder, student, answers)
    return folder


@pytest.fixture(scope="module")
def sample_stock(tmp_path_factory, tiny, tiny_root, sample_class):
    return graded_by_stock(tmp_path_factory.mktemp("sample-stock") / "stock", tiny.name, tiny_root, sample_class)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_plain_course_gets_the_gradebook_that_nbgrader_makes(
    tmp_path, plain_root, plain_class, plain_stock, canonical, grader
):
    ours = graded_here(tmp_path / "ours", "p1", plain_root, plain_class, grader)
    found = canonical(ours.course.gradebook_url)
    assert found == canonical(gradebook_url(plain_stock))
    assert any("late_submission_penalty', '0" not in repr(row) for row in found["submitted_notebook"])
    scores = {result.student: [each.points for each in result.exercises] for result in ours.results}
    assert scores["all_right"] == [2.0, 1.5, None, None]
    assert scores["hidden_wrong"] == [0.0, 3.0, 0.0, 0.0]
    assert scores["nothing"] == [0.0, 0.0, 0.0, 0.0]
    for student in scores:
        mine, theirs = (
            nbformat.read(folder / "autograded" / student / "p1" / "p1.ipynb", as_version=4)
            for folder in (tmp_path / "ours", plain_stock)
        )
        assert [cell.source for cell in mine.cells] == [cell.source for cell in theirs.cells]
        assert [cell.metadata.get("nbgrader") for cell in mine.cells] == [
            cell.metadata.get("nbgrader") for cell in theirs.cells
        ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_sample_class_gets_the_gradebook_that_nbgrader_makes(
    tmp_path, tiny, tiny_root, sample_class, sample_stock, canonical, grader
):
    ours = graded_here(tmp_path / "ours", tiny.name, tiny_root, sample_class, grader)
    assert canonical(ours.course.gradebook_url) == canonical(gradebook_url(sample_stock))


def test_recorded_twice_it_leaves_the_same(course, tiny, handed_to_workers, canonical):
    import standins

    from coursekit.grading.bundle import bundle
    from coursekit.grading.limits import Limits
    from coursekit.grading.recorder import Recorder
    from coursekit.grading.staging import Staged

    pack = bundle(course, "salt")
    staged = Staged("ada", tiny.text(), {"data/x.csv": b"1"}, "", (), "key")
    graded = standins.believe(pack, staged, Limits())
    recorder = Recorder(course)
    recorder.record(staged, graded)
    once = canonical(course.gradebook_url)
    recorder.record(staged, graded)
    assert canonical(course.gradebook_url) == once
    assert (course.path("autograded", "ada") / "data" / "x.csv").read_bytes() == b"1"
    assert (course.path("submitted", "ada") / "data" / "x.csv").read_bytes() == b"1"


def test_the_judges_points_count_not_what_outputs_look_like(course, tiny, handed_to_workers):
    from dataclasses import replace

    import standins

    from coursekit.grading.bundle import bundle
    from coursekit.grading.limits import Limits
    from coursekit.grading.recorder import Recorder
    from coursekit.grading.staging import Staged

    pack = bundle(course, "salt")
    staged = Staged("ada", tiny.text(), {}, "", (), "key")
    graded = standins.believe(pack, staged, Limits())
    cells = tuple(replace(cell, points=1.25) if cell.name == "hinge-tests" else cell for cell in graded.cells)
    Recorder(course).record(staged, replace(graded, cells=cells))
    with Gradebook(course.gradebook_url) as gradebook:
        assert gradebook.find_grade("hinge-tests", tiny.name, tiny.name, "ada").auto_score == 1.25


def test_nbgrader_run_in_the_folder_of_a_class_executes_nothing(course, tiny, handed_to_workers):
    """Its formgrader has a button for that: unprotected code would run with the instructor's rights."""
    from nbgrader.converters import Autograde

    tiny.hand_in(course.folder / "submitted", "ada", {"double": "open('/tmp/ran', 'w')"})
    log = Converter(Autograde, course.folder, tiny.name).run("ada")
    assert "use `coursekit grade`" in log


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_a_real_assignment_gets_the_gradebook_that_nbgrader_makes(tmp_path, canonical):
    """Every style of right answer, misconceptions in every exercise, and half an assignment; written answers too."""
    from coursekit.grading.sample import make_class

    name, release = "a1_losses", ROOT / "assignments" / "a1_losses" / "a1_losses.ipynb"
    students = make_class(name, release, tmp_path / "class")
    for student in students:
        if student.filename != f"{name}.ipynb":  # nbgrader has no grade for a renamed notebook
            shutil.rmtree(tmp_path / "class" / student.name)
    stock = graded_by_stock(tmp_path / "stock", name, ROOT, tmp_path / "class")
    ours = graded_here(tmp_path / "ours", name, ROOT, tmp_path / "class", None)
    assert len(ours.results) == len(students) - 1 >= 8
    assert canonical(ours.course.gradebook_url) == canonical(gradebook_url(stock))


@pytest.mark.slow
def test_five_runs_give_one_gradebook(tmp_path, into, tiny, tiny_root, sample_class, canonical):
    found = []
    for number in range(5):
        folder = shutil.copytree(into, tmp_path / f"run {number}")
        done = grade(tiny.name, sample_class, folder, root=tiny_root, workers=1 + number % 2, unsafe=True)
        assert done.faults == ()
        found.append(canonical(done.course.gradebook_url))
    assert all(each == found[0] for each in found[1:])
    assert found[0]["grade"]
