'''The text that notebooks are built from: reading it, and writing it in its one canonical form.

A source file is a jupytext *py:percent* script::

    # ---
    # title: Linear classifiers
    # ---

    # %% [markdown] id="goals"
    r"""
    # Linear classifiers
    """

    # %% id="hinge-loss" nbgrader="solution"
    def hinge_loss(scores, labels): ...

jupytext splits it into cells and puts cells together; the course's own part is what the options mean, and that
everything else is refused rather than carried along.
'''

import ast
import itertools
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

from coursekit.authoring.cells import Cell, CellType, Source, syntax, trim
from coursekit.authoring.notebook import node
from coursekit.authoring.validation import refuse, validate
from coursekit.errors import CourseError

OPTIONS = ("id", "nbgrader", "points", "tags", "seconds")
"""What may stand in a cell's header, in the order in which it is written."""

_FORMAT = {
    "extension": ".py",
    "format_name": "percent",
    "cell_markers": 'r"""',
    "notebook_metadata_filter": "-all",
    # A comment such as "# !important" must stay one: course text is plain Python.
    "comment_magics": False,
}
# Left by jupytext's reader about the layout of the text, which the canonical form decides.
_LAYOUT = ("cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker", "region_name")
# Every way of opening a cell that jupytext knows; only "# %%" is ours.
_MARKER = re.compile(r"\s*#\s*(%%|<codecell>|In\[[0-9 ]*\]:?\s*$)")
_OUR_MARKER = re.compile(r"# %%( |$)")
# str.splitlines, which jupytext and nbformat use, would cut a line at any of these.
_LINE_BREAKERS = re.compile("[\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")


def read(path: Path, where: str | None = None) -> Source:
    """Read and validate a source file; ``where`` is what errors call it (default: its path).

    Raises:
        CourseError: if the file cannot be read, or is not a valid source.
    """
    name = where or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{name} cannot be read: {error}.", fix="check that it exists and is UTF-8 text.") from error
    return parse(text, name)


def parse(text: str, where: str = "source") -> Source:
    """Split a source text into a title and cells.

    Raises:
        CourseError: ``where:line``, what is wrong there, and the fix.
    """
    if found := _LINE_BREAKERS.search(text):
        refuse(
            where,
            text.count("\n", 0, found.start()) + 1,
            f"the character U+{ord(found[0]):04X} breaks lines in some programs only.",
            "delete it; lines end with a plain line feed.",
        )
    lines = text.split("\n")
    title, start = _header(lines, where)
    source = Source(title, tuple(_cells(lines[start:], start + 1, where)))
    validate(source, where)
    return source


def render(source: Source, where: str = "source") -> str:
    """Write a source in its canonical form, which ``ruff format`` leaves as it is.

    Raises:
        CourseError: if the source is not valid, or holds a text that py:percent cannot carry.
    """
    import jupytext
    from nbformat.v4 import new_notebook

    validate(source, where)
    nodes = [_node(cell, after) for cell, after in zip(source.cells, (*source.cells[1:], None), strict=True)]
    body = jupytext.writes(new_notebook(cells=nodes), fmt=_FORMAT)
    text = f"{_render_header(source.title)}\n{body.strip(chr(10))}\n"
    for cell, copy in zip(source.cells, parse(text, where).cells, strict=True):
        if cell != copy:
            refuse(
                where,
                copy.line,
                f"the cell {cell.id or cell.text[:40]!r} does not survive being written as text.",
                'reword it: three double quotes and lines that begin with "%%" do not go together.',
            )
    return text


def canonical(text: str, where: str = "source") -> str:
    """Return a source text in its canonical form: ``canonical(canonical(t)) == canonical(t)``."""
    return render(parse(text, where), where)


def _header(lines: list[str], where: str) -> tuple[str, int]:
    """Return the title, and the index of the first line after the header."""
    import yaml

    fix = "begin the file with three lines: `# ---`, `# title: …`, `# ---`."
    ends = [number for number, line in enumerate(lines) if line.rstrip() == "# ---"][:2]
    if len(ends) < 2 or ends[0] != 0:
        refuse(where, 1, "the file does not begin with a header.", fix)
    block = lines[1 : ends[1]]
    try:
        header = yaml.safe_load("\n".join(line.removeprefix("#").removeprefix(" ") for line in block))
    except yaml.YAMLError as error:
        refuse(where, 2, f"the header is not YAML: {' '.join(str(error).split())}.", fix)
    if not isinstance(header, Mapping) or set(header) != {"title"}:
        refuse(where, 2, "the header must hold a title and nothing else.", fix + " The rest is built in.")
    if not isinstance(header["title"], str):
        refuse(where, 2, "the title is not a text.", "put it in double quotes.")
    return header["title"], ends[1] + 1


def _render_header(title: str) -> str:
    import yaml

    # No folding of long titles, and accents as they are.
    line = yaml.safe_dump({"title": title}, allow_unicode=True, width=float("inf")).rstrip("\n")
    return f"# ---\n# {line}\n# ---\n"


