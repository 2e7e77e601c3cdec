"""From solutions to what students get: nbgrader's own ``generate_assignment``, and a proof that nothing leaked.

There is no other road from ``solutions/`` to ``assignments/``.
"""

import keyword
import logging
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coursekit.authoring.cells import region_lines, syntax
from coursekit.authoring.layout import built, relative
from coursekit.authoring.notebook import Notebook, dumps, is_edited, load, seal, write
from coursekit.errors import CourseError

_TELLING_WORDS = 4
"""A line with fewer different words (`loss = 0.0`, `return loss`) gives nothing away."""

_COMMON = frozenset({*keyword.kwlist, "self"})


def release(name: str, root: Path, *, force: bool = False) -> Path:
    """Make ``assignments/NAME/NAME.ipynb`` from ``solutions/NAME/NAME.ipynb`` as it stands on disk.

    Raises:
        CourseError: if there is no such solution, nbgrader refuses it, a solution would leak, or the student version
            on disk was edited (unless ``force``).
    """
    solution = built(root, name, "solution")
    if not solution.is_file():
        known = ", ".join(sorted(path.parent.name for path in root.glob("solutions/*/*.ipynb")))
        raise CourseError(
            f"there is no assignment {name!r} to release.",
            fix=f"choose one of: {known}." if known else "run `coursekit build` first.",
        )
    target = built(root, name, "release")
    if not force and target.is_file() and is_edited(load(target)):
        raise CourseError(
            f"{relative(target, root)} was edited since it was made.",
            fix="move your work elsewhere, or overwrite it with --force.",
        )
    text = generate({name: load(solution)}, root)[name]
    write(target, text)
    return target


def generate(solutions: Mapping[str, Notebook], root: Path) -> dict[str, str]:
    """Return the text of each student version, by assignment name.

    ``root/nbgrader_config.py`` is honoured where it says what a stub looks like; folders and the gradebook are our own:
    nothing is written but in a temporary folder.

    Raises:
        CourseError: if nbgrader refuses a notebook, or a solution or a hidden test would leak.
    """
    texts = {}
    for name, solution in solutions.items():
        student = _generate_one(name, solution, root)
        if found := leaks(solution, student):
            raise CourseError(
                f"{name}: {len(found)} lines of solutions or hidden tests stand in the student version:\n"
                + "\n".join(f"    {line}" for line in found),
                fix="take them out of the cells around the solutions, or reword the solution.",
            )
        _check_code(name, student)
        texts[name] = dumps(student)
    return texts


def leaks(solution: Notebook, student: Notebook) -> list[str]:
    """Return the lines of solutions and hidden tests that can be read anywhere in a student version.

    Every line with at least four different words is looked for, whatever its indentation, in every text of the student
    notebook: cells, outputs, metadata. An empty list proves that none is there.
    """
    haystack = "\n".join(_squeeze(text) for text in _texts(student))
    return [
        line
        for line in dict.fromkeys(_squeeze(line) for line in _secret_lines(solution))
        if _is_telling(line) and line in haystack
    ]


def _secret_lines(solution: Notebook) -> list[str]:
    lines: list[str] = []
    for cell in solution.cells:
        answer = list(region_lines(cell.source, "SOLUTION"))
        if cell.metadata.get("nbgrader", {}).get("solution") and not answer:
            # nbgrader replaces such a cell as a whole.
            answer = cell.source.split("\n")
        lines += [*answer, *region_lines(cell.source, "HIDDEN TESTS")]
    return lines


def _squeeze(text: str) -> str:
    return " ".join(text.split())


def _is_telling(line: str) -> bool:
    return len({*re.findall(r"\w{2,}", line)} - _COMMON) >= _TELLING_WORDS


def _texts(node: Any) -> list[str]:
    """Return every text in a nested JSON value."""
    if isinstance(node, str):
        return [node]
    if isinstance(node, Mapping):
        return [text for value in node.values() for text in _texts(value)]
    if isinstance(node, list | tuple):
        return [text for value in node for text in _texts(value)]
    return []


def _generate_one(name: str, solution: Notebook, root: Path) -> Notebook:
    with tempfile.TemporaryDirectory(prefix="coursekit-release-") as folder:
        write(built(Path(folder), name, "solution"), dumps(solution))
        _run_nbgrader(name, root, Path(folder))
        student = load(built(Path(folder), name, "release"))
    known = solution.metadata
    return seal(student.cells, known.title, known.coursekit.source, "release")


def _run_nbgrader(name: str, root: Path, folder: Path) -> None:
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.utils import capture_log

    config = _config(root)
    config.CourseDirectory.update(
        root=str(folder),
        source_directory="solutions",
        release_directory="assignments",
        assignment_id=name,
        notebook_id="*",
        db_url=f"sqlite:///{folder}/gradebook.db",
    )
    # As `nbgrader generate_assignment --no-db`: the gradebook learns of an assignment when a class is graded.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log = logging.Logger("coursekit.release", logging.WARNING)  # capture_log adds the only handler
    result = capture_log(converter)
    if not result["success"]:
        raise CourseError(
            f"nbgrader cannot make the student version of {name}:\n{result.get('log', '').strip()}",
            fix="mend the source that the log names; `coursekit build` then tries again.",
        )


def _config(root: Path) -> Any:
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    if not (root / "nbgrader_config.py").is_file():
        return Config()
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


def _check_code(name: str, student: Notebook) -> None:
    """Refuse a student version whose stubs are not Python: a solution that was half a statement."""
    for cell in student.cells:
        try:
            if cell.cell_type == "code":
                syntax(cell.source)
        except SyntaxError as error:
            raise CourseError(
                f"{name}: without its solution the cell {cell.id!r} is no longer Python: {error.msg}.",
                fix="let the solution be whole statements, at the indentation of `### BEGIN SOLUTION`.",
            ) from error
