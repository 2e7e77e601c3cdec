"""The course's own sources and notebooks: canonical, built, clean, and with nothing leaked."""

from pathlib import Path

from coursekit.authoring import layout, notebook, source
from coursekit.authoring.build import build
from coursekit.authoring.lint import lint
from coursekit.authoring.release import leaks

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [*layout.lecture_sources(ROOT), *layout.assignment_sources(ROOT)]


def test_sources_are_canonical():
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert source.canonical(text, path.name) == text, (
            f"{path.name}: `coursekit import` its notebook, or reformat it"
        )


def test_built_notebooks_are_in_step_with_their_sources():
    result = build(ROOT, check=True)
    assert result.in_step, f"run `make notebooks`: {result}"


def test_built_notebooks_hold_no_outputs():
    for path in layout.notebooks(ROOT):
        for cell in notebook.load(path).cells:
            assert not cell.get("outputs"), f"{path.name}: {cell.id}"
            assert cell.get("execution_count") is None, f"{path.name}: {cell.id}"


def test_student_versions_hold_no_solutions():
    for path in layout.assignment_sources(ROOT):
        solution, student = (notebook.load(layout.built(ROOT, path.stem, part)) for part in ("solution", "release"))
        assert leaks(solution, student) == []
        assert "HIDDEN TESTS" not in notebook.dumps(student)
        assert leaks(solution, solution), "there are solutions to look for"


def test_sources_keep_to_the_course_s_rules():
    problems = [str(problem) for path in SOURCES for problem in lint(path)]
    assert not problems, "\n".join(problems)
