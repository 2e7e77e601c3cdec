"""The way back: from a built notebook, edited in JupyterLab or nbgrader's Create Assignment view, to its source."""

import re
from pathlib import Path

from coursekit.authoring import layout, notebook, source
from coursekit.errors import CourseError

_SOURCE = re.compile(r"source/(lectures|assignments)/[a-z0-9_]+\.py")


def import_notebook(path: Path, root: Path, *, force: bool = False) -> Path:
    """Write the source that an edited notebook stands for, in canonical form; return the source's path.

    Explicit ids are kept and generated ones dropped; outputs and empty cells are left behind. Importing a notebook that
    nobody edited gives its source back, byte for byte, if that was canonical.

    Args:
        path: a lecture or a solution notebook that `coursekit build` made.
        root: the course root.
        force: overwrite a source that was changed after the notebook was built.

    Raises:
        CourseError: if the notebook is a student version, has no known source, holds what a source cannot, or its
            source has moved on.
    """
    node = notebook.load(path)
    target = _source_of(node, path, root)
    where = layout.relative(target, root)
    text = source.render(notebook.to_source(node, str(path)), f"{where} (from {path.name})")
    if not force:
        _refuse_moved_source(node, target, root)
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        notebook.write(target, text)
    return target


def _source_of(node: notebook.Notebook, path: Path, root: Path) -> Path:
    made = node.metadata.get("coursekit", {})
    if made.get("part") == "release":
        raise CourseError(
            f"{path} is a student version: it holds no solutions.",
            fix="import the instructor's version, solutions/NAME/NAME.ipynb.",
        )
    if not _SOURCE.fullmatch(str(made.get("source"))):
        raise CourseError(
            f"{path} does not say which source it was built from.",
            fix="import a notebook that `coursekit build` made; write new material in source/.",
        )
    return root / str(made["source"])


def _refuse_moved_source(node: notebook.Notebook, target: Path, root: Path) -> None:
    """Refuse to overwrite a source that is no longer what the notebook was built from."""
    where = layout.relative(target, root)
    if not target.is_file():
        raise CourseError(
            f"{where} does not exist any more.", fix="restore it (`git checkout`), or make it anew with --force."
        )
    made = node.metadata.coursekit
    now = notebook.from_source(source.read(target, where), made.source, made.part)
    if notebook.digest(now) != made.get("digest"):
        raise CourseError(
            f"{where} was changed after this notebook was built from it.",
            fix="keep your edited notebook aside, run `coursekit build --force` and edit again; "
            "or overwrite the source with --force.",
        )
