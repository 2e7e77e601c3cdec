import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from coursekit.errors import CourseError
from coursekit.grading.course import opened, resolve, write


def rows(database, query):
    with sqlite3.connect(database) as connection:
        return connection.execute(query).fetchall()


def test_a_fresh_course_is_one_that_nbgrader_can_go_on_with(into, tiny):
    assert rows(into / "gradebook.db", "select version_num from alembic_version")
    assert rows(into / "gradebook.db", "select name from assignment") == [(tiny.name,)]
    assert rows(into / "gradebook.db", "select count(*) from grade_cells") == [(3,)]
    assert (into / "source" / tiny.name / f"{tiny.name}.ipynb").exists()
    release = json.loads((into / "release" / tiny.name / f"{tiny.name}.ipynb").read_text())
    assert not any("BEGIN SOLUTION" in "".join(cell["source"]) for cell in release["cells"])


def test_what_an_instructor_set_in_the_configuration_stays(into, tiny, tiny_root):
    (into / "nbgrader_config.py").write_text("c = get_config()\n")
    with opened("b1", into, tiny_root) as course:
        assert course.assignment == tiny.name
    assert (into / "nbgrader_config.py").read_text() == "c = get_config()\n"


@pytest.mark.parametrize("name", ["b1_tiny", "b1"])
def test_an_assignment_is_known_by_name_and_number(tiny_root, name):
    assert resolve(name, tiny_root) == "b1_tiny"


def test_an_unknown_assignment_is_told_with_those_there_are(tiny_root):
    with pytest.raises(CourseError, match="no assignment 'b2'") as error:
        resolve("b2", tiny_root)
    assert "b1_tiny" in error.value.fix


@pytest.mark.parametrize("other", [False, True])
def test_an_assignment_that_is_not_built_is_told_so(tmp_path, tiny_root, other):
    root = tiny_root if other else tmp_path
    with pytest.raises(CourseError, match=r"solutions/a1_losses/a1_losses\.ipynb is not there") as error:
        resolve("a1", root)
    assert "make notebooks" in error.value.fix


def test_a_place_that_cannot_be_written_is_told(tmp_path, tiny, tiny_root):
    (tmp_path / "file").touch()
    with (
        pytest.raises(CourseError, match="cannot be written") as error,
        opened(tiny.name, tmp_path / "file" / "x", tiny_root),
    ):
        pass
    assert "--into" in error.value.fix


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_place_that_cannot_be_is_told(tiny, tiny_root):
    with (
        pytest.raises(CourseError, match="/proc/coursekit cannot be written") as error,
        opened(tiny.name, Path("/proc/coursekit"), tiny_root),
    ):
        pass
    assert "--into" in error.value.fix


def test_a_file_that_cannot_be_replaced_leaves_nothing_beside_it(tmp_path):
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        write(tmp_path / "table.csv", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_two_runs_do_not_share_a_folder(into, tiny, tiny_root):
    probe = (
        "import sys; from pathlib import Path; from coursekit.grading.course import opened\n"
        "with opened(*sys.argv[1:2], *map(Path, sys.argv[2:])): print('in')"
    )
    command = [sys.executable, "-c", probe, tiny.name, str(into), str(tiny_root)]
    with opened(tiny.name, into, tiny_root):
        other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "another run is grading into" in other.stderr
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "in\n"


@pytest.fixture
def changed_root(tmp_path, tiny, tiny_root):
    """The tiny course, its assignment to be changed."""
    root = shutil.copytree(tiny_root, tmp_path / "changed")

    def change(edit):
        path = root / "solutions" / tiny.name / f"{tiny.name}.ipynb"
        notebook = json.loads(path.read_text())
        edit(notebook["cells"])
        path.write_text(json.dumps(notebook))
        return root

    return change


def test_a_changed_test_is_taken_into_the_gradebook(into, tiny, tiny_root, changed_root):
    with opened(tiny.name, into, tiny_root) as course:
        before = course.version
    root = changed_root(lambda cells: cells[5].update(source="assert double(3) == 6"))
    with opened(tiny.name, into, root) as course:
        assert course.version != before
    assert rows(into / "gradebook.db", "select count(*) from source_cell where source like '%double(3) == 6'") == [(1,)]


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")
def test_cells_cannot_come_or_go_once_submissions_are_graded(into, tiny, changed_root):
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{into}/gradebook.db") as gradebook:
        gradebook.add_student("ada")
        gradebook.add_submission(tiny.name, "ada")
    root = changed_root(lambda cells: cells.pop(5))
    with pytest.raises(CourseError, match="gained or lost cells") as error, opened(tiny.name, into, root):
        pass
    assert "new folder" in error.value.fix
