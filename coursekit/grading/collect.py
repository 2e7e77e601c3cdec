"""Finding what a class handed in. The folder is only ever read."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from coursekit.errors import CourseError
from coursekit.grading.reading import UnreadableError, read_cells

SIDE_FILES = {".csv", ".log", ".md", ".xlsx"}
"""Lists and notes that lie beside submissions; any other file is somebody's submission."""

_CLUTTER = {"__macosx", "thumbs.db", "desktop.ini", "node_modules"}
_MAX_NAME = 80
# What nbgrader would read as a pattern, or a path, or not at all.
_ODD = re.compile(r"[^\w@.+' -]")


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Attributes:
        student: the id in the gradebook.
        path: the notebook, or None if there is none that can be graded.
        problem: why there is none, in a sentence; else ``""``.
        notes: what was noticed on the way, in sentences.
        folder: the notebook's folder if it is the student's own, whose files go with it.
    """

    student: str
    path: Path | None
    problem: str = ""
    notes: tuple[str, ...] = ()
    folder: Path | None = None

    def but(self, problem: str) -> Submission:
        """Return the submission with a problem that keeps its notebook from being graded."""
        return replace(self, path=None, problem=problem)


@dataclass(frozen=True)
class _Candidate:
    path: Path
    known: int  # how many of the assignment's cells it holds
    exact: bool  # whether it is named as it should be
    problem: str  # why it cannot be read


def collect(folder: Path, assignment: str, cell_ids: Iterable[str]) -> list[Submission]:
    """Return every student's submission, sorted by student.

    Three layouts are understood, also side by side: nbgrader's ``FOLDER/<student>/<assignment>/<name>.ipynb``,
    ``FOLDER/<student>/<name>.ipynb`` and ``FOLDER/<student>.ipynb``.

    Args:
        folder: what was handed in; it is not written to.
        assignment: its name, such as ``"a1_losses"``.
        cell_ids: nbgrader's ids of the assignment's cells: a notebook that holds some of them is a submission,
            whatever it is called.

    Raises:
        CourseError: if the folder is missing, unreadable, empty, or a single submission.
    """
    entries = listed(folder)
    if [entry.name for entry in entries] == [f"{assignment}.ipynb"]:
        raise CourseError(
            f"{folder} is one submission, not a class of them.",
            fix=f"point to the folder above it, or rename {assignment}.ipynb after the student.",
        )
    by_student = defaultdict(list)
    for entry in entries:
        by_student[entry.stem if entry.is_file() else entry.name].append(entry)
    ids = frozenset(cell_ids)
    found = [_submission(name, entries, assignment, ids) for name, entries in by_student.items()]
    return sorted(found, key=lambda submission: submission.student)


def listed(folder: Path) -> list[Path]:
    """Return what lies in a folder of submissions, without clutter and side files.

    Raises:
        CourseError: if the folder is missing, unreadable or empty.
    """
    fix = "give the folder that holds one folder or one notebook a student."
    if not folder.exists():
        raise CourseError(f"there is no folder {folder}.", fix=fix)
    if not folder.is_dir():
        raise CourseError(f"{folder} is not a folder.", fix=fix)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise CourseError(f"{folder} cannot be read: {error.strerror}.", fix="check its permissions.") from error
    entries = [entry for entry in entries if not _is_clutter(entry.name) and entry.suffix not in SIDE_FILES]
    if not entries:
        raise CourseError(f"{folder} holds no submissions.", fix=fix)
    return entries


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _CLUTTER


def _submission(name: str, entries: list[Path], assignment: str, ids: frozenset[str]) -> Submission:
    student, notes = gradebook_id(name)
    try:
        files = [file for entry in entries for file in _files(entry, assignment)]
    except OSError as error:
        return Submission(student, None, f"{error.filename} cannot be read: {error.strerror}.", notes)
    # A notebook that lies flat is named after its student.
    candidates = [_candidate(file, ids, {assignment, name} if file in entries else {assignment}) for file in files]
    if not candidates:
        return Submission(student, None, _nothing(entries), notes)
    best = max(candidates, key=_rank)
    if not best.known:
        reason = best.problem or f"{best.path.name} holds none of the cells of {assignment}."
        return Submission(student, None, reason, notes)
    if not best.exact:
        notes += (f"{best.path.name} was taken for {assignment}.ipynb, because it holds its cells.",)
    others = sorted(each.path.name for each in candidates if each.known and each is not best)
    if others:
        notes += (f"{best.path.name} was graded; {', '.join(others)} was not.",)
    return Submission(student, best.path, "", notes, None if best.path in entries else best.path.parent)


def _rank(candidate: _Candidate) -> tuple[bool, bool, int, int, str]:
    """Order notebooks: gradable, rightly named, complete, and then the latest."""
    changed = candidate.path.stat().st_mtime_ns if candidate.known else 0
    return candidate.known > 0, candidate.exact, candidate.known, changed, str(candidate.path)


def _candidate(path: Path, ids: frozenset[str], stems: set[str]) -> _Candidate:
    try:
        names = {name for cell in read_cells(path) for name in cell.names}
    except UnreadableError as error:
        return _Candidate(path, 0, path.stem in stems, str(error))
    return _Candidate(path, len(names & ids), path.stem in stems, "")


def _files(entry: Path, assignment: str) -> Iterator[Path]:
    """Yield the notebooks below an entry; in nbgrader's layout, those of this assignment only."""
    if entry.is_symlink():
        return
    if entry.is_file():
        if entry.suffix == ".ipynb":
            yield entry
        return
    own = entry / assignment
    yield from _below(own if own.is_dir() and not own.is_symlink() else entry)


def _below(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for where, folders, files in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not _is_clutter(name))
        for name in sorted(files):
            if name.endswith(".ipynb") and not _is_clutter(name):
                yield Path(where, name)


def _nothing(entries: list[Path]) -> str:
    entry = entries[0]
    if entry.is_symlink():
        return f"no notebook was handed in: {entry.name} is a link, and links are not followed."
    if not entry.is_dir():
        return f"no notebook was handed in: {entry.name} is not one."
    inside = sorted(path.name for path in entry.iterdir() if not _is_clutter(path.name))
    return f"no notebook was handed in: the folder holds {', '.join(inside[:5]) or 'nothing'}."


def gradebook_id(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the id under which nbgrader can keep a student, and a note if it is not the name itself.

    nbgrader reads ids as file patterns and trims them; a changed id ends in a digest of the name, so that two students
    never share one.
    """
    plain = unicodedata.normalize("NFC", name)
    student = _ODD.sub("_", plain).strip(" .")[:_MAX_NAME]
    if student == plain:
        return student, ()
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:6]
    student = f"{student[: _MAX_NAME - 7] or 'student'}-{digest}"
    shown = plain.encode("utf-8", "replace").decode()
    return student, (f"the name {shown!r} cannot stand in a gradebook; it is kept as {student!r}.",)
