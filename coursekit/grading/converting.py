"""Running nbgrader's converters in this process, quietly, and without doing the same twice."""

from __future__ import annotations

import errno
import io
import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LAST = 4000
_FULL = ("database or disk is full", "No space left on device", "disk I/O error")


@dataclass
class _Shared:
    books: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # engine and session of gradebooks, by address
    converting: bool = False
    converters: dict[Any, Converter] = field(default_factory=dict)


_shared: _Shared | None = None


def class_config(folder: Path) -> Any:
    """Return what the ``nbgrader_config.py`` of a folder that a class is graded into sets."""
    from traitlets.config.loader import Config, ConfigFileNotFound, PyFileConfigLoader

    try:
        return PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    except ConfigFileNotFound:
        return Config()


def gradebook_url(folder: Path) -> str:
    """Return the address of the gradebook of a class, as SQLAlchemy takes it: a file beside it unless set otherwise."""
    return str(class_config(folder).CourseDirectory.get("db_url") or f"sqlite:///{folder}/gradebook.db")


class StepsInPlace:
    """Mixed into one of nbconvert's exporters: takes its steps without another copy, and looks at no result."""

    _preprocessors: list[Any]

    def _preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        for step in self._preprocessors:
            nb, resources = step(nb, resources)
        return nb, resources


class Converter:
    """One of nbgrader's converters, such as ``nbgrader.converters.Autograde``, for the students of an assignment.

    nbgrader sets up templates and checks its own settings for each student; here that is done once.

    Args:
        kind: the class.
        folder: the course that is graded; its ``nbgrader_config.py`` is honoured.
        assignment: which assignment.
        options: settings of the converter.
    """

    def __init__(self, kind: Any, folder: Path, assignment: str, **options: Any) -> None:
        from nbconvert.writers.files import FilesWriter
        from nbgrader.coursedir import CourseDirectory

        config, url = class_config(folder), gradebook_url(folder)
        config.CourseDirectory.update(root=str(folder), db_url=url, assignment_id=assignment, notebook_id="*")
        config[kind.__name__].update(force=True, **options)
        self.app = kind(coursedir=CourseDirectory(config=config), config=config)
        self.app.writer = FilesWriter(parent=self.app, config=self.app.config)
        self.app.exporter = self.app.exporter_class(parent=self.app, config=self.app.config)
        for each in self.app.preprocessors:
            self.app.exporter.register_preprocessor(each)

    def run(self, student: str = ".") -> str:
        """Convert one student's notebook, anew.

        Returns:
            ``""`` if it went well, else the end of the log.

        Raises:
            OSError: if the disk is full.
        """
        from nbgrader.converters.base import NbGraderException
        from sqlalchemy.exc import SQLAlchemyError

        lines = io.StringIO()
        # Apart from the root logger: nothing is printed, and nothing is written down that nobody asks for.
        self.app.log = logging.Logger("coursekit.grading", logging.WARNING)
        self.app.log.addHandler(logging.StreamHandler(lines))
        self.app.coursedir.student_id = student
        before = Path.cwd()
        try:
            with warnings.catch_warnings(), _one_transaction():
                # nbgrader creates rows in an order that SQLAlchemy warns of; they are right once it is done.
                warnings.filterwarnings("ignore", message="Object of type <Submitted")
                self.app.init_notebooks()
                os.chdir(self.app.coursedir.root)
                self.app.convert_notebooks()
        except (NbGraderException, SQLAlchemyError, SystemExit) as error:
            log = f"{lines.getvalue()}{error if isinstance(error, SQLAlchemyError) else ''}".strip() or str(error)
            if any(words in log for words in _FULL):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.app.coursedir.root) from error
            return log[-_LAST:]
        finally:
            os.chdir(before)
        return ""


def convert(kind: Any, folder: Path, assignment: str, student: str = ".", **options: Any) -> str:
    """Run a converter over an assignment, anew; see `Converter`, which is kept for the next time while `shared`."""
    if _shared is None:
        return Converter(kind, folder, assignment, **options).run(student)
    name = (kind, folder, assignment, repr(sorted(options.items())))
    if name not in _shared.converters:
        _shared.converters[name] = Converter(kind, folder, assignment, **options)
    return _shared.converters[name].run(student)


def reason(log: str) -> str:
    """Return the line of a log that says most: the last exception in it."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if line.partition(":")[0].endswith(("Error", "Exception", "Exit"))]
    return (errors or lines or ["no reason given"])[-1][:300]


@contextmanager
def shared() -> Iterator[None]:
    """Set up converters once, and let every gradebook opened under the same address share one connection, meanwhile.

    nbgrader opens it nine times a submission, each time looking it over anew and compiling its questions again, and
    commits fifteen times, each time waiting for the disk. What a converter does for a student is one transaction here.
    """
    global _shared
    from nbgrader.api import Gradebook

    original, outer = (Gradebook.__init__, Gradebook.close), _shared
    _shared = _Shared()
    Gradebook.__init__, Gradebook.close = _reopen(Gradebook.__init__, _shared), _kept_open
    try:
        yield
    finally:
        Gradebook.__init__, Gradebook.close = original
        for engine, session in _shared.books.values():
            session.remove()
            engine.dispose()
        _shared = outer


def _reopen(original: Callable[..., None], held: _Shared) -> Callable[..., None]:
    from sqlalchemy.orm import Session, scoped_session, sessionmaker

    class Transaction(Session):
        def commit(self) -> None:
            """Put off the end of a transaction until the converter is done; whatever was read is read anew."""
            if held.converting:
                self.flush()
                self.expire_all()
            else:
                super().commit()

    def reopened(self: Any, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        if db_url not in held.books:
            original(self, db_url, course_id, authenticator)
            self.db.remove()
            held.books[db_url] = self.engine, scoped_session(sessionmaker(class_=Transaction, bind=self.engine))
        self.engine, self.db = held.books[db_url]
        self.course_id, self.authenticator = course_id, authenticator
        self.db.expire_all()

    return reopened


def _kept_open(self: Any) -> None:
    assert _shared
    if not _shared.converting:
        self.db.remove()


@contextmanager
def _one_transaction() -> Iterator[None]:
    """Commit everything at the end, or nothing."""
    if _shared is None:
        yield
        return
    _shared.converting = True
    try:
        yield
        _shared.converting = False
        for _, session in _shared.books.values():
            session.commit()
    finally:
        _shared.converting = False
        for _, session in _shared.books.values():
            session.remove()
