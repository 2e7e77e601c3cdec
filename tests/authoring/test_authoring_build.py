"""Building: the same bytes from the same text, nothing written in vain, nothing of anyone's lost."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from coursekit.authoring import build as build_module
from coursekit.authoring import notebook
from coursekit.authoring.build import build
from coursekit.errors import CourseError

LECTURE = Path("lectures/01_losses.ipynb")
SOLUTION = Path("solutions/a1_losses/a1_losses.ipynb")
RELEASE = Path("assignments/a1_losses/a1_losses.ipynb")


def edit(path, change):
    node = json.loads(path.read_text(encoding="utf-8"))
    change(node)
    path.write_text(json.dumps(node, indent=2), encoding="utf-8")


def test_a_course_is_built_once(course):
    seen = []
    first = build(course, on_file=seen.append)
    assert list(first.written) == seen == [LECTURE, SOLUTION, RELEASE]
    assert first.in_step
    stamps = {path: (course / path).stat().st_mtime_ns for path in seen}
    second = build(course)
    assert (second.written, second.unchanged) == ((), (LECTURE, SOLUTION, RELEASE))
    assert {path: (course / path).stat().st_mtime_ns for path in seen} == stamps
    assert not [path for path in course.rglob(".*") if path.is_file()], "no leftovers"


def test_a_lecture_to_the_byte(lecture, course):
    lecture.write_text(
        '# ---\n# title: É\n# ---\n\n# %% [markdown] id="a"\nr"""\n# É\n\nb\n"""\n\n# %% tags=["t"]\nx\n'
    )
    build(course)
    digest = json.loads((course / LECTURE).read_text())["metadata"]["coursekit"]["digest"]
    expected = """{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "a",
   "metadata": {},
   "source": [
    "# É\\n",
    "\\n",
    "b"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "c-11f6ad8e",
   "metadata": {
    "tags": [
     "t"
    ]
   },
   "outputs": [],
   "source": [
    "x"
   ]
  }
 ],
 "metadata": {
  "coursekit": {
   "digest": "DIGEST",
   "part": "lecture",
   "source": "source/lectures/01_losses.py"
  },
  "kernelspec": {
   "display_name": "Python 3 (ipykernel)",
   "language": "python",
   "name": "python3"
  },
  "language_info": {
   "name": "python"
  },
  "title": "É"
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
"""
    assert (course / LECTURE).read_bytes().decode() == expected.replace("DIGEST", digest)
    assert len(digest) == 64


@pytest.mark.slow
def test_the_bytes_depend_on_no_process(lecture, course):
    program = (
        "import sys, pathlib; from coursekit.authoring.build import expected;"
        "sys.stdout.write(repr(sorted(expected(pathlib.Path(sys.argv[1])).items())))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program, str(course)],
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1", "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert runs[0] == runs[1]
    assert b"c-" in runs[0]


def test_solutions_carry_what_nbgrader_reads(course):
    build(course)
    node = nbformat.read(course / SOLUTION, as_version=4)
    nbformat.validate(node)
    intro, setup, stub, tests, why = node.cells
    assert "nbgrader" not in intro.metadata
    common = {"schema_version": 3, "task": False}
    assert setup.metadata.nbgrader == common | {
        "grade": False,
        "solution": False,
        "locked": True,
        "cell_type": "code",
        "grade_id": "setup",
    }
    assert stub.metadata.nbgrader == common | {
        "grade": False,
        "solution": True,
        "locked": False,
        "cell_type": "code",
        "grade_id": "hinge-loss",
    }
    assert tests.metadata.nbgrader == common | {
        "grade": True,
        "solution": False,
        "locked": True,
        "cell_type": "code",
        "grade_id": "hinge-loss-tests",
        "points": 4,
    }
    assert why.metadata.nbgrader == common | {
        "grade": True,
        "solution": True,
        "locked": False,
        "cell_type": "markdown",
        "grade_id": "why-margin",
        "points": 2.5,
    }
    assert [cell.id for cell in node.cells] == ["intro", "setup", "hinge-loss", "hinge-loss-tests", "why-margin"]


def test_a_check_writes_nothing_and_tells_what_is_stale(lecture, course):
    assert build(course, check=True).stale == (LECTURE,)
    assert not (course / "lectures").exists()
    build(course)
    assert build(course, check=True).in_step
    lecture.write_text(lecture.read_text().replace("5 minutes", "6 minutes"))
    result = build(course, check=True)
    assert result.stale == (LECTURE,)
    assert not result.in_step


def test_notebooks_without_a_source_are_told_and_left_alone(lecture, course):
    build(course)
    lecture.rename(lecture.with_name("02_more.py"))
    result = build(course)
    assert result.written == (Path("lectures/02_more.ipynb"),)
    assert result.orphans == (LECTURE,)
    assert not result.in_step
    assert (course / LECTURE).exists()


def test_running_a_notebook_is_not_editing_it(lecture, course):
    build(course)

    def run(node):
        node["metadata"]["language_info"]["version"] = "3.99"
        node["cells"][1]["execution_count"] = 7
        node["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hi"}]
        node["cells"][1]["metadata"]["nbgrader"] = {"grade": False, "solution": False, "locked": False}

    edit(course / LECTURE, run)
    assert build(course).written == (LECTURE,)


