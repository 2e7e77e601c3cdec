import pytest

from coursekit.errors import CourseError
from coursekit.grading import check_notebook


@pytest.mark.slow
def test_the_verdict_is_the_graders(tmp_path, tiny, tiny_root):
    mine = tmp_path / "my copy.ipynb"
    mine.write_text(tiny.text({"double": tiny.right["double"]}))
    before = mine.read_bytes()
    result = check_notebook(mine, tiny_root)
    assert {each.name: each.points for each in result.exercises} == {
        "hinge_loss_loops": 0,
        "double-tests": 2,
        "essay": 0,
    }
    assert [each.passed for each in result.exercises] == [False, True, False]
    assert [each.manual for each in result.exercises] == [False, False, True]
    assert mine.read_bytes() == before
    assert list(tmp_path.iterdir()) == [mine]


@pytest.mark.parametrize(
    ("text", "words"),
    [(None, "is not a file"), ("{", "JSON is broken"), ('{"cells": []}', "no cells of any assignment")],
)
def test_what_is_no_assignment_is_told(tmp_path, tiny_root, text, words):
    mine = tmp_path / "mine.ipynb"
    if text:
        mine.write_text(text)
    with pytest.raises(CourseError, match=words):
        check_notebook(mine, tiny_root)


def test_a_course_that_is_not_built_is_told(tmp_path, tiny):
    (tmp_path / "mine.ipynb").write_text(tiny.text())
    with pytest.raises(CourseError) as error:
        check_notebook(tmp_path / "mine.ipynb", tmp_path)
    assert "make notebooks" in error.value.fix