def _cells(lines: list[str], first_line: int, where: str) -> list[Cell]:
    import jupytext
    from nbformat.validator import NotebookValidationError

    starts = [number for number, line in enumerate(lines) if _MARKER.match(line)]
    for start in starts:
        if not _OUR_MARKER.match(lines[start]):
            refuse(
                where,
                first_line + start,
                f"{lines[start].strip()!r} reads like the beginning of a cell.",
                "begin cells with `# %%` at the left margin; reword the line if it is none.",
            )
    if any(line.strip() for line in lines[: starts[0] if starts else None]):
        refuse(where, first_line, "text before the first cell.", "put a `# %%` line above it.")
    if not starts:
        return []
    try:
        nodes = jupytext.reads("\n".join(lines[starts[0] :]), fmt=_FORMAT).cells
    except NotebookValidationError:
        _refuse_malformed(lines, starts, first_line, where)
    if len(nodes) != len(starts):
        refuse(
            where,
            first_line + starts[0],
            f"{len(starts)} lines begin with `# %%`, but there are {len(nodes)} cells.",
            "close every string and fence, and let no line inside one begin with `# %%`.",
        )
    return [_cell(node, first_line + start, where) for node, start in zip(nodes, starts, strict=True)]


def _refuse_malformed(lines: list[str], starts: list[int], first_line: int, where: str) -> NoReturn:
    """Find the cell whose header nbformat does not accept, by reading them one by one."""
    import jupytext
    from nbformat.validator import NotebookValidationError

    for start, end in itertools.pairwise([*starts, len(lines)]):
        try:
            jupytext.reads("\n".join(lines[start:end]), fmt=_FORMAT)
        except NotebookValidationError as error:
            fix = 'write tags as a list of different texts: tags=["break-it"].'
            refuse(where, first_line + start, f"the cell header is malformed: {error.message}.", fix)
    raise AssertionError("cells that nbformat accepts one by one make a notebook that it refuses")


def _cell(node: Any, line: int, where: str) -> Cell:
    options = {key: value for key, value in node.metadata.items() if key not in _LAYOUT}
    if node.cell_type not in ("markdown", "code"):
        refuse(where, line, f"a {node.cell_type} cell.", "cells are code or [markdown].")
    if unknown := sorted(set(options) - set(OPTIONS)):
        refuse(
            where,
            line,
            f"the cell header holds {', '.join(unknown)}.",
            f'the options are {", ".join(OPTIONS)}, written as id="hinge-loss" points=4.',
        )
    for name in ("id", "nbgrader"):
        if not isinstance(options.get(name), str | None) or (name in options and not options[name]):
            refuse(where, line, f"{name} is not a text.", f'write it in double quotes: {name}="…".')
    for name, example in (("points", 4), ("seconds", 120)):
        if isinstance(options.get(name), bool) or not isinstance(options.get(name), int | float | None):
            refuse(where, line, f"{name} is not a number.", f"write {name}={example}, say.")
    return Cell(
        type=cast(CellType, node.cell_type),
        text=trim(node.source),
        id=options.get("id"),
        role=options.get("nbgrader"),
        points=options.get("points"),
        tags=tuple(options.get("tags", ())),
        seconds=options.get("seconds"),
        line=line,
    )


def _node(cell: Cell, after: Cell | None) -> Any:
    values = (cell.id, cell.role, cell.points, list(cell.tags), cell.seconds)
    metadata = {key: value for key, value in zip(OPTIONS, values, strict=True) if value}
    if after:
        metadata["lines_to_next_cell"] = _blank_lines(cell, after)
    if cell.type == "markdown" and '"""' in cell.text:
        metadata["cell_marker"] = ""  # no such string can hold it: write the cell as comments
    return node(cell, metadata)


def _blank_lines(before: Cell, after: Cell) -> int:
    """Return 2 where PEP 8 and ``ruff format`` want two blank lines between the cells, else 1."""
    return 2 if _ends_with_definition(before) or _begins_with_definition(after) else 1


def _begins_with_definition(cell: Cell) -> bool:
    """Say whether only comments, with no gap after them, stand above a first def or class."""
    body = _statements(cell)
    if not body or not isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    first = min([body[0].lineno, *(decorator.lineno for decorator in body[0].decorator_list)])
    return all(line.strip() for line in cell.text.split("\n")[: first - 1])


def _ends_with_definition(cell: Cell) -> bool:
    """Say whether the cell's last lines belong to a def or class."""
    body = _statements(cell)
    if not body or any(line.startswith("#") for line in cell.text.split("\n")[body[-1].end_lineno or 0 :]):
        return False
    last: ast.AST = body[-1]
    while not isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        inner = [node for node in ast.iter_child_nodes(last) if isinstance(node, ast.stmt)]
        if not inner:
            return False
        last = inner[-1]
    return True


def _statements(cell: Cell) -> list[ast.stmt]:
    if cell.type != "code":
        return []
    try:
        return syntax(cell.text).body
    except (SyntaxError, ValueError):
        return []  # refused with its line when the rendered text is parsed again
