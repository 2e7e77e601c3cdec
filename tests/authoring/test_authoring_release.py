"""From solutions to student versions: by nbgrader, with nothing left of what is secret."""

import copy
import json
import shutil

import nbformat
import pytest

from coursekit.authoring import release as release_module
from coursekit.authoring.build import build
from coursekit.authoring.release import leaks, release
from coursekit.errors import CourseError

SECRETS = ("correct = scores", "losses[rows", "12.9", "clearly", "BEGIN", "END SOLUTION", "HIDDEN")


@pytest.fixture
def pair(course):
    """A solution and its student version."""
    build(course)
    return [
        nbformat.read(course / part / "a1_losses" / "a1_losses.ipynb", as_version=4)
        for part in ("solutions", "assignments")
    ]


def rewrite(course, old, new):
    path = course / "source" / "assignments" / "a1_losses.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_students_get_everything_but_the_answers(pair, course):
    solution, student = pair
    text = (course / "assignments/a1_losses/a1_losses.ipynb").read_text()
    assert not [secret for secret in SECRETS if secret in text]
    assert all(secret in json.dumps(solution) for secret in SECRETS), "the test looks for real secrets"
    intro, setup, stub, tests, why = student.cells
    assert (intro.source, setup.source) == (solution.cells[0].source, solution.cells[1].source)
    assert stub.source.endswith("rows = np.arange(len(labels))\n    # YOUR CODE HERE\n    raise NotImplementedError()")
    assert tests.source == solution.cells[3].source.partition("\n###")[0]
    assert why.source == "YOUR ANSWER HERE"
    assert [cell.id for cell in student.cells] == [cell.id for cell in solution.cells]
    assert tests.metadata.editable is False
    assert len(tests.metadata.nbgrader.checksum) == 32
    assert student.metadata.coursekit.part == "release"
    assert (student.metadata.title, student.metadata.kernelspec) == ("Losses", solution.metadata.kernelspec)


def test_nbgrader_accepts_the_student_version_as_it_is_written(pair):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.utils import compute_checksum

    _, student = pair
    MetadataValidator().validate_nb(student)
    for cell in student.cells[1:]:
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


def test_the_proof_finds_every_kind_of_leak(pair):
    solution, student = pair
    assert leaks(solution, student) == []
    line = "correct = scores[rows, labels][:, None]"

    def prose(node):
        node.cells[0].source += f"\n\nHint: `{line}` does it."

    def code(node):
        node.cells[1].source += f"\nif True:\n      {line}  # as before"

    def output(node):
        node.cells[1].outputs = [nbformat.v4.new_output("stream", text=line)]

    def metadata(node):
        node.metadata["notes"] = {"deep": [line]}

    def hidden(node):
        node.cells[3].source = solution.cells[3].source

    def answer(node):
        node.cells[4].source = solution.cells[4].source

    for spill in (prose, code, output, metadata):
        spilt = copy.deepcopy(student)
        spill(spilt)
        assert leaks(solution, spilt) == [line], spill.__name__
    for spill, word in ((hidden, "12.9"), (answer, "clearly")):
        spilt = copy.deepcopy(student)
        spill(spilt)
        assert [word in found for found in leaks(solution, spilt)] == [True], spill.__name__
    assert len(leaks(solution, solution)) == 5


def test_lines_that_say_nothing_are_no_leak(pair):
    solution, student = pair
    solution.cells[2].source = "### BEGIN SOLUTION\nloss = 0.0\nreturn loss, dscores\n### END SOLUTION"
    student.cells[1].source = "loss = 0.0\nreturn loss, dscores"
    assert leaks(solution, student) == []


def test_a_leak_stops_the_build(course):
    rewrite(course, "import numpy as np", "import numpy as np\n# losses = np.maximum(0, scores - correct + margin)")
    with pytest.raises(CourseError, match=r"a1_losses: 1 lines of solutions[\s\S]*np\.maximum"):
        build(course)
    assert not (course / "assignments").exists()


def test_a_stub_that_is_no_longer_python_stops_the_build(course):
    rewrite(course, "    ### BEGIN SOLUTION", "        ### BEGIN SOLUTION")
    with pytest.raises(CourseError, match="without its solution the cell 'hinge-loss' is no longer Python"):
        build(course)


def test_what_nbgrader_says_is_shown(course, pair):
    solution, _ = pair
    solution.cells[2].source = "### BEGIN SOLUTION\nx = 1"
    with pytest.raises(CourseError, match=r"cannot make the student version of a1_losses[\s\S]*no end solution"):
        release_module.generate({"a1_losses": solution}, course)


def test_nothing_is_printed_or_left_behind(course, capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    build(course)
    assert capfd.readouterr() == ("", "")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert {path.name for path in course.iterdir()} == {
        "source",
        "lectures",
        "solutions",
        "assignments",
        "pyproject.toml",
    }


def test_the_course_says_what_a_stub_looks_like(course):
    config = (
        'c = get_config()\nc.ClearSolutions.code_stub = {"python": "..."}\nc.CourseDirectory.db_url = "nonsense://"\n'
    )
    (course / "nbgrader_config.py").write_text(config)
    build(course)
    student = (course / "assignments/a1_losses/a1_losses.ipynb").read_text()
    assert '"    ..."' in student
    assert "YOUR CODE HERE" not in student


def test_release_alone_takes_the_solution_as_it_stands(course):
    build(course)
    wanted = (course / "assignments/a1_losses/a1_losses.ipynb").read_bytes()
    shutil.rmtree(course / "assignments")
    path = release("a1_losses", course)
    assert path == course / "assignments/a1_losses/a1_losses.ipynb"
    assert path.read_bytes() == wanted


def test_release_keeps_work_in_the_student_version(course):
    build(course)
    path = course / "assignments/a1_losses/a1_losses.ipynb"
    path.write_text(path.read_text().replace("raise NotImplementedError()", "return 0"))
    with pytest.raises(CourseError, match="was edited"):
        release("a1_losses", course)
    release("a1_losses", course, force=True)
    assert "NotImplementedError" in path.read_text()


def test_an_unknown_assignment_is_told(course):
    with pytest.raises(CourseError, match="coursekit build"):
        release("a9_none", course)
    build(course)
    with pytest.raises(CourseError, match="a1_losses"):
        release("a9_none", course)
