"""What a course text must hold before anything is built from it."""

import math
from collections.abc import Iterator
from typing import NoReturn

from coursekit.authoring.cells import (
    GRADED,
    MAX_ID,
    ROLES,
    Cell,
    Source,
    is_generated,
    is_kebab,
    marks,
    syntax,
)
from coursekit.errors import CourseError

# Where nbgrader takes which region out. Mark schemes it knows in "task" cells only, of which the course has none.
_REGIONS: dict[str, tuple[str, ...]] = {
    "SOLUTION": ("solution", "manual"),
    "HIDDEN TESTS": ("tests",),
    "MARK SCHEME": (),
}


def validate(source: Source, where: str) -> None:
    """Check everything that can be checked about a source without running it.

    Raises:
        CourseError: ``where:line``, what is wrong there, and the fix.
    """
    if not source.title.strip():
        raise CourseError(f"{where}:1: the title is empty.", fix="write `# title: …` in the header.")
    if not source.cells:
        raise CourseError(f"{where}: no cells.", fix="begin the first one with `# %% [markdown]`.")
    seen: dict[str, int] = {}
    for cell in source.cells:
        for problem, fix in _problems(cell, seen):
            if cell.line:
                refuse(where, cell.line, problem, fix)
            raise CourseError(f"{where}, cell {cell.id or cell.text[:40]!r}: {problem}", fix=fix)


def refuse(where: str, line: int, problem: str, fix: str) -> NoReturn:
    """Raise the error that points at a line of a file."""
    raise CourseError(f"{where}:{line}: {problem}", fix=fix)


def _problems(cell: Cell, seen: dict[str, int]) -> Iterator[tuple[str, str]]:
    if not cell.text:
        yield "the cell is empty.", "write something in it, or delete it."
    yield from _id_problems(cell, seen)
    yield from _tag_problems(cell)
    yield from _seconds_problems(cell)
    yield from _role_problems(cell)
    yield from _points_problems(cell)
    yield from _region_problems(cell)
    if cell.type == "code":
        yield from _python_problems(cell)
    elif cell.text.startswith("%%"):
        yield "prose that begins like a magic.", "begin it with something else than `%%`."


def _id_problems(cell: Cell, seen: dict[str, int]) -> Iterator[tuple[str, str]]:
    if cell.id is None:
        if cell.role:
            yield (
                f'a cell with nbgrader="{cell.role}" has no id.',
                'give it one: id="hinge-loss". It names the cell in the gradebook.',
            )
        return
    if not is_kebab(cell.id) or len(cell.id) > MAX_ID:
        yield (
            f"the id {cell.id!r} is not in kebab-case or is longer than {MAX_ID} characters.",
            "use lower-case letters, digits and single hyphens: hinge-worked.",
        )
    if is_generated(cell.id):
        yield (
            f"the id {cell.id!r} looks like one that a program made up.",
            "choose a name that says something, or leave the id out.",
        )
    if cell.id in seen:
        yield (
            f"the id {cell.id!r} is already taken" + (f" by the cell in line {seen[cell.id]}." if cell.line else "."),
            "rename one of the two.",
        )
    seen[cell.id] = cell.line


def _tag_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    for tag in cell.tags:
        if not is_kebab(tag):
            yield f"the tag {tag!r} is not in kebab-case.", 'write tags as tags=["break-it"].'


def _seconds_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.seconds is not None and not (math.isfinite(cell.seconds) and cell.seconds > 0):
        yield f"seconds={cell.seconds} is no time.", "write seconds=120, say."
    if cell.seconds is not None and cell.type != "code":
        yield "seconds on a cell that is not run.", "only code takes time: leave the option out."


def _role_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.role is not None and cell.role not in ROLES:
        yield (
            f"nbgrader={cell.role!r} is not one of {', '.join(ROLES)}.",
            "use one of them, or leave the option out.",
        )
    if cell.role in ("solution", "tests") and cell.type != "code":
        yield (
            f'a cell with nbgrader="{cell.role}" must be a code cell.',
            'drop [markdown]; a written answer is nbgrader="manual".',
        )


def _points_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    if cell.role in GRADED and cell.points is None:
        yield f'a cell with nbgrader="{cell.role}" has no points.', "add points=4, say."
    if cell.role not in GRADED and cell.points is not None:
        yield (
            "points on a cell that is not graded.",
            'only nbgrader="tests" and nbgrader="manual" carry points.',
        )
    if cell.points is not None and not (math.isfinite(cell.points) and cell.points > 0):
        yield f"points={cell.points} is not a positive number.", "write points=4, say."


def _region_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    for region, roles in _REGIONS.items():
        found = marks(cell.text, region)
        if found and cell.role not in roles:
            yield (
                f"{found[0][0]} {region} stands in a cell where nbgrader would not take it out.",
                "such a region belongs in a cell with " + " or ".join(f'nbgrader="{role}"' for role in roles) + "."
                if roles
                else "take the region out; the course has no cells with mark schemes.",
            )
        kinds = [kind for kind, _ in found]
        if kinds != ["BEGIN", "END"] * (len(kinds) // 2):
            yield (
                f"the {region} marks do not pair up.",
                f"every `### BEGIN {region}` needs its own `### END {region}` in the same cell.",
            )
        if region == "SOLUTION" and cell.role == "solution" and not found:
            yield (
                "a solution cell without a solution.",
                "put the answer between `### BEGIN SOLUTION` and `### END SOLUTION`.",
            )


def _python_problems(cell: Cell) -> Iterator[tuple[str, str]]:
    try:
        syntax(cell.text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "text", None) or ""
        yield (
            f"not Python: {getattr(error, 'msg', error)}: {line.strip()!r}.",
            "mend the code; course text uses no `%` or `!` magics, so that it runs anywhere.",
        )