@pytest.mark.parametrize(
    "change",
    [
        lambda node: node["cells"][1].update(source="mine"),
        lambda node: node["cells"].pop(),
        lambda node: node["cells"][0].update(id="other"),
        lambda node: node["cells"][1]["metadata"].update(tags=[]),
        lambda node: node["metadata"].update(title="Mine"),
        lambda node: node["metadata"].pop("coursekit"),
    ],
)
def test_edited_notebooks_are_kept_unless_forced(lecture, course, change):
    build(course)
    edit(course / LECTURE, change)
    edited = (course / LECTURE).read_bytes()
    lecture.write_text(lecture.read_text().replace("5 minutes", "6 minutes"))
    for check in (True, False):
        result = build(course, check=check)
        assert result.edited == (LECTURE,)
        assert not result.in_step
    assert (course / LECTURE).read_bytes() == edited
    assert build(course, force=True).written == (LECTURE,)
    assert build(course).in_step


def test_half_a_notebook_is_kept_unless_forced(lecture, course):
    build(course)
    (course / LECTURE).write_text('{"cells": [')
    assert build(course).edited == (LECTURE,)
    assert build(course, force=True).written == (LECTURE,)


def test_a_killed_write_leaves_the_old_file(lecture, course, monkeypatch):
    build(course)
    before = (course / LECTURE).read_bytes()
    lecture.write_text(lecture.read_text().replace("5 minutes", "6 minutes"))

    def killed(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        build(course)
    assert (course / LECTURE).read_bytes() == before
    assert [path.name for path in (course / "lectures").iterdir()] == [LECTURE.name]


def test_no_write_access_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CourseError, match=r"cannot be written.*\n.*permissions"):
        notebook.write(tmp_path / "file" / "x.ipynb", "{}")


def test_graded_cells_do_not_belong_in_lectures(lecture, course):
    lecture.write_text(lecture.read_text() + '\n# %% id="t" nbgrader="tests" points=1\nassert True\n')
    with pytest.raises(CourseError, match=r"source/lectures/01_losses\.py:\d+: a graded cell in a lecture"):
        build(course)


@pytest.mark.parametrize(("folder", "name"), [("lectures", "losses.py"), ("assignments", "a1-losses.py")])
def test_misnamed_sources_are_told(course, folder, name):
    (course / "source" / folder / name).write_text("")
    with pytest.raises(CourseError, match=f"source/{folder}/{name} is not named like"):
        build(course)


def test_an_empty_course_builds(tmp_path):
    assert build(tmp_path) == build_module.BuildResult()
