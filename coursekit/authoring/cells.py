"""What a course text is made of: a title and cells, apart from any file format."""

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, cast

CellType = Literal["markdown", "code"]
Role = Literal["solution", "tests", "manual", "readonly"]

ROLES: tuple[Role, ...] = ("solution", "tests", "manual", "readonly")
GRADED: tuple[Role, ...] = ("tests", "manual")
"""The roles that carry points."""

MAX_ID = 40

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
# Ours (c-1a2b3c4d, c-1a2b3c4d-2), nbformat's (1a2b3c4d) and JupyterLab's (a UUID).
_GENERATED_ID = re.compile(r"(c-)?[0-9a-f]{8}(-\d+)?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass(frozen=True)
class Cell:
    """One cell as its author wrote it.

    Attributes:
        type: ``"markdown"`` or ``"code"``.
        text: the body, without blank lines around it.
        id: the explicit id, or None where the author gave none.
        role: what nbgrader does with the cell, or None for an ordinary one.
        points: for the roles in ``GRADED``, else None.
        tags: Jupyter cell tags.
        seconds: how long the grader lets a code cell run, or None for its usual limit.
        line: where the cell begins in its source file, from 1; 0 if it came from elsewhere.
    """

    type: CellType
    text: str
    id: str | None = None
    role: Role | None = None
    points: float | None = None
    tags: tuple[str, ...] = ()
    seconds: float | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Source:
    """A lecture or an assignment: a title and its cells."""

    title: str
    cells: tuple[Cell, ...]

    @property
    def cell_ids(self) -> list[str]:
        """One id a cell: the explicit one, else one derived from the cell's own text.

        A derived id changes only when its cell does, so an edit moves no other cell's id.
        """
        seen: Counter[str] = Counter()
        return [cell.id or _numbered(derived_id(cell.text), seen) for cell in self.cells]


def derived_id(text: str) -> str:
    """Return the id of a cell that was given none: ``c-`` and eight hex digits of its text."""
    return f"c-{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8]}"


def _numbered(name: str, seen: Counter[str]) -> str:
    """Name the repeats of a derived id ``-2``, ``-3``, …"""
    seen[name] += 1
    return name if seen[name] == 1 else f"{name}-{seen[name]}"


def is_generated(cell_id: str) -> bool:
    """Say whether a program made this id up, so that it says nothing worth keeping."""
    return _GENERATED_ID.fullmatch(cell_id) is not None


def is_kebab(name: str) -> bool:
    """Say whether a name is in kebab-case: ``hinge-worked``."""
    return _ID.fullmatch(name) is not None


def trim(text: str) -> str:
    """Return a cell's text without the blank lines around it."""
    lines = text.rstrip().split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    return "\n".join(lines)


def syntax(code: str) -> ast.Module:
    """Parse a code cell as IPython would: plain Python, ``await`` allowed at the top.

    Raises:
        SyntaxError: if it is not Python. ``ValueError`` for a null byte.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return cast(ast.Module, compile(code, "cell", "exec", flags))


def marks(text: str, region: str) -> list[tuple[Literal["BEGIN", "END"], int]]:
    """Return where a region's marks stand in a text: ("BEGIN" or "END", line from 0).

    Recognised as nbgrader does: a line with ``BEGIN SOLUTION`` anywhere in it is a mark.
    """
    found: list[tuple[Literal["BEGIN", "END"], int]] = []
    for number, line in enumerate(text.split("\n")):
        if f"BEGIN {region}" in line:
            found.append(("BEGIN", number))
        elif f"END {region}" in line:
            found.append(("END", number))
    return found


def region_lines(text: str, region: str) -> Iterator[str]:
    """Yield the lines between the BEGIN and END marks of a region."""
    lines = text.split("\n")
    edges = [number for _, number in marks(text, region)]
    for begin, end in zip(edges[::2], edges[1::2], strict=False):
        yield from lines[begin + 1 : end]


def lines_outside(text: str, region: str) -> list[str]:
    """Return the lines that stand outside a region, without its marks."""
    lines = text.split("\n")
    edges = [number for _, number in marks(text, region)]
    inside: set[int] = set()
    for begin, end in zip(edges[::2], edges[1::2], strict=False):
        inside.update(range(begin, end + 1))
    return [line for number, line in enumerate(lines) if number not in inside]


def headings_above(cells: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the heading that each of the (type, text) cells stands under, itself included; "" before the first."""
    heading = ""
    for cell_type, text in cells:
        if cell_type == "markdown":
            for line in text.split("\n"):
                if re.match(r"#{1,6} ", line):
                    heading = line.lstrip("#").strip()
        yield heading
