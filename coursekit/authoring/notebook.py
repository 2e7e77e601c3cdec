"""Notebooks as the course writes them: the same bytes from the same text, whatever wrote them before."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Literal, cast

from coursekit.authoring.cells import Cell, CellType, Role, Source, is_generated, trim
from coursekit.errors import CourseError

Notebook = Any
"""An nbformat notebook: a dict whose keys are attributes, too (nbformat is untyped)."""

Part = Literal["lecture", "solution", "release"]
"""A lecture; an assignment with its solutions; the same without, for students."""

_ROLE_FLAGS: dict[Role, dict[str, bool]] = {
    "solution": {"grade": False, "solution": True, "locked": False, "task": False},
    "tests": {"grade": True, "solution": False, "locked": True, "task": False},
    "manual": {"grade": True, "solution": True, "locked": False, "task": False},
    "readonly": {"grade": False, "solution": False, "locked": True, "task": False},
}
_SCHEMA_VERSION = 3
_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def from_source(source: Source, path: str, part: Part) -> Notebook:
    """Return the notebook (nbformat 4.5) of a source; ``path`` is the source's, below the course root."""
    cells = [
        node(cell, _cell_metadata(cell), id=cell_id)
        for cell, cell_id in zip(source.cells, source.cell_ids, strict=True)
    ]
    return seal(cells, source.title, path, part)


def node(cell: Cell, metadata: dict[str, Any], **fields: str) -> Any:
    """Return an nbformat cell with the type and text of ``cell``."""
    from nbformat import v4

    if cell.type == "code":
        return v4.new_code_cell(cell.text, metadata=metadata, **fields)
    return v4.new_markdown_cell(cell.text, metadata=metadata, **fields)


def seal(cells: list[Any], title: str, path: str, part: Part) -> Notebook:
    """Make a notebook of nbformat cells, with the course's metadata and the digest of the cells."""
    from nbformat import from_dict, validate

    notebook: Notebook = from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                **_METADATA,
                "title": title,
                "coursekit": {"source": path, "part": part},
            },
            "cells": cells,
        }
    )
    notebook.metadata.coursekit.digest = digest(notebook)
    validate(notebook)
    return notebook


def digest(notebook: Notebook) -> str:
    """Return a fingerprint of what a person can edit in a notebook: texts, ids, points, tags, seconds.

    Outputs, counters and whatever Jupyter adds when it saves leave it as it is.
    """
    content = [notebook.metadata.get("title")]
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        # nbgrader's view may leave a block of falses in an ordinary cell.
        kept = [grading.get(key) or None for key in ("grade", "solution", "locked", "points")]
        kept.append(grading.get("grade_id") if any(kept) else None)
        content.append([cell.cell_type, cell.get("id"), cell.source, kept, cell.metadata.get("tags", [])])
        if seconds := _seconds(cell):
            content[-1].append(seconds)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def is_edited(notebook: Notebook) -> bool:
    """Say whether a notebook differs from what the course wrote (True if the course never did)."""
    return bool(notebook.metadata.get("coursekit", {}).get("digest") != digest(notebook))


def dumps(notebook: Notebook) -> str:
    """Return a notebook's file, to the byte: sorted keys, indent 1, text as it is."""
    from nbformat import writes

    return cast(str, writes(notebook)) + "\n"


def loads(text: str) -> Notebook:
    """Read a notebook from the text of its file; nbformat's errors if it is none."""
    import nbformat

    notebook: Notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    return notebook


def load(path: Path) -> Notebook:
    """Read a notebook.

    Raises:
        CourseError: if the file is missing, is not JSON or not a notebook of format 4.
    """
    try:
        return loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read: {error.strerror}.", fix="check its name and its permissions."
        ) from error
    except Exception as error:  # nbformat raises a dozen kinds, some of them bare
        raise CourseError(
            f"{path} is not a readable notebook: {str(error).splitlines()[0]}.",
            fix="restore it (`git checkout`), or delete it and run `coursekit build`.",
        ) from error


def to_cells(notebook: Notebook, where: str) -> tuple[Cell, ...]:
    """Return the cells of a notebook as an author would write them.

    Raises:
        CourseError: for what a source file cannot hold (raw cells, attachments, task cells).
    """
    cells = []
    for node in notebook.cells:
        name = f"{where}, cell {node.get('id')}"
        if node.cell_type not in ("code", "markdown"):
            raise CourseError(f"{name}: a {node.cell_type} cell.", fix="turn it into code or Markdown.")
        if node.get("attachments"):
            raise CourseError(
                f"{name}: it holds a pasted picture.",
                fix="remove it; draw figures in code, with ck.figure(fig, alt=…).",
            )
        grading = node.metadata.get("nbgrader", {})
        role = _role(grading, name)
        cell_id = grading.get("grade_id") if role else node.get("id")
        cells.append(
            Cell(
                type=cast(CellType, node.cell_type),
                text=trim(node.source),
                id=None if cell_id is None or is_generated(cell_id) else cell_id,
                role=role,
                points=_plain(grading.get("points")) if grading.get("grade") else None,
                tags=tuple(node.metadata.get("tags", ())),
                seconds=_seconds(node),
            )
        )
    return tuple(cells)


def to_source(notebook: Notebook, where: str) -> Source:
    """Return the source that a notebook stands for; the empty cells that JupyterLab leaves are dropped.

    Raises:
        CourseError: for what a source file cannot hold.
    """
    cells = (cell for cell in to_cells(notebook, where) if cell.text or cell.role)
    return Source(str(notebook.metadata.get("title", "")), tuple(cells))


def write(path: Path, text: str) -> None:
    """Write a text in one step, so that a killed run leaves the old file or the new one.

    Raises:
        CourseError: if the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written: {error.strerror}.",
            fix="check the permissions of the folder and the space on the disk.",
        ) from error


def _cell_metadata(cell: Cell) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if cell.tags:
        metadata["tags"] = list(cell.tags)
    if cell.seconds is not None:
        metadata["coursekit"] = {"seconds": _plain(cell.seconds)}
    if cell.role:
        metadata["nbgrader"] = {
            **_ROLE_FLAGS[cell.role],
            "schema_version": _SCHEMA_VERSION,
            "cell_type": cell.type,
            "grade_id": cell.id,
        }
    if cell.points is not None:
        metadata["nbgrader"]["points"] = _plain(cell.points)
    return metadata


def _seconds(node: Any) -> float | None:
    return _plain(node.metadata.get("coursekit", {}).get("seconds"))


def _role(grading: dict[str, Any], name: str) -> Role | None:
    if grading.get("task"):
        raise CourseError(f"{name}: a task cell of nbgrader.", fix="make it a manually graded answer.")
    match (bool(grading.get("grade")), bool(grading.get("solution"))):
        case (True, True):
            return "manual"
        case (True, False):
            return "tests"
        case (False, True):
            return "solution"
    return "readonly" if grading.get("locked") else None


def _plain(number: float | None) -> float | None:
    """Write 4.0 as 4, as people do."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
