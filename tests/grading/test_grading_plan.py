"""What is run and how long, by the instructor's notebook."""

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import v4
from nbgrader.preprocessors import ClearHiddenTests

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.plan import Plan, visible

LINES = st.sampled_from(["assert f(1)", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS", "  # x", ""])


def plan(*cells):
    notebook = nbformat.writes(nbformat.from_dict(v4.new_notebook(cells=list(cells))))
    return Plan(Bundle("b1", notebook, {}, {}, "", ""))


def cell(text, name="", kind="code", seconds=None, **flags):
    metadata = (
        {"nbgrader": {"grade_id": name, "grade": False, "solution": False, "locked": False} | flags} if name else {}
    )
    metadata |= {"coursekit": {"seconds": seconds}} if seconds is not None else {}
    return getattr(v4, f"new_{kind}_cell")(text, metadata=metadata, id=name or "plain")


TEST = {"grade": True, "locked": True, "points": 2}


@given(st.lists(LINES, max_size=8))
def test_hidden_tests_are_what_nbgrader_clears(lines):
    made = cell("\n".join(lines), "t", **TEST)
    try:
        expected = ClearHiddenTests().preprocess_cell(made, {}, 0)[0].source
    except RuntimeError:  # nbgrader releases nothing then
        return
    assert visible("\n".join(lines)) == expected


def test_each_cell_is_planned_by_its_kind():
    hides = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2)\n### END HIDDEN TESTS"
    cells = {
        "call": cell("ck.check.hinge_loss(hinge_loss)", "call", **TEST),
        "kernel": cell(hides, "kernel", **TEST),
        "written": cell("why?", "written", kind="markdown", grade=True, solution=True, points=1),
        "answer": cell("...", "answer", solution=True),
        "setup": cell("import numpy", "setup", locked=True),
        "auto": cell("### AUTOTEST f(1)", "auto", **TEST),
    }
    found = plan(*cells.values())
    planned = {name: found.of(each) for name, each in cells.items()}
    kinds = {"call": "call", "kernel": "kernel", "written": "person", "auto": "kernel"}
    assert {name: each.kind for name, each in planned.items() if each.kind} == kinds
    assert list(found.graded) == ["call", "kernel", "written", "auto"]
    assert [name for name, each in planned.items() if each.hides] == ["kernel"]
    assert (planned["kernel"].text, planned["kernel"].visible) == (hides, "assert f(1)")
    assert [name for name, each in planned.items() if each.text is None] == ["written", "answer", "auto"]
    assert planned["setup"].text == "import numpy"
    assert planned["call"].points == 2


def test_cells_without_a_name_are_known_by_their_id_and_added_ones_not_at_all():
    found = plan(cell("train()", seconds=300), cell("x", "t", seconds=0.5, **TEST))
    assert found.of(cell("anything")).seconds == 300
    assert found.of(cell("anything", "t", seconds=10**6)).seconds == 0.5
    assert found.of(cell("anything", "unknown")) is None
    assert found.of(v4.new_code_cell("mine", id="mine")) is None


@pytest.mark.parametrize("seconds", [0, -1, "10", True, float("inf")])
def test_what_is_no_time_is_refused(seconds):
    with pytest.raises(CourseError, match="no time"):
        plan(cell("x", "t", seconds=seconds, **TEST))
