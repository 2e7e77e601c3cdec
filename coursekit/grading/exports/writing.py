"""What `coursekit export` does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.errors import CourseError
from coursekit.grading.converting import gradebook_url

FORMATS = {
    "csv": ("CsvPlugin", "{}.exercises.csv"),
    "json": ("JsonPlugin", "{}.json"),
    "canvas": ("CanvasPlugin", "{}.canvas.csv"),
    "moodle": ("MoodlePlugin", "{}.moodle.csv"),
}
"""The plugin of each format, and what its file is called."""


@dataclass(frozen=True)
class Exported:
    """A file that was written.

    Attributes:
        path: the file.
        waiting: how many scores were left out because a written answer waits for a grader.
    """

    path: Path
    waiting: int


def export(
    assignment: str, into: Path, form: str, to: Path | None = None, *, title: str = "", provisional: bool = False
) -> Exported:
    """Write the grades of an assignment for another program.

    Args:
        assignment: its name or number: ``"a1_losses"``, ``"a1"``.
        into: the folder that the class was graded into.
        form: one of `FORMATS`.
        to: the file; in ``grades`` in that folder if left out.
        title: what the assignment is called in Canvas or Moodle; its name if left out.
        provisional: also give scores while written answers wait for a grader.

    Raises:
        CourseError: if the format or the assignment is unknown, nothing was graded there, or the file cannot be made.
    """
    from nbgrader.api import Gradebook

    from coursekit.grading.exports import plugins

    if form not in FORMATS:
        raise CourseError(f"there is no format {form!r}.", fix=f"choose one of {', '.join(FORMATS)}.")
    into = graded_folder(into)
    with Gradebook(gradebook_url(into)) as gradebook:
        name = full_name(assignment, [each.name for each in gradebook.assignments])
        plugin, filename = FORMATS[form]
        path = to or into / "grades" / filename.format(name)
        kind: Any = getattr(plugins, plugin)
        titles = {"titles": {name: title}} if title and kind.class_traits().get("titles") else {}
        made = kind(to=str(path), assignment=[name], folder=str(into), provisional=provisional, **titles)
        with writing(path):
            made.export(gradebook)
    return Exported(path, made.waiting)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say what keeps a file from being written.

    Raises:
        CourseError: if something does.
    """
    if path.is_dir():
        raise CourseError(f"{path} is a folder.", fix="name a file, in it or elsewhere (--to).")
    try:
        yield
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written: {error.strerror}.",
            fix="check the permissions of its folder and the space on the disk, or name another file (--to).",
        ) from error


def graded_folder(into: Path) -> Path:
    """Return the folder that a class was graded into, whole.

    Raises:
        CourseError: if it is none.
    """
    if not (into / "results").is_dir():  # a course of nbgrader's has a nbgrader_config.py, too
        raise CourseError(
            f"no class was graded into {into}.",
            fix="name the folder that you gave `coursekit grade` as --into.",
        )
    return into.resolve()


def full_name(assignment: str, known: list[str]) -> str:
    """Return the full name of an assignment: ``"a1"`` → ``"a1_losses"``.

    Raises:
        CourseError: if it is not among those known.
    """
    for name in known:
        if assignment in (name, name.partition("_")[0]):
            return name
    raise CourseError(
        f"no {assignment!r} was graded there.",
        fix=f"the gradebook has {', '.join(known)}." if known else "grade it first (`coursekit grade`).",
    )
