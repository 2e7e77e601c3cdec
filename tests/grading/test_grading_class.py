"""The whole grader, with workers, kernels and judge, on what students really hand in."""

import copy
import html
import shutil
import sqlite3
from dataclasses import replace

import nbformat
import pytest
from nbgrader.api import Gradebook

from coursekit import exercises
from coursekit.grading.results import REPORT
from coursekit.grading.run import grade
from coursekit.grading.sandbox import probe

pytestmark = pytest.mark.slow

COUNTS_ALL = (
    "def hinge_loss_loops(scores, labels, margin=1.0):\n"
    "    total = 0.0\n"
    "    for row, label in zip(scores, labels):\n"
    "        for score in row:\n"
    "            total += max(0.0, score - row[label] + margin)\n"
    "    return total / len(scores)"
)
IMPATIENT = """
from coursekit.grading.settings import configure

c = get_config()
configure(c)
c.Execute.timeout = 4
"""


@pytest.fixture
def graded(tmp_path, tiny, tiny_root, into):
    """Grade a class; return its results by student. Nothing may be left without a score."""

    def run():
        result = grade(tiny.name, tmp_path / "class", into, root=tiny_root, unsafe=True)
        assert result.faults == ()
        with sqlite3.connect(result.gradebook) as connection:
            query = (
                "select count(*) from grade g join grade_cells c on c.id = g.cell_id join base_cell b on b.id = c.id "
                "where b.name != 'essay' and (g.auto_score is null or g.needs_manual_grade)"
            )
            assert connection.execute(query).fetchone() == (0,)
        return {each.student: each for each in result.results}

    return run


def points(result):
    return {each.name: each.points for each in result.exercises}


def statuses(result):
    return {each.name: each.status for each in result.exercises}


def page(into, student):
    return html.unescape((into / "feedback" / student / "b1_tiny" / "b1_tiny.html").read_text())


def test_right_wrong_and_unwritten(tmp_path, tiny, into, graded):
    tiny.hand_in(tmp_path / "class", "ada")
    tiny.hand_in(tmp_path / "class", "ben", {"hinge": COUNTS_ALL, "double": "def double(x):\n    return y"})
    tiny.hand_in(tmp_path / "class", "chloe", {})
    results = graded()
    ada, ben, chloe = (results[name] for name in ("ada", "ben", "chloe"))
    assert points(ada) == {"hinge_loss_loops": 3, "double-tests": 2, "essay": None}
    assert statuses(ada) == {"hinge_loss_loops": "passed", "double-tests": "passed", "essay": "to grade"}
    assert (ada.score, ada.max_score, ada.needs_manual, ada.problem) == (5, 8, True, "")
    assert points(ben) == {"hinge_loss_loops": 0, "double-tests": 0, "essay": 0}
    known = {(each.name, each.hint) for each in exercises.get("hinge_loss_loops").misconceptions}
    assert (ben.exercises[0].misconception, ben.exercises[0].hint) in known
    assert ben.exercises[1].hint == "NameError: name 'y' is not defined"
    for text in ("got 6.26667", ben.exercises[0].hint, "NameError"):
        assert text in page(into, "ben")
    assert statuses(chloe) == {"hinge_loss_loops": "unwritten", "double-tests": "unwritten", "essay": "empty"}
    assert not chloe.needs_manual
    assert (chloe.score, "not written yet" in page(into, "chloe")) == (0, True)


def test_noise_costs_nothing_and_hides_nothing(tmp_path, tiny, into, graded):
    noisy = (
        "import os, warnings\n\n\n"
        "def double(x):\n    warnings.warn('beware')\n    os.write(2, b'from C')\n    return 2 * x"
    )
    tiny.hand_in(tmp_path / "class", "ada", {**tiny.right, "double": noisy})
    tiny.hand_in(tmp_path / "class", "ben", {**tiny.right, "double": noisy.replace("2 * x", "3 * x")})
    results = graded()
    assert points(results["ada"])["double-tests"] == 2
    assert points(results["ben"])["double-tests"] == 0
    assert "beware" in page(into, "ada")


