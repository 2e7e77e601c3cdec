"""nbgrader's settings for this course: the one place for them, for the grader and for the formgrader alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coursekit.grading import feedback

CELL_SECONDS = 60
"""How long one cell may run before it is interrupted, unless its metadata say otherwise."""

_OURS = "coursekit.grading.preprocessors"


def configure(config: Any, source: str = "source", release: str = "release") -> None:
    """Set up nbgrader through a traitlets configuration (``c`` in an ``nbgrader_config.py``).

    Args:
        config: is changed.
        source: the folder with the instructor's version of each assignment.
        release: the folder with the students' version.
    """
    config.CourseDirectory.source_directory = source
    config.CourseDirectory.release_directory = release
    # nbgrader's own order. Notebooks are run by `coursekit grade` only, shut in; there, output is limited by bytes.
    config.Autograde.autograde_preprocessors = [
        f"{_OURS}.Replay",
        f"{_OURS}.ForgiveStderr",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{_OURS}.RecordGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    feedback.configure(config)
    config.Execute.timeout = CELL_SECONDS


@contextmanager
def tools_found() -> Iterator[None]:
    """Let nbgrader, which calls ``alembic`` by name when it makes a gradebook, find what is beside this Python."""
    before = os.environ.get("PATH")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before or os.defpath])
    try:
        yield
    finally:
        if before is None:
            del os.environ["PATH"]
        else:
            os.environ["PATH"] = before
