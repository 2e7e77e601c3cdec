"""Running one of nbgrader's converters in this process, quietly."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path
from typing import Any

_LAST = 4000


def convert(converter: Any, folder: Path, assignment: str, student: str = ".", **options: Any) -> str:
    """Run a converter class, such as ``nbgrader.converters.Autograde``, over an assignment, anew.

    Args:
        converter: the class.
        folder: the course that is graded; its ``nbgrader_config.py`` is honoured.
        assignment: which assignment.
        student: whose submission, for converters that take one.
        options: settings of the converter.

    Returns:
        ``""`` if it went well, else the end of the log.
    """
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    config.CourseDirectory.update(
        root=str(folder),
        db_url=f"sqlite:///{folder}/gradebook.db",
        assignment_id=assignment,
        student_id=student,
        notebook_id="*",
    )
    config[converter.__name__].update(force=True, **options)
    lines = io.StringIO()
    app = converter(coursedir=CourseDirectory(config=config), config=config)
    app.log = logging.Logger("coursekit.grading")  # apart from the root logger: nothing is printed
    app.log.addHandler(logging.StreamHandler(lines))
    try:
        with warnings.catch_warnings():
            # nbgrader creates rows in an order that SQLAlchemy warns of; they are right once it is done.
            warnings.filterwarnings("ignore", message="Object of type <Submitted")
            app.start()
    except (NbGraderException, SystemExit) as error:
        return (lines.getvalue().strip() or str(error))[-_LAST:]
    return ""
