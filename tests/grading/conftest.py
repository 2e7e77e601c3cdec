"""A tiny course of one assignment, b1_tiny: two checked functions and a written answer."""

import json
import shutil
from pathlib import Path

import pytest
from nbformat import from_dict, v4, writes
from nbgrader.utils import compute_checksum

NAME = "b1_tiny"
RIGHT = {
    "hinge": (
        "def hinge_loss_loops(scores, labels, margin=1.0):\n"
        "    total = 0.0\n"
        "    for row, label in zip(scores, labels):\n"
        "        for j, score in enumerate(row):\n"
        "            if j != label:\n"
        "                total += max(0.0, score - row[label] + margin)\n"
        "    return total / len(scores)"
    ),
    "double": "def double(x):\n    return 2 * x",
    "essay": "Because a sum over many small steps is large.",
}
ASKED = {
    "hinge": "def hinge_loss_loops(scores, labels, margin=1.0):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "double": "def double(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    "essay": "YOUR ANSWER HERE",
}
CHECKS = {
    "hinge-tests": ("ck.check.hinge_loss_loops(hinge_loss_loops)", 3),
    "double-tests": ("assert double(2) == 4", 2),
}


def grading(name, **flags):
    settings = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {"nbgrader": settings | {"grade_id": name} | flags}


def notebook(answers=(), solution=False):
    """The notebook as students get it, with some answers; or the instructor's, with nbgrader's marks."""

    def code(name):
        head, _, body = RIGHT[name].partition("\n")
        marked = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        return v4.new_code_cell(marked if solution else ASKED[name], id=name, metadata=grading(name, solution=True))

    def check(name):
        source, points = CHECKS[name]
        return v4.new_code_cell(source, id=name, metadata=grading(name, grade=True, locked=True, points=points))

    essay = v4.new_markdown_cell(
        RIGHT["essay"] if solution else ASKED["essay"],
        id="essay",
        metadata=grading("essay", grade=True, solution=True, points=3),
    )
    setup = v4.new_code_cell(
        "import numpy as np\nimport coursekit as ck", id="setup", metadata=grading("setup", locked=True)
    )
    cells = [v4.new_markdown_cell("# Tiny", id="title"), setup]
    cells += [code("hinge"), check("hinge-tests"), code("double"), check("double-tests"), essay]
    for cell in cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.cell_type = cell.cell_type
            cell.metadata.nbgrader.checksum = compute_checksum(cell)
        cell.source = dict(answers).get(cell.id, cell.source)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return from_dict(v4.new_notebook(cells=cells, metadata=kernel))


class Tiny:
    """Makes notebooks of the tiny assignment, and folders full of them."""

    name = NAME
    right = RIGHT
    ids = ("setup", "hinge", "hinge-tests", "double", "double-tests", "essay")
    notebook = staticmethod(notebook)

    @staticmethod
    def text(answers=None):
        return writes(notebook(RIGHT if answers is None else answers))

    @staticmethod
    def cells(notebook):
        """The cells of an nbformat notebook as the grader reads them."""
        from coursekit.grading.reading import SubmittedCell

        return [
            SubmittedCell(c.cell_type, c.source, c.id, json.loads(json.dumps(c.metadata.get("nbgrader", {}))))
            for c in notebook.cells
        ]

    def hand_in(self, folder, student, answers=None, filename=f"{NAME}.ipynb"):
        place = folder / student / NAME
        place.mkdir(parents=True, exist_ok=True)
        (place / filename).write_text(self.text(answers))
        return place / filename


@pytest.fixture(scope="session")
def tiny():
    return Tiny()


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory):
    """A course that holds the tiny assignment, built."""
    root = tmp_path_factory.mktemp("course")
    (root / "source" / "lectures").mkdir(parents=True)
    (root / "pyproject.toml").touch()
    for step, solution in (("solutions", True), ("assignments", False)):
        (root / step / NAME).mkdir(parents=True)
        (root / step / NAME / f"{NAME}.ipynb").write_text(writes(notebook(solution=solution)))
    return root


@pytest.fixture(scope="session")
def _graded_nothing(tiny_root, tmp_path_factory):
    from coursekit.grading.course import opened

    into = tmp_path_factory.mktemp("prepared") / "graded"
    with opened(NAME, into, tiny_root):
        pass
    return into


@pytest.fixture
def into(_graded_nothing, tmp_path):
    """A folder to grade into, prepared as the first run would: that takes nbgrader a while."""
    return shutil.copytree(_graded_nothing, tmp_path / "graded")


@pytest.fixture
def course(into, tiny_root):
    from coursekit.grading.course import Course

    return Course(into, NAME, tiny_root)


@pytest.fixture
def handed_to_workers(tmp_path, monkeypatch):
    """Let workers import `standins`; returns a function: whom they were asked to grade since its last call."""
    log = tmp_path / "standin.log"
    log.touch()
    monkeypatch.syspath_prepend(Path(__file__).parent)
    monkeypatch.setenv("STANDIN_LOG", str(log))

    def take():
        students = sorted(log.read_text().split())
        log.write_text("")
        return students

    return take


@pytest.fixture
def canonical(monkeypatch):
    """Return a function that gives a gradebook, by its address, as plain data."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    from canonical import dump

    return dump
