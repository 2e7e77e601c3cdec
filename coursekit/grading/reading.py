"""Opening what students hand in, whatever state it is in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_BYTES = 50 * 2**20
"""A larger notebook is not opened."""


class UnreadableError(ValueError):
    """A file that cannot be graded; the message is a sentence for the student."""


@dataclass(frozen=True)
class SubmittedCell:
    """One cell as handed in, with the little that grading needs of it.

    Attributes:
        type: ``"code"``, ``"markdown"`` or ``"raw"``.
        source: the text, with plain line feeds.
        id: the cell's id in the notebook, or ``""``.
        grading: its nbgrader metadata, not to be trusted.
        attachments: pictures pasted into a Markdown cell.
    """

    type: str
    source: str
    id: str = ""
    grading: dict[str, Any] = field(default_factory=dict)
    attachments: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """What the cell may be known by: nbgrader's id first, then its own."""
        grade_id = self.grading.get("grade_id")
        return tuple(name for name in (grade_id, self.id) if isinstance(name, str) and name)


def read_cells(path: Path) -> list[SubmittedCell]:
    """Return the cells of a notebook of any format, newer or older, with or without a byte order mark.

    Raises:
        UnreadableError: if there is no notebook in the file.
    """
    notebook = _parse(_text(path), path.name)
    if notebook.get("nbformat", 4) != 4 or "worksheets" in notebook:
        notebook = _upgrade(notebook, path.name)
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise UnreadableError(f"{path.name} is not a notebook: it holds no cells.")
    return [_cell(cell) for cell in cells if isinstance(cell, dict)]


def reread(text: str) -> Any:
    """Return a notebook from what `written` gave: nobody has to find out whether it is one."""
    from nbformat import v4

    return v4.reads(text)


def written(notebook: Any) -> str:
    """Return the text of a file that holds a notebook of the current format."""
    from nbformat import v4

    return f"{v4.writes(notebook)}\n"


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.is_symlink():
            raise UnreadableError(f"{path.name} is not a file.")
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(
                f"{path.name} is larger than {MAX_BYTES // 2**20} MB; clear its outputs and hand it in again."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not data.strip():
        raise UnreadableError(f"{path.name} is empty.")
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path.name} is not a notebook: it is not text.") from error


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        if "<<<<<<<" in text:
            reason = "it holds the marks of an unfinished git merge"
        elif text.lstrip()[:1] != "{":
            reason = "it does not begin as one"
        else:
            reason = f"its JSON is broken at line {getattr(error, 'lineno', '?')}, cut short or edited by hand"
        raise UnreadableError(f"{name} is not a notebook that opens: {reason}.") from error
    if not isinstance(notebook, dict):
        raise UnreadableError(f"{name} is not a notebook: it holds no cells.")
    return notebook


def _upgrade(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    import nbformat

    try:
        upgraded: dict[str, Any] = nbformat.convert(nbformat.from_dict(notebook), 4)
    except Exception as error:  # nbformat raises whatever it stumbles over
        raise UnreadableError(f"{name} is a notebook of a format that cannot be converted.") from error
    return upgraded


def _cell(cell: dict[str, Any]) -> SubmittedCell:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(map(str, source))
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    attachments, cell_id = cell.get("attachments"), cell.get("id")
    return SubmittedCell(
        type=cell["cell_type"] if cell.get("cell_type") in ("code", "raw") else "markdown",
        source=_plain(str(source)),
        id=cell_id if isinstance(cell_id, str) else "",
        grading=dict(grading) if isinstance(grading, dict) else {},
        attachments=dict(attachments) if isinstance(attachments, dict) else {},
    )


def _plain(text: str) -> str:
    """Return a text that can be written as UTF-8, with plain line feeds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.encode("utf-8", "replace").decode()
