"""Judging again what was executed before, when only tests have changed: nothing is executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from coursekit.grading import keys
from coursekit.grading.bundle import Bundle
from coursekit.grading.graded import CellGrade, Graded
from coursekit.grading.journal import Entry
from coursekit.grading.limits import Limits
from coursekit.grading.reading import reread, written


def judged_again(bundle: Bundle, entry: Entry, tests: Mapping[str, str], limits: Limits) -> Graded | None:
    """Return a submission judged by other tests than before.

    Args:
        bundle: the assignment as it is now.
        entry: what was found out about the same submission by the tests of then.
        tests: digest of each test as it is now (`coursekit.grading.keys.tests`).
        limits: of the judge.

    Returns:
        What was found out then, unchanged, if the tests of now find the same; None if it must be executed: a test that
        changed runs in the student's kernel, or asks what was not asked then.
    """
    import nbformat

    from coursekit.grading.judge import NotKept, kind, mark_calls, seed_of

    cells = {cell.metadata.nbgrader.grade_id: cell for cell in bundle.notebook.cells if keys.is_test(cell)}
    changed = [name for name, digest in tests.items() if entry.tests.get(name) != digest]
    if any(kind(cells[name]) != "call" for name in changed):
        return None
    graded, notebook = entry.graded, reread(entry.graded.notebook)
    shown = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    before = {cell.name: replace(cell, seconds=0.0) for cell in graded.cells}
    answers, marked = dict(graded.answers or {}), dict[str, CellGrade]()
    for name in changed:
        try:
            marks = mark_calls(cells[name], None, limits, seed_of(bundle.salt, graded.key, name), answers)
        except NotKept:
            return None
        found, outputs = CellGrade(**_plain(asdict(marks[0]))), _plain(marks[1])
        if replace(found, seconds=0.0) != before.get(name) or outputs != shown[name].outputs:
            marked[name], shown[name].outputs = found, nbformat.from_dict(outputs)
    if not marked:
        return graded
    grades = tuple(marked.get(cell.name, cell) for cell in graded.cells)
    return replace(graded, cells=grades, notebook=written(notebook))


def _plain(found: Any) -> Any:
    """Return what a journal would give back: lists for tuples."""
    return json.loads(json.dumps(found))
