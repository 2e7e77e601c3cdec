"""Where sources and built notebooks lie, and how they are called."""

import re
from collections.abc import Iterator
from pathlib import Path

from coursekit.authoring.notebook import Part
from coursekit.errors import CourseError

_LECTURE = re.compile(r"\d\d_[a-z0-9_]+")
_ASSIGNMENT = re.compile(r"a\d+_[a-z0-9_]+")


def lecture_sources(root: Path) -> list[Path]:
    """Return ``source/lectures/NN_name.py``, sorted."""
    return _sources(root / "source" / "lectures", _LECTURE, "01_linear_classifiers.py")


def assignment_sources(root: Path) -> list[Path]:
    """Return ``source/assignments/aN_name.py``, sorted."""
    return _sources(root / "source" / "assignments", _ASSIGNMENT, "a1_losses.py")


def built(root: Path, name: str, part: Part) -> Path:
    """Return where the notebook called ``name`` (``"a1_losses"``) is built."""
    match part:
        case "lecture":
            return root / "lectures" / f"{name}.ipynb"
        case "solution":
            return root / "solutions" / name / f"{name}.ipynb"
        case "release":
            return root / "assignments" / name / f"{name}.ipynb"


def notebooks(root: Path) -> Iterator[Path]:
    """Yield every notebook that stands where built ones do."""
    for pattern in ("lectures/*.ipynb", "solutions/*/*.ipynb", "assignments/*/*.ipynb"):
        yield from sorted(root.glob(pattern))


def relative(path: Path, root: Path) -> str:
    """Return a path below the course root as it is written in messages and metadata."""
    return path.relative_to(root).as_posix()


def _sources(folder: Path, name: re.Pattern[str], example: str) -> list[Path]:
    paths = sorted(folder.glob("*.py"))
    for path in paths:
        if not name.fullmatch(path.stem):
            raise CourseError(
                f"source/{folder.name}/{path.name} is not named like {example}.",
                fix="rename it: number, underscore, lower-case letters, digits and underscores.",
            )
    return paths
