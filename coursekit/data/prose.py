"""English sentences in the docstrings of a package, read from its source files: nothing of it is imported."""

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from inspect import cleandoc
from pathlib import Path

from coursekit.errors import CourseError

NAME = "NAME"  # stands for code and for names that are no words

SKIPPED = re.compile(r"(^|/)(tests?|testing|_?vendor(ed)?|_?externals?|array_api_\w+)/|_test\.py$|conftest|__config__")
KEPT_SECTIONS = ("", "Notes")
FENCE = re.compile(r"```.*?(```|\Z)", re.S)
UNDERLINE = re.compile(r"[-=~^\"'*#]{3,}")
NO_PROSE = re.compile(r"^(>>>|\.\.|[-*+|@#:$\[]|\d+[.)]|\w+:$)|::$", re.M)
REFERENCE = re.compile(r"\s*\[[\w, ]+\]_")
ABBREVIATED = r"e\.g|i\.e|w\.r\.t|a\.k\.a|i\.i\.d"
BOUNDARY = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z])")
ABBREVIATION = re.compile(rf"\b({ABBREVIATED}|cf|vs|al|etc|eqs?|figs?|sec|refs?|resp|approx|no|vol|[a-z])\.$", re.I)
CODE = re.compile(r":[\w:+-]+:`[^`]*`|``[^`]+``|`[^`]+`_{0,2}|\|\w+\|")
DOTTED = re.compile(rf"(?<![\w.])(?!(?:{ABBREVIATED})\b)[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+(?:\(\))?")
IDENTIFIER = re.compile(r"(?<!\w)(?:\w+\(\)|\w*_\w*|[A-Za-z]*[a-z][A-Z]\w*)(?!\w)")
ENGLISH = re.compile(r"[A-Z][\w ,.;:'\"()/?!%-]*[.?!]")


def modules(package: str) -> dict[str, Path]:
    """Return the source files of a package by the names of its modules, in the order of their paths.

    Tests and what a package carries of other packages are left out.

    Raises:
        CourseError: if the package is not installed.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CourseError(
            f"{package} is not installed, and its docstrings are asked for.",
            fix="install the versions of constraints.txt.",
        )
    root = Path(found.submodule_search_locations[0])
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    return {
        ".".join([package, *path.removesuffix(".py").removesuffix("/__init__").split("/")]): root / path
        for path in paths
        if not SKIPPED.search(path)
    }


def sentences(source: str) -> Iterator[str]:
    """Yield the sentences in the docstrings of a module's source, with `NAME` in place of code and names.

    A name has a dot, an underscore or a capital inside, or stands in back quotes.
    """
    for docstring in _docstrings(ast.parse(source)):
        for paragraph in _paragraphs(docstring):
            yield from split(paragraph)


def split(paragraph: str) -> Iterator[str]:
    """Yield the sentences of a paragraph that are English from capital to full stop."""
    text = REFERENCE.sub("", CODE.sub(NAME, paragraph))
    text = IDENTIFIER.sub(NAME, DOTTED.sub(NAME, text))
    parts: list[str] = []
    for part in BOUNDARY.split(text):
        if parts and ABBREVIATION.search(parts[-1]):
            parts[-1] += " " + part
        else:
            parts.append(part)
    for part in parts:
        if ENGLISH.fullmatch(part) and part.count('"') % 2 == 0 and part.count("(") == part.count(")"):
            yield part


def _docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and functions, and those it adds to compiled ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "").startswith("add_newdoc"):
            for argument in ast.walk(node):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield cleandoc(argument.value)


def _paragraphs(docstring: str) -> Iterator[str]:
    """Yield the paragraphs that are no list, table, code or description of a parameter, each in one line."""
    kept = True
    for paragraph in re.split(r"\n\s*\n", FENCE.sub("", docstring)):
        lines = paragraph.splitlines()
        if len(lines) > 1 and UNDERLINE.fullmatch(lines[1]):
            kept = lines[0] in KEPT_SECTIONS
            lines = lines[2:]
        indented = any(line.startswith((" ", "\t")) for line in lines)
        if kept and not indented and not NO_PROSE.search("\n".join(lines)):
            yield " ".join(" ".join(lines).split())
