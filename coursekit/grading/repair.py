"""Setting a changed notebook right: the student's work in cells that nbgrader can grade.

nbgrader stops the whole class at a duplicated test cell, and never grades a notebook without one. Here every notebook
is written anew: locked cells, settings and tags are the assignment's, the texts of answers and added cells the
student's, in the student's order. An untouched structure gives the very cells that nbgrader expects, and no note.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from coursekit.grading.reading import SubmittedCell, UnreadableError
from coursekit.grading.scoring import as_handed_out

Notebook = Any
"""An nbformat notebook (nbformat is untyped)."""

NOTE = "note-from-the-grader"
"""The id of the cell that holds what was noticed."""

_SETTINGS = ("grade", "solution", "locked", "points")
_VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def repair(cells: Sequence[SubmittedCell], release: Notebook) -> tuple[Notebook, list[str]]:
    """Return a gradable notebook that holds the student's work, and a sentence for everything that was set right.

    Args:
        cells: what the student handed in.
        release: the assignment as students got it.

    Raises:
        UnreadableError: if none of the assignment's cells is there.
    """
    originals = {cell.metadata.nbgrader.grade_id: cell for cell in release.cells if "nbgrader" in cell.metadata}
    names = [next((name for name in cell.names if name in originals), None) for cell in cells]
    copies = defaultdict(list)
    for index, name in enumerate(names):
        if name is not None:
            copies[name].append(index)
    if not copies:
        raise UnreadableError("the notebook holds none of the assignment's cells.")
    keepers = {name: _keeper(originals[name], cells, indices) for name, indices in copies.items()}
    notes = [_copies_note(name, len(indices)) for name, indices in copies.items() if len(indices) > 1]
    repaired: list[Any] = []
    for index, (cell, name) in enumerate(zip(cells, names, strict=True)):
        if name is not None and keepers[name] == index:
            repaired.append(_restored(cell, originals[name]))
            notes += _changes(name, cell, originals[name])
        elif name is None or not _is_copy_of_locked(cell, originals[name]):
            repaired.append(_extra(cell))
    notes += _insert_missing(repaired, originals)
    return _notebook(repaired, release), notes


def untouched(release: Notebook) -> Notebook:
    """Return the assignment as students got it, to be graded in place of what cannot be."""
    return _notebook([copy.deepcopy(cell) for cell in release.cells], release)


def with_note(notebook: Notebook, title: str, sentences: Sequence[str]) -> Notebook:
    """Put a note from the grader above everything else."""
    from nbformat.v4 import new_markdown_cell

    body = "\n".join(f"- {_inert(sentence)}" for sentence in sentences)
    notebook.cells.insert(0, new_markdown_cell(f"**{title}**\n\n{body}", id=NOTE))
    return notebook


def _keeper(original: Any, cells: Sequence[SubmittedCell], copies: list[int]) -> int:
    """Return which of a cell's copies nbgrader shall see: the unchanged one if locked, else the last written."""
    if not original.metadata.nbgrader.solution:
        return next((i for i in copies if cells[i].source == original.source), copies[0])
    written = [i for i in copies if cells[i].source.strip() != original.source.strip()]
    return (written or copies)[-1]


def _is_copy_of_locked(cell: SubmittedCell, original: Any) -> bool:
    return not original.metadata.nbgrader.solution and cell.source.strip() == original.source.strip()


def _restored(cell: SubmittedCell, original: Any) -> Any:
    restored = copy.deepcopy(original)
    if original.metadata.nbgrader.solution:
        restored.source = cell.source
        if original.cell_type == "markdown" and cell.attachments:
            restored.attachments = cell.attachments
    return restored


def _extra(cell: SubmittedCell) -> Any:
    """Return a cell that the student added, without metadata: a tag could keep it from being run."""
    from nbformat import from_dict

    extra: Any = from_dict({"cell_type": cell.type, "id": cell.id, "metadata": {}, "source": cell.source})
    if cell.type == "code":
        extra |= {"outputs": [], "execution_count": None}
    if cell.attachments and cell.type == "markdown":
        extra.attachments = cell.attachments
    return extra


def _insert_missing(repaired: list[Any], originals: dict[str, Any]) -> list[str]:
    """Put back what has to be there; return the notes.

    A check goes before the next cell, behind whatever was added in its place; anything else behind the cell before it.
    A missing solution is not put back: the answer may stand in another cell, which the stub would undo.
    """

    def places() -> dict[str, int]:
        known = ((i, cell.metadata.get("nbgrader")) for i, cell in enumerate(repaired))
        return {settings.grade_id: i for i, settings in known if settings}

    notes, order = [], list(originals)
    for number, (name, original) in enumerate(originals.items()):
        settings, place = original.metadata.nbgrader, places()
        if name in place:
            continue
        if settings.solution and not settings.grade:
            notes.append(f"The cell {name} is missing.")
            continue
        if settings.grade and not settings.solution:
            where = next((place[after] for after in order[number:] if after in place), len(repaired))
        else:
            where = next((place[before] + 1 for before in order[:number][::-1] if before in place), 0)
        repaired.insert(where, copy.deepcopy(original))
        notes.append(f"The cell {name} was missing; it was put back.")
    return notes


def _changes(name: str, cell: SubmittedCell, original: Any) -> list[str]:
    notes = []
    settings = original.metadata.nbgrader
    same = all(cell.grading.get(key) == settings.get(key) for key in _SETTINGS)
    if not same or cell.type != original.cell_type:
        notes.append(f"The settings of the cell {name} were changed; they were set back.")
    if not settings.solution and cell.source.strip() != original.source.strip() and not _as_handed_out(cell):
        notes.append(f"The cell {name} is locked, but its text was changed; the original was used.")
    return notes


def _as_handed_out(cell: SubmittedCell) -> bool:
    """Say whether a locked cell is one of an earlier release: its text fits the checksum that came with it."""
    try:
        return as_handed_out(cell.source, cell.type, cell.grading)
    except (KeyError, TypeError, ValueError):  # its settings were changed
        return False


def _copies_note(name: str, count: int) -> str:
    return f"The cell {name} stood there {count} times; one of them was graded."


def _notebook(cells: list[Any], release: Notebook) -> Notebook:
    from nbformat.v4 import new_notebook

    seen = {cell.id for cell in cells if "nbgrader" in cell.metadata} | {NOTE}
    for number, cell in enumerate(cells):
        if "nbgrader" not in cell.metadata:
            if cell.id in seen or not _VALID_ID.fullmatch(cell.id):
                cell.id = f"added-{number}"
            seen.add(cell.id)
    return new_notebook(cells=cells, metadata=copy.deepcopy(release.metadata))


def _inert(sentence: str) -> str:
    """Return a sentence that Markdown shows as it is, whatever a file was called."""
    return re.sub(r"([\\`*_\[\]<>&#|~$!])", r"\\\1", sentence)
