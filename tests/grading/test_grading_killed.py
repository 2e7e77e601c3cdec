"""A run that is killed, wherever that happens, is completed by the next: nothing is lost, nothing doubled."""

import os
import signal
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest

from coursekit.grading.run import grade

pytestmark = pytest.mark.slow

# Grades a class, and kills itself with SIGKILL at the nth call of a function.
PROBE = """
import importlib, os, signal, sys
from pathlib import Path

module, owner, name, turn, assignment, submissions, into, root = sys.argv[1:]
holder = importlib.import_module(module)
holder = getattr(holder, owner) if owner else holder
original, calls = getattr(holder, name), []

def deadly(*args, **kwargs):
    calls.append(1)
    if len(calls) == int(turn):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)

setattr(holder, name, deadly)
from coursekit.grading.run import grade
grade(assignment, Path(submissions), Path(into), root=Path(root))
"""
PLACES = {
    "making the gradebook": ("nbgrader.api", "", "get_alembic_version", 1),
    "making the assignment": ("nbgrader.preprocessors", "SaveCells", "_create_notebook", 1),
    "writing a submission": ("coursekit.grading.staging", "", "put", 2),
    "in a cell of the second student": ("coursekit.grading.preprocessors", "ExecuteToTheEnd", "preprocess_cell", 11),
    "writing scores": ("nbgrader.preprocessors", "SaveAutoGrades", "_add_score", 5),
    "writing feedback": ("nbgrader.converters", "GenerateFeedback", "set_permissions", 2),
    "keeping the result": ("coursekit.grading.results", "", "save", 2),
    "writing the table": ("coursekit.grading.results", "", "to_csv", 1),
}


def grades(into):
    """Every row of the gradebook that a person could miss or find twice."""
    query = """
        select s.student_id, b.name, g.auto_score, g.manual_score, g.needs_manual_grade, g.extra_credit
        from grade g join base_cell b on b.id = g.cell_id
        join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id order by 1, 2
    """
    with sqlite3.connect(into / "gradebook.db") as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, tiny):
    folder = tmp_path_factory.mktemp("class")
    tiny.hand_in(folder, "ada")
    tiny.hand_in(folder, "ben", {"double": tiny.right["double"]})
    return folder


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, tiny, tiny_root, handed_in):
    into = tmp_path_factory.mktemp("uninterrupted") / "graded"
    return into, grade(tiny.name, handed_in, into, root=tiny_root)


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_run_is_completed_by_the_next(tmp_path, tiny, tiny_root, handed_in, uninterrupted, place):
    into = tmp_path / "graded"
    arguments = [*map(str, PLACES[place]), tiny.name, str(handed_in), str(into), str(tiny_root)]
    killed = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    completed = grade(tiny.name, handed_in, into, root=tiny_root)
    expected_into, expected = uninterrupted
    assert grades(into) == grades(expected_into)
    assert completed.results == expected.results
    assert completed.csv.read_text() == expected.csv.read_text()
    for student in ("ada", "ben"):
        for step in ("submitted", "autograded", "feedback"):
            assert completed.course.notebook(step, student).exists()
    if PLACES[place][-1] > 1:
        assert completed.kept == 1, "what was done before is not done again"


def test_the_kernel_of_a_killed_run_ends(tmp_path, tiny, tiny_root):
    tiny.hand_in(tmp_path / "class", "ada", {"hinge": "import time\ntime.sleep(300)"})
    arguments = ["time", "", "ctime", "1", tiny.name, str(tmp_path / "class"), str(tmp_path / "graded"), str(tiny_root)]
    with subprocess.Popen([sys.executable, "-c", PROBE, *arguments]) as run:
        deadline, kernels = time.monotonic() + 60, []
        while not kernels and time.monotonic() < deadline:
            kernels = psutil.Process(run.pid).children()
            kernels = [kernel for kernel in kernels if any("ipykernel" in part for part in kernel.cmdline())]
            time.sleep(0.2)
        assert kernels
        time.sleep(2)  # the kernel has begun to watch its parent
        os.kill(run.pid, signal.SIGKILL)
    assert psutil.wait_procs(kernels, timeout=20)[1] == []
