"""nbgrader's course on disk: where things lie in the folder that a class is graded into, and how it is set up."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError
from coursekit.grading.converting import convert
from coursekit.grading.settings import environment

STEPS = ("source", "release", "submitted", "autograded", "feedback")
"""nbgrader's folders."""

_CANNOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)

_CONFIG = '''"""The class graded here, for nbgrader and its formgrader: start `jupyter lab` in this folder."""

from coursekit.grading.settings import configure

c = get_config()  # noqa: F821
configure(c)
'''


@dataclass(frozen=True)
class Course:
    """A folder that a class is graded into.

    Attributes:
        folder: holds nbgrader's folders, the gradebook, results and tables.
        assignment: the one being graded, such as ``"a1_losses"``.
        root: the course that the assignment belongs to.
    """

    folder: Path
    assignment: str
    root: Path

    @property
    def gradebook(self) -> Path:
        """nbgrader's data base."""
        return self.folder / "gradebook.db"

    @property
    def gradebook_url(self) -> str:
        """The same, as SQLAlchemy takes it."""
        return f"sqlite:///{self.gradebook}"

    @property
    def private(self) -> Path:
        """Holds what only the grader reads: stamps, the lock, what kernels write beside their work."""
        return self.folder / ".coursekit"

    @property
    def table(self) -> Path:
        """The CSV file, an exercise a column."""
        return self.folder / "grades" / f"{self.assignment}.csv"

    def path(self, step: str, student: str = "") -> Path:
        """Return the assignment's folder in a step of nbgrader's, for one student where the step has them."""
        return self.folder / step / student / self.assignment

    def notebook(self, step: str, student: str = "") -> Path:
        """Return the assignment's notebook (HTML in the feedback step)."""
        return self.path(step, student) / f"{self.assignment}.{'html' if step == 'feedback' else 'ipynb'}"

    def result(self, student: str) -> Path:
        """Return where a student's result is kept."""
        return self.folder / "results" / self.assignment / f"{student}.json"

    @property
    def release(self) -> Any:
        """The notebook as students got it."""
        import nbformat

        return nbformat.read(self.notebook("release"), as_version=4)

    @property
    def version(self) -> str:
        """A digest of the assignment that the class is graded against."""
        return _stamp(self).read_text(encoding="utf-8")


def resolve(assignment: str, root: Path) -> str:
    """Return the full name of an assignment: ``"a1"`` → ``"a1_losses"``.

    Raises:
        CourseError: if there is none, or its instructor's version is not built.
    """
    from coursekit import exercises

    built = sorted(path.parent.name for path in root.glob("solutions/*/*.ipynb") if path.stem == path.parent.name)
    for name in built:
        if assignment in (name, name.partition("_")[0]):
            return name
    known = exercises.assignment(assignment) if not built or assignment in _declared() else None
    if known:
        raise CourseError(
            f"solutions/{known.name}/{known.name}.ipynb is not there: nothing to grade against.",
            fix="run `make notebooks` (or `coursekit build`) in the course first.",
        )
    raise CourseError(f"there is no assignment {assignment!r}.", fix=f"the course has {', '.join(built)}.")


def _declared() -> set[str]:
    from coursekit import exercises

    return {form for name in exercises.ASSIGNMENTS for form in (name, name.partition("_")[0])}


@contextmanager
def opened(assignment: str, into: Path, root: Path) -> Iterator[Course]:
    """Set up the folder that a class is graded into, or go on with it, and keep other runs out meanwhile.

    Raises:
        CourseError: if the assignment is unknown or not built, the folder cannot be written, another run is using it,
            or the assignment has gained or lost cells since submissions were graded here.
    """
    course = Course(into.resolve(), resolve(assignment, root), root.resolve())
    try:
        course.private.mkdir(parents=True, exist_ok=True)
        (course.folder / "grades").mkdir(exist_ok=True)
        with _locked(course.private / "lock"), environment(course.root, course.private):
            _write_once(course.folder / "nbgrader_config.py", _CONFIG)
            _make_gradebook(course)
            _release(course)
            yield course
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            raise
        where = error.filename or into
        raise CourseError(
            f"{where} cannot be written: {error.strerror or error}.",
            fix="check its permissions and the space on the disk, or grade into another folder (--into).",
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends."""
    try:
        import fcntl
    except ImportError:  # Windows: one grader at a time is the instructor's care
        yield
        return
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CourseError(
                f"another run is grading into {path.parents[1]}.",
                fix="wait for it, or grade into another folder (--into).",
            ) from error
        yield


def _make_gradebook(course: Course) -> None:
    """Make an empty gradebook in one step: nbgrader never completes one that a killed run left half made."""
    if course.gradebook.exists():
        return
    from nbgrader.api import Gradebook

    fresh = course.private / "new.db"
    fresh.unlink(missing_ok=True)
    Gradebook(f"sqlite:///{fresh}").close()
    fresh.replace(course.gradebook)


def _release(course: Course) -> None:
    """Tell the gradebook of the assignment, by nbgrader's own ``generate_assignment``, if that is news."""
    origin = course.root / "solutions" / course.assignment
    digest, stamp = _digest(origin), _stamp(course)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    from nbgrader.converters import GenerateAssignment

    shutil.rmtree(course.path("source"), ignore_errors=True)
    shutil.copytree(origin, course.path("source"), ignore=shutil.ignore_patterns(".*"))
    if log := convert(GenerateAssignment, course.folder, course.assignment):
        if "Cannot add or remove cells" in log:
            raise CourseError(
                f"{course.assignment} has gained or lost cells since submissions were graded in {course.folder}.",
                fix="grade into a new folder (--into); nbgrader cannot change a gradebook that way.",
            )
        raise CourseError(
            f"nbgrader cannot take {course.assignment} into the gradebook:\n{log}",
            fix="build the course again with `make notebooks`.",
        )
    stamp.write_text(digest, encoding="utf-8")


def _stamp(course: Course) -> Path:
    return course.private / f"{course.assignment}.version"


def _digest(folder: Path) -> str:
    """Return a digest of every file in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            data = path.read_bytes()
            digest.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()


def _write_once(path: Path, text: str) -> None:
    if not path.exists():
        write(path, text)


def write(path: Path, text: str) -> None:
    """Write a text in one step: a killed run leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    os.replace(fresh, path)
