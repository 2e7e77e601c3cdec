"""Putting a submission where nbgrader looks for it, in a state that nbgrader can grade."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from coursekit.grading.collect import Submission
from coursekit.grading.course import Course
from coursekit.grading.plaintext import line
from coursekit.grading.reading import UnreadableError, read_cells, written
from coursekit.grading.repair import repair, untouched, with_note

MAX_EXTRA_BYTES = 20 * 2**20
"""Files beside the notebook are graded with it up to this size together."""

_VERSION = "1"  # change it when the same submission would be staged or graded differently


@dataclass(frozen=True)
class Staged:
    """A submission ready for nbgrader.

    Attributes:
        student: the id in the gradebook.
        text: the notebook's file.
        files: what else lies beside it, by relative path.
        problem: why the untouched assignment is graded instead, or ``""``.
        notes: what was noticed or set right.
        key: a digest of all that the grade depends on; a submission with another key is graded again.
    """

    student: str
    text: str
    files: dict[str, bytes]
    problem: str
    notes: tuple[str, ...]
    key: str


def stage(submission: Submission, course: Course) -> Staged:
    """Read a submission and set it right.

    What cannot be read is replaced by the untouched assignment, so that nbgrader records an explicit 0; the reason
    stands in a note above everything, for the student to read in the feedback.
    """
    release = course.release
    files: dict[str, bytes] = {}
    notes = list(submission.notes)
    if submission.path is not None:
        try:
            notebook, repairs = repair(read_cells(submission.path), release)
            files, left_out = _files(submission.folder)
            notes += repairs + left_out
        except UnreadableError as error:
            submission = submission.but(str(error))
    submission, notes = replace(submission, problem=line(submission.problem)), [line(note) for note in notes]
    if submission.path is None:
        notebook = with_note(untouched(release), "This could not be graded.", [submission.problem, *notes])
    elif notes:
        notebook = with_note(notebook, "A note from the grader.", notes)
    text = written(notebook)
    key = _key(course.version, submission.student, text, files)
    return Staged(submission.student, text, files, submission.problem, tuple(notes), key)


def put(staged: Staged, course: Course) -> None:
    """Write a staged submission into nbgrader's folder of submissions, in place of an earlier one."""
    folder = course.path("submitted", staged.student)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, data in staged.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    course.notebook("submitted", staged.student).write_text(staged.text, encoding="utf-8", newline="\n")


def _files(folder: Path | None) -> tuple[dict[str, bytes], list[str]]:
    """Return the files that go with a notebook, by relative path, and a note about those left out."""
    files: dict[str, bytes] = {}
    if folder is None:
        return files, []
    left_out, total = [], 0
    for path in _beside(folder):
        name = path.relative_to(folder).as_posix()
        try:
            total += path.stat().st_size
            if total > MAX_EXTRA_BYTES:
                left_out.append(name)
            elif name != "timestamp.txt" or _is_timestamp(path):
                files[name] = path.read_bytes()
        except OSError:
            left_out.append(name)
    reason = f"not readable, or beyond {MAX_EXTRA_BYTES // 2**20} MB of files"
    return files, [f"Left out, because {reason}: {', '.join(left_out[:5])}."] if left_out else []


def _beside(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(names):
            path = Path(where, name)
            if path.is_file() and not path.is_symlink() and not name.startswith(".") and path.suffix != ".ipynb":
                yield path


def _is_timestamp(path: Path) -> bool:
    """Say whether nbgrader can read when this was handed in; it gives a submission up where it cannot."""
    from nbgrader.utils import parse_utc

    try:
        parse_utc(path.read_text(encoding="utf-8").strip())
    except (ValueError, OverflowError):
        return False
    return True


def _key(version: str, student: str, text: str, files: dict[str, Any]) -> str:
    digest = hashlib.sha256()
    for part in (_VERSION, version, student, text, *(x for name in sorted(files) for x in (name, files[name]))):
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(f"{len(data)}\0".encode() + data)
    return digest.hexdigest()
