"""Holds notebooks to what the course promises its readers: length, words, headings, alt text, questions, time."""

from collections.abc import Callable, Iterator
from pathlib import Path

from coursekit.authoring import budgets, page, rules_assignment, rules_code, rules_lecture, rules_output, rules_prose
from coursekit.authoring.execute import NotebookRun
from coursekit.authoring.page import Page, Problem

__all__ = ["Problem", "lint", "over_budget"]

Rule = Callable[[Page], Iterator[Problem]]

_ALWAYS: tuple[Rule, ...] = (
    rules_prose.headings,
    rules_prose.links,
    rules_prose.pictures,
    rules_prose.years,
    rules_code.figures,
    rules_code.banned_calls,
    rules_code.banned_colours,
    rules_code.banned_imports,
    rules_output.pictures,
    rules_output.noise,
    rules_output.size,
)
_LECTURE: tuple[Rule, ...] = (
    rules_lecture.length,
    rules_lecture.code_cells,
    rules_lecture.prose_cells,
    rules_lecture.opening,
    rules_lecture.sources,
    rules_lecture.questions,
    rules_lecture.quiz_items,
    rules_lecture.tagged_cells,
)
_ASSIGNMENT: tuple[Rule, ...] = (
    rules_assignment.length,
    rules_assignment.stubs,
    rules_assignment.points,
    rules_assignment.tested,
)


def lint(path: Path) -> list[Problem]:
    """Return what a source, a built or an executed notebook does not keep to; an empty list is what you want.

    Rules about outputs see those of an executed notebook (`coursekit execute`); on others they find nothing.

    Raises:
        CourseError: if the file is not a course source, nor a lecture or solution that `coursekit build` made.
    """
    looked_at = page.load(path)
    rules = _ALWAYS + (_LECTURE if looked_at.kind == "lecture" else _ASSIGNMENT)
    return [problem for rule in rules for problem in rule(looked_at)]


def over_budget(run: NotebookRun) -> list[Problem]:
    """Return where a run failed, or took more time or memory than it may."""
    budget = budgets.LECTURE_RUN if run.part == "lecture" else budgets.ASSIGNMENT_RUN
    problems = [
        Problem(run.path, cell.id, "cell-seconds", f"{cell.seconds:.1f} s; at most {budget.cell_seconds:g}.")
        for cell in run.cells
        if cell.seconds > budget.cell_seconds
    ]
    if run.seconds > budget.notebook_seconds:
        message = f"{run.seconds:.1f} s in all; at most {budget.notebook_seconds:g}: use less data or fewer steps."
        problems.append(Problem(run.path, "", "notebook-seconds", message))
    if run.peak_rss > budget.peak_rss:
        message = f"{run.peak_rss / budgets.MB:.0f} MB; at most {budget.peak_rss / budgets.MB:.0f}."
        problems.append(Problem(run.path, "", "memory", message))
    if run.failure:
        message = f"under {run.failure.heading!r}: {run.failure.error}"
        problems.append(Problem(run.path, run.failure.id, "error", message))
    return problems