def test_a_kernel_that_dies_costs_what_it_died_of(tmp_path, tiny, into, graded):
    dying = "def double(x):\n    import os\n    os._exit(1)"
    tiny.hand_in(tmp_path / "class", "ada", {**tiny.right, "double": dying})
    tiny.hand_in(tmp_path / "class", "ben", {**tiny.right, "hinge": "import os\nos._exit(1)"})
    results = graded()
    assert points(results["ada"]) == {"hinge_loss_loops": 3, "double-tests": 0, "essay": None}
    assert "the kernel died in this cell" in results["ada"].exercises[1].hint
    assert points(results["ben"]) == {"hinge_loss_loops": 0, "double-tests": 2, "essay": None}
    assert statuses(results["ben"])["hinge_loss_loops"] == "stopped"
    assert "the kernel died in this cell" in page(into, "ben")


def test_an_endless_loop_is_interrupted_and_the_rest_is_graded(tmp_path, tiny, into, graded):
    (into / "nbgrader_config.py").write_text(IMPATIENT)
    endless = "def hinge_loss_loops(scores, labels, margin=1.0):\n    while True:\n        pass"
    stubborn = (
        "def double(x):\n"
        "    while True:\n"
        "        try:\n"
        "            while True:\n"
        "                pass\n"
        "        except KeyboardInterrupt:\n"
        "            pass"
    )
    tiny.hand_in(tmp_path / "class", "ada", {**tiny.right, "hinge": endless})
    tiny.hand_in(tmp_path / "class", "ben", {**tiny.right, "double": stubborn})
    results = graded()
    assert statuses(results["ada"])["hinge_loss_loops"] == "stopped"
    assert points(results["ada"]) == {"hinge_loss_loops": 0, "double-tests": 2, "essay": None}
    assert points(results["ben"]) == {"hinge_loss_loops": 3, "double-tests": 0, "essay": None}
    assert "could not be interrupted" in results["ben"].exercises[1].hint


def test_nothing_to_grade_is_an_explicit_zero_with_the_reason(tmp_path, tiny, into, graded):
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ben.ipynb").write_text(tiny.text()[:-100])
    results = graded()
    for student, words in (("ada", "the folder holds nothing"), ("ben", "JSON is broken")):
        assert (results[student].score, results[student].needs_manual) == (0, False)
        assert words in results[student].problem
        assert words in page(into, student)


def test_a_spoiled_notebook_keeps_its_points(tmp_path, tiny, into, graded):
    """Renamed, a test cell copied, another deleted, settings changed: stock nbgrader gives up on each of these."""
    path = tiny.hand_in(tmp_path / "class", "a[da]", filename="b1_tiny (1).ipynb")
    notebook = tiny.notebook(tiny.right)
    notebook.cells[3].metadata.nbgrader.update(grade=False, points=50)
    notebook.cells.insert(4, copy.deepcopy(notebook.cells[3]))
    notebook.cells[4].id = "copy"
    del notebook.cells[6]
    path.write_bytes(b"\xef\xbb\xbf" + nbformat.writes(notebook).replace("\n", "\r\n").encode())
    ((student, result),) = graded().items()
    assert student.startswith("a_da_-")
    assert points(result) == {"hinge_loss_loops": 3, "double-tests": 2, "essay": None}
    assert (result.problem, result.max_score) == ("", 8)
    for words in ("cannot stand in a", "was taken for", "stood there 2 times", "were changed", "was put back"):
        assert any(words in note for note in result.notes)
        assert words in page(into, student)


