"""Rules for assignments: short, with small gaps to fill, and nothing asked that is not graded."""

import ast
from collections.abc import Iterator

from coursekit.authoring import budgets
from coursekit.authoring.cells import GRADED, lines_outside
from coursekit.authoring.page import Entry, Page, Problem
from coursekit.authoring.rules_lecture import within, words


def length(page: Page) -> Iterator[Problem]:
    """Cells, words and bytes."""
    yield from within(page, "cells", len(page.entries), *budgets.ASSIGNMENT_CELLS)
    yield from within(page, "words", sum(words(entry) for entry in page.prose), 0, budgets.ASSIGNMENT_WORDS)
    if not page.executed:
        yield from within(page, "bytes", page.size, 0, budgets.SOURCE_BYTES)


def stubs(page: Page) -> Iterator[Problem]:
    """What surrounds a gap is read at a glance."""
    for entry in page.code:
        if entry.cell.role == "solution":
            given = sum(bool(line.strip()) for line in lines_outside(entry.cell.text, "SOLUTION"))
            if given > budgets.STUB_LINES:
                yield page.problem("stub-lines", f"a stub of {given} lines; at most {budgets.STUB_LINES}.", entry)


def points(page: Page) -> Iterator[Problem]:
    """Every graded cell carries points."""
    for entry in page.entries:
        if entry.cell.role in GRADED and not entry.cell.points:
            yield page.problem("points", "a graded cell without points: add points=4, say.", entry)


def tested(page: Page) -> Iterator[Problem]:
    """Every solution is used by a tests cell further down."""
    for place, entry in enumerate(page.entries):
        if entry.cell.role != "solution":
            continue
        later = [other for other in page.entries[place + 1 :] if other.cell.role == "tests"]
        if not any(_defined(entry) & _used(other) for other in later):
            yield page.problem(
                "tested",
                "no tests cell below uses what this solution defines: add one with "
                'nbgrader="tests", or make the cell nbgrader="manual".',
                entry,
            )


def _defined(entry: Entry) -> set[str]:
    """Return the names that a cell binds at its top level."""
    names: set[str] = set()
    for statement in entry.tree.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
        else:
            stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            names.update(node.id for node in stored if isinstance(node.ctx, ast.Store))
    return names


def _used(entry: Entry) -> set[str]:
    return {node.id for node in ast.walk(entry.tree) if isinstance(node, ast.Name)}
