"""Where the course lies on disk."""

import os
from pathlib import Path

from coursekit.errors import CourseError


def course_root() -> Path:
    """Return the folder that holds ``source/`` and ``lectures/``.

    It is ``$COURSEKIT_ROOT`` if set, else the nearest folder at or above the working directory, else the clone that
    this package was installed from (``pip install -e .``).

    Raises:
        CourseError: if none of them holds the course.
    """
    if chosen := os.environ.get("COURSEKIT_ROOT"):
        if not _is_course(Path(chosen)):
            raise CourseError(
                f"COURSEKIT_ROOT is {chosen!r}, which holds no course (no source/lectures folder).",
                fix="point it at a clone of the course, or unset it.",
            )
        return Path(chosen).resolve()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if _is_course(folder):
            return folder
    raise CourseError(
        f"no course found at or above {here}.",
        fix="run this inside a clone of the course, or set COURSEKIT_ROOT to one.",
    )


def _is_course(folder: Path) -> bool:
    return (folder / "source" / "lectures").is_dir() and (folder / "pyproject.toml").is_file()