def test_the_executed_notebook_carries_the_report(tmp_path, tiny, into, graded):
    tiny.hand_in(tmp_path / "class", "ada", {**tiny.right, "hinge": COUNTS_ALL})
    graded()
    executed = nbformat.read(into / "autograded" / "ada" / "b1_tiny" / "b1_tiny.ipynb", as_version=4)
    outputs = next(cell.outputs for cell in executed.cells if cell.id == "hinge-tests")
    assert [output.data[REPORT]["status"] for output in outputs if "data" in output] == ["failed"]


def test_kernels_see_nobodys_settings_and_none_of_the_course(tmp_path, tiny, into, tiny_root, graded, monkeypatch):
    home = tmp_path / "ipython" / "profile_default" / "startup"
    home.mkdir(parents=True)
    (home / "00.py").write_text("double = None")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("SECRET", "of the instructor")
    out_of_sight = [tiny_root, into, tmp_path / "class"] if probe() != "none" else []
    double = (
        "import os\n"
        "assert os.environ['COURSEKIT_PROGRESS'] == 'off'\n"
        "assert 'SECRET' not in os.environ\n"
        f"assert not any(map(os.path.exists, {list(map(str, out_of_sight))}))\n"
        "assert 'double' not in globals()\n\n\n"
        "def double(x):\n    return 2 * x"
    )
    tiny.hand_in(tmp_path / "class", "ada", {"double": double})
    result = graded()["ada"]
    assert points(result)["double-tests"] == 2
    assert result.level == probe()


def test_a_test_that_changed_is_judged_again_without_a_kernel(tmp_path, tiny, into, tiny_root, graded, monkeypatch):
    """And gives what grading anew would give."""
    from coursekit.grading import keys

    tiny.hand_in(tmp_path / "class", "ada")
    tiny.hand_in(tmp_path / "class", "ben", {**tiny.right, "hinge": COUNTS_ALL})
    first = graded()
    monkeypatch.setattr(keys, "_exercise_code", lambda name: (b"a looser tolerance",))
    steps = []
    again = grade(tiny.name, tmp_path / "class", into, root=tiny_root, on_progress=steps.append, grader=no_grader)
    assert [step.state for step in steps] == ["judged", "judged"]
    for result in again.results:
        assert result.key != first[result.student].key
        assert replace(result, key="") == replace(first[result.student], key="")


def no_grader(bundle, staged, limits):
    raise AssertionError("nothing is executed")


def test_a_test_whose_text_changed_is_judged_again_and_recorded(tmp_path, tiny, into, tiny_root, graded):
    """No second look is asked for at what a person graded, for the submission is the same."""
    tiny.hand_in(tmp_path / "class", "ada")
    graded()
    with Gradebook(f"sqlite:///{into}/gradebook.db") as gradebook:
        essay = gradebook.find_grade("essay", tiny.name, tiny.name, "ada")
        essay.manual_score, essay.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    root = shutil.copytree(tiny_root, tmp_path / "changed")
    path = root / "solutions" / tiny.name / f"{tiny.name}.ipynb"
    path.write_text(
        path.read_text().replace("ck.check.hinge_loss_loops(", "# Loops only.\\nck.check.hinge_loss_loops(")
    )
    (result,) = grade(tiny.name, tmp_path / "class", into, root=root, grader=no_grader).results
    assert points(result) == {"hinge_loss_loops": 3, "double-tests": 2, "essay": 2}
    assert not result.needs_manual
    executed = nbformat.read(into / "autograded" / "ada" / tiny.name / f"{tiny.name}.ipynb", as_version=4)
    cell = next(cell for cell in executed.cells if cell.id == "hinge-tests")
    assert cell.source.startswith("# Loops only.")
    assert cell.outputs[0].data[REPORT]["status"] == "passed"
    path.write_text(path.read_text().replace("double(2) == 4", "double(2) == 5"))
    (result,) = grade(tiny.name, tmp_path / "class", into, root=root, unsafe=True).results
    assert points(result) == {"hinge_loss_loops": 3, "double-tests": 0, "essay": 2}, (
        "a test of the kernel's is executed"
    )
