"""Digests of what a grade depends on: equal ones mean that nothing has to be done again.

work    all that running the notebook depends on: the submission, the assignment but for its tests, the limits
tests   each test for itself: its text, its points, and the code of the exercise that it checks
key     everything together
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from coursekit.errors import CourseError
from coursekit.grading.bundle import Bundle
from coursekit.grading.limits import Limits
from coursekit.grading.reading import reread
from coursekit.grading.repair import NOTE
from coursekit.grading.staging import Staged

VERSION = "1"
"""Change it when the same submission would be executed or judged differently by a newer grader."""

_CHECKED = re.compile(r"\bck\.check\.(\w+)\(")


def digest(*parts: str | bytes) -> str:
    """Return a digest of texts; no two lists of texts share one."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(f"{len(data)}\0".encode() + data)
    return whole.hexdigest()


def work(bundle: Bundle, staged: Staged, limits: Limits) -> str:
    """Return the digest of all that the execution of a submission depends on; the text of tests is left out.

    So is the grader's note: it tells of a locked cell that was changed, also where the assignment's changed since.
    """
    cells = [
        (cell.cell_type, cell.metadata.get("nbgrader", {}).get("grade_id", ""), "" if is_test(cell) else cell.source)
        for cell in reread(staged.text).cells
        if cell.id != NOTE
    ]
    deadlines = [cell.metadata.get("coursekit", {}) for cell in bundle.notebook.cells]
    settings = [cells, deadlines, sorted(bundle.environment.items()), dataclasses.asdict(limits)]
    files = [part for each in (bundle.files, staged.files) for name in sorted(each) for part in (name, each[name])]
    return digest(VERSION, bundle.assignment, bundle.salt, staged.student, json.dumps(settings), *files)


def tests(bundle: Bundle) -> dict[str, str]:
    """Return a digest of each test, by nbgrader's id of its cell."""
    return {cell.metadata.nbgrader.grade_id: _test(cell) for cell in bundle.notebook.cells if is_test(cell)}


def key(staged: Staged, work: str, tests: Mapping[str, str]) -> str:
    """Return the digest of everything that a grade depends on."""
    return digest(staged.key, work, json.dumps(sorted(tests.items())))


def is_test(cell: Any) -> bool:
    """Say whether a cell is the instructor's and carries points."""
    settings = cell.metadata.get("nbgrader", {})
    return bool(settings.get("grade")) and not settings.get("solution")


def _test(cell: Any) -> str:
    names = dict.fromkeys(_CHECKED.findall(cell.source))
    code = [data for name in names for data in _exercise_code(name)]
    return digest(cell.cell_type, cell.source, str(float(cell.metadata.nbgrader.points)), *code)


@functools.cache
def _exercise_code(name: str) -> tuple[bytes, ...]:
    """Return the files that an exercise is written in, with those that they import from the course."""
    from coursekit import exercises

    try:
        exercise = exercises.get(name)
    except CourseError:
        return ()
    holders = [module for module in _exercise_modules() if any(each is exercise for each in vars(module).values())]
    found: set[Path] = set()
    for module in holders:
        _add_imported(Path(str(module.__file__)), found)
    return tuple(path.read_bytes() for path in sorted(found))


def _exercise_modules() -> list[ModuleType]:
    """Return the loaded modules of exercises; not packages, which hold those of all their modules."""
    loaded = [module for name, module in sorted(sys.modules.items()) if name.startswith("coursekit.exercises.")]
    single = [module for module in loaded if not hasattr(module, "__path__")]
    return single


def _add_imported(path: Path, found: set[Path]) -> None:
    if path in found:
        return
    found.add(path)
    for each in _imported(path):
        _add_imported(each, found)


@functools.cache
def _imported(path: Path) -> tuple[Path, ...]:
    """Return the course's files that one of them imports."""
    files: list[Path | None] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("coursekit."):
            inner = [f"{node.module}.{each.name}" for each in node.names]
            files += map(_file, (node.module, *inner))
    return tuple(filter(None, files))


def _file(module: str) -> Path | None:
    """Return the file of a module of the course; None for a package, whose names live in its modules."""
    home = Path(__file__).resolve().parents[2]
    path = home.joinpath(*module.split(".")).with_suffix(".py")
    return path if path.is_file() else None
