"""What lint looks at: a notebook, whichever form it comes in, and the problems found in it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from coursekit.authoring import notebook, source
from coursekit.authoring.cells import Cell, Source, syntax
from coursekit.errors import CourseError

Kind = Literal["lecture", "assignment"]


@dataclass(frozen=True)
class Problem:
    """One thing that a notebook does not keep to.

    Attributes:
        file: the file.
        cell: id of the cell, or "" where it is about the whole file.
        rule: short name of the rule.
        message: what is wrong, and the fix.
    """

    file: Path
    cell: str
    rule: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}#{self.cell}" if self.cell else str(self.file)
        return f"{place}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Entry:
    """One cell of a page: its id, what its author wrote, and the outputs it holds."""

    id: str
    cell: Cell
    outputs: tuple[Any, ...] = ()

    @cached_property
    def tree(self) -> ast.Module:
        """The cell's syntax tree; empty for Markdown, and for code that is not Python."""
        try:
            return syntax(self.cell.text if self.cell.type == "code" else "")
        except (SyntaxError, ValueError):
            return ast.Module(body=[], type_ignores=[])

    @property
    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call in the cell, with the dotted name that is called: ``ck.predict``."""
        for found in ast.walk(self.tree):
            if isinstance(found, ast.Call):
                yield ast.unparse(found.func), found

    @property
    def code_lines(self) -> list[str]:
        """The lines of code, without blank ones."""
        return [line for line in self.cell.text.split("\n") if line.strip()]


@dataclass(frozen=True)
class Page:
    """A lecture or an assignment, read from its source, its built or its executed notebook."""

    path: Path
    kind: Kind
    entries: tuple[Entry, ...]
    size: int
    executed: notebook.Notebook | None = None

    @property
    def prose(self) -> list[Entry]:
        """The Markdown cells."""
        return [entry for entry in self.entries if entry.cell.type == "markdown"]

    @property
    def code(self) -> list[Entry]:
        """The code cells."""
        return [entry for entry in self.entries if entry.cell.type == "code"]

    def problem(self, rule: str, message: str, entry: Entry | None = None) -> Problem:
        """Make a problem of this page."""
        return Problem(self.path, entry.id if entry else "", rule, message)


def load(path: Path) -> Page:
    """Read a page from a source (``.py``) or a notebook (``.ipynb``).

    Raises:
        CourseError: if the file is neither a course source nor a notebook that `coursekit build` made.
    """
    return _from_source(path) if path.suffix == ".py" else _from_notebook(path)


def _from_source(path: Path) -> Page:
    kinds: dict[str, Kind] = {"lectures": "lecture", "assignments": "assignment"}
    if path.parent.name not in kinds:
        raise _unknown(path)
    text = source.read(path)
    entries = (Entry(cell_id, cell) for cell_id, cell in zip(text.cell_ids, text.cells, strict=True))
    return Page(path, kinds[path.parent.name], tuple(entries), path.stat().st_size)


def _from_notebook(path: Path) -> Page:
    node = notebook.load(path)
    part = node.metadata.get("coursekit", {}).get("part")
    if part not in ("lecture", "solution"):
        raise _unknown(path)
    cells = notebook.to_cells(node, str(path))
    ids = Source(node.metadata.get("title", ""), cells).cell_ids
    outputs = [tuple(cell.get("outputs", ())) for cell in node.cells]
    entries = tuple(Entry(*entry) for entry in zip(ids, cells, outputs, strict=True))
    return Page(
        path,
        "lecture" if part == "lecture" else "assignment",
        entries,
        path.stat().st_size,
        node if any(cell.get("execution_count") for cell in node.cells) else None,
    )


def _unknown(path: Path) -> CourseError:
    return CourseError(
        f"{path} is neither a course source nor a notebook built from one with its solutions.",
        fix="name a file in source/, lectures/, solutions/ or build/executed/.",
    )
