"""nbgrader's settings for this course: the one place for them, for the grader and for the formgrader alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CELL_SECONDS = 60
"""How long one cell may run before it is interrupted."""

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
    # nbgrader's own order; the first keeps what was earned when a kernel dies, the second makes warnings harmless.
    config.Autograde.autograde_preprocessors = [
        f"{_OURS}.ExecuteToTheEnd",
        f"{_OURS}.ForgiveStderr",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Execute.timeout = CELL_SECONDS
    # No file of everybody's history, and no advice about encryption for a kernel on this very machine.
    config.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--log-level=ERROR"]
    config.Execute.shutdown_kernel = "immediate"  # nothing is left to save: half a second saved a submission


@contextmanager
def environment(root: Path, private: Path) -> Iterator[None]:
    """Give kernels that start meanwhile the variables they need, and nothing of the instructor's own settings.

    Args:
        root: the course.
        private: a folder for what Jupyter and IPython write beside their work.
    """
    variables = {
        # nbgrader calls `alembic` by name when it makes a gradebook.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "COURSEKIT_PROGRESS": "off",
        "COURSEKIT_ROOT": str(root),
        "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
