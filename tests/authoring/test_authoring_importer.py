"""The way back from an edited notebook to its source."""

import json

import pytest

from coursekit.authoring.build import build
from coursekit.authoring.importer import import_notebook
from coursekit.errors import CourseError


@pytest.fixture
def built(course):
    """The paths of the built lecture and solution."""
    build(course)
    return course / "lectures" / "01_losses.ipynb", course / "solutions" / "a1_losses" / "a1_losses.ipynb"


def edit(path, change):
    node = json.loads(path.read_text(encoding="utf-8"))
    change(node)
    path.write_text(json.dumps(node), encoding="utf-8")


def test_an_unedited_notebook_gives_its_source_back(course, built):
    for path, name in zip(built, ("lectures/01_losses.py", "assignments/a1_losses.py"), strict=True):
        target = course / "source" / name
        before, stamp = target.read_bytes(), target.stat().st_mtime_ns
        assert import_notebook(path, course) == target
        assert target.read_bytes() == before
        assert target.stat().st_mtime_ns == stamp, "nothing is written in vain"


def test_edits_come_home(course, built):
    """As JupyterLab and nbgrader's Create Assignment view leave a notebook behind."""
    _, solution = built
    target = course / "source" / "assignments" / "a1_losses.py"
    before = target.read_text(encoding="utf-8")

    def work(node):
        node["metadata"] |= {"language_info": {"name": "python", "version": "3.99"}, "celltoolbar": "Create Assignment"}
        intro, setup, stub, tests, _ = node["cells"]
        intro["source"] = ["# Losses\n", "\n", "Write it *once*."]
        setup["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "noise"}]
        setup["execution_count"] = 3
        stub["metadata"]["nbgrader"]["checksum"] = "0" * 32
        tests["metadata"]["nbgrader"]["points"] = 6.0
        new = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        plain = new | {"id": "5a4a9e3e-1d53-4c39-8d5c-2b0a8f9fd2a4", "source": "\nhinge_loss\n\n"}
        flags = {"grade": True, "solution": False, "locked": True, "task": False, "schema_version": 3}
        graded = new | {
            "id": "0a1b2c3d",
            "source": "assert True",
            "metadata": {"nbgrader": flags | {"grade_id": "more-tests", "points": 1}},
        }
        node["cells"] += [plain, graded, new | {"id": "ffffffff", "source": ""}]

    edit(solution, work)
    import_notebook(solution, course)
    assert target.read_text(encoding="utf-8") == (
        before.replace(
            "Write the hinge loss of Weston & Watkins – once, for a whole batch.", "Write it *once*."
        ).replace("points=4", "points=6")
        + '\n# %%\nhinge_loss\n\n# %% id="more-tests" nbgrader="tests" points=1\nassert True\n'
    )
    assert build(course).in_step
    assert "5a4a9e3e" not in solution.read_text()


def test_ids_of_edited_cells_are_made_anew(course, built):
    lecture, _ = built
    edit(lecture, lambda node: node["cells"][2].update(source="def cubed(x):\n    return x**3"))
    text = import_notebook(lecture, course).read_text()
    assert "# %%\ndef cubed(x):" in text
    assert 'id="c-' not in text


def test_a_source_in_another_spelling_is_rewritten_canonically(course, built):
    lecture, _ = built
    target = course / "source" / "lectures" / "01_losses.py"
    canonical = target.read_text()
    target.write_text(canonical.replace("# %% [markdown]", "# %%    [markdown]"))
    import_notebook(lecture, course)
    assert target.read_text() == canonical


def test_a_source_that_moved_on_is_kept_unless_forced(course, built):
    lecture, _ = built
    target = course / "source" / "lectures" / "01_losses.py"
    original = target.read_text()
    target.write_text(original.replace("5 minutes", "6 minutes"))
    with pytest.raises(CourseError, match=r"source/lectures/01_losses\.py was changed after"):
        import_notebook(lecture, course)
    assert "6 minutes" in target.read_text()
    import_notebook(lecture, course, force=True)
    assert target.read_text() == original


def test_a_source_that_is_gone_is_made_only_by_force(course, built):
    lecture, _ = built
    target = course / "source" / "lectures" / "01_losses.py"
    original = target.read_text()
    target.unlink()
    with pytest.raises(CourseError, match="does not exist any more"):
        import_notebook(lecture, course)
    assert import_notebook(lecture, course, force=True).read_text() == original


REFUSED = {
    "no source": (lambda node: node["metadata"].pop("coursekit"), "which source"),
    "a source outside": (
        lambda node: node["metadata"]["coursekit"].update(source="source/lectures/../../../x.py"),
        "which source",
    ),
    "a raw cell": (lambda node: node["cells"][2].update(cell_type="raw", outputs=None), "raw"),
    "a task": (lambda node: node["cells"][2]["metadata"].update(nbgrader={"task": True}), "task"),
    "a magic": (lambda node: node["cells"][2].update(source="%timeit 1"), "magics"),
    "a bad id": (lambda node: node["cells"][2].update(id="My_Cell"), "kebab-case"),
    "a picture": (
        lambda node: node["cells"][0].update(attachments={"a.png": {"image/png": "AA=="}}),
        "pasted picture",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_source_cannot_hold_is_refused(course, built, name):
    change, says = REFUSED[name]
    lecture, _ = built
    target = course / "source" / "lectures" / "01_losses.py"
    before = target.read_bytes()

    def spoil(node):
        change(node)
        for cell in node["cells"]:
            if cell["cell_type"] == "raw":
                cell.pop("outputs")
                cell.pop("execution_count")

    edit(lecture, spoil)
    with pytest.raises(CourseError, match=says) as caught:
        import_notebook(lecture, course)
    assert caught.value.fix
    assert target.read_bytes() == before


def test_student_versions_are_refused(course, built):
    with pytest.raises(CourseError, match=r"student version[\s\S]*solutions/"):
        import_notebook(course / "assignments" / "a1_losses" / "a1_losses.ipynb", course)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 5}', '{"nbformat": 3, "worksheets": []}'])
def test_what_is_no_notebook_is_told(course, text):
    path = course / "broken.ipynb"
    path.write_text(text)
    with pytest.raises(CourseError, match=r"broken\.ipynb"):
        import_notebook(path, course)
    with pytest.raises(CourseError, match="cannot be read"):
        import_notebook(course / "missing.ipynb", course)
