import html
import io
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from coursekit import exercises
from coursekit.cli.demo import demo, differences
from coursekit.errors import CourseError
from coursekit.grading.results import ExerciseResult, Result
from coursekit.grading.sample import SampleStudent

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A copy of the course, built: nothing is written to the tree, which may be stale."""
    from coursekit.authoring.build import build

    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "source", root / "source")
    for name in ("pyproject.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    build(root)
    return root


def written(folder):
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def words(page):
    """The text of an HTML page, as a reader sees it."""
    return html.unescape(re.sub(r"<[^>]+>", "", page))


@pytest.mark.slow
def test_every_score_and_diagnosis_is_as_constructed(root):
    file = io.StringIO()
    before = written(root)
    done = demo(root, console=Console(file=file, width=100))
    text = file.getvalue()
    assert done.differences == ()
    assert "Every score and every diagnosis is as constructed." in text
    assert "…" not in text
    assert {path: then for path, then in written(root).items() if path.parts[0] != "build"} == before
    for student in done.students:
        page = words(done.graded.course.notebook("feedback", student.name).read_text())
        for name, misconception in student.misconceptions.items():
            (known,) = (each for each in exercises.get(name).misconceptions if each.name == misconception)
            assert known.hint.replace("`", "") in page
            assert misconception in text
    assert done.lecture.failure is None
    assert "<h1" in done.page.read_text()

    # Once more: an earlier demo is replaced, one that somebody else made is not.
    (root / "build" / "demo" / ".coursekit-demo").unlink()
    with pytest.raises(CourseError, match="no demo made it"):
        demo(root, console=Console(file=io.StringIO()))


def graded(points, misconception=""):
    return Result("ada", 0.0, 4.0, (ExerciseResult("fool", points, 4.0, "failed", misconception),))


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (graded(0.0, "takes rows"), []),
        (graded(4.0, "takes rows"), ["ada, fool: 4.0 points, not 0.0"]),
        (graded(None, "takes rows"), ["ada, fool: None points, not 0.0"]),
        (graded(0.0), ["ada, fool: diagnosed '', not 'takes rows'"]),
        (Result("ada", 0.0, 4.0, ()), ["ada: graded ; constructed fool"]),
        (Result("ben", 0.0, 4.0, ()), ["ada was not graded"]),
    ],
)
def test_every_difference_is_found(result, found):
    student = SampleStudent("ada", "", {}, {"fool": 0.0}, {"fool": "takes rows"})
    assert list(differences([student], [result])) == found


def test_a_course_that_is_not_built_is_told(tmp_path):
    with pytest.raises(CourseError, match=r"01_linear_classifiers\.ipynb is not there") as error:
        demo(tmp_path, console=Console(file=io.StringIO()))
    assert "make notebooks" in error.value.fix
    assert list(tmp_path.iterdir()) == []
