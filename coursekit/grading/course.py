"""nbgrader's course on disk: where things lie in the folder that a class is graded into, and how it is set up."""

from __future__ import annotations

import errno
import functools
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError
from coursekit.grading.converting import convert, gradebook_url, shared
from coursekit.grading.quick import quick_import
from coursekit.grading.settings import tools_found

STEPS = ("source", "release", "submitted", "autograded", "feedback")
"""nbgrader's folders."""

_CANNOT_WRITE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)

_CONFIG = '''"""The class graded here, for nbgrader and its formgrader: start `jupyter lab` in this folder."""

from coursekit.grading.settings import configure

c = get_config()  # noqa: F821
configure(c)
'''

# SQLite lets an assignment belong to a course without a name, servers do not.
_ON_A_SERVER = """c.CourseDirectory.db_url = {!r}  # this file is its owner's only: that may hold a password
c.CourseDirectory.course_id = "default_course"
"""


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
        """nbgrader's data base, unless the class keeps it on a server."""
        return self.folder / "gradebook.db"

    @property
    def gradebook_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy takes it."""
        return gradebook_url(self.folder)

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

    @functools.cached_property
    def release(self) -> Any:
        """The notebook as students got it, read once; not to be changed."""
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
def opened(assignment: str, into: Path, root: Path, db_url: str = "") -> Iterator[Course]:
    """Set up the folder that a class is graded into, or go on with it, and keep other runs out meanwhile.

    Args:
        assignment: its name or number.
        into: the folder.
        root: the course that the assignment belongs to.
        db_url: where the gradebook is, as SQLAlchemy takes it; a file in the folder, or where it was, if left out.

    Raises:
        CourseError: if the assignment is unknown or not built, the folder cannot be written, another run is using it,
            the gradebook is elsewhere or cannot be reached, or the assignment has gained or lost cells since
            submissions were graded here.
    """
    course = Course(into.resolve(), resolve(assignment, root), root.resolve())
    try:
        _make_folders(course)
        with _locked(course.private / "lock"), tools_found():
            quick_import("nbgrader.api", "nbgrader.converters")
            _configure(course, db_url)
            with shared():
                _make_gradebook(course)
                _release(course)
                yield course
    except OSError as error:
        if error.errno not in _CANNOT_WRITE:
            raise
        raise _cannot_write(error, into) from error


def _make_folders(course: Course) -> None:
    try:
        course.private.mkdir(parents=True, exist_ok=True)
        (course.folder / "grades").mkdir(exist_ok=True)
    except OSError as error:  # of any kind: /proc has no such folder, a drive may not be there
        raise _cannot_write(error, course.folder) from error


def _cannot_write(error: OSError, folder: Path) -> CourseError:
    return CourseError(
        f"{error.filename or folder} cannot be written: {error.strerror or error}.",
        fix="check its permissions and the space on the disk, or grade into another folder (--into).",
    )


def _configure(course: Course, db_url: str) -> None:
    """Write nbgrader's settings once; refuse to spread a class over two gradebooks."""
    path = course.folder / "nbgrader_config.py"
    if not path.exists():
        if db_url:  # one that leads nowhere shall not stay there
            _make_on_server(db_url)
        write(path, _CONFIG + (_ON_A_SERVER.format(db_url) if db_url else ""), mode=0o600 if db_url else None)
    if db_url and course.gradebook_url != db_url:
        raise CourseError(
            f"the gradebook of the class in {course.folder} is elsewhere.",
            fix=f"leave --db-url out, or set c.CourseDirectory.db_url in {path}, or grade into a new folder (--into).",
        )


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
    if course.gradebook_url != f"sqlite:///{course.gradebook}":
        _make_on_server(course.gradebook_url)
    elif not course.gradebook.exists():
        from nbgrader.api import Gradebook

        fresh = course.private / "new.db"
        fresh.unlink(missing_ok=True)
        Gradebook(f"sqlite:///{fresh}").close()
        fresh.replace(course.gradebook)


def _make_on_server(url: str) -> None:
    """Make an empty gradebook on a data base server, where there is none, in one transaction."""
    import sqlalchemy
    from nbgrader.api import Base, get_alembic_version

    try:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            if not sqlalchemy.inspect(connection).get_table_names():
                Base.metadata.create_all(connection)
                connection.execute(sqlalchemy.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
                stamp = sqlalchemy.text("INSERT INTO alembic_version (version_num) VALUES (:version)")
                connection.execute(stamp, {"version": get_alembic_version()})
        engine.dispose()
    except ModuleNotFoundError as error:
        raise CourseError(
            f"the gradebook's data base needs the Python package {error.name}.",
            fix="install it; for PostgreSQL: pip install coursekit[postgres].",
        ) from error
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise CourseError(
            f"the gradebook's data base cannot be used: {str(getattr(error, 'orig', error)).strip()}",
            fix="check --db-url, such as postgresql+psycopg://user:password@host/database, and that the server runs.",
        ) from error


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


def write(path: Path, text: str, mode: int | None = None) -> None:
    """Write a text in one step: a killed run leaves the old file or the new one.

    Args:
        path: the file.
        text: what it is to hold.
        mode: its permissions, if not the usual ones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    try:
        with open(
            fresh, "x", encoding="utf-8", newline="\n", opener=lambda name, flags: os.open(name, flags, mode or 0o666)
        ) as file:
            file.write(text)
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
